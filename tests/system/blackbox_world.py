"""The endpoints that test_blackbox.py probes with blackbox_exporter and with the agent, and what is
to be said of each."""

import gzip
import socket
import struct
import subprocess
import tempfile
import time

import harness
import servers

SCRAPE_TIMEOUT = 2.5  # seconds; both probers keep 0.5 s of it for themselves
DARK_NETWORK = "192.0.2.0/24"  # RFC 5737: routed to loopback, where nobody has its addresses
DARK = "192.0.2.77"
NO_ROUTE = "198.51.100.9"  # RFC 5737; the namespace has no route to it

HEAD = b"HTTP/1.1 200 OK\r\n"
MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"
BROTLI_HELLO = b"\x0b\x02\x80hello\x03"  # one uncompressed meta-block (RFC 7932)

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{plain};
    location /files {{ root {folder}; }}
    location /to-tls {{ return 301 https://localhost:{secure}/; }}
    location /drop {{ return 444; }}
  }}
  server {{
    listen 127.0.0.1:{secure} ssl http2 default_server;
    server_name other.test;
    ssl_certificate {folder}/other.pem; ssl_certificate_key {folder}/other.key;
    return 421;
  }}
  server {{
    listen 127.0.0.1:{secure} ssl http2;
    server_name localhost;
    ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
    location / {{ return 200 "$server_protocol\\n"; }}
  }}
}}
"""


class Network:
    """A silent network, and a DNS server of our own."""

    def __init__(self):
        subprocess.run(["ip", "route", "add", DARK_NETWORK, "dev", "lo"], check=True)
        self._folder = tempfile.TemporaryDirectory()
        servers.use_resolv_conf(self._folder.name)
        self._dns = servers.DnsServer({"web.test": "127.0.0.1"}).start()

    def close(self):
        self._dns.close()
        subprocess.run(["umount", "/etc/resolv.conf"], check=False)
        self._folder.cleanup()


class Case:
    """One endpoint. `http` and `icmp` are the module as blackbox_exporter's file has it; `reason` is
    what the agent calls the failure. `values_differ` names metrics whose values differ, with why;
    `verdicts_differ` is (blackbox_exporter's verdict, the agent's, why)."""

    def __init__(self, name, target, success, http=None, icmp=None, timeout=None, reason=None,
                 name_of_module=None, parameters=None, values_differ=None, verdicts_differ=None,
                 expected=None):
        self.name = name
        self.target = target
        self.success = success
        self.reason = reason
        self.parameters = parameters or {}
        self.values_differ = values_differ or {}
        self.verdicts_differ = verdicts_differ
        self.expected = expected or {}
        if icmp is not None:
            self.module = {"prober": "icmp", "icmp": {"preferred_ip_protocol": "ip4", **icmp}}
        else:
            # HTTP/2 off: the agent speaks HTTP/1.1 alone, as many monitors do.
            self.module = {"prober": "http", "http": {"preferred_ip_protocol": "ip4",
                                                      "enable_http2": False, **(http or {})}}
        if timeout:
            self.module["timeout"] = timeout
        self.module_name = name_of_module or "m_" + "".join(
            c if c.isalnum() else "_" for c in name)[:60]


# -- servers that do as the path says -----------------------------------------------------------------


def respond_ok(request):
    servers.reply(request, headers=[("Last-Modified", MODIFIED)])


def respond_redirect(request, code, left):
    if int(left) == 0:
        respond_ok(request)
    else:
        servers.reply(request, int(code), headers=[("Location", f"/redirect/{code}/{int(left) - 1}")])


def respond_delay(request, before, within, hops="0"):
    time.sleep(float(before))
    if int(hops):
        servers.reply(request, 302, headers=[
            ("Location", f"/delay/{before}/{within}/{int(hops) - 1}")])
        return
    request.send_response(200)
    request.send_header("Content-Length", "8")
    request.end_headers()
    request.wfile.write(b"half")
    request.wfile.flush()
    time.sleep(float(within))
    request.wfile.write(b"half")


def respond_chunked(request):
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.send_header("Trailer", "X-Sum")
    request.end_headers()
    request.wfile.write(b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")


def respond_if(request, good, otherwise=400):
    servers.reply(request, 200 if good else otherwise)


def respond(request):
    headers = request.headers
    body = request.rfile.read(int(headers.get("Content-Length", 0)))
    kind, *rest = request.path.partition("?")[0].strip("/").split("/")
    location = {"loop": "/loop", "bad-location": "http://[::1", "ftp": "ftp://127.0.0.1/x",
                "fragment": "/ok#here", "query": "?x=1"}
    if kind in location:
        if request.path.endswith("?x=1"):
            respond_ok(request)
        else:
            servers.reply(request, 302, headers=[("Location", location[kind])])
    elif kind == "ok" or rest[-1:] == ["ok"]:
        respond_ok(request)
    elif kind == "status":
        servers.reply(request, int(rest[0]), b"" if rest[0] in ("204", "304") else b"ok\n")
    elif kind == "redirect":
        respond_redirect(request, *rest)
    elif kind == "delay":
        respond_delay(request, *rest)
    elif kind == "dir":
        servers.reply(request, 301, headers=[("Location", "../other/./ok")])
    elif kind == "no-location":
        servers.reply(request, 301)
    elif kind == "gzip":
        servers.reply(request, body=gzip.compress(b"hello world"),
                      headers=[("Content-Encoding", "gzip")])
    elif kind == "br":
        servers.reply(request, body=BROTLI_HELLO, headers=[("Content-Encoding", "br")])
    elif kind == "bad-gzip":
        servers.reply(request, body=b"no gzip", headers=[("Content-Encoding", "gzip")])
    elif kind == "chunked":
        respond_chunked(request)
    elif kind == "post":
        respond_if(request, request.command == "POST" and body == b"ping")
    elif kind == "post-303":
        servers.reply(request, 303, headers=[("Location", "/get")])
    elif kind == "post-307":
        servers.reply(request, 307, headers=[("Location", "/post")])
    elif kind == "get":
        respond_if(request, request.command == "GET" and not body)
    elif kind == "auth":
        respond_if(request, headers.get("Authorization") == "Basic dXNlcjpwYXNz", 401)
    elif kind == "bearer":
        respond_if(request, headers.get("Authorization") == "Bearer open sesame", 401)
    elif kind == "header":
        respond_if(request, headers.get("X-Probe") == "yes")
    elif kind == "host":
        respond_if(request, headers.get("Host") == "virtual.test", 421)
    elif kind == "cookie":
        servers.reply(request, 302, headers=[("Set-Cookie", "seen=1; Path=/"), ("Location", "/seen")])
    elif kind == "seen":
        respond_if(request, headers.get("Cookie") == "seen=1", 403)
    else:
        servers.reply(request, 404)


def hold(connection, begin=b""):
    connection.recv(65536)
    connection.sendall(begin)
    connection.settimeout(20)
    connection.recv(1)


def drip(connection):
    connection.recv(65536)
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def reset(connection):
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(answer):
    def serve(connection, _):
        connection.recv(65536)
        connection.sendall(answer)
    return serve


RAW = {
    "hold": lambda c, _: hold(c),
    "hold-header": lambda c, _: hold(c, HEAD + b"X: y"),
    "drip": lambda c, _: drip(c),
    "reset": lambda c, _: reset(c),
    "early": says(b""),
    "early-header": says(HEAD + b"Content-Le"),
    "early-body": says(HEAD + b"Content-Length: 100\r\n\r\nten bytes."),
    "early-chunk": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    "garbage": says(bytes(range(1, 200))),
    "ssh": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "bad-status": says(b"HTTP/1.1 two hundred\r\n\r\n"),
    "bad-header": says(HEAD + b"no colon\r\nContent-Length: 0\r\n\r\n"),
    "bad-chunk": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"),
    "two-lengths": says(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
    "interim": says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
                    + HEAD + b"Content-Length: 2\r\n\r\nok"),
    "http10": says(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"),
    "no-reason": says(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
    "bare-lf": says(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    "large-header": says(HEAD + b"X: " + b"y" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok"),
    "control": says(HEAD + b"X: a\x01b\r\nContent-Length: 2\r\n\r\nok"),
    "both-lengths": says(HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"
                         b"2\r\nok\r\n0\r\n\r\n"),
    "chunk-blank": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2 ;a=b\r\nok\r\n0\r\n\r\n"),
    "no-length": says(HEAD + b"\r\nuntil the end"),
    "too-much": says(HEAD + b"Content-Length: 2\r\n\r\nok and more"),
}


class World:
    """All servers, running until the test ends."""

    def __init__(self, test):
        self.test = test
        self.folder = test.folder
        # The workers of root's nginx are another user.
        self.folder.chmod(0o755)
        self.authority = servers.make_authority(self.folder)
        self.web = test.serve(servers.WebServer(respond))
        self.raw = {name: test.serve(servers.TcpServer(serve)).port for name, serve in RAW.items()}
        self.raw6 = test.serve(servers.TcpServer(says(HEAD + b"Content-Length: 2\r\n\r\nok"),
                                                 address="::1")).port
        self.token = test.write("token", "open sesame\n")
        self.make_certificates()
        test.write("page", "ok\n")
        self.tls = {}
        for name, arguments in self.tls_servers().items():
            self.tls[name] = self.start_s_server(name, arguments)
        self.start_nginx()

    def make_certificates(self):
        local = "DNS:localhost,IP:127.0.0.1"
        for name, alternative, days in (("good", local, 2), ("other", "DNS:other.test", 2),
                                        ("expired", local, -1), ("client", "DNS:client.test", 2)):
            servers.make_certificate(self.folder, name, alternative, days=days)
        servers.make_certificate(self.folder, "localhost", None)
        servers.make_certificate(self.folder, "weak", local, key=("-newkey", "rsa:1024"))
        servers.make_self_signed(self.folder, "self", local)

    def tls_servers(self):
        return {
            "good": ("good",), "expired": ("expired",), "self": ("self",), "wrong": ("other",),
            "cn": ("localhost",), "tls12": ("good", "-tls1_2"),
            "tls11": ("good", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
            "client": ("good", "-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"),
            "weak": ("weak", "-cipher", "ALL:@SECLEVEL=0"),
        }

    def start_s_server(self, name, arguments):
        port = harness.free_port()
        certificate, *more = arguments
        process = self.test.start(
            f"tls-{name}", "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-WWW", "-quiet",
            "-cert", f"{certificate}.pem", "-key", f"{certificate}.key", *more, cwd=self.folder)

        def listens():
            with socket.create_connection(("127.0.0.1", port), 1):
                return True

        self.test.wait(f"openssl s_server ({name}) listens", listens, 10, [process])
        return port

    def start_nginx(self):
        (self.folder / "files").mkdir()
        (self.folder / "files" / "page").write_bytes(b"x" * 3000)
        self.nginx, self.nginx_tls = harness.free_port(), harness.free_port()
        config = self.test.write("nginx.conf", NGINX.format(
            folder=self.folder, plain=self.nginx, secure=self.nginx_tls))
        process = self.test.start("nginx", "nginx", "-e", "stderr", "-p", self.folder, "-c", config)
        self.test.wait("nginx answers", lambda: harness.http(
            f"http://127.0.0.1:{self.nginx}/files/page").status == 200, 10, [process])

    # -- the table --------------------------------------------------------------------------------------

    def cases(self):
        return [*self.plain_cases(), *self.request_cases(), *self.demand_cases(),
                *self.hostile_cases(), *self.differing_cases(), *self.tls_cases(), *self.name_cases(), *self.icmp_cases()]

    def slow_cases(self):
        tls = {"tls_config": {"ca_file": str(self.authority)}}
        return [
            Case("slow page", f"{self.web.url}/delay/0.15/0.2", 1, name_of_module="http_2xx",
                 expected={"processing": 0.15, "transfer": 0.2}),
            # Summed over the hops.
            Case("slow redirects", f"{self.web.url}/delay/0.1/0.05/2", 1, name_of_module="http_2xx",
                 expected={"processing": 0.3, "transfer": 0.05}),
            Case("TLS", f"https://localhost:{self.nginx_tls}/", 1, tls, name_of_module="over_tls",
                 expected={"tls": 0.0001}),
        ]

    def plain_cases(self):
        web, raw = self.web.url, self.raw
        counted = {"probe_http_redirects": "blackbox_exporter counts the one that it did not follow"}
        lost = {"probe_http_status_code": "Go's client loses the answer"}
        cases = [
            Case("nginx", f"http://127.0.0.1:{self.nginx}/files/page", 1),
            Case("no scheme", f"127.0.0.1:{self.web.port}/ok", 1),
            Case("IPv6 literal", f"http://[::1]:{self.raw6}/", 1),
            Case("chunked", f"{web}/chunked", 1),
            Case("interim answers", f"http://127.0.0.1:{raw['interim']}/", 1),
            Case("HTTP 1.0", f"http://127.0.0.1:{raw['http10']}/", 1),
            Case("no reason phrase", f"http://127.0.0.1:{raw['no-reason']}/", 1),
            Case("line feeds alone", f"http://127.0.0.1:{raw['bare-lf']}/", 1),
            Case("no length", f"http://127.0.0.1:{raw['no-length']}/", 1),
            Case("more than the length", f"http://127.0.0.1:{raw['too-much']}/", 1),
            Case("relative location", f"{web}/dir/x", 1),
            Case("location with a fragment", f"{web}/fragment", 1),
            Case("location of a query", f"{web}/query", 1),
            Case("redirect loop", f"{web}/loop", 0, reason="too_many_redirects",
                 values_differ=counted),
            Case("ten redirects", f"{web}/redirect/302/10", 1),
            Case("eleven redirects", f"{web}/redirect/302/11", 0, reason="too_many_redirects",
                 values_differ=counted),
            Case("malformed location", f"{web}/bad-location", 0, reason="bad_redirect",
                 values_differ=lost),
            Case("location of another scheme", f"{web}/ftp", 0, reason="bad_redirect",
                 values_differ={**lost, **counted}),
            Case("no location", f"{web}/no-location", 0, reason="bad_redirect"),
            Case("no location, wanted", f"{web}/no-location", 1, {"valid_status_codes": [301]}),
            Case("redirects off", f"{web}/redirect/301/1", 0, {"follow_redirects": False},
                 reason="bad_status", values_differ=counted),
            Case("redirects off, wanted", f"{web}/redirect/301/1", 1,
                 {"follow_redirects": False, "valid_status_codes": [301]},
                 values_differ={**counted, "probe_http_uncompressed_body_length":
                                "blackbox_exporter does not read this body"}),
        ]
        # "/redirect/300/..." has a Location, too, which nobody follows.
        cases += [Case(f"redirect {code}", f"{web}/redirect/{code}/3", 1)
                  for code in (301, 302, 303, 307, 308)]
        cases += [Case(f"status {code}", f"{web}/status/{code}", int(200 <= code < 300),
                       reason=None if code < 300 else "bad_status")
                  for code in (201, 204, 304, 404, 500, 503)]
        return cases

    def request_cases(self):
        web = self.web.url
        gzipped = {"values_differ": {"probe_http_uncompressed_body_length":
                                     "the agent decodes without being told to"}}
        return [
            Case("HEAD", f"{web}/ok", 1, {"method": "HEAD"}),
            Case("POST", f"{web}/post", 1, {"method": "POST", "body": "ping"}),
            Case("POST, then 303", f"{web}/post-303", 1, {"method": "POST", "body": "ping"}),
            Case("POST, then 307", f"{web}/post-307", 1, {"method": "POST", "body": "ping"}),
            Case("basic auth", f"{web}/auth", 1,
                 {"basic_auth": {"username": "user", "password": "pass"}}),
            Case("basic auth of the URL", f"http://user:pass@127.0.0.1:{self.web.port}/auth", 1),
            Case("wrong basic auth", f"{web}/auth", 0,
                 {"basic_auth": {"username": "user", "password": "no"}}, reason="bad_status"),
            Case("bearer token", f"{web}/bearer", 1, {"bearer_token_file": str(self.token)}),
            Case("request header", f"{web}/header", 1, {"headers": {"X-Probe": "yes"}}),
            Case("host header", f"{web}/host", 1, {"headers": {"Host": "virtual.test"}}),
            Case("cookie", f"{web}/cookie", 1),
            Case("secret", f"{web}/redirect/302/1", 1,
                 {"basic_auth": {"username": "user", "password": "open sesame"}},
                 name_of_module="secret"),
            Case("gzip unasked", f"{web}/gzip", 1, **gzipped),
            Case("gzip", f"{web}/gzip", 1, {"compression": "gzip",
                                            "headers": {"Accept-Encoding": "gzip"},
                                            "fail_if_body_not_matches_regexp": ["hello w"]}),
            Case("br", f"{web}/br", 1, {"compression": "br", "headers": {"Accept-Encoding": "br"},
                                        "fail_if_body_not_matches_regexp": ["^hello$"]}),
            Case("corrupt gzip", f"{web}/bad-gzip", 0,
                 {"compression": "gzip", "headers": {"Accept-Encoding": "gzip"}},
                 reason="http_bad_encoding"),
        ]

    def demand_cases(self):
        web, raw = self.web.url, self.raw
        header = {"header": "Last-Modified", "regexp": "2015"}
        other = {"header": "X-Not-There", "regexp": "x"}
        return [
            Case("status wanted", f"{web}/status/404", 1, {"valid_status_codes": [404, 410]}),
            Case("status not wanted", f"{web}/ok", 0, {"valid_status_codes": [404]},
                 reason="bad_status"),
            Case("body matches", f"{web}/ok", 0, {"fail_if_body_matches_regexp": ["o."]},
                 reason="bad_body"),
            Case("body does not match", f"{web}/ok", 0,
                 {"fail_if_body_not_matches_regexp": ["absent"]}, reason="bad_body"),
            Case("body is right", f"{web}/ok", 1, {"fail_if_body_not_matches_regexp": ["^ok"],
                                                   "fail_if_body_matches_regexp": ["error"]}),
            Case("header matches", f"{web}/ok", 0, {"fail_if_header_matches": [header]},
                 reason="bad_header"),
            Case("header is right", f"{web}/ok", 1, {"fail_if_header_not_matches": [header]}),
            Case("header is missing", f"{web}/ok", 0, {"fail_if_header_not_matches": [other]},
                 reason="bad_header"),
            Case("header may be missing", f"{web}/ok", 1,
                 {"fail_if_header_not_matches": [{**other, "allow_missing": True}]}),
            Case("version wanted", f"{web}/ok", 1, {"valid_http_versions": ["HTTP/1.1"]}),
            Case("version not wanted", f"http://127.0.0.1:{raw['http10']}/", 0,
                 {"valid_http_versions": ["HTTP/1.1"]}, reason="bad_http_version"),
            Case("body too large", f"http://127.0.0.1:{self.nginx}/files/page", 0,
                 {"body_size_limit": "1KiB"}, reason="http_body_too_large"),
            Case("TLS wanted", f"{web}/ok", 0, {"fail_if_not_ssl": True}, reason="tls_missing"),
        ]

    def hostile_cases(self):
        url = {name: f"http://127.0.0.1:{port}/" for name, port in self.raw.items()}
        closed = harness.free_port()
        lost = {"values_differ": {"probe_http_status_code":
                                  "Go's client forgets the status line of half a header"}}
        return [
            Case("refused", f"http://127.0.0.1:{closed}/", 0, reason="refused"),
            Case("no answer to connect", f"http://{DARK}/", 0, reason="connect_timeout"),
            Case("no answer at all", url["hold"], 0, timeout="1s", reason="deadline"),
            Case("half a header", url["hold-header"], 0, timeout="1s", reason="deadline",
                 **lost),
            Case("a slow body", url["drip"], 0, timeout="1s", reason="deadline"),
            Case("reset", url["reset"], 0),
            Case("closed at once", url["early"], 0, reason="http_early_close"),
            Case("closed in the header", url["early-header"], 0, reason="http_early_close",
                 **lost),
            Case("closed in the body", url["early-body"], 0, reason="http_early_close"),
            Case("closed between chunks", url["early-chunk"], 0, reason="http_early_close"),
            Case("nginx drops it", f"http://127.0.0.1:{self.nginx}/drop", 0,
                 reason="http_early_close"),
            Case("garbage", url["garbage"], 0, reason="http_malformed"),
            Case("another protocol", url["ssh"], 0, reason="http_malformed"),
            Case("malformed status", url["bad-status"], 0, reason="http_malformed"),
            Case("malformed header", url["bad-header"], 0, reason="http_malformed", **lost),
            Case("malformed chunk", url["bad-chunk"], 0, reason="http_malformed"),
            Case("control character", url["control"], 1),
            Case("both lengths", url["both-lengths"], 1),
            Case("two lengths", url["two-lengths"], 0, reason="http_malformed", **lost),
            Case("malformed port", "http://127.0.0.1:123456/", 0,
                 values_differ={"probe_ip_protocol": "the agent refuses the URL first"}),
            Case("no host", "http:///path", 0),
        ]

    def differing_cases(self):
        """Where the two do not agree, and are not going to."""
        url = {name: f"http://127.0.0.1:{port}/" for name, port in self.raw.items()}

        def differs(name, target, theirs, why, **more):
            return Case(name, target, None, verdicts_differ=(theirs, 1 - theirs, why), **more)

        return [
            differs("large header", url["large-header"], 1,
                    "the agent reads 64 KiB of a header, Go's client 10 MB"),
            differs("blank before a chunk extension", url["chunk-blank"], 0,
                    "RFC 9112, section 7.1.1, allows it; Go's client does not"),
            differs("scheme in capitals", f"HTTP://127.0.0.1:{self.web.port}/ok", 0,
                    "blackbox_exporter puts another http:// before it"),
            differs("malformed escape", f"{self.web.url}/%zz/ok", 0,
                    "the agent encodes what people write"),
            differs("ping of an address in brackets", "[::1]", 0,
                    "the agent takes it as URLs write it", icmp={}),
        ]

    def tls_cases(self):
        trusted = {"tls_config": {"ca_file": str(self.authority)}}
        blind = {"tls_config": {"insecure_skip_verify": True}}
        of = {name: f"https://localhost:{port}/page" for name, port in self.tls.items()}

        def with_tls(**keys):
            return {"tls_config": {**trusted["tls_config"], **keys}}

        own = with_tls(cert_file=str(self.folder / "client.pem"),
                       key_file=str(self.folder / "client.key"))
        return [
            Case("nginx over TLS", f"https://localhost:{self.nginx_tls}/", 1, trusted,
                 name_of_module="over_tls"),
            Case("TLS by address", f"https://127.0.0.1:{self.tls['good']}/page", 1, trusted),
            Case("TLS by a name given", f"https://127.0.0.1:{self.tls['wrong']}/page", 1,
                 with_tls(server_name="other.test")),
            Case("redirect to TLS", f"http://localhost:{self.nginx}/to-tls", 1, trusted),
            Case("TLS 1.2", of["tls12"], 1, trusted),
            Case("TLS 1.1", of["tls11"], 0, trusted, reason="tls_protocol"),
            Case("TLS 1.1 allowed", of["tls11"], 1, with_tls(min_version="TLS10")),
            Case("TLS 1.3 demanded", of["tls12"], 0, with_tls(min_version="TLS13"),
                 reason="tls_protocol"),
            Case("expired", of["expired"], 0, trusted, reason="tls_expired"),
            Case("expired, not verified", of["expired"], 1, blind),
            Case("self-signed", of["self"], 0, trusted, reason="tls_unknown_issuer"),
            Case("self-signed, not verified", of["self"], 1, blind),
            Case("wrong name", of["wrong"], 0, trusted, reason="tls_wrong_name"),
            Case("name in the subject alone", of["cn"], 0, trusted, reason="tls_wrong_name"),
            Case("no client certificate", of["client"], 0, trusted),
            Case("client certificate", of["client"], 1, own),
            Case("TLS not wanted", of["good"], 0, {**trusted, "fail_if_ssl": True},
                 reason="tls_unwanted"),
            Case("TLS to a plain server", f"https://127.0.0.1:{self.web.port}/", 0, trusted),
            Case("plain to a TLS server", f"http://localhost:{self.nginx_tls}/", 0,
                 reason="bad_status"),
            Case("TLS that stalls", f"https://127.0.0.1:{self.raw['hold']}/", 0, trusted,
                 timeout="1s", reason="deadline"),
            Case("a weak key", of["weak"], 1, trusted, verdicts_differ=(
                1, 0, "OpenSSL of Debian refuses RSA keys below 2048 bits, as curl with it does")),
        ]

    def name_cases(self):
        port = self.web.port
        return [
            Case("name", f"http://web.test:{port}/ok", 1),
            Case("name not found", f"http://nosuch.test:{port}/ok", 0, reason="resolve_not_found"),
            Case("name without such an address", f"http://web.test:{port}/ok", 0,
                 {"preferred_ip_protocol": "ip6", "ip_protocol_fallback": False},
                 reason="resolve_no_address"),
            Case("name with another address", f"http://web.test:{port}/ok", 1,
                 {"preferred_ip_protocol": "ip6"}),
        ]

    def icmp_cases(self):
        return [
            Case("ping", "127.0.0.1", 1, icmp={}),
            Case("ping of IPv6", "::1", 1, icmp={}),
            Case("ping of a name", "web.test", 1, icmp={}),
            Case("ping of no name", "nosuch.test", 0, icmp={}, reason="resolve_not_found"),
            Case("ping, no answer", DARK, 0, icmp={}, timeout="1s", reason="no_reply"),
        ]
