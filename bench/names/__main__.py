#!/usr/bin/env python3
"""What 10,000 names behind one DNS server cost an agent: DNS probes of that server for each of them, and
ICMP targets that are named so, whose answers may be kept for less than two periods. Tables, and every figure
beside its limit; lag, failures and losses count from the agent's start on, when it asks for all names.

Run by `./dev bench names [OPTION...]`, as root or where network namespaces are allowed, on a machine with
nothing else to do. The DNS server is Knot DNS (Debian's knot), in a network of its own. Exit status 1 when a
limit is broken."""

import argparse
import contextlib
import json
import math
import pathlib
import shutil
import sys
import tempfile
import time
import types

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import claims
import harness
import kernel
import report
import servers
from report import Limit, number, table

KINDS = ("dns", "icmp")
NAMES = 10_000
PERIOD = 15
TTL = 20
LOOK = 40  # seconds: /stats has the lag of the last 50 to 60
KNOT = """
server:
  rundir: "{folder}/run"
  listen: [ 127.0.0.1@53 ]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}/db"
log:
  - target: stderr
    any: info
zone:
  - domain: bench.test
    file: "{folder}/bench.zone"
    journal-content: none
    zonefile-load: whole
"""


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench names", description=__doc__)
    parser.add_argument("--periods", type=int, default=4,
                        help="of 15 s that each agent is measured over (default: 4)")
    parser.add_argument("--names", type=int, default=NAMES, help="1 to 60000 (default: 10000)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind of probe")
    parser.add_argument("--program", type=pathlib.Path, metavar="FILE",
                        help="xprober itself, if not this build's")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    if options.periods < 1 or not 1 <= options.names <= 60_000:
        parser.error("--periods is 1 or more, --names 1 to 60000")
    return options


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def start_knot(names, folder, stack):
    """The server of the zone bench.test, which this namespace's resolv.conf names."""
    for name in ("run", "db"):
        (folder / name).mkdir()
    rows = "".join(f"n{i} A 127.64.{i >> 8}.{i & 255}\n" for i in range(names))
    (folder / "bench.zone").write_text(
        f"$ORIGIN bench.test.\n$TTL {TTL}\n@ SOA ns hostmaster 1 3600 600 86400 {TTL}\n@ NS ns\n"
        f"ns A 127.0.0.1\n{rows}", encoding="ascii")
    config = folder / "knot.conf"
    config.write_text(KNOT.format(folder=folder), encoding="ascii")
    knot = harness.Process("knotd", ["knotd", "-c", config], folder)
    stack.callback(knot.close)
    harness.wait_until("knotd serves", lambda: "server started" in knot.err()
                       and "] loaded, serial" in knot.err(), 30, [knot])
    servers.use_resolv_conf(folder)
    return knot


def targets(kind, names):
    suffix = "@127.0.0.1" if kind == "dns" else ""
    return [f"n{i}.bench.test{suffix}" for i in range(names)]


