"""The cases of conformance/*.json and the server that they describe.

A file has cases of one topic. A case:

    name     what it is, for people
    says     what the server answers: text, or a list of [expression, text], of which the first counts
             whose expression is found in the request's head. Each character is one byte (JSON's
             \\u0000 to \\u00ff). {port} is the server's port, {big:N} N times 'x', {gzip:T} T as gzip
             has it; likewise {gzip2:T} (twice), {zlib:T}, {deflate:T}.
    when     "head" (default): once a request's head has come; "bytes": once anything has come;
             "accept": at once, and nothing is read
    then     what comes behind: "close" (default; over TLS with its alert), "cut" (over TLS without),
             "reset", or "hold": nothing, until the other end has closed; "notify": TLS alone ends,
             then as "hold"
    tls      what the server does as a server of TLS; it and `trusts` and `shows` are described in
             conformance_tls.py
    target   what is probed; http://127.0.0.1:{port}/ where it is left out, https:// with `tls`. Every
             name below test is 127.0.0.1
    http     keys of the agent's module
    timeout  of the probe; "5s" where it is left out
    right    the verdict: "ok", or the reason as the agent names it
    asks     the targets of the requests that the agent must have made
    curl, blackbox    what curl 7.88 and blackbox_exporter 0.23 say: "ok" or "fail"; "varies" where it
             is a race for them; as right is where they are left out. curl_asks, blackbox_asks likewise
    why      why the agent differs from them
    detail   what the agent's sentence must have in it
    runs     so many runs in a row must say the same
"""

import gzip
import hashlib
import json
import pathlib
import re
import select
import selectors
import socket
import subprocess
import threading
import urllib.parse
import zlib

import conformance_tls

FOLDER = pathlib.Path(__file__).resolve().parent / "conformance"
KEYS = {"name", "says", "when", "then", "tls", "trusts", "shows", "target", "http", "timeout", "right",
        "asks", "curl", "blackbox", "curl_asks", "blackbox_asks", "why", "detail", "runs"}
PEERS = ("curl", "blackbox")


