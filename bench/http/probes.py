"""What one HTTP probe costs: wrk, blackbox_exporter and xprober against the same nginx, in turns.
Each request has a connection of its own, and with TLS a whole handshake."""

import http.client
import json
import re
import shutil
import statistics
import urllib.parse

import claims
import harness
import kernel
from report import number, table

KINDS = ("plain", "tls")
# Requests or probes of one turn.
COUNT = {"plain": 50_000, "tls": 8_000}
BLACKBOX_COUNT = {"plain": 500, "tls": 500}
IN_FLIGHT = 64


class Way:
    """One way to make requests. `measure` gives (CPU seconds, requests, failures)."""

    name = ""
    what = ""
    program = ""

    def __init__(self, options, web, folder, stack):
        self.options = options
        self.web = web
        self.folder = folder
        self.costs = {kind: [] for kind in KINDS}
        self.made = {kind: 0 for kind in KINDS}
        self.failed = {kind: 0 for kind in KINDS}
        if not self.missing():
            self.start(stack)

    def missing(self):
        """Why it cannot be measured here, or an empty string."""
        found = not self.program or shutil.which(self.program)
        return "" if found else f"{self.program} is not installed"

    def start(self, stack):
        """Starts what runs beside the turns."""

    def measure(self, kind):
        raise NotImplementedError

    def turn(self, kind):
        seconds, made, failed = self.measure(kind)
        self.costs[kind].append(seconds * 1e6 / made)
        self.made[kind] += made
        self.failed[kind] += failed


def said(pattern, ended, command):
    found = re.search(pattern, ended.out)
    if not found:
        raise RuntimeError(f"{' '.join(map(str, command))} (exit status {ended.status}) said:\n"
                           f"{(ended.out + ended.err)[-2000:]}")
    return found


def failures_of_wrk(out):
    """What its output says of them."""
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return (sum(map(int, errors.groups())) if errors else 0) + (
        int(refused.group(1)) if refused else 0)


class Wrk(Way):
    name = "wrk"
    what = (f"`wrk -t1 -c{IN_FLIGHT} -d3s -H 'Connection: close' URL`, which looks at no certificate")
    program = "wrk"

    def measure(self, kind):
        command = ["wrk", "-t1", f"-c{IN_FLIGHT}", "-d3s", "-H", "Connection: close",
                   self.web.url(kind)]
        ended = kernel.run(command, self.folder, 60)
        made = int(said(r"(\d+) requests in", ended, command).group(1))
        return ended.cpu, made, failures_of_wrk(ended.out)


class Engine(Way):
    name = "engine"
    what = (f"the agent's engine in a program of its own, {IN_FLIGHT} probes in flight, "
            "certificates verified")

    def measure(self, kind):
        command = [self.options.engine, self.web.url(kind), COUNT[kind], IN_FLIGHT,
                   self.web.authority]
        ended = kernel.run(command, self.folder, 120)
        found = said(r"(\d+) probes in .*: (\d+) failed", ended, command)
        return ended.cpu, int(found.group(1)), int(found.group(2))


class Command(Way):
    name = "xprober http"
    what = (f"`xprober http --ca-file FILE -n N -f FILE` with {IN_FLIGHT} times the same URL; its "
            "table included")

    def measure(self, kind):
        file = self.folder / f"urls-{kind}"
        file.write_text(f"{self.web.url(kind)}\n" * IN_FLIGHT, encoding="ascii")
        rounds = COUNT[kind] // IN_FLIGHT
        command = [self.options.program, "http", "--ca-file", self.web.authority, "-n", rounds, "-f",
                   file]
        ended = kernel.run(command, self.folder, 120)
        rows = [line.split()[1] for line in ended.out.splitlines()[1:]]
        if len(rows) != rounds * IN_FLIGHT:
            raise RuntimeError(f"{len(rows)} rows instead of {rounds * IN_FLIGHT}: {ended.err[-2000:]}")
        return ended.cpu, len(rows), sum(status != "200" for status in rows)


