"""The endpoints that test_blackbox_kinds.py probes with blackbox_exporter and with the agent: the
tables of blackbox_kinds_tcp.py and blackbox_kinds_dns.py say what is to be said of each."""

import ssl

import blackbox_kinds_servers as kinds
import blackbox_world
import harness
import servers
from blackbox_kinds_servers import LIES, LINES, TLS, dialogue

DARK, SCRAPE_TIMEOUT = blackbox_world.DARK, blackbox_world.SCRAPE_TIMEOUT
SOME = object()  # a value that is there, whatever it is


class Network(blackbox_world.Network):
    """A silent network, and a DNS server with names of both families."""

    def __init__(self):
        super().__init__()
        self._dns.names.update({
            "localhost": ["127.0.0.1", "::1"], "both.test": ["127.0.0.1", "::1"], "six.test": "::1",
            "two.test": ["127.0.0.9", "127.0.0.1"], "dead4.test": ["127.0.0.9", "::1"]})


class Case:
    """One endpoint. `tcp` and `dns` are the module as blackbox_exporter's file has it, `own` what the
    agent's has besides; `reason` is what the agent calls the failure. `verdicts_differ` is
    (blackbox_exporter's verdict, the agent's, why); `values_differ` names metrics with the same:
    None where it is not there, SOME for any value."""

    def __init__(self, name, target, success, tcp=None, dns=None, timeout=None, reason=None, own=None,
                 values_differ=None, verdicts_differ=None):
        self.name = name
        self.target = target
        self.success = success
        self.reason = reason
        self.own = own or {}
        self.values_differ = values_differ or {}
        self.verdicts_differ = verdicts_differ
        self.kind = "tcp" if dns is None else "dns"
        self.module = {"prober": self.kind, self.kind: {
            "preferred_ip_protocol": "ip4", **(tcp or dns or {})}}
        if timeout:
            self.module["timeout"] = timeout
        self.module_name = f"{self.kind}_" + "".join(c if c.isalnum() else "_" for c in name)[:59]

    @property
    def own_target(self):
        """The agent asks the server behind the '@'."""
        return self.target if self.kind == "tcp" else \
            f"{self.module['dns']['query_name']}@{self.target}"


class World:
    """All servers, running until the test ends."""

    def __init__(self, test):
        self.test = test
        self.folder = test.folder
        self.authority = servers.make_authority(self.folder)
        self.closed = harness.free_port()
        self.port = {name: self.serve_lines(serve) for name, serve in LINES.items()}
        # One port in both families, one in IPv6 alone, and one that has a name.
        self.both, self.six = harness.free_port(), harness.free_port()
        for address, port in (("127.0.0.1", self.both), ("::1", self.both), ("::1", self.six),
                              ("127.0.0.1", 80)):
            self.serve_lines(dialogue(f"220 {address}\r\n".encode()), address, port)
        self.make_certificates()
        self.tls = {name: self.serve_lines(dialogue(TLS, b"220 ready\r\n", context=context))
                    for name, context in self.contexts().items()}
        self.slow_tls = self.serve_lines(kinds.late(dialogue(
            TLS, context=kinds.context_of(self.folder, "good"))))
        self.smtp = {name: self.serve_lines(dialogue(
            *steps, context=kinds.context_of(self.folder, certificate)))
            for name, certificate, steps in (("good", "good", kinds.SMTP_TLS),
                                             ("other", "other", kinds.SMTP_TLS),
                                             ("injected", "good", kinds.SMTP_INJECTED))}
        self.lies = {name: f"127.0.0.1:{test.serve(kinds.LyingDns(lie)).port}"
                     for name, lie in LIES.items()}
        self.start_knot()

    def serve_lines(self, serve, address="127.0.0.1", port=0):
        return self.test.serve(servers.TcpServer(serve, address, port)).port

    def make_certificates(self):
        local = "DNS:localhost,IP:127.0.0.1"
        for name, alternative, days in (("good", local, 2), ("other", "DNS:other.test", 2),
                                        ("expired", local, -1)):
            servers.make_certificate(self.folder, name, alternative, days=days)
        servers.make_self_signed(self.folder, "self", local)

    def contexts(self):
        made = {name: kinds.context_of(self.folder, name)
                for name in ("good", "other", "expired", "self")}
        made["tls12"] = kinds.context_of(self.folder, "good", ssl.TLSVersion.TLSv1_2)
        made["tls11"] = kinds.context_of(self.folder, "good", ssl.TLSVersion.TLSv1_1)
        return made

    def start_knot(self):
        for folder in ("run", "db"):
            (self.folder / folder).mkdir()
        self.test.write("example.zone", kinds.ZONE.format(text="x" * 200))
        port = harness.free_port()
        config = self.test.write("knot.conf", kinds.KNOT.format(folder=self.folder, port=port))
        knot = self.test.start("knotd", "knotd", "-c", config)
        self.test.wait("knotd serves", lambda: "server started" in knot.err()
                       and knot.err().count("] loaded, serial") == 1, 20, [knot])
        self.knot, self.knot6 = f"127.0.0.1:{port}", f"[::1]:{port}"
        good = kinds.context_of(self.folder, "good")
        self.serve_lines(kinds.over_tls(good, port), port=853)
        self.secure = {name: self.serve_lines(kinds.over_tls(kinds.context_of(self.folder, name), port))
                       for name in ("good", "other", "expired")}
        self.secure["slow"] = self.serve_lines(kinds.late(kinds.over_tls(good, port)))

    def at(self, name):
        return f"127.0.0.1:{self.port[name]}"
