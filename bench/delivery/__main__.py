#!/usr/bin/env python3
"""What it costs to deliver results from an agent to a server, at the rate of a million targets
every 15 s: CPU time of either side for each value, bytes on the wire, memory of the server's store,
and that every result arrives once. Beside it, at a rate that the peers can do, remote write of the
same values from the server into VictoriaMetrics and Prometheus.

Run by `./dev bench delivery [OPTION...]` on a machine with nothing else to do. The agent's side is
build/bench/delivery_agent: the results actor, the spool, the pusher and the connection of
`xprober agent`, without its probing; the thread that makes the results is not counted. The server is
`xprober server`. Three values count for each result, as in the older form of the wire. Exit status 1
when a limit is broken."""

import argparse
import contextlib
import json
import pathlib
import shutil
import signal
import subprocess
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
import peers
import report
from report import Limit, number, table

VALUES = 3  # of each result
CLAIMED_ECHOES = 50
WARM_UP = 20  # seconds: every target has been told once, the store is full, in 15


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench delivery", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60,
                        help="that each load is measured over (default: 60; the claim is for 300)")
    parser.add_argument("--rate", type=int, default=66_700, help="results a second")
    parser.add_argument("--targets", type=int, default=1_000_000)
    parser.add_argument("--echoes", type=int, action="append",
                        help="of each probe; 1 makes shorter rows; default: 50, then 1")
    parser.add_argument("--peer-targets", type=int, default=60_000,
                        help="beside remote write, every 15 s; 0 for none (default: 60,000)")
    parser.add_argument("--peer-seconds", type=int, default=60)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--program", type=pathlib.Path,
                        default=SOURCE / "build" / "release" / "xprober")
    parser.add_argument("--agent", type=pathlib.Path,
                        default=SOURCE / "build" / "bench" / "delivery_agent")
    options = parser.parse_args()
    if min(options.seconds, options.rate, options.targets, options.peer_seconds,
           *(options.echoes or [1])) < 1 or options.peer_targets < 0:
        parser.error("numbers are 1 or more")
    options.echoes = options.echoes or [50, 1]
    return options


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def wire_bytes(port):
    """Payload bytes that the connections to a port have sent to it and got from it, as the kernel
    counts them (ss: bytes_acked and bytes_received)."""
    listing = subprocess.run(["ss", "-tinOH", "dst", f"127.0.0.1:{port}"], check=True,
                             capture_output=True, text=True).stdout
    sent = received = 0
    for word in listing.split():
        name, _, value = word.partition(":")
        sent += int(value) if name == "bytes_acked" else 0
        received += int(value) if name == "bytes_received" else 0
    return sent, received


class Source:
    """A running delivery_agent; its lines are read as they come."""

    def __init__(self, options, echoes, seconds, rpc, folder, stack, rate=None, targets=None):
        command = [options.agent, "--server", rpc, "--rate", rate or options.rate, "--targets",
                   targets or options.targets, "--seconds", seconds, "--echoes", echoes, "--state-dir",
                   folder / "agent-state"]
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                        text=True)
        stack.callback(self._close)

    def _close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def next(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"delivery_agent ended with {self.process.wait()}")
        return json.loads(line)

    def until(self, seconds):
        while (line := self.next())["seconds"] < seconds:
            pass
        return line


