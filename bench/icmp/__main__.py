#!/usr/bin/env python3
"""What an ICMP probe costs beside the kernel's floor and beside other probers, and what a whole
agent takes at up to a million targets: tables, and every figure beside its limit.

Run by `./dev bench icmp [OPTION...]`, as root, on a machine with nothing else to do. Exit status 1
when a limit is broken. The targets are loopback addresses: nothing leaves the machine."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import agents
import echoes
import harness
import report

PARTS = ("echo", "agent", "fifty-echoes")


def whole_numbers(text):
    values = [int(part) for part in text.replace("_", "").split(",")]
    if not all(0 < value <= agents.MILLION for value in values):
        raise argparse.ArgumentTypeError(f"each must be 1 to {agents.MILLION}")
    return values


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench icmp", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART",
                        help=f"one part, can be given again: {', '.join(PARTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="of the echo part (default: 5)")
    parser.add_argument("--periods", type=int, default=4,
                        help="that each agent is measured over (default: 4; 20 of 15 s are 5 min)")
    parser.add_argument("--sizes", type=whole_numbers, default=list(agents.SIZES), metavar="N,N...",
                        help="numbers of targets of the agent part (default: "
                             f"{','.join(map(str, agents.SIZES))})")
    pushing = parser.add_mutually_exclusive_group()
    pushing.add_argument("--no-push", dest="modes", action="store_const", const=(False,),
                         default=(True, False),
                         help="measure the agent part without pushing only; default: both")
    pushing.add_argument("--push", dest="modes", action="store_const", const=(True,),
                         help="measure the agent part with pushing only")
    parser.add_argument("--every", type=int, default=agents.PERIOD, metavar="SECONDS",
                        help="the period of the agent part (default: 15)")
    parser.add_argument("--spool", action="store_true",
                        help="agent part: the agent's spool and the server's journal are on disk")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--program", type=pathlib.Path, help="another xprober than build/release's",
                        default=SOURCE / "build" / "release" / "xprober")
    parser.add_argument("--floor", type=pathlib.Path, help="another icmp_floor than build/bench's",
                        default=SOURCE / "build" / "bench" / "icmp_floor")
    options = parser.parse_args()
    if min(options.rounds, options.periods, options.every) < 1:
        parser.error("--rounds, --periods and --every are 1 or more")
    return options


def check_surroundings(options, parts):
    """Says at once what would be missed after an hour."""
    if os.geteuid() != 0:
        sys.exit("run this as root: raw sockets, and fping's fastest mode, are root's")
    needed = [options.program] + ([options.floor] if "echo" in parts else [])
    for program in needed:
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is no program: run ./dev bench icmp, which builds it")


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def measure(options, parts, folder):
    """Runs the parts: (figures, tables, limits)."""
    figures, tables, limits = {}, [], []
    if "echo" in parts:
        with contextlib.ExitStack() as stack:
            figures["echo"] = echoes.measure(options, folder, stack, say)
        tables += echoes.tables(figures["echo"])
        limits += echoes.limits(figures["echo"])
    loads = []
    if "agent" in parts:
        loads = agents.agent_loads(sorted(options.sizes), options.modes, options.every, options.spool)
    if "fifty-echoes" in parts:
        loads.append(agents.FIFTY_ECHOES)
    if loads:
        figures["agent"] = agents.measure(loads, options.periods, folder, say)
        tables += agents.tables(figures["agent"])
        limits += agents.limits(figures["agent"])
    return figures, tables, limits


def main():
    options = arguments()
    parts = options.only or PARTS
    check_surroundings(options, parts)
    harness.PROGRAM = options.program.resolve()
    options.program, options.floor = harness.PROGRAM, options.floor.resolve()
    # Every way out runs the clean-up.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    facts = {"command": report.command_line("icmp", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xprober-bench-"))
    try:
        figures, tables, limits = measure(options, parts, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    facts["minutes"] = (time.monotonic() - began) / 60
    text = "\n\n".join([report.heading(facts), *tables, report.limit_table(limits)])
    print(text)
    if options.json:
        options.json.write_text(json.dumps(
            {**facts, **figures, "limits": [limit.as_json() for limit in limits]}, indent=1) + "\n",
            encoding="utf-8")
    broken = [limit for limit in limits if limit.holds is False]
    for limit in broken:
        print(f"broken: {limit.what}: {report.number(limit.measured)} is above "
              f"{report.number(limit.most)}", file=sys.stderr)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
