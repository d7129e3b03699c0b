"""What is claimed of the program: each figure with what it is measured beside and the most it may be.

A benchmark makes its limits of these (`limit`), and `./dev bench all` shows all of them in one table.
README and docs/ promise nothing of this kind that does not stand here."""

import dataclasses

from report import Limit

WIDTHS = (1, 64, 1_000, 10_000)


@dataclasses.dataclass(frozen=True)
class Claim:
    """`beside`: the peer or the floor of the same run that a ratio is of; "" for a figure by itself.
    `part`: that of ./dev bench all which measures it."""

    key: str
    part: str
    what: str
    most: float
    unit: str = ""
    beside: str = ""


def _nothing_lost(key, part, of):
    return Claim(key, part, f"{of}: ticks left out, probes missing or failed, results lost", 0)


def _http():
    for width in WIDTHS:
        yield Claim(f"http.engine.{width}", "http",
                    f"engine, {width:,} in flight: CPU of a plain probe", 1.15, beside="wrk")
    for width in WIDTHS:
        yield Claim(f"http.command.{width}", "http",
                    f"`xprober http`, {width:,} in flight: CPU of a plain probe", 1.3, beside="wrk")
    yield Claim("http.tls", "http", "engine: CPU of a TLS probe", 1.02, beside="wrk")
    yield Claim("http.of_blackbox", "http", "engine: CPU of a plain probe", 0.125,
                beside="blackbox_exporter")
    yield Claim("http.failed", "http", "probes failed", 0)


def _http_agent():
    part, of = "http-agent", "100,000 HTTP targets every 15 s"
    yield Claim("http_agent.cores", part, f"{of}: CPU of the agent", 0.35, "cores")
    yield Claim("http_agent.of_wrk", part, f"{of}: CPU of a probe", 1.15, beside="wrk")
    for width in WIDTHS:
        yield Claim(f"http_agent.width.{width}", part,
                    f"agent, {width:,} in flight, 6,667 probes a second: CPU of a probe", 1.15, beside="wrk")
    yield Claim("http_agent.lag", part, f"{of}: tick lag p99", 50, "ms")
    yield _nothing_lost("http_agent.lost", part, of)


def _million():
    part, of = "million", "1,048,576 ICMP targets every 15 s, spool, pushing"
    yield Claim("million.15s.cores", part, f"{of}: CPU of the agent", 0.42, "cores")
    yield Claim("million.15s.us", part, f"{of}: CPU of a probe", 6, "µs")
    yield Claim("million.15s.bytes", part, f"{of}: memory of a target", 1000, "bytes")
    yield Claim("million.15s.lag", part, f"{of}: tick lag p99", 20, "ms")
    yield _nothing_lost("million.15s.lost", part, of)
    part, of = "million-5s", "1,048,576 ICMP targets every 5 s, spool, pushing, the server beside it"
    yield Claim("million.5s.lag", part, f"{of}: tick lag p99", 50, "ms")
    yield _nothing_lost("million.5s.lost", part, of)


def _names():
    for key, kind in (("dns", "DNS probes of"), ("icmp", "ICMP targets by")):
        of = f"{kind} 10,000 names behind one DNS server every 15 s"
        yield Claim(f"names.{key}.lag", "names", f"{of}: tick lag p99", 50, "ms")
        yield _nothing_lost(f"names.{key}.lost", "names", of)


def _delivery():
    part, of = "delivery", "200,000 values a second"
    yield Claim("delivery.agent", part, f"{of}: agent's CPU of a value", 0.61, "µs")
    yield Claim("delivery.server", part, f"{of}: server's CPU of a value", 0.58, "µs")
    yield Claim("delivery.bytes", part, f"{of}: a value on the wire", 7.8, "bytes")
    yield Claim("delivery.lost", part, f"{of}: results lost or counted twice", 0)
    yield Claim("delivery.page", part, f"{of}: /metrics", 100, "ms")


def _server():
    yield Claim("store.start", "store", "ten million series: start to serving", 10, "s")
    yield Claim("store.bytes", "store", "ten million series: memory of a series", 400, "bytes")
    yield Claim("store.back", "store", "ten million series: not there after the restart", 0)
    of = "1,000,000 values a second for 60 s"
    yield Claim("server.cores", "server", f"{of}: CPU of the server", 1, "cores")
    yield Claim("server.behind", "server", f"{of}: taken later than they came", 1, "s")


