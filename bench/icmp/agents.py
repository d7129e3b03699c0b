"""What the whole agent costs at some number of targets: `xprober agent` beside an `xprober server`
whose target list is a block of loopback addresses."""

import contextlib
import dataclasses
import ipaddress
import math
import tempfile
import time
import types

import claims
import harness
import kernel
from report import Limit, number, table

PERIOD = 15
IDLE, SMALL, MILLION = 20, 10_000, 1_048_576
SIZES = (IDLE, SMALL, 100_000, MILLION)
FIRST = ipaddress.ip_address("127.64.0.0")

# /stats has the lag of the last 50 to 60 seconds.
LAG_WINDOW = 60


@dataclasses.dataclass(frozen=True)
class Load:
    targets: int
    echoes: int
    pushing: bool
    period: int = PERIOD
    spool: bool = False  # the agent's spool and the server's journal are on disk

    def name(self):
        return (f"{self.targets:,} targets, {self.echoes} echo{'es' if self.echoes > 1 else ''}, "
                f"{f'every {self.period} s, ' if self.period != PERIOD else ''}"
                f"{'on disk, ' if self.spool else ''}"
                f"{'pushing' if self.pushing else 'without pushing'}")

    def cells(self):
        return [f"{self.targets:,}", str(self.echoes), str(self.period),
                ("yes, on disk" if self.spool else "yes") if self.pushing else "no"]


def agent_loads(sizes, modes, period=PERIOD, spool=False):
    return [Load(size, 1, pushing, period, spool) for size in sizes for pushing in modes]


# 50 echoes of 100 bytes to each target in every period of 15 s.
FIFTY_ECHOES = Load(40_000, 50, True)

# The load of which the claims of an idle agent are.
CLAIMED_IDLE = Load(IDLE, 1, True)


def stats_of(agent):
    """The agent's /stats. One that is overloaded may need several attempts."""
    return harness.wait_until("the agent answers /stats", agent.stats, 60, [agent])


class Reading:
    """The counters of agent, server and machine at one moment."""

    def __init__(self, agent, server):
        self.stats = stats_of(agent)
        self.time = time.monotonic()
        self.cpu = kernel.cpu_seconds(agent.pid)
        self.threads = kernel.thread_seconds(agent.pid)
        self.server = kernel.cpu_seconds(server.pid)
        self.machine, self.steal = kernel.machine_seconds()