class Blackbox(Way):
    name = "blackbox_exporter"
    what = "`/probe` of its `http` module, asked for on one connection"
    program = "prometheus-blackbox-exporter"

    def start(self, stack):
        config = self.folder / "blackbox.yml"
        config.write_text(json.dumps({"modules": {"http_2xx": {
            "prober": "http", "timeout": "5s",
            "http": {"preferred_ip_protocol": "ip4",
                     "tls_config": {"ca_file": str(self.web.authority)}}}}}), encoding="utf-8")
        self.address = f"127.0.0.1:{harness.free_port()}"
        self.exporter = harness.Process(
            "blackbox", [self.program, f"--config.file={config}",
                         f"--web.listen-address={self.address}"], self.folder)
        stack.callback(self.exporter.close)
        harness.wait_until("blackbox_exporter answers", lambda: harness.http(
            f"http://{self.address}/-/healthy").status == 200, 20, [self.exporter])

    def measure(self, kind):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        target = urllib.parse.quote(self.web.url(kind), safe="")
        made = BLACKBOX_COUNT[kind]
        answered = 0
        before = kernel.cpu_seconds(self.exporter.pid)
        for _ in range(made):
            connection.request("GET", f"/probe?module=http_2xx&target={target}")
            answered += b"\nprobe_success 1\n" in connection.getresponse().read()
        seconds = kernel.cpu_seconds(self.exporter.pid) - before
        connection.close()
        return seconds, made, made - answered


WAYS = (Wrk, Engine, Command, Blackbox)


def measure(options, web, folder, stack, say):
    """The figures of every way: {kind: {name: {…}}}."""
    ways = [way(options, web, folder, stack) for way in WAYS]
    for turn in range(options.rounds):
        for kind in KINDS:
            for way in ways:
                if not way.missing():
                    way.turn(kind)
            say(f"{kind}, round {turn + 1} of {options.rounds}: " + ", ".join(
                f"{way.name} {way.costs[kind][-1]:.1f} µs" for way in ways if way.costs[kind]))
    return {kind: {way.name: _figures(way, ways, kind) for way in ways} for kind in KINDS}


def _figures(way, ways, kind):
    if way.missing():
        return {"what": way.what, "missing": way.missing()}

    def ratio(other):
        # Round by round: what slows the machine down for a while slows both.
        ratios = [mine / its for mine, its in zip(way.costs[kind], other.costs[kind])]
        return statistics.median(ratios) if ratios else None

    return {"what": way.what, "cpu_us": statistics.median(way.costs[kind]),
            "rounds_us": way.costs[kind], "of_wrk": ratio(ways[0]), "of_blackbox": ratio(ways[-1]),
            "made": way.made[kind], "failed": way.failed[kind]}


def tables(figures):
    found, hows = [], []
    for kind, by_name in figures.items():
        rows = [[name, number(row["cpu_us"]), number(min(row["rounds_us"])),
                 number(max(row["rounds_us"])), number(row["of_wrk"]), number(row["of_blackbox"]),
                 number(row["made"]), number(row["failed"])]
                for name, row in by_name.items() if "missing" not in row]
        head = ["", "µs", "least", "most", "of wrk", "of blackbox_exporter", "requests", "failed"]
        found.append(table(f"CPU time of one {'TLS' if kind == 'tls' else kind} probe", head, rows))
    for name, row in figures["plain"].items():
        missing = f" (not measured: {row['missing']})" if "missing" in row else ""
        hows.append(f"- {name}: {row['what']}{missing}")
    return [*found, "\n".join(hows)]


def limits(figures):
    plain, tls = figures["plain"], figures["tls"]
    return [
        claims.limit("http.of_blackbox", plain["engine"]["of_blackbox"],
                     plain["blackbox_exporter"].get("missing", "")),
        claims.limit("http.tls", tls["engine"]["of_wrk"], tls["wrk"].get("missing", "")),
        claims.limit("http.failed", sum(row.get("failed", 0) for by_name in figures.values()
                                        for name, row in by_name.items() if name != "wrk")),
    ]
