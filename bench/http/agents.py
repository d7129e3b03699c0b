"""What the whole agent costs at some number of HTTP targets: `xprober agent` and `xprober server`
beside nginx on one machine. Each target is a loopback address of its own."""

import contextlib
import ipaddress
import math
import statistics
import time
import types

import claims
import harness
import kernel
import widths
from report import Limit, number, table

PERIOD = 15
CLAIMED = 100_000
# Connections of wrk, with which a request costs it the least.
PEER_IN_FLIGHT = 64
SIZES = (10_000, 100_000)
FIRST = ipaddress.ip_address("127.64.0.1")
# /stats has the lag of the last 50 to 60 seconds.
LAG_WINDOW = 60


def stats_of(agent):
    """The agent's /stats. One that is overloaded may need several attempts."""
    return harness.wait_until("the agent answers /stats", agent.stats, 60, [agent])


class Reading:
    """The counters of agent, server, nginx and machine at one moment."""

    def __init__(self, run):
        self.stats = stats_of(run.agent)
        self.time = time.monotonic()
        self.cpu = kernel.cpu_seconds(run.agent.pid)
        self.threads = kernel.thread_seconds(run.agent.pid)
        self.server = kernel.cpu_seconds(run.server.pid)
        self.web = sum(map(kernel.cpu_seconds, run.web.pids()))
        self.machine, self.steal = kernel.machine_seconds()


class Run:
    """One number of targets on a pair of agent and server of its own."""

    def __init__(self, size, pushing, periods, web, folder, stack, more=None):
        self.size = size
        self.pushing = pushing
        self.periods = periods
        self.web = web
        self.resident = 0
        self.lag = {}
        self._start(types.SimpleNamespace(folder=folder), stack, more or {})

    def _start(self, place, stack, more):
        urls = [self.web.url("plain", FIRST + i) for i in range(self.size)]
        server_file = place.folder / "server.yaml"
        server_file.write_text(
            harness.server_text(harness.target_text("http", "r-b", urls)), encoding="utf-8")
        agent_file = place.folder / "agent.yaml"
        agent_file.write_text("region: r-a\n", encoding="utf-8")
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        self.server = harness.Role(place, "server", server_file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "state_dir": "",
            "mesh": "false"}, pages[0])
        stack.callback(self.server.close)
        self.server.wait_healthy(60)
        settings = {"local_ip": "127.0.0.1", "http_addr": pages[1], "rpc_server_addr": rpc,
                    "state_dir": "", "probe_interval": f"{PERIOD}s", **more}
        if not self.pushing:
            # Nothing is ever due, and what is not pushed is not kept.
            settings |= {"push_interval": "24h", "max_pending_results": 1}
        self.began = time.monotonic()
        self.agent = harness.Role(place, "agent", agent_file, settings, pages[1])
        stack.callback(self.agent.close)

    def wait_for_all(self):
        harness.wait_until(
            f"all {self.size} actors run",
            lambda: self.agent.stats()["actors"]["target"]["running"] == self.size,
            60 + self.size / 2000, [self.agent, self.server])

    def measure(self):
        self.wait_for_all()
        started = time.monotonic() - self.began
        window = self.periods * PERIOD
        self._watch(max(PERIOD, LAG_WINDOW - window))
        self.resident = 0
        before = Reading(self)
        end = before.time + window
        while end - time.monotonic() > LAG_WINDOW:
            self._watch(min(LAG_WINDOW, end - time.monotonic() - LAG_WINDOW / 2))
            self._note(stats_of(self.agent))
        self._watch(end - time.monotonic())
        after = Reading(self)
        self._note(after.stats)
        return self._figures(started, before, after)

    def _watch(self, seconds):
        """Lets time pass, and looks at the memory meanwhile."""
        end = time.monotonic() + seconds
        while True:
            for process in (self.agent, self.server, self.web.process):
                if process.poll() is not None:
                    raise AssertionError(f"{process.name} ended with {process.poll()}")
            self.resident = max(self.resident, kernel.memory(self.agent.pid)[0])
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 1))

    def _note(self, stats):
        """Keeps the worst of the figures that /stats has for the last minute only."""
        for key, value in stats["ticks"]["lag_ms"].items():
            self.lag[key] = max(self.lag.get(key, 0), value)

    def _figures(self, started, before, after):
        elapsed = after.time - before.time
        probes, was = after.stats["probes"]["http"], before.stats["probes"]["http"]
        finished = probes["finished"] - was["finished"]
        cpu, server, web = (getattr(after, k) - getattr(before, k) for k in ("cpu", "server", "web"))
        busy = after.machine - before.machine
        skipped = sum(after.stats["ticks"][k] - before.stats["ticks"][k]
                      for k in ("skipped_busy", "skipped_behind", "skipped_overload"))
        push = after.stats["push"]
        return {
            "targets": self.size, "pushing": self.pushing, "seconds": elapsed,
            "all_run_after_s": started, "finished": finished,
            "started": probes["started"] - was["started"],
            "expected": self.size * elapsed / PERIOD,
            "cores": cpu / elapsed, "us_per_probe": cpu * 1e6 / max(finished, 1),
            "thread_us_per_probe": {
                name: (seconds - before.threads.get(name, 0)) * 1e6 / max(finished, 1)
                for name, seconds in sorted(after.threads.items())},
            "server_cores": server / elapsed, "web_cores": web / elapsed,
            "other_cores": max(busy - cpu - server - web, 0) / elapsed,
            "stolen_cores": (after.steal - before.steal) / elapsed,
            "lag_ms": self.lag, "late": after.stats["ticks"]["late"] - before.stats["ticks"]["late"],
            "skipped": skipped, "queued": probes["queued"],
            # From the agent's start on.
            "failed": probes["failed"], "local_errors": probes["local_errors"],
            "yielded": after.stats["http"]["yielded"],
            "acked": push["results_acked"], "dropped": push["results_dropped"],
            "resident": self.resident, "peak": kernel.memory(self.agent.pid)[1]}