class Run:
    """One load on a pair of agent and server of its own."""

    def __init__(self, load, periods, folder, stack):
        self.load = load
        self.periods = periods
        self.resident = 0
        self.worst = {}
        self._start(types.SimpleNamespace(folder=folder), stack)

    def _start(self, place, stack):
        last = FIRST + self.load.targets - 1
        blocks = [str(b) for b in ipaddress.summarize_address_range(FIRST, last)]
        self.server_file = place.folder / "server.yaml"
        self.server_file.write_text(
            harness.server_text(harness.target_text("icmp", "r-b", blocks)), encoding="utf-8")
        agent_file = place.folder / "agent.yaml"
        agent_file.write_text("region: r-a\n", encoding="utf-8")
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        states = ["", ""]
        if self.load.spool:
            states = [tempfile.mkdtemp(dir=place.folder) for _ in states]
        # The most that one agent may send is less than a million results every 5 s.
        self.server = harness.Role(place, "server", self.server_file, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "state_dir": states[0],
            "mesh": "false", "limits.agent_rows_per_second": 1_000_000}, pages[0])
        stack.callback(self.server.close)
        self.server.wait_healthy()
        settings = {
            "local_ip": "127.0.0.1", "http_addr": pages[1], "rpc_server_addr": rpc,
            "state_dir": states[1], "icmp.count": self.load.echoes, "icmp.size": 100,
            "probe_interval": f"{self.load.period}s"}
        if not self.load.pushing:
            # Nothing is ever due, and what is not pushed is not kept.
            settings |= {"push_interval": "24h", "max_pending_results": 1}
        self.began = time.monotonic()
        self.agent = harness.Role(place, "agent", agent_file, settings, pages[1])
        stack.callback(self.agent.close)

    def measure(self):
        harness.wait_until(
            f"all {self.load.targets} actors run",
            lambda: self.agent.stats()["actors"]["target"]["running"] == self.load.targets,
            60 + self.load.targets / 5000, [self.agent, self.server])
        started = time.monotonic() - self.began
        window = self.periods * self.load.period
        self._watch(max(self.load.period, LAG_WINDOW - window))
        self.resident = 0
        before = Reading(self.agent, self.server)
        end = before.time + window
        while end - time.monotonic() > LAG_WINDOW:
            self._watch(min(LAG_WINDOW, end - time.monotonic() - LAG_WINDOW / 2))
            self._note(stats_of(self.agent))
        self._watch(end - time.monotonic())
        after = Reading(self.agent, self.server)
        self._note(after.stats)
        return self._figures(started, before, after)

    def _watch(self, seconds):
        """Lets time pass, and looks at the memory meanwhile."""
        end = time.monotonic() + seconds
        while True:
            for process in (self.agent, self.server):
                if process.poll() is not None:
                    raise AssertionError(f"{process.name} ended with {process.poll()}")
            self.resident = max(self.resident, kernel.memory(self.agent.pid)[0])
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 1))

    def _note(self, stats):
        """Keeps the worst of the figures that /stats has for the last minute only."""
        for name, figures in (("lag_ms", stats["ticks"]["lag_ms"]),
                              ("receive_gap_us", stats["icmp"].get("receive_gap_us", {}))):
            worst = self.worst.setdefault(name, {})
            for key, value in figures.items():
                worst[key] = max(worst.get(key, 0), value)

    def _unanswered(self):
        """Takes all targets away; once no probe is under way, gives how many echoes were never
        answered, from the start on."""
        self.server_file.write_text(harness.server_text(""), encoding="utf-8")
        harness.http(f"{self.server.url}/-/reload", method="POST")
        processes = [self.agent, self.server]
        harness.wait_until("the agent has no target",
                           lambda: self.agent.stats()["targets"]["icmp"] == 0, 60, processes)

        def counts_at_rest():
            stats = self.agent.stats()
            return stats["probes"]["icmp"]["in_flight"] == 0 and stats["icmp"]

        icmp = harness.wait_until("the last probe ends", counts_at_rest, 30, processes)
        return icmp["echo_sent"] - icmp["echo_received"]

    def _figures(self, started, before, after):
        elapsed = after.time - before.time

        def delta(section, *keys):
            def at(reading):
                value = reading.stats[section]
                for key in keys:
                    value = value[key]
                return value
            return at(after) - at(before)

        finished = delta("probes", "icmp", "finished")
        resident, peak = self.resident, kernel.memory(self.agent.pid)[1]
        delivery = self._delivery(delta, after.stats["push"])
        cpu = after.cpu - before.cpu
        server = after.server - before.server
        threads = {name: seconds - before.threads.get(name, 0)
                   for name, seconds in after.threads.items()}
        return {
            **dataclasses.asdict(self.load), "seconds": elapsed, "all_run_after_s": started,
            "started": delta("probes", "icmp", "started"), "finished": finished,
            "expected": self.load.targets * elapsed / self.load.period,
            "cores": cpu / elapsed, "us_per_probe": cpu * 1e6 / max(finished, 1),
            "thread_us_per_probe": {name: seconds * 1e6 / max(finished, 1)
                                    for name, seconds in sorted(threads.items())},
            "server_cores": server / elapsed,
            # The machine's time is counted by its timer's ticks, so it can seem less than ours.
            "other_cores": max(after.machine - before.machine - cpu - server, 0) / elapsed,
            "stolen_cores": (after.steal - before.steal) / elapsed,
            "lag_ms": self.worst["lag_ms"], "receive_gap_us": self.worst["receive_gap_us"],
            "late": delta("ticks", "late"),
            "skipped": sum(delta("ticks", "skipped_" + why) for why in ("busy", "behind", "overload")),
            "failed": after.stats["probes"]["icmp"]["failed"],
            "unanswered": self._unanswered(),
            "overflow": after.stats["icmp"]["receive_overflow"],
            "resident": resident, "peak": peak, **delivery}

    def _delivery(self, delta, push):
        if not self.load.pushing:
            if push["batches_ok"] + push["batches_failed"] > 0:
                raise AssertionError("the agent pushed although it should not have")
            return {"acked": 0, "dropped": 0, "stored_loss_percent": None}
        loss = harness.wait_until(
            "the server has the targets' loss", lambda: self.server.metrics().series(
                "ping_packageDrop_rate", source_region="r-a", target_region="r-b"), 60)
        return {"acked": delta("push", "results_acked"), "dropped": push["results_dropped"],
                "stored_loss_percent": loss[0][1]}


def measure(loads, periods, folder, say):
    """The figures of each load. One that could not be measured has an `error` instead."""
    results = []
    for load in loads:
        say(f"{load.name()}: some {max((periods + 1) * load.period, LAG_WINDOW)} s")
        with contextlib.ExitStack() as stack:
            run = None
            try:
                run = Run(load, periods, folder, stack)
                results.append(run.measure())
                say(f"  {results[-1]['cores']:.3f} cores, {results[-1]['us_per_probe']:.2f} µs a "
                    f"probe, lag p99 {results[-1]['lag_ms']['p99']:.2f} ms")
            except (AssertionError, OSError, KeyError) as error:
                results.append({**dataclasses.asdict(load), "error": str(error)})
                log = f"\nthe end of its log:\n{run.agent.err()[-1000:]}" if run else ""
                say(f"  failed: {type(error).__name__}: {error}{log}")
    return results


def _load(row):
    return Load(*(row[field.name] for field in dataclasses.fields(Load)))


