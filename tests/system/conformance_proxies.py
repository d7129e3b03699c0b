"""The cases of conformance/proxies/*.json and the proxies that they describe. A case has what
conformance_case.py names, and

    says      what the proxy says: text, or a list of [expression, text], of which the first counts whose
              expression is found in the request's head; {port} is the proxy's port and {big:N} N times 'x'
    when      "head" (default): once a request's head has come; "accept": at once, and nothing is read
    then      what comes behind: "close" (default), "reset", "hold": nothing, until the other end has
              closed, or "tunnel": behind its answer to CONNECT the proxy is the target itself, over TLS,
              with a certificate for far.test, other.test and 2001:db8::1
    inner     what the target says there; as says
    proxy     the proxy's URL, http://127.0.0.1:{port} where it is left out; {closed} is a port at which
              nothing listens
    target    what is probed; http://far.test/ where it is left out
    http      more keys of the agent's module
    asks      the targets of the requests that the agent must have made, in a tunnel, too
    curl_asks, blackbox_asks    likewise, where they differ
    right     can be "bad_config", too: such a module is refused
"""

import re
import select
import socket
import subprocess
import threading

import conformance_case
import harness
from conformance_case import PEERS
from conformance_world import filled, who_asks

OWN_KEYS = {"says", "when", "then", "inner", "proxy", "target", "http", "asks", "curl_asks",
            "blackbox_asks"}
CERTIFIED = "DNS:far.test,DNS:other.test,IP:2001:db8::1"
GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
IP6 = {"[::1]": "::1", "[fe80::1%25lo]": "fe80::1%lo"}  # as URLs have them


class Case(conformance_case.Case):
    def __init__(self, topic, data):
        super().__init__(topic, data, OWN_KEYS)
        self.says = data.get("says", GOOD)
        self.when = data.get("when", "head")
        self.then = data.get("then", "close")
        self.inner = data.get("inner", GOOD)
        self.proxy = data.get("proxy", "http://127.0.0.1:{port}")
        self.target = data.get("target", "http://far.test/")
        self.http = data.get("http", {})
        self.asks = {"xprober": data.get("asks")}
        self.asks.update((peer, data.get(f"{peer}_asks", data.get("asks"))) for peer in PEERS)

    @property
    def module_name(self):
        return self.id[-64:]


def load():
    """All cases."""
    return conformance_case.load("proxies", Case)


def read_head(connection):
    """A request's head; nothing where the other end closes before it is whole."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head


class Proxy:
    """The proxy of one case. `asked` is who → targets of requests."""

    def __init__(self, case, context):
        self.asked = {who: [] for who in ("xprober", *PEERS)}
        self._case = case
        self._context = context
        self.port = harness.free_port()
        hosts = ["127.0.0.1", *(host for text, host in IP6.items() if text in case.proxy + case.target)]
        self._listeners = [self._listen(host) for host in hosts]
        self._threads = [threading.Thread(target=self._accept, args=(listener,), daemon=True)
                         for listener in self._listeners]

    def _listen(self, host):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        at = socket.getaddrinfo(host, self.port, family, socket.SOCK_STREAM)[0][4]
        return socket.create_server(at, family=family, backlog=64)

    def start(self):
        for thread in self._threads:
            thread.start()

    def close(self):
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                connection.settimeout(20)
                self._answer(connection)
            except OSError:
                pass  # the prober has gone

    def _answer(self, connection):
        case = self._case
        head = b""
        if case.when == "head":
            head = self._hear(connection)
            if not head:
                return
        connection.sendall(self._words(case.says, head))
        if case.then == "tunnel" and head.startswith(b"CONNECT "):
            with self._context.wrap_socket(connection, server_side=True) as secured:
                head = self._hear(secured)
                if head:
                    secured.sendall(self._words(case.inner, head))
                    secured.unwrap()
        elif case.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif case.then == "hold":
            gone = select.poll()
            gone.register(connection, select.POLLRDHUP)
            gone.poll(20_000)

    def _hear(self, connection):
        head = read_head(connection)
        if head:
            # Of blackbox_exporter it is the library that asks for tunnels.
            who = "blackbox" if b"Go-http-client" in head else who_asks(head)
            self.asked[who].append(head.split(b" ")[1].decode("latin-1"))
        return head

    def _words(self, says, head):
        if isinstance(says, str):
            return filled(says, self.port)
        for expression, text in says:
            if re.search(filled(expression, self.port), head):
                return filled(text, self.port)
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Proxies:
    """Those of all cases."""

    def __init__(self, cases, context):
        self._closed = harness.free_port()
        self._all = {case.id: Proxy(case, context) for case in cases}

    def start(self):
        for proxy in self._all.values():
            proxy.start()

    def close(self):
        for proxy in self._all.values():
            proxy.close()

    def asked(self, case, who):
        return self._all[case.id].asked[who]

    def asks(self, case, who):
        """What it must have been asked for; None: whatever."""
        asks = case.asks[who]
        return asks and [self._filled(case, target) for target in asks]

    def target(self, case):
        return self._filled(case, case.target)

    def proxy(self, case):
        return self._filled(case, case.proxy)

    def _filled(self, case, text):
        ports = {"{port}": self._all[case.id].port, "{closed}": self._closed}
        return re.sub(r"\{(port|closed)\}", lambda m: str(ports[m.group()]), text)


# -- the three probers -------------------------------------------------------------------------------


def agent_module(case, proxy, authority):
    return {"prober": "http", "timeout": f"{case.timeout_ms}ms",
            "http": {**case.http, "proxy_url": proxy, "ca_file": str(authority)}}


def blackbox_module(case, proxy, authority):
    """The agent's keys as blackbox_exporter has them. It can leave names to the proxy, as others do."""
    own = {key: value for key, value in case.http.items() if key != "max_redirects"}
    return {"prober": "http", "timeout": f"{case.timeout_ms}ms", "http": {
        "preferred_ip_protocol": "ip4", "enable_http2": False, **own, "proxy_url": proxy,
        "skip_resolve_phase_with_proxy": True, "tls_config": {"ca_file": str(authority)}}}


def ask_curl(case, target, proxy, authority):
    """"ok" where curl comes through, with a status that is wanted; else "fail"."""
    http = case.http
    command = ["curl", "--silent", "--output", "/dev/null", "--globoff", "--write-out", "%{http_code}",
               "--max-time", str(case.timeout_ms / 1000), "--proxy", proxy, "--cacert", str(authority),
               "--noproxy", ",".join(http.get("no_proxy", ())),
               "--location", "--max-redirs", str(http.get("max_redirects", 10))]
    if http.get("method") == "HEAD":
        command += ["--head"]
    for name, value in http.get("headers", {}).items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run([*command, target], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    status = int(done.stdout or "0")
    wanted = status in http.get("valid_status_codes", []) or (
        "valid_status_codes" not in http and 200 <= status <= 299)
    return "ok" if done.returncode == 0 and wanted else "fail"
