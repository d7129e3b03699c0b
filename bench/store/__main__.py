#!/usr/bin/env python3
"""What a server takes for its series: memory for each, the time of /metrics, the time from start to
serving, and CPU for each value that arrives (receive, parse, journal, store, aggregate, history).

Run by `./dev bench store [OPTION...]`. A real server is filled over the wire with batches. Exit
status 1 when a limit is broken."""

import argparse
import json
import pathlib
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import claims
import harness
import kernel

# Limits for 1,000,000 live series.
BYTES_PER_SERIES = 400
METRICS_SECONDS = 0.100
RESTART_SECONDS = 5
CPU_PER_VALUE_US = 1.2
TEN_MILLION = 10_000_000


class Bench(harness.SystemTest):
    def runTest(self):
        pass


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench store", description=__doc__)
    parser.add_argument("--rows", type=int, default=333_334,
                        help="targets; of each there are 3 series (default: 333334)")
    parser.add_argument("--rounds", type=int, default=4, help="results of each target (default: 4)")
    parser.add_argument("--regions", type=int, default=50, help="target regions (default: 50)")
    parser.add_argument("--urls", type=int, default=0,
                        help="of the targets: URLs, with 6 series each (default: 0)")
    parser.add_argument("--threads", type=int, default=1, help="workers and parts of the store")
    parser.add_argument("--program", type=pathlib.Path,
                        default=SOURCE / "build" / "release" / "xprober")
    parser.add_argument("--fill", type=pathlib.Path,
                        default=SOURCE / "build" / "bench" / "store_fill")
    parser.add_argument("--no-history", action="store_true", help="with history.enabled: false")
    parser.add_argument("--seconds", type=float, default=0,
                        help="a round begins so long after the last one, not at its end: 1 with the "
                             "default --rows is a million values a second")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    return parser.parse_args()


def launch(bench, folder, options, old=None):
    port = int(old.rpc.rpartition(":")[2]) if old else None
    settings = {"state_dir": folder, "mesh": "false", "history.max_series": "2000000",
                "limits.listed_targets_only": "false",
                "limits.series": str(max(8_000_000, 2 * options.rows)),
                "limits.agent_series": str(max(2_000_000, 2 * options.rows)),
                "limits.agent_rows_per_second": "1000000000",
                "limits.agent_bytes_per_second": "1024GiB",
                "threads": str(options.threads),
                "history.enabled": "false" if options.no_history else "true"}
    began = time.monotonic()
    server = bench.start_server(rpc_port=port, settings=settings)
    server.wait_ready(60)
    return server, time.monotonic() - began


def settle(server, rows):
    """Waits until all that was pushed is rolled up."""
    def done():
        stats = server.stats()
        return not stats["history"]["enabled"] or stats["history"]["results"] >= rows
    harness.wait_until("history has everything", done, 60, [server])


