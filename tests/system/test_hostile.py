"""Servers that mean harm: each probe of one ends within its time with its own reason, and the agent's
memory stays where it was."""

import gzip
import re
import shutil
import socket
import struct
import subprocess
import time

import harness
import probing
import servers

MEBIBYTE = 1 << 20
TARGETS_OF_EACH = 8
# Those that never end: slower than any timeout, or faster than any limit.
HEAD = b"HTTP/1.1 200 OK\r\n"


def forever(connection, begin, piece, pause=0.0):
    connection.recv(65536)
    connection.sendall(begin)
    while True:
        connection.sendall(piece)
        if pause:
            time.sleep(pause)


def hold(connection, begin):
    connection.recv(65536)
    connection.sendall(begin)
    connection.settimeout(60)
    connection.recv(1)


def answer(connection, text):
    connection.recv(65536)
    connection.sendall(text)


def coded(coding, body):
    return (HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
            + body)


def redirect(connection, location):
    answer(connection, b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % location)


def onward(connection):
    """Each page sends to another one: no loop that comparing URLs would find."""
    path = connection.recv(65536).split(b" ")[1]
    connection.sendall(b"HTTP/1.1 307 On\r\nLocation: %sx\r\nContent-Length: 0\r\n\r\n" % path)


def reset(connection, begin):
    answer(connection, begin)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


BOMB = gzip.compress(bytes(500 * MEBIBYTE), 9)
# A gigabyte in a kilobyte.
NESTED = gzip.compress(gzip.compress(bytes(1000 * MEBIBYTE), 9), 9)
TOO_DEEP = b"gzip, gzip, gzip, gzip, gzip"