def _name(row):
    return f"{row['targets']:,} targets{'' if row['pushing'] else ', without pushing'}"


def measure(options, web, folder, say):
    """The figures of each number of targets. One that could not be measured has an `error`."""
    results = []
    for size in options.sizes:
        what = {"targets": size, "pushing": options.push}
        say(f"agent, {_name(what)}: some {(options.periods + 2) * PERIOD} s")
        beside = [*_peer(options, web, folder)]
        with contextlib.ExitStack() as stack:
            run = None
            try:
                run = Run(size, options.push, options.periods, web, folder, stack)
                results.append(run.measure())
                say(f"  {results[-1]['cores']:.3f} cores, {results[-1]['us_per_probe']:.1f} µs a "
                    f"probe, lag p99 {results[-1]['lag_ms']['p99']:.2f} ms, "
                    f"{results[-1]['failed']} failed")
            except (AssertionError, OSError, KeyError) as error:
                results.append({**what, "error": str(error)})
                log = f"\nthe end of its log:\n{run.agent.err()[-1000:]}" if run else ""
                say(f"  failed: {type(error).__name__}: {error}{log}")
        beside += _peer(options, web, folder)
        results[-1]["wrk_us"] = statistics.median(beside) if beside else None
    return results


def _peer(options, web, folder):
    """CPU of a request of wrk's before and after an agent's time, µs; nothing where there is no wrk."""
    with contextlib.suppress(OSError, RuntimeError):
        cpu, made, _ = widths.WAYS["wrk"](options, web, folder, PEER_IN_FLIGHT)
        yield cpu * 1e6 / made


def tables(results):
    rows = [row for row in results if "error" not in row]
    if not rows:
        return []
    names = sorted({name for row in rows for name in row["thread_us_per_probe"]})
    cpu, ticks, threads = [], [], []
    for row in rows:
        cells = [f"{row['targets']:,}", "yes" if row["pushing"] else "no"]
        lag = row["lag_ms"]
        cpu.append([*cells, *map(number, (
            row["cores"], row["us_per_probe"], _of_wrk(row), row["web_cores"], row["server_cores"],
            row["other_cores"] + row["stolen_cores"], row["resident"] / 1e6, row["peak"] / 1e6,
            row["resident"] / row["targets"]))])
        ticks.append([*cells, *map(number, (
            round(row["seconds"]), row["finished"], lag["p50"], lag["p99"], lag["max"], row["late"],
            row["skipped"], row["failed"], row["local_errors"], row["yielded"], row["dropped"]))])
        threads.append([*cells, *(number(row["thread_us_per_probe"].get(n)) for n in names)])
    load = ["targets", "pushing"]
    return [
        table("CPU and memory of the agent", [
            *load, "cores", "µs a probe", "of wrk", "nginx's cores", "server's cores", "others' cores",
            "resident, MB", "peak, MB", "bytes a target"], cpu),
        table("CPU of the agent by thread, µs a probe", [*load, *names], threads),
        table("Ticks and probes", [
            *load, "seconds", "probes", "lag p50, ms", "p99", "max", "late", "skipped", "failed",
            "local faults", "yielded", "results dropped"], ticks)]


def _of_wrk(row):
    return row["us_per_probe"] / row["wrk_us"] if row["wrk_us"] else None


def limits(results):
    found = []
    for row in results:
        name = _name(row)
        if "error" in row:
            found.append(Limit(f"{name}: could not be measured", 1, 0))
            continue
        # A window that begins anywhere in a period can lack a second's probes at either end.
        missed = max(row["expected"] * (1 - 2 / row["seconds"]) - row["started"], 0)
        if row["targets"] == CLAIMED and row["pushing"]:
            found += _claims(row, math.ceil(missed))
            continue
        found += [Limit(f"{name}: tick lag p99", row["lag_ms"]["p99"], 50, "ms"),
                  Limit(f"{name}: probes failed", row["failed"], 0),
                  Limit(f"{name}: probes not made for want of something here",
                        row["local_errors"], 0),
                  Limit(f"{name}: ticks skipped", row["skipped"], 0),
                  Limit(f"{name}: probes that the periods lack", math.ceil(missed), 0)]
    return found


def _claims(row, missed):
    lost = row["failed"] + row["local_errors"] + row["skipped"] + missed + row["dropped"]
    return [claims.limit("http_agent.cores", row["cores"]),
            claims.limit("http_agent.of_wrk", _of_wrk(row), "wrk could not be run"),
            claims.limit("http_agent.lag", row["lag_ms"]["p99"]),
            claims.limit("http_agent.lost", lost)]
