"""The cases of conformance/names/*.json: name servers that the kind dns asks, and those that the
agent's resolver asks for the names of http and tcp targets. All run in a network of their own.

A file has cases of one topic. A case:

    name      what it is, for people
    kind      dns, http or tcp
    says      what the name server answers, as conformance_dns.py has it; 127.0.0.1 where it is left
              out
    module    keys of the agent's section of that kind
    timeout   of the probe, in milliseconds; 5000 where it is left out
    right     the verdict: "ok", or the reason as the agent names it
    peers     who else is asked; where it is left out blackbox_exporter 0.23, and of http curl 7.88 too
    curl, blackbox    what they say: "ok" or "fail"; "varies" where it is a race for them; as right is
              where they are left out
    why       why the agent differs from them
    detail    what the agent's sentence must have in it
    metrics   values that the agent must give
    runs      so many runs in a row must say the same

Of the kind dns:

    query, type   what is asked for; any.test and A where they are left out
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
import pathlib
import re

import conformance_dns
import harness

FOLDER = pathlib.Path(__file__).resolve().parent / "conformance" / "names"
KEYS = {"name", "kind", "says", "module", "timeout", "right", "peers", "curl", "blackbox", "why",
        "detail", "metrics", "runs"}
OWN_KEYS = {"dns": {"query", "type", "closed"}, "http": {"host", "asked", "target", "servers", "alone"}}
OWN_KEYS["tcp"] = OWN_KEYS["http"]
PEERS = {"dns": ("blackbox",), "http": ("curl", "blackbox"), "tcp": ("blackbox",)}
ONLY_AGENT = {"tcp_fallback"}  # blackbox_exporter has no such keys
CLOSED = "closed"
NO_NAME = [{"rcode": 3}]
FOUND = [[" A ", [{"answer": ["@ 60 A 127.0.0.1"]}]]]
RESOLVER_TIMEOUT = 3000  # milliseconds


def dashed(text):
    return re.sub(r"[\W_]+", "-", text).strip("-").lower()


class Case:
    def __init__(self, topic, data):
        self.kind = data.get("kind", "dns")
        unknown = set(data) - KEYS - OWN_KEYS[self.kind]
        if unknown or "name" not in data or "right" not in data:
            raise ValueError(f"{topic}: {data.get('name')}: unknown keys {unknown}, or one is missing")
        self.topic = topic
        self.name = data["name"]
        self.id = re.sub(r"\W+", "_", f"{topic} {self.name}").lower()
        self.module = data.get("module", {})
        self.timeout = data.get("timeout", 5000)
        self.right = data["right"]
        self.verdict = "ok" if self.right == "ok" else "fail"
        self.peers = {peer: data.get(peer, self.verdict)
                      for peer in data.get("peers", PEERS[self.kind])}
        self.asks = dict.fromkeys(("xprober", *self.peers))
        self.why = data.get("why")
        self.detail = data.get("detail")
        self.metrics = data.get("metrics", {})
        self.runs = data.get("runs", 1)
        self.query = data.get("query", "any.test")
        self.type = data.get("type", "A")
        self.transports = {"udp", "tcp"} - set(data.get("closed", ()))
        own_host = f"{dashed(self.name)[:60]}.{dashed(topic)}.test"
        self.host = re.sub(r"\{big:(\d+)\}", lambda m: "x" * int(m.group(1)),
                           data.get("host", own_host))
        self.alone = data.get("alone", False)
        self.asked = data.get("asked", self.host).lower().rstrip(".")
        self.servers = data.get("servers", [data.get("says", FOUND)])
        self._target = data.get("target", {"dns": "", "http": "http://{host}:{port}/",
                                           "tcp": "{host}:{port}"}[self.kind])
        for says in self.servers:
            conformance_dns.check_says([] if says == CLOSED else says)

    def differs(self):
        """True where a peer says something else."""
        return any(said != self.verdict for said in self.peers.values())

    def target(self, port):
        """Of http and tcp."""
        return self._target.replace("{host}", self.host).replace("{port}", str(port))

    def group(self):
        """Cases with the same are asked by one process: its servers are the same."""
        return (self.id if self.alone else "", *(says == CLOSED for says in self.servers))

    def module_name(self):
        text = json.dumps([self.kind, self.module, self.timeout, self.query, self.type], sort_keys=True)
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
        return {"prober": self.kind, "timeout": f"{int(harness.scaled(self.timeout))}ms",
                self.kind: section}


def load():
    """All cases, by topic in the order of their files."""
    cases = []
    for file in sorted(FOLDER.glob("*.json")):
        cases += [Case(file.stem, data) for data in json.loads(file.read_text(encoding="utf-8"))]
    return cases


class ProbedServers:
    """Serves what cases of the kind dns say, each at a port of its own."""

    def __init__(self, cases):
        self.ports = {}
        self._servers = conformance_dns.NameServers()
        for case in cases:
            says = case.servers[0]
            self.ports[case.id] = harness.free_port()
            self._servers.listen("127.0.0.1", self.ports[case.id], lambda query, says=says:
                                 conformance_dns.messages_for(says, query), case.transports)
        self.start, self.close = self._servers.start, self._servers.close

    def address(self, case):
        return f"127.0.0.1:{self.ports[case.id]}"


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
               str(harness.scaled(case.timeout) / 1000), "--write-out", "%{http_code}"]
    if not case.module.get("ip_protocol_fallback", True):
        command += ["-6" if case.module.get("preferred_ip_protocol") == "ip6" else "-4"]
    return [*command, case.target(port)]
