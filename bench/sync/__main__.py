#!/usr/bin/env python3
"""What a target list of a million costs an agent and its server: whole, unchanged, with one percent
changed, and while others are probed. Real processes on loopback; tables, and every figure beside its
limit.

Run by `./dev bench sync [OPTION...]`, as root, on a machine with nothing else to do. Exit status 1
when a limit is broken."""

import argparse
import contextlib
import ipaddress
import json
import pathlib
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
from report import number, table

FIRST = ipaddress.ip_address("127.64.0.0")
WATCHED = 10_000
PERIOD = 15
LAG_WINDOW = 60  # /stats has the lag of the last 50 to 60 seconds


def blocks(first, count):
    """CIDR blocks of `count` loopback addresses from `FIRST + first` on."""
    begin = FIRST + first
    return [str(b) for b in ipaddress.summarize_address_range(begin, begin + count - 1)]


class Pair:
    """A server and an agent of its own. The file of either can be changed and read again."""

    def __init__(self, folder, stack, lists, agent_keys):
        place = types.SimpleNamespace(folder=folder)
        self.server_file = folder / "server.yaml"
        self.agent_file = folder / "agent.yaml"
        self.write_server(lists)
        self.write_agent(agent_keys)
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        self.server = harness.Role(place, "server", self.server_file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "state_dir": "",
            "mesh": "false", "max_targets": 2_000_000}, pages[0])
        stack.callback(self.server.close)
        self.server.wait_healthy(60)
        self.agent = harness.Role(place, "agent", self.agent_file, {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": pages[1],
            "rpc_server_addr": rpc, "icmp.count": 1, "state_dir": folder / "agent-state"}, pages[1])
        stack.callback(self.agent.close)

    def write_server(self, lists):
        text = "".join(harness.target_text("icmp", region, b) for region, b in lists)
        self.server_file.write_text(harness.server_text(text), encoding="utf-8")

    def write_agent(self, keys):
        self.agent_file.write_text("".join(f"{k}: {v}\n" for k, v in keys.items()),
                                   encoding="utf-8")

    @staticmethod
    def reload(role):
        answer = harness.http(f"{role.url}/-/reload", method="POST", timeout=120)
        if answer.status != 200:
            raise AssertionError(f"reload of {role.name}: {answer.status} {answer.body}")

    def stats(self):
        return harness.wait_until("the agent answers /stats", self.agent.stats, 60,
                                  [self.agent, self.server])

    def wait(self, what, condition, timeout):
        return harness.wait_until(what, lambda: condition(self.agent.stats()), timeout,
                                  [self.agent, self.server])

    def cpu(self):
        return kernel.cpu_seconds(self.agent.pid), kernel.cpu_seconds(self.server.pid)


class Span:
    """What happens between two moments: seconds, and CPU of either side."""

    def __init__(self, pair):
        self.pair = pair
        self.began = time.monotonic()
        self.cpu = pair.cpu()

    def end(self):
        agent, server = (after - before for after, before in zip(self.pair.cpu(), self.cpu))
        return {"seconds": time.monotonic() - self.began, "agent_cpu": agent, "server_cpu": server}


def lists_measured(folder, stack, count, say):
    """A whole list, unchanged ones, and one percent of it changed; nothing is probed meanwhile."""
    changed = count // 100
    keys = {"sync_interval": "1s", "probe_interval": "24h"}
    pair = Pair(folder, stack, [("r-b", blocks(0, WATCHED))], keys)
    pair.wait("the first list is applied", lambda s: s["targets"]["icmp"] == WATCHED, 60)
    rows = {}

    say(f"a whole list of {count:,}")
    pair.write_server([("r-b", blocks(0, count))])
    before = pair.stats()["sync"]
    pair.reload(pair.server)  # expands the blocks; what the list costs comes after it
    span = Span(pair)
    pair.wait("the whole list is applied", lambda s: s["sync"]["full"] == before["full"] + 1, 120)
    rows["whole"] = span.end()
    now = pair.stats()["sync"]
    rows["whole"] |= {"bytes": now["last_bytes"], "apply_ms": now["last_apply_ms"]}
    if now["last_bytes"] < 1_000_000:  # an unchanged answer came after it
        rows["whole"]["bytes"] = now["bytes"] - before["bytes"]

    say("unchanged")
    time.sleep(3)  # the spool writes the list
    pair.write_agent(keys | {"sync_interval": "10ms"})
    pair.reload(pair.agent)
    time.sleep(1)
    before, span = pair.stats()["sync"], Span(pair)
    time.sleep(10)
    rows["unchanged"], after = span.end(), pair.stats()["sync"]
    syncs = after["unchanged"] - before["unchanged"]
    rows["unchanged"] = {
        "syncs": syncs, "bytes": after["last_bytes"],
        "agent_cpu": rows["unchanged"]["agent_cpu"] / syncs,
        "server_cpu": rows["unchanged"]["server_cpu"] / syncs}

    say(f"{changed:,} of them replaced")
    pair.write_agent(keys)
    pair.reload(pair.agent)
    before = pair.stats()["sync"]
    pair.write_server([("r-b", blocks(changed, count))])
    span = Span(pair)
    pair.reload(pair.server)
    rows["reload"] = span.end()
    span = Span(pair)
    after = pair.wait("the difference is applied",
                      lambda s: s["sync"]["differences"] > before["differences"] and s, 60)
    rows["changed"] = span.end()
    unchanged = after["sync"]["unchanged"] - before["unchanged"]
    rows["changed"] |= {
        "bytes": after["sync"]["bytes"] - before["bytes"]
                 - unchanged * rows["unchanged"]["bytes"],
        "apply_ms": after["sync"]["last_apply_ms"]}
    if after["targets"]["icmp"] != count or after["sync"]["mismatches"]:
        raise AssertionError(f"the agent has {after['targets']}, {after['sync']}")
    return rows


