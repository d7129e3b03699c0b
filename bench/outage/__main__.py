#!/usr/bin/env python3
"""What it takes to notice that very many targets fail at once, and whether anything waits for it: an agent
probes addresses of a network of its own, of which most fall silent in one moment; a server has its results
and a webhook hears of the incident. Told are the time from the last answer to the incident and to the notice,
how late probes and batches are before and meanwhile (by the counters of both programs), and their CPU time.

Run by `./dev bench outage [OPTION...]` on a machine with nothing else to do, as root or where network
namespaces are allowed. Exit status 1 when a limit is broken."""

import argparse
import contextlib
import ipaddress
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import types

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import alert_receivers as alerts
import claims
import harness
import report
from report import Limit, number, table

# What falls silent, and what does not.
DARK = ("10.64.0.0/16", "10.65.0.0/17", "10.66.0.0/21")  # 100,352
WELL = ("10.80.0.0/17",)                                 # 32,768
RESULTS = 3  # in a row, which the incident takes
MOST_HANDLER_MS = 100


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench outage", description=__doc__)
    parser.add_argument("--period", type=int, default=15, help="of probing, in seconds (default: 15)")
    parser.add_argument("--steady", type=int, default=4,
                        help="periods that are measured before (default: 4)")
    parser.add_argument("--program", type=pathlib.Path, metavar="FILE",
                        help="xprober itself, if not this build's")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    if options.period < 1 or options.steady < 1:
        parser.error("numbers are 1 or more")
    return options


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def size(blocks):
    return sum(ipaddress.ip_network(block).num_addresses for block in blocks)


def route(how, block, *table_type):
    subprocess.run(["ip", "route", how, *table_type, block, "dev", "lo"], check=True)


class World:
    """The server, its receiver and the agent."""

    def __init__(self, options, folder, stack):
        for block in DARK + WELL:
            route("add", block, "local")
        owner = types.SimpleNamespace(folder=folder)
        self.hook = alerts.WebhookReceiver().start()
        stack.callback(self.hook.close)
        rpc, page, agent_page = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        config = folder / "server.yaml"
        config.write_text(harness.server_text(harness.target_text("icmp", "r-b", DARK + WELL)),
                          encoding="utf-8")
        self.server = harness.Role(owner, "server", config, alerts.telling(self.hook, **{
            "rpc_listen_addr": rpc, "metrics_listen_addr": page, "mesh": "false",
            "state_dir": folder / "server"}), page)
        stack.callback(self.server.close)
        self.server.wait_healthy()
        self.agent = harness.Role(owner, "agent", SOURCE / "config" / "agent.yaml", {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": agent_page, "rpc_server_addr": rpc,
            "state_dir": folder / "agent", "probe_interval": f"{options.period}s", "icmp.count": "1"},
            agent_page)
        stack.callback(self.agent.close)
        self.agent.wait_healthy()
        self.begin()

    def begin(self):
        self.most_pending = 0
        self.most_age = 0

    def look(self):
        waits = self.agent.stats()["push"]
        self.most_pending = max(self.most_pending, waits["pending"])
        if waits["spool_oldest_unix"]:
            self.most_age = max(self.most_age, time.time() - waits["spool_oldest_unix"])

    def watch(self, seconds):
        """The figures of that time; those of handlers and ticks are of its last minute."""
        cpu = [process.usage()[1] for process in (self.agent, self.server)]
        began = time.monotonic()
        self.begin()
        while time.monotonic() - began < seconds:
            self.look()
            time.sleep(0.5)
        return self.figures(cpu, began)

    def figures(self, cpu, began):
        took = time.monotonic() - began
        agent, server = self.agent.stats(), self.server.stats()
        cores = [(process.usage()[1] - before) / took
                 for process, before in zip((self.agent, self.server), cpu)]
        handlers = {name: {key: server["actors"][name]["handler_us"][key] / 1000 for key in ("p99", "max")}
                    for name in ("journal", "store", "incidents")}
        skipped = sum(agent["ticks"]["skipped_" + why] for why in ("busy", "behind", "overload"))
        return {"seconds": took, "agent_cores": cores[0], "server_cores": cores[1],
                "tick_lag_ms": agent["ticks"]["lag_ms"]["p99"], "skipped": skipped,
                "pending": self.most_pending, "oldest_s": self.most_age, "batches_failed": agent["push"]["batches_failed"],
                "dropped": agent["push"]["results_dropped"], "own_faults": agent["own_faults"],
                "refused": server["journal"]["refused_batches"] + server["journal"]["paced_batches"],
                "verdict_ms": server["incidents"]["last_look_ms"], "handlers_ms": handlers}

    def well(self):
        states = harness.get_metrics(f"{self.server.url}/metrics").series(
            "xprober_pair_series", source_region="r-a")
        return sum(value for _, value in states) == size(DARK + WELL)