class Case:
    def __init__(self, topic, data):
        unknown = set(data) - KEYS
        if unknown or "name" not in data or "right" not in data:
            raise ValueError(f"{topic}: {data.get('name')}: unknown keys {unknown}, or one is missing")
        self.topic = topic
        self.name = data["name"]
        self.id = (topic, self.name)
        self.says = data.get("says", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        self.when = data.get("when", "head")
        self.then = data.get("then", "close")
        self.tls = data.get("tls")
        self.trusts = data.get("trusts")
        self.shows = data.get("shows")
        self.target = data.get("target", "http://127.0.0.1:{port}/" if self.tls is None else
                               "https://127.0.0.1:{port}/")
        self.timeout = data.get("timeout", "5s")
        self.http = dict(data.get("http", {}))
        if "body" in self.http:
            self.http["body"] = filled(self.http["body"], 0).decode("latin-1")
        self.right = data["right"]
        self.verdict = "ok" if self.right == "ok" else "fail"
        self.peers = {peer: data.get(peer, self.verdict) for peer in PEERS}
        self.asks = {"xprober": data.get("asks")}
        self.asks.update((peer, data.get(f"{peer}_asks", data.get("asks"))) for peer in PEERS)
        self.why = data.get("why")
        self.detail = data.get("detail")
        self.runs = data.get("runs", 1)

    def needs_names(self):
        return re.search(r"(?i)\.test\.?:\{port\}", self.target + str(self.says)) is not None

    def differs(self):
        """True where a peer says or asks something else."""
        return any(self.peers[peer] != self.verdict or self.asks[peer] != self.asks["xprober"]
                   for peer in PEERS)


def load():
    """All cases, by topic in the order of their files."""
    cases = []
    for file in sorted(FOLDER.glob("*.json")):
        cases += [Case(file.stem, data) for data in json.loads(file.read_text(encoding="utf-8"))]
    twice = {case.id for case in cases if sum(case.id == other.id for other in cases) > 1}
    if twice:
        raise ValueError(f"two cases have one name: {sorted(twice)}")
    return cases


def _gzip(text):
    return gzip.compress(text, mtime=0)


def _deflate(text):
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(text) + coder.flush()


CODINGS = {b"gzip": _gzip, b"gzip2": lambda text: _gzip(_gzip(text)), b"zlib": zlib.compress,
           b"deflate": _deflate}


def filled(text, port):
    """The bytes of a text of a case."""
    data = text.encode("latin-1")
    data = data.replace(b"{port}", str(port).encode("ascii"))
    data = re.sub(rb"\{big:(\d+)\}", lambda m: b"x" * int(m.group(1)), data)
    return re.sub(rb"\{(gzip2?|zlib|deflate):([^}]*)\}",
                  lambda m: CODINGS[m.group(1)](m.group(2)), data)


def who_asks(head):
    agent = re.search(rb"(?i)^user-agent: *(curl|blackbox|xprober)", head, re.MULTILINE)
    return agent.group(1).decode("ascii").lower() if agent else "xprober"


class RawServer:
    """A port for each case, on which its bytes are said. `asked` is case's id → who → targets."""

    def __init__(self, cases, tls):
        self.asked = {case.id: {"xprober": [], **{peer: [] for peer in PEERS}} for case in cases}
        self.ports = {}
        self._contexts = {case.id: tls.context(case.tls) for case in cases if case.tls is not None}
        self._selector = selectors.DefaultSelector()
        self._end, self._ended = socket.socketpair()
        self._selector.register(self._ended, selectors.EVENT_READ, None)
        for case in cases:
            self.ports[case.id] = self._listen(case, "127.0.0.1", 0)
            if "127.0.0.2" in str(case.says):
                self._listen(case, "127.0.0.2", self.ports[case.id])
            if "[::1]" in case.target:
                self._listen(case, "::1", self.ports[case.id])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self._end.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def target(self, case):
        return case.target.replace("{port}", str(self.ports[case.id]))

    def asks(self, case, who):
        """What it must have been asked for; None: whatever."""
        asks = case.asks[who]
        return asks and [target.replace("{port}", str(self.ports[case.id])) for target in asks]

    def _listen(self, case, address, port):
        listener = socket.create_server((address, port), backlog=128, family=(
            socket.AF_INET6 if ":" in address else socket.AF_INET))
        self._selector.register(listener, selectors.EVENT_READ, case)
        return listener.getsockname()[1]

    def _accept(self):
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                connection, _ = key.fileobj.accept()
                threading.Thread(target=self._serve, args=(connection, key.data),
                                 daemon=True).start()

    def _serve(self, connection, case):
        with connection:
            try:
                connection.settimeout(20)
                self._answer(connection, case)
            except OSError:
                pass  # the prober has gone

    def _answer(self, connection, case):
        channel = connection
        try:
            if case.tls is not None:
                channel = conformance_tls.Side(connection, self._contexts[case.id], case.tls)
                channel.handshake()
            head = self._head(channel, case)
            if head is None:
                return
            channel.sendall(self._words(case, head))
            if case.tls is not None:
                channel.say_more()
                if case.then in ("close", "notify"):
                    channel.notify()
        except conformance_tls.Limit:
            pass
        if case.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif case.then in ("hold", "notify"):
            gone = select.poll()
            gone.register(connection, select.POLLRDHUP)
            gone.poll(20_000)

    def _head(self, channel, case):
        """What must have come before the answer; None where the other end has closed before."""
        head = b""
        while (case.when == "head" and b"\r\n\r\n" not in head) or (case.when == "bytes" and not head):
            piece = channel.recv(65536)
            if not piece:
                return None
            head += piece
        if case.when == "head":
            self.asked[case.id][who_asks(head)].append(head.split(b" ")[1].decode("latin-1"))
        return head

    def _words(self, case, head):
        port = self.ports[case.id]
        if isinstance(case.says, str):
            return filled(case.says, port)
        for expression, text in case.says:
            if re.search(filled(expression, port), head):
                return filled(text, port)
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


# -- the three probers -------------------------------------------------------------------------------


def module_name(case):
    """The same for the same keys."""
    keys = json.dumps([case.http, case.timeout], sort_keys=True)
    return "m" + hashlib.sha256(keys.encode("utf-8")).hexdigest()[:12]


def agent_module(case):
    """The keys that only blackbox_exporter needs are left out: the agent decodes what comes."""
    return {"prober": "http", "timeout": case.timeout,
            "http": {key: value for key, value in case.http.items() if key != "compression"}}


# Keys of the agent's section http → those of blackbox_exporter's tls_config.
TLS_KEYS = {"ca_file": "ca_file", "cert_file": "cert_file", "key_file": "key_file",
            "insecure_skip_verify": "insecure_skip_verify", "server_name": "server_name",
            "min_tls_version": "min_version", "max_tls_version": "max_version"}


def blackbox_module(case):
    """The agent's keys as blackbox_exporter has them."""
    own = {key: value for key, value in case.http.items()
           if key != "max_redirects" and key not in TLS_KEYS}
    if "max_body" in own:
        own["body_size_limit"] = own.pop("max_body").replace("iB", "B")
    own["tls_config"] = {name: case.http[key] for key, name in TLS_KEYS.items() if key in case.http}
    return {"prober": "http", "timeout": case.timeout,
            "http": {"preferred_ip_protocol": "ip4", "enable_http2": False, **own}}


def curl_tls(http, target):
    """The agent's keys as options of curl, and the target."""
    options = []
    for key, option in (("ca_file", "--cacert"), ("cert_file", "--cert"), ("key_file", "--key")):
        if key in http:
            options += [option, http[key]]
    if http.get("insecure_skip_verify"):
        options += ["--insecure"]
    number = {"TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"}
    if "min_tls_version" in http:
        options += [f"--tlsv{number[http['min_tls_version']]}"]
        if http["min_tls_version"] < "TLS12":
            options += ["--ciphers", "DEFAULT@SECLEVEL=0"]
    if "max_tls_version" in http:
        options += ["--tls-max", number[http["max_tls_version"]]]
    if "server_name" in http:
        dialled = urllib.parse.urlsplit(target)
        options += ["--connect-to", f"{http['server_name']}::{dialled.hostname}:"]
        target = target.replace(dialled.hostname, http["server_name"], 1)
    return options, target


def ask_curl(case, target):
    """"ok" where curl comes through, with a status that is wanted; else "fail"."""
    http = case.http
    command = ["curl", "-q", "--silent", "--output", "/dev/null", "--max-time",
               case.timeout.rstrip("s"), "--cookie", "", "--write-out", "%{http_code}", "--globoff",
               "--noproxy", "*"]
    if http.get("follow_redirects", True):
        command += ["--location", "--max-redirs", str(http.get("max_redirects", 10))]
    if http.get("method") == "HEAD":
        command += ["--head"]
    if "body" in http:
        command += ["--data-binary", "@-", "--header", "Expect:"]
    for name, value in http.get("headers", {}).items():
        command += ["--header", f"{name}: {value}"]
    options, target = curl_tls(http, target)
    done = subprocess.run([*command, *options, target], input=http.get("body", "").encode("latin-1"),
                          capture_output=True, timeout=60, check=False)
    status = int(done.stdout or "0")
    wanted = status in http.get("valid_status_codes", []) or (
        "valid_status_codes" not in http and 200 <= status <= 299)
    return "ok" if done.returncode == 0 and wanted else "fail"
