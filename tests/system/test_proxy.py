"""HTTP proxies: tinyproxy, plain, with TLS before it, with a password, and refusing."""

import select
import shutil
import socket
import ssl

import harness
import probing
import servers

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 20
MaxClients 50
LogLevel Info
ConnectPort {secure}
{more}
"""


def relay(one, other):
    """Passes bytes between two sockets, either of which can be one with TLS, until one ends."""
    one.setblocking(False)
    other.setblocking(False)
    pairs = {one: other, other: one}
    while True:
        select.select(list(pairs), [], [], 20)
        for source, sink in pairs.items():
            while True:
                try:
                    data = source.recv(65536)
                except (ssl.SSLWantReadError, BlockingIOError):
                    break
                if not data:
                    return
                sink.setblocking(True)
                sink.sendall(data)
                sink.setblocking(False)


@harness.unittest.skipUnless(shutil.which("tinyproxy"), "tinyproxy is not installed")
class Proxy(probing.ProbingTest):
    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        self.context = servers.make_certificate(self.folder, "localhost", "DNS:localhost")
        self.plain = self.serve(servers.WebServer(servers.reply))
        self.secure = self.serve(servers.WebServer(servers.reply, context=self.context))

    def http_url(self, path):
        return f"{self.plain.url}/{path}"

    def https_url(self, path):
        return f"https://localhost:{self.secure.port}/{path}"

    def tinyproxy(self, more=""):
        port = harness.free_port()
        config = self.write(f"tinyproxy-{port}.conf", TINYPROXY.format(
            port=port, secure=self.secure.port, more=more))
        proxy = self.start("tinyproxy", "tinyproxy", "-d", "-c", config)

        def listens():
            with socket.create_connection(("127.0.0.1", port), 1):
                return True

        self.wait("tinyproxy listens", listens, 10, [proxy])
        return port

    def behind_tls(self, port, context):
        """A server that takes TLS off and passes the rest on to the proxy at `port`."""
        def serve(connection, _):
            with context.wrap_socket(connection, server_side=True) as secured, \
                    socket.create_connection(("127.0.0.1", port)) as onward:
                relay(secured, onward)

        return self.serve(servers.TcpServer(serve)).port

    def via(self, path):
        """Whether the request for this path came through tinyproxy."""
        return [("Via" in headers) for asked, headers in self.plain.requests if asked == f"/{path}"]

    def module(self, proxy, more=""):
        return f"http: {{ca_file: {self.authority}, proxy_url: '{proxy}'{more}}}"

    def test_plain_and_tunnels(self):
        other = self.serve(servers.WebServer(servers.reply, context=self.context))
        blocked = self.write("filter", "^127.0.0.2$\n")
        open_port = self.tinyproxy(f'Filter "{blocked}"')
        locked = self.tinyproxy("BasicAuth Aladdin opensesame")
        stranger = servers.make_certificate(self.folder, "stranger", "DNS:other.test")
        gone = harness.free_port()
        silent = self.serve(servers.TcpServer(lambda c, _: c.recv(65536) and c.recv(1))).port
        noise = self.serve(servers.TcpServer(lambda c, _: c.sendall(b"\x00" * 64) or c.recv(1))).port
        hasty = self.serve(servers.TcpServer(lambda c, _: c.recv(65536))).port
        found = self.probe({
            "open": self.module(f"http://127.0.0.1:{open_port}"),
            "near": self.module(f"http://127.0.0.1:{open_port}", ", no_proxy: [127.0.0.0/8]"),
            "locked": self.module(f"http://127.0.0.1:{locked}"),
            "known": self.module(f"http://Aladdin:opensesame@127.0.0.1:{locked}"),
            "to-tls": self.module(f"https://localhost:{self.behind_tls(open_port, self.context)}"),
            "tls-known": self.module(
                f"https://Aladdin:opensesame@localhost:{self.behind_tls(locked, self.context)}"),
            "tls-stranger": self.module(f"https://localhost:{self.behind_tls(open_port, stranger)}"),
            "tls-silent": self.module(f"https://localhost:{silent}", ", timeout: 1s"),
            "tls-none": self.module(f"https://localhost:{open_port}"),
            "gone": self.module(f"http://127.0.0.1:{gone}"),
            "silent": self.module(f"http://127.0.0.1:{silent}", ", timeout: 1s"),
            "noise": self.module(f"http://127.0.0.1:{noise}"),
            "hasty": self.module(f"http://127.0.0.1:{hasty}"),
        }, {
            "plain": ("open", self.http_url("plain")),
            "tunnel": ("open", self.https_url("tunnel")),
            "direct": ("near", self.http_url("direct")),
            "forbidden port": ("open", f"https://localhost:{other.port}/"),
            "forbidden host": ("open", f"http://127.0.0.2:{self.plain.port}/"),
            "locked": ("locked", self.http_url("locked")),
            "locked tunnel": ("locked", self.https_url("locked")),
            "known": ("known", self.http_url("known")),
            "known tunnel": ("known", self.https_url("known")),
            "tls": ("to-tls", self.http_url("tls")),
            "tls in tls": ("to-tls", self.https_url("tls")),
            "tls in tls, known": ("tls-known", self.https_url("tls-known")),
            "tls stranger": ("tls-stranger", self.http_url("tls-stranger")),
            "tls silent": ("tls-silent", self.http_url("tls-silent")),
            "tls none": ("tls-none", self.http_url("tls-none")),
            "gone": ("gone", self.http_url("gone")),
            "silent": ("silent", self.https_url("silent")),
            "noise": ("noise", self.https_url("noise")),
            "hasty": ("hasty", self.https_url("hasty")),
        })
        for name in ("plain", "tunnel", "direct", "known", "known tunnel", "tls", "tls in tls",
                     "tls in tls, known"):
            with self.subTest(name=name):
                self.assert_result(found[name], None)
                self.assertEqual(found[name]["http"]["status"], 200)
        for path, through in (("plain", True), ("known", True), ("tls", True), ("direct", False)):
            self.assertEqual(set(self.via(path)), {through}, path)
        # The certificate that is told of is the target's.
        self.assertEqual(found["tls in tls"]["http"]["tls"]["subject"], "CN=localhost")
        self.assertIsNone(found["tls"]["http"]["tls"])
        self.assertGreater(found["tls in tls"]["http"]["phases_ms"]["tls"], 0)
        for name, error, detail in (
                ("forbidden port", "proxy_failed", ("HTTP status 403", "CONNECT to https://localhost")),
                ("forbidden host", "bad_status", ("HTTP status 403",)),
                ("locked", "proxy_failed", ("HTTP status 407",)),
                ("locked tunnel", "proxy_failed", ("HTTP status 407",)),
                ("tls stranger", "proxy_failed", ("certificate not accepted", "for other.test")),
                ("tls silent", "proxy_failed", ("TLS handshake: no answer within",)),
                ("tls none", "proxy_failed", ("proxy https://localhost", "TLS handshake: ")),
                ("gone", "proxy_failed", ("proxy http://127.0.0.1", "Connection refused")),
                ("silent", "proxy_failed", ("CONNECT to https://localhost", "no answer within")),
                ("noise", "proxy_failed", ("does not begin with",)),
                ("hasty", "proxy_failed", ("closed the connection",))):
            with self.subTest(name=name):
                self.assert_result(found[name], error, detail=detail)
                self.assertNotIn("opensesame", found[name]["detail"])

    def test_the_environment_names_proxies_where_it_may(self):
        asked = []

        def answer(connection, _):
            asked.append(connection.recv(65536).split(b"\r\n")[0].decode())
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.recv(1)

        proxy = self.serve(servers.TcpServer(answer)).address
        names = self.serve(servers.DnsServer({}, port=0))
        found = self.probe(
            {"free": "http: {proxy_from_environment: true}", "plain": "http: {}"},
            {"through": ("free", "http://far.test/a"), "near": ("free", self.http_url("near")),
             "none": ("free", "http://x.inside.test/b"), "unasked": ("plain", "http://far.test/c")},
            settings={"resolver.servers": f"[127.0.0.1:{names.port}]"},
            env={**harness.os.environ, "HTTP_PROXY": f"http://{proxy}", "NO_PROXY": "inside.test"})
        self.assert_result(found["through"], None)
        self.assert_result(found["near"], None)
        self.assert_result(found["none"], "resolve_not_found")
        self.assert_result(found["unasked"], "resolve_not_found")
        self.assertEqual(set(asked), {"GET http://far.test/a HTTP/1.1"})


if __name__ == "__main__":
    harness.main()
