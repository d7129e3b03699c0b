"""Small servers that behave as a test wants: web, TLS, raw TCP, DNS."""

import http.server
import pathlib
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import time


class WebServer:
    """HTTP/1.1 on a port of an address. `respond(request)` writes the answer with the methods of
    http.server.BaseHTTPRequestHandler, or uses `reply` below. With `context` it speaks TLS."""

    def __init__(self, respond, address="127.0.0.1", port=0, context=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.server.owner.requests.append((self.path, dict(self.headers)))
                respond(self)

            do_POST = do_PUT = do_HEAD = do_OPTIONS = do_PATCH = do_GET

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
            daemon_threads = True
            request_queue_size = 512

            def server_bind(self):
                if "%" in address:  # only getaddrinfo reads a zone
                    self.server_address = socket.getaddrinfo(address, port, self.address_family,
                                                             socket.SOCK_STREAM)[0][4]
                socketserver.TCPServer.server_bind(self)  # HTTPServer's asks DNS for its name
                self.server_name, self.server_port = self.server_address[:2]

            def finish_request(self, request, client):
                # The handshake belongs to the connection's thread, not to the one that accepts.
                if context is not None:
                    request = context.wrap_socket(request, server_side=True)
                super().finish_request(request, client)

            def handle_error(self, *_):
                pass  # a client that goes away or does not like the certificate

        self.requests = []
        self._server = Server((address, port), Handler)
        self._server.owner = self
        self.address = address
        self.port = self._server.server_address[1]
        self.url = f"{'https' if context else 'http'}://{address}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def reply(request, status=200, body=b"ok\n", headers=()):
    """A whole answer with its length."""
    request.send_response(status)
    for name, value in headers:
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


STEADY_SECONDS = 0.1


def reply_steadily(request, status=200):
    """Takes so long that a machine with other work makes no answer slower than usual by far, which is
    three times as long."""
    time.sleep(STEADY_SECONDS)
    reply(request, status)


class TcpServer:
    """`serve(socket, peer)` runs in a thread for each connection."""

    def __init__(self, serve, address="127.0.0.1", port=0):
        self._serve = serve
        self._listener = socket.create_server(
            (address, port), backlog=128,
            family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self._open = []
        self.closing = threading.Event()
        self.accepted = 0
        self.port = self._listener.getsockname()[1]
        self.address = f"{address}:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def _accept(self):
        while not self.closing.is_set():
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            threading.Thread(target=self._run, args=(connection, peer), daemon=True).start()

    def _run(self, connection, peer):
        try:
            with connection:
                self._serve(connection, peer)
        except OSError:
            pass

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self.closing.set()
        for connection in [self._listener, *self._open]:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        self._thread.join()


class DnsServer:
    """Answers A and AAAA queries from `names` (name → address or a list of them), and NXDOMAIN for any
    other name."""

    def __init__(self, names, address="127.0.0.1", port=53):
        self.names = names
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _answer(self, query):
        end = 12
        labels = []
        while query[end]:
            labels.append(query[end + 1:end + 1 + query[end]].decode("ascii", "replace"))
            end += 1 + query[end]
        kind = struct.unpack("!H", query[end + 1:end + 3])[0]
        question = query[12:end + 5]
        known = self.names.get(".".join(labels).lower(), [])
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        records = []
        for address in [known] if isinstance(known, str) else known:
            if family == (socket.AF_INET6 if ":" in address else socket.AF_INET):
                data = socket.inet_pton(family, address)
                records.append(struct.pack("!HHHIH", 0xC00C, kind, 1, 1, len(data)) + data)
        flags = 0x8180 if known else 0x8183
        return struct.pack("!2sHHHHH", query[:2], flags, 1, len(records), 0, 0) \
            + question + b"".join(records)

    def _run(self):
        while True:
            try:
                query, peer = self._socket.recvfrom(4096)
                if peer is None:
                    return  # closed
                self._socket.sendto(self._answer(query), peer)
            except IndexError:
                continue
            except OSError:
                return

    def start(self):
        self._thread.start()
        return self

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # an unconnected socket says so, and wakes its reader all the same
        self._socket.close()
        self._thread.join()


class DnsRelay:
    """Stands before a DNS server and counts what it is asked: `asked` is a list of (name, type).
    `delays` (name → seconds) hold answers back, names of `silent` get none."""

    TYPES = {1: "A", 28: "AAAA"}

    def __init__(self, upstream_port, address="127.0.0.1"):
        self.asked = []
        self.delays = {}
        self.silent = set()
        self._upstream = (address, upstream_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.server = f"{address}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)

    def count(self, name, kind="A"):
        return self.asked.count((name, kind))

    def _question(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace").lower())
            at += 1 + query[at]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        return ".".join(labels), self.TYPES.get(kind, str(kind))

    def _pass_on(self, query, peer):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.settimeout(5)
            try:
                upstream.sendto(query, self._upstream)
                self._socket.sendto(upstream.recv(65535), peer)
            except OSError:
                pass  # the test ends

    def _run(self):
        while True:
            try:
                query, peer = self._socket.recvfrom(4096)
                name, kind = self._question(query)
            except IndexError:
                continue  # no question; the last one, when the socket is closed, is empty
            except OSError:
                return
            self.asked.append((name, kind))
            if name not in self.silent:
                threading.Timer(self.delays.get(name, 0), self._pass_on, (query, peer)).start()

    def start(self):
        self._thread.start()
        return self

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # an unconnected socket says so, and wakes its reader all the same
        self._socket.close()
        self._thread.join()


class CuttingProxy:
    """Forwards TCP connections to `target` and cuts one after a number of bytes: "up" is what the
    client sends, "down" what `target` answers."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._guard = threading.Lock()
        self._left = {"up": None, "down": None}
        self.cuts = {"up": 0, "down": 0}

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def cut(self, direction, after):
        with self._guard:
            self._left[direction] = after

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target.rsplit(":", 1), 5)
            except OSError:
                client.close()
                continue
            for direction, source, sink in (("up", client, server), ("down", server, client)):
                threading.Thread(target=self._pump, args=(direction, source, sink),
                                 daemon=True).start()

    def _allowed(self, direction, size):
        """How many of `size` bytes pass, and whether that is the end."""
        with self._guard:
            left = self._left[direction]
            if left is None:
                return size, False
            if size < left:
                self._left[direction] = left - size
                return size, False
            self._left[direction] = None
            self.cuts[direction] += 1
            return left, True

    def _pump(self, direction, source, sink):
        try:
            while data := source.recv(4096):
                passes, end = self._allowed(direction, len(data))
                sink.sendall(data[:passes])
                if end:
                    break
        except OSError:
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class SlowLink:
    """Forwards TCP connections to `target`. Each answer takes `lag` seconds more; while it is cut there
    are no connections."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._guard = threading.Lock()
        self._open = set()
        self._cut = False
        self._lag = 0

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def cut(self):
        with self._guard:
            self._cut = True
            for side in self._open:
                self._shut(side)

    def mend(self, lag):
        with self._guard:
            self._cut, self._lag = False, lag

    def close(self):
        self.cut()
        self._listener.close()

    @staticmethod
    def _shut(side):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other end did

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = None if self._cut else socket.create_connection(self._target.rsplit(":", 1), 5)
            except OSError:
                server = None
            if server is None:
                client.close()
                continue
            with self._guard:
                self._open |= {client, server}
            for source, sink, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=(source, sink, answers), daemon=True).start()

    def _pump(self, source, sink, answers):
        try:
            while data := source.recv(1 << 16):
                if answers and self._lag:
                    time.sleep(self._lag)
                sink.sendall(data)
        except OSError:
            pass
        self._shut(source)
        self._shut(sink)
        with self._guard:
            self._open.discard(source)


def use_resolv_conf(folder, address="127.0.0.1"):
    """Makes this mount namespace's resolv.conf name `address` alone."""
    file = pathlib.Path(folder, "resolv.conf")
    file.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n", encoding="ascii")
    subprocess.run(["mount", "--bind", str(file), "/etc/resolv.conf"], check=True)


# -- certificates -----------------------------------------------------------------------------------

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def make_authority(folder):
    """A certificate authority: `ca.pem` and `ca.key` in `folder`."""
    _openssl(folder, "req", "-x509", *_NEW_KEY, "-nodes", "-keyout", "ca.key",
             "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority",
             "-addext", "basicConstraints=critical,CA:TRUE")
    return pathlib.Path(folder, "ca.pem")


def make_intermediate(folder, name, days=2):
    """`NAME.pem` and `NAME.key` of an authority that the one in `folder` has signed."""
    folder = pathlib.Path(folder)
    _openssl(folder, "req", *_NEW_KEY, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / f"{name}.ext").write_text("basicConstraints=critical,CA:TRUE\n", encoding="ascii")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days), "-extfile", f"{name}.ext")


def make_certificate(folder, name, alternative, days=2, key=_NEW_KEY, issuer="ca"):
    """`NAME.pem` and `NAME.key`, signed by the authority `issuer` in `folder`, valid for `alternative`
    (e.g. "DNS:localhost" or "IP:127.0.0.1"; None: it has only its subject) and so many days, which
    can be negative. Returns a server's context, None for keys that Python does not take."""
    _openssl(folder, "req", *key, "-nodes", "-keyout", f"{name}.key",
             "-out", f"{name}.csr", "-subj", f"/CN={name}")
    extensions = pathlib.Path(folder, f"{name}.ext")
    extensions.write_text(f"subjectAltName={alternative}\n" if alternative else
                          "basicConstraints=CA:FALSE\n", encoding="ascii")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
             "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days), "-extfile", extensions.name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(pathlib.Path(folder, f"{name}.pem"),
                                pathlib.Path(folder, f"{name}.key"))
    except ssl.SSLError:
        return None
    return context