def scrape_seconds(server):
    best = []
    for _ in range(7):
        began = time.monotonic()
        answer = harness.http(f"{server.url}/metrics", timeout=30)
        best.append(time.monotonic() - began)
        assert answer.status == 200, answer.text
    return sorted(best)[len(best) // 2], len(answer.body)


def fill(server, options):
    host, _, port = server.rpc.rpartition(":")
    rounds, cpu = [], []
    with subprocess.Popen([options.fill, host, port, str(options.rows), str(options.rounds),
                           str(options.regions), str(options.urls), str(options.seconds)],
                          stdout=subprocess.PIPE, text=True) as filler:
        before = kernel.cpu_seconds(server.pid)
        for line in filler.stdout:
            rounds.append(json.loads(line))
            if not options.seconds or len(rounds) == options.rounds:
                settle(server, sum(r["rows"] for r in rounds))
            after = kernel.cpu_seconds(server.pid)
            cpu.append(after - before)
            before = after
    if filler.returncode != 0 or not rounds:
        sys.exit("the server could not be filled")
    return rounds, cpu


def measure(bench, options):
    """Fills a server and prints what that takes: (what is broken, the limits of claims)."""
    broken, limits = [], []

    def judge(key, measured):
        limits.append(claims.limit(key, measured))
        if not limits[-1].holds:
            broken.append(limits[-1].what)

    def tell(what, value, unit, limit=None):
        bad = limit is not None and value > limit
        broken.extend([what] if bad else [])
        note = f"   limit {limit:g}{'  BROKEN' if bad else ''}" if limit is not None else ""
        print(f"{what:<52}{value:>12.4g} {unit}{note}", flush=True)

    folder = bench.folder / "server"
    server, _ = launch(bench, folder, options)
    empty = server.stats()["process"]["rss_bytes"]
    rounds, cpu = fill(server, options)
    stats = server.stats()
    series = stats["results"]["stored_series"]
    million = series >= 1_000_000
    later = range(1, len(rounds)) if len(rounds) > 1 else range(1)
    values = sum(rounds[i]["values"] for i in later)
    print(f"{series:,} series of {options.rows:,} targets in {options.regions} regions, "
          f"{options.urls:,} of them URLs; {options.rounds} results of each")
    used = stats["process"]["rss_bytes"] - empty
    tell("memory for each series (whole process, less empty)", used / series, "bytes",
         BYTES_PER_SERIES if million else None)
    tell("memory for each row", used / options.rows, "bytes")
    tell("bytes for each value on the wire", rounds[-1]["bytes"] / rounds[-1]["values"], "bytes")
    tell("server CPU for each value, first round", cpu[0] / rounds[0]["values"] * 1e6, "us")
    tell("server CPU for each value, later rounds", sum(cpu[i] for i in later) / values * 1e6,
         "us", CPU_PER_VALUE_US)
    if options.seconds:
        took = rounds[-1]["ended_seconds"]
        tell("values a second", sum(r["values"] for r in rounds) / took, "")
        tell("server CPU", sum(cpu) / took, "cores")
        if rounds[-1]["values"] / options.seconds >= 1_000_000:
            judge("server.cores", sum(cpu) / took)
            judge("server.behind", max(took - options.seconds * options.rounds, 0))
        return broken, limits
    seconds, size = scrape_seconds(server)
    tell("/metrics, median of 7", seconds * 1000, "ms", METRICS_SECONDS * 1000 if million else None)
    tell("/metrics, size", size / 1024, "KiB")
    print(f"actors: " + ", ".join(
        f"{kind} p99 {row['handler_us']['p99']:.0f} us" for kind, row in stats["actors"].items()
        if kind in ("store", "journal", "history")))
    server.stop(60)
    server, seconds = launch(bench, folder, options, server)
    back = server.stats()["results"]["stored_series"]
    if series >= TEN_MILLION:
        judge("store.start", seconds)
        judge("store.bytes", used / series)
        judge("store.back", abs(series - back))
    tell("start to serving, all series there", seconds, "s",
         RESTART_SECONDS if million and series < TEN_MILLION else None)
    tell("series after the restart", back, "")
    if back != series:
        broken.append("series after the restart")
    if not options.no_history:
        harness.wait_until("history has told its counts",
                           lambda: server.stats()["history"]["bytes"] > 0, 20, [server])
    print(f"history: {server.stats()['history']['rows']} roll-ups, "
          f"{server.stats()['history']['bytes'] / 1024:.0f} KiB")
    return broken, limits


def main():
    options = arguments()
    harness.PROGRAM = options.program.resolve()
    bench = Bench()
    bench.setUp()
    try:
        broken, limits = measure(bench, options)
    finally:
        bench.doCleanups()
    if options.json:
        options.json.write_text(json.dumps({"limits": [limit.as_json() for limit in limits]}, indent=1)
                                + "\n", encoding="utf-8")
    if broken:
        sys.exit("broken: " + "; ".join(broken))


if __name__ == "__main__":
    main()