def measure(options, echoes, folder):
    rpc, page = (f"127.0.0.1:{harness.free_port()}" for _ in range(2))
    file = folder / "server.yaml"
    file.write_text("prober_targets: []\n", encoding="utf-8")
    with contextlib.ExitStack() as stack:
        server = harness.Role(types.SimpleNamespace(folder=folder), "server", file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": page, "mesh": "false",
            "limits.listed_targets_only": "false",
            "state_dir": folder / "server-state"}, page)
        stack.callback(server.close)
        server.wait_healthy()
        empty = kernel.memory(server.pid)[0]
        source = Source(options, echoes, WARM_UP + options.seconds, rpc, folder, stack)
        before, server_before = source.until(WARM_UP), kernel.cpu_seconds(server.pid)
        wire_before = wire_bytes(rpc.rpartition(":")[2])
        after = source.until(WARM_UP + options.seconds)
        server_after = kernel.cpu_seconds(server.pid)
        wire_after = wire_bytes(rpc.rpartition(":")[2])
        began = time.monotonic()
        harness.http(f"{server.url}/metrics")
        page_ms = (time.monotonic() - began) * 1000
        resident = kernel.memory(server.pid)[0]
        last = source.next()
        while not last["done"]:
            last = source.next()
        stats = server.stats()
        values = (after["acked"] - before["acked"]) * VALUES

        def used(key):
            return after[key] - before[key]

        restart = restart_seconds(server, folder, file, rpc, page, stack)
        return {
            "echoes": echoes, "seconds": used("seconds"), "values": values,
            "values_per_s": values / used("seconds"),
            "agent_us": (used("process_cpu") - used("generator_cpu")) / values * 1e6,
            "server_us": (server_after - server_before) / values * 1e6,
            "wire_bytes": (wire_after[0] - wire_before[0]) / values,
            "answer_bytes": (wire_after[1] - wire_before[1]) / values,
            "generated": last["generated"], "acked": last["acked"], "dropped": last["dropped"],
            "taken": stats["journal"]["results"], "stored": stats["results"]["stored_series"],
            "series_bytes": (resident - empty) / max(stats["results"]["stored_series"], 1),
            "page_ms": page_ms, "restart_s": restart}


def restart_seconds(server, folder, file, rpc, page, stack):
    """Ends the server and starts it again on the same state: until it serves its page."""
    server.stop(30)
    again = harness.Role(types.SimpleNamespace(folder=folder), "server", file, {
        "rpc_listen_addr": rpc, "metrics_listen_addr": page, "mesh": "false",
        "limits.listed_targets_only": "false",
        "state_dir": folder / "server-state"}, page, name="server-again")
    stack.callback(again.close)
    began = time.monotonic()
    harness.wait_until("the server serves again", again.healthy, 120, [again])
    return time.monotonic() - began


