"""Servers that mean harm: each probe of one ends within its time with its own reason, and the agent's
memory stays where it was."""

import gzip
import time

import harness
import servers

MEBIBYTE = 1 << 20
TARGETS_OF_EACH = 20
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


BOMB = gzip.compress(bytes(500 * MEBIBYTE), 9)

KINDS = {
    "body": ("http_body_too_large",
             lambda c: forever(c, HEAD + b"\r\n", bytes(65536))),
    "chunks": ("http_body_too_large",
               lambda c: forever(c, HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
                                 b"10000\r\n" + bytes(65536) + b"\r\n")),
    "header": ("http_header_too_large",
               lambda c: forever(c, HEAD, b"X: " + b"x" * 4000 + b"\r\n")),
    "line": ("http_header_too_large", lambda c: forever(c, HEAD + b"X: ", b"x" * 65536)),
    "interim": ("http_malformed", lambda c: forever(c, b"", b"HTTP/1.1 102 Wait\r\n\r\n")),
    "bomb": ("http_decoded_too_large",
             lambda c: hold(c, HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                            % len(BOMB) + BOMB)),
    "drip": ("deadline", lambda c: forever(c, HEAD, b"X", 0.2)),
    "silence": ("deadline", lambda c: hold(c, b"")),
    "noise": ("http_malformed", lambda c: forever(c, b"", bytes(range(256)))),
}


class Hostile(harness.SystemTest):
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
        timeout = harness.scaled(2)
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
        lines = {line["target"]: line["last"] for line in agent.targets()["targets"]}
        for kind, (error, _) in KINDS.items():
            with self.subTest(kind=kind):
                for url in urls[kind]:
                    self.assertEqual(lines[url]["error"], error, lines[url]["detail"])
                    self.assertLess(lines[url]["duration_ms"], timeout * 1000 + 1000)
        self.assertEqual(agent.stats()["actors"]["target"]["failed"], 0)


if __name__ == "__main__":
    harness.main()