def _verdicts():
    part, of = "incidents", "a million series, 0.1 % of changes"
    yield Claim("incidents.core", part, f"{of}: verdicts and incidents", 5, "% of a core")
    yield Claim("incidents.memory", part, f"{of}: their memory", 40, "MB")
    yield Claim("incidents.outage", part,
                "a million series, in an outage of 100,000 and of all of them: memory of verdicts and incidents",
                40, "MB")
    yield Claim("incidents.handler", part, "100,000 series fail at once: longest handler", 50, "ms")
    yield Claim("incidents.one", part, "100,000 series fail at once: incidents", 1)
    yield Claim("verdict.mesh", "verdict", "the causes in a mesh of 200 × 200 regions", 5, "ms")


def _outage():
    part, of = "outage", "100,352 of 133,120 targets fall silent"
    yield Claim("outage.incidents", part, f"{of}: incidents", 1)
    yield Claim("outage.notices", part, f"{of}: notices", 1)
    yield Claim("outage.told", part, f"{of}: notice after the incident", 10, "s")
    yield Claim("outage.age", part, f"{of}: the oldest batch that waits at its agent", 5, "s")
    yield Claim("outage.lag", part, f"{of}: tick lag p99", 50, "ms")
    yield Claim("outage.lost", part, f"{of}: batches refused or failed, results dropped", 0)


def _sync():
    part, of = "sync", "a list of a million targets"
    yield Claim("sync.same_bytes", part, f"{of}, unchanged: bytes", 1024)
    yield Claim("sync.same_agent", part, f"{of}, unchanged: agent's CPU", 1, "ms")
    yield Claim("sync.same_server", part, f"{of}, unchanged: server's CPU", 1, "ms")
    yield Claim("sync.changed", part, f"{of}, 1 % replaced: bytes, of the whole list's", 3, "%")
    yield Claim("sync.whole", part, f"{of}, whole: all actors run after", 10, "s")
    yield Claim("sync.lag", part, f"{of}, whole: tick lag p99 of 10,000 others", 50, "ms")


def _small():
    yield Claim("start.wall", "start", "`xprober ping -c 1 127.0.0.1`: from start to end", 15, "ms")
    yield Claim("start.memory", "start", "`xprober ping -c 1 127.0.0.1`: the most memory", 12, "MB")
    yield Claim("idle.memory", "idle", "an agent with 20 targets: memory", 20, "MB")
    yield Claim("idle.cpu", "idle", "an agent with 20 targets: CPU", 0.2, "% of a core")


CLAIMS = [
    *_http(), *_http_agent(),
    Claim("icmp.of_floor", "icmp", "`xprober ping`: CPU of an echo", 1.1, beside="the kernel's floor"),
    Claim("icmp.of_fping", "icmp", "`xprober ping`: CPU of an echo", 1, beside="fping"),
    Claim("icmp.lost", "icmp", "`xprober ping`: echoes not answered", 0),
    *_million(), *_names(),
    Claim("tcp.of_floor", "tcp", "TCP engine, 64 in flight: CPU of a probe", 1.25,
          beside="the kernel's floor"),
    Claim("tcp.failed", "tcp", "TCP engine, 64 in flight: probes failed", 0),
    *_delivery(), *_server(), *_verdicts(), *_outage(),
    Claim("pages.results", "pages", "pages of a million targets: the agent's longest handler", 5, "ms"),
    Claim("pages.store", "pages", "pages of a million targets: the server's longest handler", 5, "ms"),
    Claim("pages.agent", "pages", "the agent's page of a million targets, open: CPU", 1, "% of a core"),
    *_sync(), *_small(),
]
_BY_KEY = {claim.key: claim for claim in CLAIMS}


def find(key):
    return _BY_KEY[key]


def has(key):
    return key in _BY_KEY


def limit(key, measured, why=""):
    """The limit of a claim with what was measured; None and `why` where that was not possible."""
    claim = find(key)
    beside = f", of that of {claim.beside}" if claim.beside else ""
    return Limit(claim.what + beside, measured, claim.most, claim.unit, key=key, why=why)
