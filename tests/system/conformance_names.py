"""The cases of conformance/names/*.json: name servers that the kind dns asks, and those that the
agent's resolver asks for the names of http and tcp targets. All run in a network of their own.

A file has cases of one topic. A case has what conformance_case.py names, and

    kind      dns, http or tcp
    says      what the name server answers, as conformance_dns.py has it; 127.0.0.1 where it is left
              out
    module    keys of the agent's section of that kind
    metrics   values that the agent must give; null: none

Of the kind dns:

    query, type   what is asked for; any.test and A where they are left out
    server    who is asked, 127.0.0.1:{port} where it is left out
    closed    transports at which nothing listens, of ["udp", "tcp"]

Of http and tcp:

    host      the host of the target; a name that is made of the case's where it is left out
    asked     the name that servers are asked for; the host where it is left out
    target    where it is more than the host and a port; {host} and {port} are filled in. The port is
              that of a server at 127.0.0.1, ::1 and fe80::1 of the interfaces lo and v0, which wants
              no zone in Host
    servers   in place of says: a list with one for each server, "closed" where nothing listens
    alone     true: an agent of its own asks
"""

import hashlib
import json
import re

import conformance_case
import conformance_dns
import harness

KEYS = {"kind", "says", "module", "metrics"}
OWN_KEYS = {"dns": {"query", "type", "server", "closed"},
            "http": {"host", "asked", "target", "servers", "alone"}}
OWN_KEYS["tcp"] = OWN_KEYS["http"]
PEERS = {"dns": ("blackbox",), "http": ("curl", "blackbox"), "tcp": ("blackbox",)}
ONLY_AGENT = {"tcp_fallback"}  # blackbox_exporter has no such keys
CLOSED = "closed"
IP6 = {"[::1]": "::1", "[fe80::1%": "fe80::1%lo"}  # as targets begin with them
NO_NAME = [{"rcode": 3}]
FOUND = [[" A ", [{"answer": ["@ 60 A 127.0.0.1"]}]]]
TARGETS = {"dns": "", "http": "http://{host}:{port}/", "tcp": "{host}:{port}"}
RESOLVER_TIMEOUT = 3000  # milliseconds


def dashed(text):
    return re.sub(r"[\W_]+", "-", text).strip("-").lower()


class Case(conformance_case.Case):
    def __init__(self, topic, data):
        self.kind = data.get("kind", "dns")
        super().__init__(topic, data, KEYS | OWN_KEYS[self.kind], PEERS[self.kind])
        self.module = data.get("module", {})
        self.metrics = data.get("metrics", {})
        self.query = data.get("query", "any.test")
        self.type = data.get("type", "A")
        self.server = data.get("server", "127.0.0.1:{port}")
        self.transports = {"udp", "tcp"} - set(data.get("closed", ()))
        own_host = f"{dashed(self.name)[:60]}.{dashed(topic)}.test"
        self.host = re.sub(r"\{big:(\d+)\}", lambda m: "x" * int(m.group(1)),
                           data.get("host", own_host))
        self.alone = data.get("alone", False)
        self.asked = data.get("asked", self.host).lower().rstrip(".")
        self.servers = data.get("servers", [data.get("says", FOUND)])
        self._target = data.get("target", TARGETS[self.kind])
        for says in self.servers:
            conformance_dns.check_says([] if says == CLOSED else says)

    def target(self, port):
        """Of http and tcp."""
        return self._target.replace("{host}", self.host).replace("{port}", str(port))

    def group(self):
        """Cases with the same are asked by one process: its servers are the same."""
        return (self.id if self.alone else "", *(says == CLOSED for says in self.servers))

    def module_name(self):
        text = json.dumps([self.kind, self.module, self.timeout_ms, self.query, self.type], sort_keys=True)
        return "m" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]

    def agent_module(self):
        section = {"query_type": self.type} if self.kind == "dns" else {}
        return self._module({**section, **self.module})

    def blackbox_module(self):
        section = {"preferred_ip_protocol": "ip4"}
        if self.kind == "dns":
            section.update(query_name=self.query, query_type=self.type)
        section.update((key, value) for key, value in self.module.items() if key not in ONLY_AGENT)
        return self._module(section)

    def _module(self, section):
        return {"prober": self.kind, "timeout": f"{self.timeout_ms}ms",
                self.kind: section}


def load():
    """All cases."""
    return conformance_case.load("names", Case)


class ProbedServers:
    """Serves what cases of the kind dns say, each at a port of its own."""

    def __init__(self, cases):
        self.ports = {}
        self._servers = conformance_dns.NameServers()
        for case in cases:
            says = case.servers[0]
            self.ports[case.id] = harness.free_port()
            for address in ("127.0.0.1", *(host for text, host in IP6.items() if text in case.server)):
                self._servers.listen(address, self.ports[case.id], lambda query, says=says:
                                     conformance_dns.messages_for(says, query), case.transports)
        self.start, self.close = self._servers.start, self._servers.close

    def address(self, case):
        return case.server.replace("{port}", str(self.ports[case.id]))


class Resolved:
    """The name servers of one group of cases, at port 53: who asks for the name of a case gets what it
    says, and "no such name" for any other."""

    def __init__(self, number, cases):
        self.cases = {}
        for case in cases:
            if self.cases.setdefault(case.asked, case) is not case:
                raise ValueError(f"two cases ask for {case.asked}: {case.name}")
        self._servers = conformance_dns.NameServers()
        self.addresses = []
        for place, closed in enumerate(cases[0].group()[1:]):
            self.addresses.append(f"127.53.{number}.{place + 1}")
            if not closed:
                self._servers.listen(self.addresses[-1], 53,
                                     lambda query, place=place: self._pick(query, place))
        self.start, self.close = self._servers.start, self._servers.close

    def resolv_conf(self):
        lines = [f"nameserver {address}" for address in self.addresses]
        return "\n".join([*lines, "search invalid", "options timeout:1 attempts:2", ""])

    def _pick(self, query, place):
        case = self.cases.get(query.name)
        return conformance_dns.messages_for(case.servers[place], query) if case else NO_NAME


def behind(resolv_conf, command):
    """The command with this file as its resolv.conf."""
    script = f"mount --bind '{resolv_conf}' /etc/resolv.conf && exec \"$@\""
    return ["unshare", "--mount", "sh", "-c", script, "sh", *command]


def curl_command(case, port):
    command = ["curl", "--silent", "--output", "/dev/null", "--globoff", "--noproxy", "*", "--max-time",
               str(case.timeout_ms / 1000), "--write-out", "%{http_code}"]
    if not case.module.get("ip_protocol_fallback", True):
        command += ["-6" if case.module.get("preferred_ip_protocol") == "ip6" else "-4"]
    return [*command, case.target(port)]