def measure(options, folder):
    with contextlib.ExitStack() as stack:
        world = World(options, folder, stack)
        harness.wait_until("every target has a result", world.well, 6 * options.period + 30,
                           [world.agent, world.server])
        say("every target has a result")
        before = world.watch(options.steady * options.period)
        if alerts.incidents(world.server):
            raise AssertionError(f"before: {alerts.brief(alerts.incidents(world.server))}")
        say(f"{number(size(DARK))} of {number(size(DARK + WELL))} fall silent")
        cpu = [process.usage()[1] for process in (world.agent, world.server)]
        began = time.monotonic()
        world.begin()
        for block in DARK:
            route("del", block, "local")
            route("add", block)

        def incident():
            world.look()
            return alerts.only_incident(alerts.incidents(world.server))

        opened = harness.wait_until("an incident", incident, (RESULTS + 3) * options.period + 60)
        open_s = time.monotonic() - began
        say(f"after {open_s:.1f} s: {opened['summary']}")
        harness.wait_until("the notice", lambda: world.hook.told(), 30)
        told_s = time.monotonic() - began
        while time.monotonic() - began < (RESULTS + 3) * options.period:
            world.look()
            time.sleep(0.5)
        after = world.figures(cpu, began)
        world.hook.check_each_once()
        return {"before": before, "after": after, "open_s": open_s, "told_s": told_s,
                "incidents": len(alerts.incidents(world.server)), "notices": len(world.hook.taken),
                "summary": alerts.incidents(world.server)[0]["summary"], "period": options.period}


def tables(found):
    def row(what, of):
        return [what, number(of["agent_cores"]), number(of["server_cores"]), number(of["tick_lag_ms"]),
                number(of["pending"]), number(of["oldest_s"]), number(of["verdict_ms"]),
                *(number(of["handlers_ms"][name][key]) for name in ("journal", "incidents")
                  for key in ("p99", "max"))]

    head = ["", "agent, cores", "server, cores", "tick lag p99, ms", "most pending", "oldest batch, s", "verdict, ms",
            "journal p99, ms", "max", "incidents p99, ms", "max"]
    return [table("Before, and from the moment on", head, [row("before", found["before"]),
                                                           row("outage", found["after"])]),
            f"The incident: {found['summary']}"]


def limits(found):
    after, targets = found["after"], size(DARK + WELL)
    return [
        claims.limit("outage.incidents", found["incidents"]),
        claims.limit("outage.notices", found["notices"]),
        Limit("incident after the last answer", found["open_s"], (RESULTS + 1) * found["period"] + 10, "s"),
        claims.limit("outage.told", found["told_s"] - found["open_s"]),
        claims.limit("outage.lost", after["batches_failed"] + after["refused"] + after["dropped"]),
        Limit("results that waited at the agent, of those of ten seconds", after["pending"],
              targets * 10 // found["period"]),
        claims.limit("outage.age", after["oldest_s"]),
        claims.limit("outage.lag", after["tick_lag_ms"]),
        Limit("taking a batch over, p99", after["handlers_ms"]["journal"]["p99"], MOST_HANDLER_MS, "ms"),
        Limit("longest handler of the incidents", after["handlers_ms"]["incidents"]["max"],
              MOST_HANDLER_MS, "ms"),
        Limit("faults of the prober's own", len(after["own_faults"]), 0),
    ]


def main():
    if not harness.enter_private_network():
        sys.exit(harness.NEEDS_NAMESPACE)
    options = arguments()
    if options.program:
        harness.PROGRAM = options.program.resolve()
    facts = {"command": report.command_line("outage", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="xprober-bench-") as name:
        found = measure(options, pathlib.Path(name))
    facts["minutes"] = (time.monotonic() - began) / 60
    broken = limits(found)
    print("\n\n".join([report.heading(facts), *tables(found), report.limit_table(broken)]))
    if options.json:
        options.json.write_text(json.dumps({**facts, **found, "limits": [
            limit.as_json() for limit in broken]}, indent=1), encoding="utf-8")
    return 0 if all(limit.holds is not False for limit in broken) else 1


if __name__ == "__main__":
    sys.exit(main())
