"""TLS handshakes that stall or end at every step: each probe ends within its time, with its reason.

The server is Python's own TLS behind a memory buffer, so that exactly so many bytes of what it says
get out."""

import ssl

import harness
import probing
import servers

STEPS = 12  # of the bytes that a server says until it has answered, in equal parts


class Lying:
    """Plays a TLS server on a connection, but lets only the first `limit` bytes of it out.

    `limit` None: all of the handshake, and no answer to the request."""

    def __init__(self, context, connection, limit):
        self.connection = connection
        self.limit = limit
        self.sent = 0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def flush(self):
        """False once the limit is met."""
        data = self.outgoing.read()
        if self.limit is not None:
            data = data[:self.limit - self.sent]
        self.connection.sendall(data)
        self.sent += len(data)
        return self.limit is None or self.sent < self.limit

    def step(self, operation):
        """True once the operation is through, False once the limit is met."""
        while True:
            try:
                operation()
                return self.flush()
            except ssl.SSLWantReadError:
                if not self.flush():
                    return False
                data = self.connection.recv(65536)
                if not data:
                    return False
                self.incoming.write(data)

    def play(self):
        if self.step(self.tls.do_handshake) and self.step(lambda: self.tls.read(65536)):
            if self.limit is not None:
                self.step(lambda: self.tls.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))


def context_of(folder, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
    context.minimum_version = context.maximum_version = version
    return context


class HostileTls(probing.ProbingTest):
    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        servers.make_certificate(self.folder, "localhost", "DNS:localhost")
        self.contexts = {version.name: context_of(self.folder, version) for version in (
            ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)}
        self.sizes = {}

    def server(self, version, limit, then_close):
        """The port of a server that says `limit` bytes, then nothing more, or ends."""
        def serve(connection, _):
            lying = Lying(self.contexts[version], connection, limit)
            lying.play()
            self.sizes[version, limit] = lying.sent
            connection.settimeout(60)
            while not then_close and connection.recv(65536):
                pass

        return self.serve(servers.TcpServer(serve)).port

    def probe_all(self, targets, timeout):
        module = f"http: {{ca_file: {self.authority}, timeout: {timeout}}}"
        return self.probe({"strict": module}, {
            name: ("strict", f"https://localhost:{port}/") for name, port in targets.items()})

    def test_every_step(self):
        ample = 1 << 20
        whole = self.probe_all({v: self.server(v, ample, True) for v in self.contexts}, "5s")
        for version, result in whole.items():
            self.assert_result(result, None)
            self.assertGreater(self.sizes[version, ample], 500)
        self.agent.stop()

        timeout = harness.scaled(1.5)
        targets = {}
        for version in self.contexts:
            size = self.sizes[version, ample]
            # 20: half of a ServerHello. The last record has more than 20 bytes, and signatures have one
            # more or less each time.
            for limit in {0, 20, size - 15, *(size * i // STEPS for i in range(1, STEPS))}:
                targets[version, limit, False] = self.server(version, limit, False)
                targets[version, limit, True] = self.server(version, limit, True)
            targets[version, None, False] = self.server(version, None, False)
        found = self.probe_all(targets, f"{int(timeout * 1000)}ms")
        seen = set()
        for (version, limit, closes), result in found.items():
            with self.subTest(version=version, limit=limit, closes=closes):
                phase = result["http"]["failed_phase"]
                seen.add((version, phase))
                self.assertIn(phase, ("tls", "processing", "transfer"))
                self.assertLess(result["duration_ms"], timeout * 1000 + 500)
                if closes:
                    self.assertEqual(result["error"], "tls_failed" if phase == "tls"
                                     else "http_early_close", result["detail"])
                    self.assertLess(result["duration_ms"], timeout * 1000)
                else:
                    self.assertEqual(result["error"], "deadline", result["detail"])
                    self.assertIn(f"{phase} not completed within the timeout", result["detail"])
                if limit is not None and limit <= 20:
                    self.assertEqual(phase, "tls")
        for version in self.contexts:
            self.assertEqual(found[version, None, False]["http"]["failed_phase"], "processing")
            self.assertIn((version, "tls"), seen)
        stats = self.agent.stats()
        self.assertEqual(stats["actors"]["target"]["failed"], 0)
        # Nothing of the stalled handshakes stays behind.
        self.assertLess(stats["process"]["open_fds"], 100 + len(targets))


if __name__ == "__main__":
    harness.main()