def measure_peers(options, folder):
    """The same values: from an agent to the server, and from it to the receivers that there are."""
    with contextlib.ExitStack() as stack:
        receivers = peers.start(folder, stack)
        rpc, page = (f"127.0.0.1:{harness.free_port()}" for _ in range(2))
        file = folder / "server.yaml"
        file.write_text("prober_targets: []\nremote_write:\n" + "".join(
            f"  - {{url: '{r.url}', conventional_names: false}}\n" for r in receivers),
                        encoding="utf-8")
        server = harness.Role(types.SimpleNamespace(folder=folder), "server", file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": page, "mesh": "false",
            "limits.listed_targets_only": "false",
            "state_dir": folder / "server-state"}, page)
        stack.callback(server.close)
        server.wait_healthy()
        source = Source(options, 50, WARM_UP + options.peer_seconds, rpc, folder, stack,
                        rate=options.peer_targets // 15, targets=options.peer_targets)

        def sample(line):
            sent = {queue["url"]: queue["sent"] for queue in server.stats()["remote_write"]}
            return types.SimpleNamespace(
                line=line, server=kernel.cpu_seconds(server.pid),
                sender=kernel.thread_seconds(server.pid).get("remote_write", 0),
                wire=wire_bytes(rpc.rpartition(":")[2])[0],
                sent=[sent[r.url] for r in receivers],
                cpu=[kernel.cpu_seconds(r.pid) for r in receivers],
                bytes=[wire_bytes(r.port)[0] for r in receivers])

        before = sample(source.until(WARM_UP))
        after = sample(source.until(WARM_UP + options.peer_seconds))
        values = (after.line["acked"] - before.line["acked"]) * VALUES
        agent = (after.line["process_cpu"] - after.line["generator_cpu"] -
                 before.line["process_cpu"] + before.line["generator_cpu"])
        sender = after.sender - before.sender
        all_sent = sum(after.sent) - sum(before.sent)
        rows = [["xprober agent to xprober server", values / options.peer_seconds,
                 agent / values * 1e6,
                 (after.server - before.server - sender) / values * 1e6,
                 (after.wire - before.wire) / values]]
        for i, receiver in enumerate(receivers):
            sent = after.sent[i] - before.sent[i]
            rows.append([f"remote write to {receiver.version}", sent / options.peer_seconds,
                         sender / all_sent * 1e6, (after.cpu[i] - before.cpu[i]) / sent * 1e6,
                         (after.bytes[i] - before.bytes[i]) / sent])
        return rows


def peer_table(rows):
    return table("The same values by remote write", ["way", "values/s", "sender, µs a value",
                                                     "receiver, µs a value", "bytes a value"],
                 [[row[0], *map(number, row[1:])] for row in rows])


def tables(rows):
    return [
        table("Delivery", ["echoes a probe", "values/s", "agent, µs a value", "server, µs a value",
                           "bytes a value", "answers, bytes a value"],
              [[number(row["echoes"]), *map(number, (
                  row["values_per_s"], row["agent_us"], row["server_us"], row["wire_bytes"],
                  row["answer_bytes"]))] for row in rows]),
        table("Results from end to end", ["echoes a probe", "made", "acknowledged", "dropped",
                                          "in the server's journal", "series in its store"],
              [[number(row[key]) for key in ("echoes", "generated", "acked", "dropped", "taken",
                                             "stored")] for row in rows]),
        table("The server", ["echoes a probe", "bytes a series", "/metrics, ms",
                             "restart to serving, s"],
              [[number(row["echoes"]), *map(number, (row["series_bytes"], row["page_ms"],
                                                     row["restart_s"]))] for row in rows])]


def limits(rows):
    found = []
    for row in rows:
        name = f"{row['echoes']} echo{'es' if row['echoes'] > 1 else ''}"
        figures = {"agent": row["agent_us"], "server": row["server_us"], "bytes": row["wire_bytes"],
                   "lost": abs(row["generated"] - row["taken"]), "page": row["page_ms"]}
        for key, measured in figures.items():
            limit = claims.limit(f"delivery.{key}", measured)
            if row["echoes"] != CLAIMED_ECHOES:
                limit = Limit(f"{name}: {limit.what}", measured, limit.most, limit.unit)
            found.append(limit)
        found.append(Limit(f"{name}: memory of a series", row["series_bytes"], 400, "bytes"))
        if row["stored"] <= 1_000_000:
            found.append(Limit(f"{name}: restart to serving", row["restart_s"], 5, "s"))
    return found


def main():
    options = arguments()
    harness.PROGRAM = options.program.resolve()
    for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number_, lambda *_: sys.exit(130))
    facts = {"command": report.command_line("delivery", sys.argv[1:]), "date": report.today(),
             "version": harness.xprober("--version").stdout.strip(),
             "commit": report.commit(SOURCE), "machine": report.machine()}
    began = time.monotonic()
    rows = []
    for echoes in options.echoes:
        say(f"{echoes} echoes a probe: some {WARM_UP + options.seconds} s")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="xprober-bench-"))
        try:
            rows.append(measure(options, echoes, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    beside = []
    if options.peer_targets:
        say(f"beside remote write: some {WARM_UP + options.peer_seconds} s")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="xprober-bench-"))
        try:
            beside = measure_peers(options, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    judged = limits(rows)
    facts["minutes"] = (time.monotonic() - began) / 60
    text = "\n\n".join([report.heading(facts), *tables(rows),
                        *([peer_table(beside)] if beside else []), report.limit_table(judged)])
    print(text)
    if options.json:
        options.json.write_text(json.dumps({
            **facts, "rows": rows, "peers": beside,
            "limits": [limit.as_json() for limit in judged]}, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if any(limit.holds is False for limit in judged) else 0)


if __name__ == "__main__":
    main()