def _find(results, row, targets):
    """The same load with so many targets."""
    wanted = dataclasses.replace(_load(row), targets=targets)
    for other in results:
        if _load(other) == wanted and "error" not in other:
            return other
    return None


def _growth(row, results):
    """CPU of a probe, of that at 10,000 targets."""
    small = _find(results, row, SMALL)
    if small is None or row["targets"] < SMALL:
        return None
    return row["us_per_probe"] / small["us_per_probe"]


def _own_bytes(row, results):
    """Memory of a target beyond that of an idle agent."""
    idle = _find(results, row, IDLE)
    return (row["resident"] - idle["resident"]) / row["targets"] if idle else None


def tables(results):
    rows = [row for row in results if "error" not in row]
    if not rows:
        return []
    load = ["targets", "echoes", "every, s", "pushing"]
    names = sorted({name for row in rows for name in row["thread_us_per_probe"]})
    cpu, ticks, memory, threads = [], [], [], []
    for row in rows:
        cells = _load(row).cells()
        lag, gap = row["lag_ms"], row["receive_gap_us"]
        cpu.append([*cells, *map(number, (
            row["all_run_after_s"], row["cores"], row["us_per_probe"], _growth(row, results),
            row["server_cores"], row["other_cores"] + row["stolen_cores"]))])
        ticks.append([*cells, *map(number, (
            lag["p50"], lag["p99"], lag["max"], row["late"], row["skipped"], row["failed"],
            row["unanswered"], row["overflow"], gap.get("p99"), row["dropped"]))])
        own = None if row["targets"] == IDLE else _own_bytes(row, results)
        memory.append([*cells, *map(number, (
            row["resident"] / 1e6, row["peak"] / 1e6, row["resident"] / row["targets"], own))])
        threads.append([*cells, *(number(row["thread_us_per_probe"].get(n)) for n in names)])
    return [
        table("CPU of the agent", [*load, "all run after, s", "cores", "µs a probe",
                                   "of that at 10,000", "server's cores", "others' cores"], cpu),
        table("CPU of the agent by thread, µs a probe", [*load, *names], threads),
        table("Ticks and loss", [*load, "lag p50, ms", "p99", "max", "late", "skipped",
                                 "failed probes", "echoes lost", "receive overflow",
                                 "reply waits p99, µs", "results dropped"], ticks),
        table("Memory of the agent", [*load, "resident, MB", "peak, MB", "bytes a target",
                                      "beyond an idle agent's"], memory)]


def limits(results):
    found = []
    for row in results:
        name = _load(row).name()
        if "error" in row:
            found.append(Limit(f"{name}: could not be measured", 1, 0))
            continue
        found += _limits_of(row, results, name)
    return found


def _limits_of(row, results, name):
    if row["targets"] == IDLE:
        found = [claims.limit("idle.cpu", row["cores"] * 100),
                 claims.limit("idle.memory", row["resident"] / 1e6)]
        if _load(row) == CLAIMED_IDLE:
            return found
        return [Limit(f"{name}: {limit.what}", limit.measured, limit.most, limit.unit) for limit in found]
    # A window that begins anywhere in a period can lack a second's probes at either end.
    missed = max(row["expected"] * (1 - 2 / row["seconds"]) - row["started"], 0)
    if row["targets"] == MILLION and row["pushing"] and row["spool"] and row["echoes"] == 1:
        return _claims_of_a_million(row, math.ceil(missed))
    found = [Limit(f"{name}: ticks skipped", row["skipped"], 0),
             Limit(f"{name}: probes that the periods lack", math.ceil(missed), 0),
             Limit(f"{name}: probes failed", row["failed"], 0),
             Limit(f"{name}: echoes lost", row["unanswered"], 0)]
    if row["stored_loss_percent"] is not None:
        found.append(Limit(f"{name}: loss that the server shows", row["stored_loss_percent"], 0,
                           "%"))
    if row["targets"] == MILLION:
        found += [Limit(f"{name}: tick lag p99", row["lag_ms"]["p99"], 20, "ms"),
                  Limit(f"{name}: resident memory of a target", row["resident"] / MILLION, 1536,
                        "bytes"),
                  Limit(f"{name}: CPU of a probe, of that at 10,000", _growth(row, results), 1.3)]
        if not row["pushing"]:
            found.append(Limit(f"{name}: CPU", row["cores"], 1.0, "cores"))
    return found


def _claims_of_a_million(row, missed):
    """Those of its period; of another one only what is left out or lost is judged."""
    figures = {"cores": row["cores"], "us": row["us_per_probe"], "bytes": row["resident"] / MILLION,
               "lag": row["lag_ms"]["p99"],
               "lost": (row["skipped"] + missed + row["failed"] + row["unanswered"] + row["dropped"] +
                        (row["stored_loss_percent"] > 0))}
    found = [claims.limit(f"million.{row['period']}s.{name}", measured) for name, measured in figures.items()
             if claims.has(f"million.{row['period']}s.{name}")]
    return found or [Limit(f"{_load(row).name()}: left out or lost", figures["lost"], 0)]
