#!/usr/bin/env python3
"""What it takes to start the program for a single echo, `xprober ping -c 1 127.0.0.1`: the time from its
start to its end, its CPU time and the most memory it had, beside `ping` and `fping` that do the same, in
turns.

Run by `./dev bench start [OPTION...]`, as root, on a machine with nothing else to do. Exit status 1 when a
limit is broken."""

import argparse
import json
import pathlib
import shutil
import statistics
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import claims
import harness
import report
from report import number, table

PEERS = {"ping": ["ping", "-c", "1", "127.0.0.1"], "fping": ["fping", "-c", "1", "127.0.0.1"]}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="starts of each (default: 31)")
    parser.add_argument("--program", type=pathlib.Path, metavar="FILE",
                        help="xprober itself, if not this build's")
    parser.add_argument("--once", type=pathlib.Path, help="another start_once than build/bench's",
                        default=SOURCE / "build" / "bench" / "start_once")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    return options


def measure(ways, rounds, once):
    """{name: (milliseconds, CPU milliseconds, bytes)}: medians, and the most memory of all."""
    taken = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, command in ways.items():
            done = harness.run([once, *command])
            told = json.loads(done.stdout or "{}")
            if told.get("status") != 0:
                raise RuntimeError(f"{' '.join(map(str, command))} failed: {told}\n{done.stderr}")
            if turn:  # the first reads files that the next ones find in memory
                taken[name].append((told["wall_ms"], told["cpu_ms"], told["resident_bytes"]))
    return {name: (*(statistics.median(column) for column in list(zip(*rows))[:2]),
                   max(row[2] for row in rows)) for name, rows in taken.items()}


def main():
    options = arguments()
    if options.program:
        harness.PROGRAM = options.program.resolve()
    ways = {"xprober": [harness.PROGRAM, "ping", "-c", "1", "127.0.0.1"],
            **{name: command for name, command in PEERS.items() if shutil.which(name)}}
    facts = {"command": report.command_line("start", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began = time.monotonic()
    figures = measure(ways, options.rounds, options.once)
    facts["minutes"] = (time.monotonic() - began) / 60
    wall, _, resident = figures["xprober"]
    found = [claims.limit("start.wall", wall), claims.limit("start.memory", resident / 1e6)]
    rows = [[name, number(row[0]), number(row[1]), number(row[2] / 1e6)] for name, row in figures.items()]
    print("\n\n".join([
        report.heading(facts),
        table(f"One echo, median of {options.rounds} starts", ["", "ms", "CPU, ms", "most memory, MB"], rows),
        report.limit_table(found)]))
    if options.json:
        options.json.write_text(json.dumps({
            **facts, "figures": figures, "limits": [limit.as_json() for limit in found]}, indent=1) + "\n",
            encoding="utf-8")
    return 0 if all(limit.holds is not False for limit in found) else 1


if __name__ == "__main__":
    sys.exit(main())