class Run:
    """One kind of probe on an agent and a server of its own."""

    def __init__(self, kind, options, folder, stack):
        self.kind, self.names, self.periods = kind, options.names, options.periods
        place = types.SimpleNamespace(folder=folder)
        file = folder / f"server-{kind}.yaml"
        file.write_text(harness.server_text(harness.target_text(
            kind, "r-b", targets(kind, self.names))), encoding="utf-8")
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        self.server = harness.Role(place, "server", file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "state_dir": "",
            "mesh": "false"}, pages[0])
        stack.callback(self.server.close)
        self.server.wait_healthy(60)
        self.agent = harness.Role(place, "agent", SOURCE / "config" / "agent.yaml", {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": pages[1], "rpc_server_addr": rpc,
            "state_dir": "", "icmp.count": 1, "probe_interval": f"{PERIOD}s"}, pages[1])
        stack.callback(self.agent.close)

    def stats(self):
        return harness.wait_until("the agent answers /stats", self.agent.stats, 60, [self.agent])

    def measure(self, knot):
        harness.wait_until(
            f"all {self.names} actors run",
            lambda: self.agent.stats()["actors"]["target"]["running"] == self.names, 60,
            [self.agent, self.server])
        before, began = self.stats(), time.monotonic()
        cpu = [kernel.cpu_seconds(process.pid) for process in (self.agent, knot)]
        lag = {}
        left = self.periods * PERIOD
        while left > 0:
            time.sleep(min(left, LOOK))
            after = self.stats()
            for key, value in after["ticks"]["lag_ms"].items():
                lag[key] = max(lag.get(key, 0), value)
            left = began + self.periods * PERIOD - time.monotonic()
        took = time.monotonic() - began
        agent, server = (kernel.cpu_seconds(process.pid) - was
                         for process, was in zip((self.agent, knot), cpu))
        probes = after["probes"][self.kind]
        started = probes["started"] - before["probes"][self.kind]["started"]
        finished = probes["finished"] - before["probes"][self.kind]["finished"]
        # A window that begins anywhere in a period can lack a second's probes at either end.
        missed = max(self.names * took / PERIOD * (1 - 2 / took) - started, 0)
        return {"kind": self.kind, "names": self.names, "seconds": took, "finished": finished,
                "missed": math.ceil(missed), "cores": agent / took, "knot_cores": server / took,
                "us_per_probe": agent * 1e6 / max(finished, 1), "lag_ms": lag,
                "failed": probes["failed"], "local_errors": probes["local_errors"],
                "skipped": sum(after["ticks"]["skipped_" + why] for why in ("busy", "behind", "overload")),
                "dropped": after["push"]["results_dropped"]}


def tables(rows):
    head = ["kind", "names", "seconds", "probes", "cores", "µs a probe", "Knot's cores", "lag p50, ms",
            "p99", "max", "failed", "local faults", "ticks left out", "probes missing"]
    return [table("The agent", head, [[row["kind"], *map(number, (
        row["names"], round(row["seconds"]), row["finished"], row["cores"], row["us_per_probe"],
        row["knot_cores"], row["lag_ms"]["p50"], row["lag_ms"]["p99"], row["lag_ms"]["max"], row["failed"],
        row["local_errors"], row["skipped"], row["missed"]))] for row in rows])]


def limits(rows):
    found = []
    for row in rows:
        lost = sum(row[key] for key in ("failed", "local_errors", "skipped", "missed", "dropped"))
        found += [claims.limit(f"names.{row['kind']}.lag", row["lag_ms"]["p99"]),
                  claims.limit(f"names.{row['kind']}.lost", lost)]
        if row["names"] != NAMES:  # says nothing of the claims
            found[-2:] = [Limit(f"{row['names']:,} instead: {limit.what}", limit.measured, limit.most,
                                limit.unit) for limit in found[-2:]]
    return found


def main():
    if not harness.enter_private_network():
        sys.exit(harness.NEEDS_NAMESPACE)
    options = arguments()
    if not shutil.which("knotd"):
        sys.exit("knotd is not installed (Debian's knot)")
    if options.program:
        harness.PROGRAM = options.program.resolve()
    facts = {"command": report.command_line("names", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="xprober-bench-") as name, contextlib.ExitStack() as all_end:
        folder = pathlib.Path(name)
        knot = start_knot(options.names, folder, all_end)
        for kind in options.kind or KINDS:
            say(f"{options.names:,} names, {kind}: some {options.periods * PERIOD} s")
            with contextlib.ExitStack() as stack:
                rows.append(Run(kind, options, folder, stack).measure(knot))
    facts["minutes"] = (time.monotonic() - began) / 60
    found = limits(rows)
    print("\n\n".join([report.heading(facts), *tables(rows), report.limit_table(found)]))
    if options.json:
        options.json.write_text(json.dumps({
            **facts, "rows": rows, "limits": [limit.as_json() for limit in found]}, indent=1) + "\n",
            encoding="utf-8")
    return 0 if all(limit.holds is not False for limit in found) else 1


if __name__ == "__main__":
    sys.exit(main())
