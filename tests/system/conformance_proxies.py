"""The cases of conformance/proxies/*.json and the proxies that they describe. They have what those of
conformance_world.py have, and

    says      is what the proxy says; the targets of `asks` are those that it is asked for
    then      can be "tunnel", too: behind its answer to CONNECT the proxy is the target itself, over
              TLS, with a certificate for far.test, other.test and 2001:db8::1
    inner     what the target says there; as `says`
    proxy     the proxy's URL, http://127.0.0.1:{port} where it is left out; {closed} is a port at which
              nothing listens
    target    is http://far.test/ where it is left out
    timeout   of the probe, in milliseconds; 5000 where it is left out
    peers     who else is asked; both where it is left out
    right     can be "bad_config", too: such a module is refused
"""

import json
import pathlib
import selectors
import socket

import conformance_world
import harness
from conformance_world import PEERS, read_head

FOLDER = pathlib.Path(__file__).resolve().parent / "conformance" / "proxies"
CERTIFIED = "DNS:far.test,DNS:other.test,IP:2001:db8::1"
IP6 = {"[::1]": "::1", "[fe80::1%25lo]": "fe80::1%lo"}  # as URLs have them
OWN = {"inner": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "proxy": "http://127.0.0.1:{port}",
       "timeout": 5000, "peers": PEERS}


class Case(conformance_world.Case):
    def __init__(self, topic, data):
        own = {key: data.get(key, value) for key, value in OWN.items()}
        super().__init__(topic, {"target": "http://far.test/", **{
            key: value for key, value in data.items() if key not in OWN}})
        self.inner, self.proxy = own["inner"], own["proxy"]
        self.timeout = harness.scaled(own["timeout"])
        self.peers = {peer: said for peer, said in self.peers.items() if peer in own["peers"]}

    @property
    def module_name(self):
        return self.id[-64:]


def load():
    """All cases, by topic in the order of their files."""
    cases = []
    for file in sorted(FOLDER.glob("*.json")):
        cases += [Case(file.stem, data) for data in json.loads(file.read_text(encoding="utf-8"))]
    return cases


class ProxyServer(conformance_world.RawServer):
    """A port for each case, at which its proxy is."""

    def __init__(self, cases, context):
        self._context = context
        self._closed = harness.free_port()
        super().__init__(cases)

    def proxy(self, case):
        return case.proxy.replace("{port}", str(self.ports[case.id])).replace(
            "{closed}", str(self._closed))

    def _listen(self, case, address, port):
        port = super()._listen(case, address, port)
        for written, host in IP6.items():
            if written in case.proxy + case.target:
                at = socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
                listener = socket.create_server(at, family=socket.AF_INET6)
                self._selector.register(listener, selectors.EVENT_READ, case)
        return port

    def _answer(self, connection, case):
        if case.then != "tunnel":
            super()._answer(connection, case)
            return
        head = read_head(connection)
        if not head:
            return
        self._note(case, head)
        connection.sendall(self._words(case, case.says, head))
        if head.startswith(b"CONNECT "):
            with self._context.wrap_socket(connection, server_side=True) as secured:
                head = read_head(secured)
                if head:
                    self._note(case, head)
                    secured.sendall(self._words(case, case.inner, head))
                    secured.unwrap()


def agent_module(case, proxy, authority):
    http = {**case.http, "proxy_url": proxy, "ca_file": str(authority)}
    return {"prober": "http", "timeout": f"{int(case.timeout)}ms", "http": http}


def blackbox_module(case, proxy, authority):
    module = conformance_world.blackbox_module(case.http)
    module["http"].update(proxy_url=proxy, skip_resolve_phase_with_proxy=True,
                          tls_config={"ca_file": str(authority)})
    return {**module, "timeout": f"{int(case.timeout)}ms"}


def ask_curl(case, target, proxy, authority, folder):
    http = dict(case.http)
    more = ["--proxy", proxy, "--cacert", str(authority), "--max-time", str(case.timeout / 1000),
            "--noproxy", ",".join(http.pop("no_proxy", ()))]
    return conformance_world.ask_curl(http, target, folder, more)
