#!/usr/bin/env python3
"""Trouble of every kind, one after the other, and what has to hold in it: nothing that was accepted is lost
or counted twice, no loss is invented, no incident is false, and each is told once.

Run by `./dev chaos [SCENARIO...] [--seed N] [--rounds N]`, as root. Exit status 1 when something did not hold."""

import argparse
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "system")]
sys.dont_write_bytecode = True

import harness


def arguments():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO",
                        help="those to run; all where none is given")
    parser.add_argument("--list", action="store_true", help="names the scenarios")
    parser.add_argument("--seed", type=int, help="of the first round, the next has the next one; "
                                                 "left out: another one each time")
    parser.add_argument("--rounds", type=int, default=1, help="how often each runs (1)")
    parser.add_argument("--program", type=pathlib.Path, help="in the place of build/release/xprober")
    return parser.parse_args()


def run_one(scenario, seed):
    """(outcome, seconds, what was checked)"""
    case = scenario("test")
    case.seed = seed
    began = time.monotonic()
    result = harness.run_suite(unittest.TestSuite([case]))
    took = time.monotonic() - began
    if result.skipped:
        return "left out", took, [result.skipped[0][1]]
    if not result.wasSuccessful():
        text = (result.failures + result.errors)[0][1]
        return "FAILED", took, [text.strip().splitlines()[-1][:160]]
    return "held", took, case.facts


def show(rows):
    print(f"\n{'scenario':<16} {'seed':>10} {'outcome':<8} {'s':>5}  what was checked")
    for name, seed, outcome, took, facts in rows:
        print(f"{name:<16} {seed:>10} {outcome:<8} {took:>5.0f}  {'; '.join(facts)}")


def main():
    options = arguments()
    if options.program:
        os.environ["XPROBER_BIN"] = str(options.program.resolve())
        harness.PROGRAM = options.program.resolve()
    if not options.list and not harness.enter_private_network():
        raise SystemExit(harness.NEEDS_NAMESPACE)
    import crash_scenarios
    import machine_scenarios
    import network_scenarios
    from scenario import pick, title
    known = (*network_scenarios.SCENARIOS, *machine_scenarios.SCENARIOS, *crash_scenarios.SCENARIOS)
    if options.list:
        for scenario in known:
            print(f"{title(scenario):<16} {' '.join(scenario.__doc__.split())}")
        return 0
    wanted = pick(known, options.scenarios)
    if not os.access(harness.PROGRAM, os.X_OK):
        raise SystemExit(f"{harness.PROGRAM} is no program: build it first (./dev build)")
    sys.stdout.reconfigure(line_buffering=True)
    first = options.seed if options.seed is not None else time.time_ns() // 1000 % 10**9
    print(f"{len(wanted)} scenarios, {options.rounds} rounds, --seed {first}")
    rows = []
    for seed in range(first, first + options.rounds):
        for scenario in wanted:
            print(f"\n==> {title(scenario)} --seed {seed}")
            outcome, took, facts = run_one(scenario, seed)
            rows.append((title(scenario), seed, outcome, took, facts))
    show(rows)
    failed = [row for row in rows if row[2] == "FAILED"]
    for name, seed, *_ in failed:
        print(f"again: ./dev chaos {name} --seed {seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