KINDS = {
    "body": ("http_body_too_large",
             lambda c: forever(c, HEAD + b"\r\n", bytes(65536))),
    "chunks": ("http_body_too_large",
               lambda c: forever(c, HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
                                 b"10000\r\n" + bytes(65536) + b"\r\n")),
    "chunk line": ("http_header_too_large",
                   lambda c: forever(c, HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;a=", b"x" * 65536)),
    "trailer": ("http_header_too_large",
                lambda c: forever(c, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: ", b"x" * 65536)),
    "header": ("http_header_too_large",
               lambda c: forever(c, HEAD, b"X: " + b"x" * 4000 + b"\r\n")),
    "line": ("http_header_too_large", lambda c: forever(c, HEAD + b"X: ", b"x" * 65536)),
    "interim": ("http_malformed", lambda c: forever(c, b"", b"HTTP/1.1 102 Wait\r\n\r\n")),
    "bomb": ("http_decoded_too_large",
             lambda c: hold(c, HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                            % len(BOMB) + BOMB)),
    "nested bomb": ("http_decoded_too_large", lambda c: hold(c, coded(b"gzip, gzip", NESTED))),
    "deep": ("http_bad_encoding", lambda c: answer(c, coded(TOO_DEEP, BOMB[:1000]))),
    "no gzip": ("http_bad_encoding", lambda c: hold(c, coded(b"gzip", bytes(1000)))),
    "loop": ("too_many_redirects", lambda c: redirect(c, b"/")),
    "onward": ("too_many_redirects", onward),
    "long redirect": ("bad_redirect", lambda c: redirect(c, b"/" + b"x" * 30000)),
    "redirect to nothing": ("bad_redirect", lambda c: answer(
        c, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")),
    "redirect elsewhere": ("bad_redirect", lambda c: redirect(c, b"file:///etc/passwd")),
    "reset": ("http_early_close", lambda c: reset(c, HEAD)),
    "slow body": ("deadline", lambda c: forever(c, HEAD + b"Content-Length: 1000\r\n\r\n", b"X", 0.2)),
    "slow chunks": ("deadline", lambda c: forever(
        c, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nX\r\n", 0.2)),
    "two lengths": ("http_malformed", lambda c: answer(
        c, HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")),
    "drip": ("deadline", lambda c: forever(c, HEAD, b"X", 0.2)),
    "silence": ("deadline", lambda c: hold(c, b"")),
    "noise": ("http_malformed", lambda c: forever(c, b"", bytes(range(256)))),
}


if shutil.which("brotli"):
    _BROTLI = subprocess.run(["brotli", "-q", "9", "-c"], input=bytes(500 * MEBIBYTE),
                             capture_output=True, check=True).stdout
    KINDS["brotli bomb"] = ("http_decoded_too_large", lambda c: hold(c, coded(b"br", _BROTLI)))

# Whole answers: with a length, in chunks with a trailer, compressed.
WHOLE = {
    "length": HEAD + b"Content-Length: 5\r\n\r\nhello",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: 1\r\n\r\n",
    "gzip": coded(b"gzip", gzip.compress(b"hello")),
}


class Hostile(probing.ProbingTest):
    def hostile(self, serve):
        def run(connection, _):
            try:
                serve(connection)
            except OSError:
                pass  # the agent has had enough

        return self.serve(servers.TcpServer(run)).address

    def test_memory_and_time_are_bounded(self):
        urls = {}
        text = ""
        for kind, (_, serve) in KINDS.items():
            address = self.hostile(serve)
            urls[kind] = [f"http://{address}/{i}" for i in range(TARGETS_OF_EACH)]
            text += harness.target_text("strict", "r-web", urls[kind])
        server = self.start_server(text, {"mesh": "false"}).wait_healthy()
        config = self.write("agent.yaml", "modules:\n  strict: {prober: http, http: {"
                                          "fail_if_body_matches_regexp: [never-there]}}\n")
        timeout = harness.scaled(3)
        agent = self.start_agent(server.rpc, config=config, settings={
            "http.timeout": f"{int(timeout * 1000)}ms", "http.max_body": "4MiB",
            "probe_interval": f"{int(timeout * 2000)}ms"}).wait_ready()
        before = agent.stats()["process"]["rss_bytes"]
        most = 0

        def probed(rounds):
            def enough():
                nonlocal most
                stats = agent.stats()
                most = max(most, stats["process"]["rss_bytes"])
                return stats["probes"]["http"]["finished"] >= rounds * len(KINDS) * TARGETS_OF_EACH
            return enough

        self.wait("every target was probed four times", probed(4), 120)
        # A probe in flight may hold a megabyte for its expressions; whole bodies would be 700.
        allowed = 100 * MEBIBYTE
        print(f"resident: {before >> 20} MiB before, {most >> 20} MiB at most")
        self.assertLess(most - before, allowed)
        # A machine that is too busy for the engine's thread says that of itself, and later the rest.
        lines = {}

        def judged():
            lines.update((line["target"], last) for line in agent.targets()["targets"]
                         if (last := line["last"]) and "own thread stood still" not in last["detail"])
            if missing := {kind for kind in KINDS if not lines.keys() >= set(urls[kind])}:
                raise harness.NotYet(f"nothing is said of {missing}")
            return True

        self.wait("every target has a result that says something of it", judged, 60)
        # A probe gets the time back in which a busy machine kept the engine's thread from running.
        stalled = agent.stats()["http"]["stalled_ms"]
        for kind, (error, _) in KINDS.items():
            with self.subTest(kind=kind):
                for url in urls[kind]:
                    self.assertEqual(lines[url]["error"], error, lines[url]["detail"])
                    self.assertLess(lines[url]["duration_ms"], timeout * 1000 + 1000 + stalled)
        self.assertEqual(agent.stats()["actors"]["target"]["failed"], 0)


    def test_an_answer_that_ends_early_wherever_it_does(self):
        def serve(connection):
            kind, cut = re.match(rb"GET /(\w+)/(\d+)", connection.recv(65536)).groups()
            connection.sendall(WHOLE[kind.decode()][:int(cut)])

        address = self.hostile(serve)
        found = self.probe({"strict": "http: {}"}, {
            (kind, cut): ("strict", f"http://{address}/{kind}/{cut}")
            for kind, whole in WHOLE.items() for cut in range(len(whole) + 1)})
        for (kind, cut), result in found.items():
            with self.subTest(kind=kind, cut=cut):
                whole = cut == len(WHOLE[kind])
                self.assert_result(result, None if whole else "http_early_close",
                                   None if whole else "transfer" if cut else "processing")
        self.assertIn("without an answer", found["length", 0]["detail"])
        self.assertIn("within the header", found["length", 20]["detail"])
        self.assertIn("after 2 bytes of the body", found["length", len(WHOLE["length"]) - 3]["detail"])


if __name__ == "__main__":
    harness.main()
