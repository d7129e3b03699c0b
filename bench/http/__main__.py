#!/usr/bin/env python3
"""What an HTTP probe costs beside a load generator and blackbox_exporter, what it costs with 1 to 10,000
in flight beside that and the system calls alone, what a whole agent takes at 10,000 and 100,000 HTTP
targets, and what a probe costs it with so many in flight: tables, and every figure beside its limit.

Run by `./dev bench http [OPTION...]`, as root, on a machine with nothing else to do. Exit status 1
when a limit is broken. Everything runs in a network namespace of its own, whose loopback addresses are
the targets: nothing leaves the machine."""

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

import agent_widths
import agents
import harness
import peers
import probes
import report
import widths

PARTS = ("probe", "width", "agent", "agent-width")


def whole_numbers(text):
    values = [int(part) for part in text.replace("_", "").split(",")]
    if not all(0 < value <= 1_000_000 for value in values):
        raise argparse.ArgumentTypeError("each must be 1 to 1000000")
    return values


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench http", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART",
                        help=f"one part, can be given again: {', '.join(PARTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="of the parts probe and width (default: 5)")
    parser.add_argument("--periods", type=int, default=4,
                        help="of 15 s that each agent is measured over (default: 4; 20 are 5 min), and each "
                             "number in flight of the part agent-width over a sixth of it")
    parser.add_argument("--sizes", type=whole_numbers, default=list(agents.SIZES), metavar="N,N...",
                        help="numbers of targets of the agent part (default: "
                             f"{','.join(map(str, agents.SIZES))})")
    parser.add_argument("--no-push", dest="push", action="store_false",
                        help="measure the agent part without pushing")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--program", type=pathlib.Path, help="another xprober than build/release's",
                        default=SOURCE / "build" / "release" / "xprober")
    parser.add_argument("--engine", type=pathlib.Path, help="another http_engine than build/bench's",
                        default=SOURCE / "build" / "bench" / "http_engine")
    parser.add_argument("--floor", type=pathlib.Path, help="another http_floor than build/bench's",
                        default=SOURCE / "build" / "bench" / "http_floor")
    parser.add_argument("--late", type=pathlib.Path, help="another http_late than build/bench's",
                        default=SOURCE / "build" / "bench" / "http_late")
    options = parser.parse_args()
    if options.rounds < 1 or options.periods < 1:
        parser.error("--rounds and --periods are 1 or more")
    return options


def check_surroundings(options, parts):
    """Says at once what would be missed after an hour."""
    if not harness.enter_private_network():
        sys.exit("run this as root: it needs a network namespace of its own")
    needed = [options.program]
    needed += [options.engine] if {"probe", "width"} & set(parts) else []
    needed += [options.floor] if "width" in parts else []
    needed += [options.late] if "agent-width" in parts else []
    for program in needed:
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is no program: run ./dev bench http, which builds it")
    if not shutil.which("nginx"):
        sys.exit("nginx is not installed; it is what is probed")


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def measure(options, parts, folder):
    """Runs the parts: (figures, tables, limits)."""
    figures, tables, limits = {}, [], []
    with contextlib.ExitStack() as stack:
        web = peers.Web(folder, stack)
        if "probe" in parts:
            with contextlib.ExitStack() as beside:
                figures["probe"] = probes.measure(options, web, folder, beside, say)
            tables += probes.tables(figures["probe"])
            limits += probes.limits(figures["probe"])
        if "width" in parts:
            figures["width"] = widths.measure(options, web, folder, say)
            tables += widths.tables(figures["width"])
            limits += widths.limits(figures["width"])
        if "agent" in parts:
            figures["agent"] = agents.measure(options, web, folder, say)
            tables += agents.tables(figures["agent"])
            limits += agents.limits(figures["agent"])
        if "agent-width" in parts:
            figures["agent-width"] = agent_widths.measure(options, folder, say)
            tables += agent_widths.tables(figures["agent-width"])
            limits += agent_widths.limits(figures["agent-width"])
    return figures, tables, limits


def main():
    options = arguments()
    parts = options.only or PARTS
    check_surroundings(options, parts)
    harness.PROGRAM = options.program.resolve()
    options.program, options.engine = harness.PROGRAM, options.engine.resolve()
    options.floor, options.late = options.floor.resolve(), options.late.resolve()
    # Every way out runs the clean-up.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    facts = {"command": report.command_line("http", sys.argv[1:]), "date": report.today(),
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