def load_measured(folder, stack, count, say):
    """The same list comes while others are probed."""
    pair = Pair(folder, stack, [("r-c", blocks(0, WATCHED))],
                {"sync_interval": "1s", "probe_interval": f"{PERIOD}s"})
    pair.wait("the first list is applied", lambda s: s["targets"]["icmp"] == WATCHED, 60)
    say(f"{WATCHED:,} are probed; {count:,} come")
    time.sleep(PERIOD)
    pair.write_server([("r-c", blocks(0, WATCHED)), ("r-b", blocks(WATCHED, count))])
    began = time.monotonic()
    pair.reload(pair.server)
    reloaded = time.monotonic()
    pair.wait("all actors run",
              lambda s: s["actors"]["target"]["running"] == WATCHED + count, 120)
    running = time.monotonic()
    row = {"reload_s": reloaded - began, "running_s": running - reloaded}
    worst = {}
    # The minute from before the list on, and all that follows of it.
    while time.monotonic() < running + LAG_WINDOW - PERIOD:
        stats = pair.stats()
        for key, value in stats["ticks"]["lag_ms"].items():
            worst[key] = max(worst.get(key, 0), value)
        time.sleep(1)
    row |= {"lag": worst, "apply_ms": stats["sync"]["last_apply_ms"],
            "skipped": sum(stats["ticks"]["skipped_" + why] for why in ("busy", "behind", "overload")),
            "resident": kernel.memory(pair.agent.pid)[0]}
    return row


def tables(rows, load, count):
    ms = 1000
    whole, same, changed = rows["whole"], rows["unchanged"], rows["changed"]
    lines = [
        ["whole", number(whole["bytes"]), number(whole["seconds"]), number(whole["apply_ms"]),
         number(whole["agent_cpu"] * ms), number(whole["server_cpu"] * ms)],
        ["unchanged", number(same["bytes"]), "", "", number(same["agent_cpu"] * ms),
         number(same["server_cpu"] * ms)],
        ["1 % replaced", number(changed["bytes"]), number(changed["seconds"]),
         number(changed["apply_ms"]), number(changed["agent_cpu"] * ms),
         number(changed["server_cpu"] * ms)],
    ]
    lag = load["lag"]
    return [
        table(f"Sync of {count:,} targets", ["list", "bytes", "until applied, s", "applying, ms",
                                             "agent's CPU, ms", "server's CPU, ms"], lines),
        table(f"The list comes while {WATCHED:,} others are probed",
              ["all actors run after, s", "lag p50, ms", "p99", "max", "ticks skipped",
               "server reads and compares, s", "agent resident, MB"],
              [[number(load["running_s"]), number(lag["p50"]), number(lag["p99"]),
                number(lag["max"]), str(load["skipped"]), number(load["reload_s"]),
                number(load["resident"] / 1e6)]]),
    ]


def limits(rows, load):
    same = rows["unchanged"]
    return [
        claims.limit("sync.same_bytes", same["bytes"]),
        claims.limit("sync.same_agent", same["agent_cpu"] * 1000),
        claims.limit("sync.same_server", same["server_cpu"] * 1000),
        claims.limit("sync.changed", 100 * rows["changed"]["bytes"] / rows["whole"]["bytes"]),
        claims.limit("sync.whole", load["running_s"]),
        claims.limit("sync.lag", load["lag"]["p99"]),
    ]


def main():
    parser = argparse.ArgumentParser(prog="./dev bench sync", description=__doc__)
    parser.add_argument("--targets", type=int, default=1_000_000, metavar="N",
                        help="length of the list, at most 1,000,000 (default)")
    parser.add_argument("--program", metavar="FILE", help="xprober itself, if not this build's")
    parser.add_argument("--part", choices=["lists", "load"], help="measure only this")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    if arguments.program:
        harness.PROGRAM = pathlib.Path(arguments.program)
    count = arguments.targets
    if not 100_000 <= count <= 1_000_000:
        parser.error("--targets is from 100000 to 1000000")

    def say(text):
        print(text, file=sys.stderr, flush=True)

    facts = {"command": report.command_line("sync", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began = time.monotonic()
    rows = load = None
    with tempfile.TemporaryDirectory(prefix="xprober-bench-") as name, contextlib.ExitStack() as s:
        if arguments.part != "load":
            (folder := pathlib.Path(name) / "lists").mkdir()
            with contextlib.ExitStack() as stack:
                rows = lists_measured(folder, stack, count, say)
        if arguments.part != "lists":
            (folder := pathlib.Path(name) / "load").mkdir()
            load = load_measured(folder, s, count, say)
    if rows is None or load is None:
        print(rows or load)
        return 0
    found = limits(rows, load)
    facts["minutes"] = (time.monotonic() - began) / 60
    text = "\n\n".join([report.heading(facts), *tables(rows, load, count),
                        report.limit_table(found)])
    print(text)
    if arguments.json:
        arguments.json.write_text(json.dumps({
            **facts, "lists": rows, "load": load,
            "limits": [limit.as_json() for limit in found]}, indent=1) + "\n", encoding="utf-8")
    return 0 if all(limit.holds is not False for limit in found) else 1


if __name__ == "__main__":
    sys.exit(main())