def make_odd_certificate(folder, name, alternative, *, start=None, end=None, key=_NEW_KEY,
                         digest="sha256"):
    """As `make_certificate`, with dates (e.g. "20200101000000Z"), a key and a digest as one
    likes. Gives the files for certificate and key."""
    folder = pathlib.Path(folder)
    (folder / "index.txt").touch()
    (folder / "odd.cnf").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\n"
        "policy=any\nunique_subject=no\ncopy_extensions=copy\ndefault_days=2\n"
        "[any]\ncommonName=supplied\n", encoding="ascii")
    _openssl(folder, "req", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
             "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}")
    dates = [*(("-startdate", start) if start else ()), *(("-enddate", end) if end else ())]
    _openssl(folder, "ca", "-batch", "-notext", "-config", "odd.cnf", "-cert", "ca.pem",
             "-keyfile", "ca.key", "-md", digest, "-in", f"{name}.csr", "-out", f"{name}.pem", *dates)
    return folder / f"{name}.pem", folder / f"{name}.key"


def make_self_signed(folder, name, alternative):
    """`NAME.pem` and `NAME.key`, which no authority has signed."""
    _openssl(folder, "req", "-x509", *_NEW_KEY, "-nodes", "-keyout", f"{name}.key", "-out",
             f"{name}.pem", "-days", "2", "-subj", f"/CN={name}", "-addext",
             f"subjectAltName={alternative}")


def _openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]}: {done.stderr}")
