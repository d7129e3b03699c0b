"""Odd certificates and odd TLS, shown by `openssl s_server`: each has its own reason, with the names
and dates of the certificate."""

import json
import os
import pathlib
import socket
import tempfile
import time

import harness
import probing
import servers

PAST = ("20200101000000Z", "20200201000000Z")
FUTURE = ("20400101000000Z", "20400201000000Z")
RSA = ("-newkey", "rsa:2048")


class Tls(probing.ProbingTest):
    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        servers.make_certificate(self.folder, "good", "DNS:localhost,IP:127.0.0.1")
        self.targets = {}

    def certificate(self, name, alternative="DNS:localhost", **options):
        return servers.make_odd_certificate(self.folder, name, alternative, **options)

    def offer(self, name, *options, certificate="good", module="strict"):
        """A server with this certificate, probed by this module."""
        port = harness.free_port()
        server = self.start(f"s_server-{name}", "openssl", "s_server", "-accept", f"127.0.0.1:{port}",
                            "-www", "-cert", self.folder / f"{certificate}.pem",
                            "-key", self.folder / f"{certificate}.key", *options)

        def listens():
            with socket.create_connection(("127.0.0.1", port), 1):
                return True

        self.wait(f"{name} listens", listens, 10, [server])
        self.targets[name] = (module, f"https://localhost:{port}/")
        return port

    def run_probes(self, **modules):
        ca = f"ca_file: {self.authority}"
        return self.probe({"strict": f"http: {{{ca}}}",
                           **{name: f"http: {{{ca}, {text}}}" for name, text in modules.items()}},
                          self.targets)

    def test_certificates(self):
        self.certificate("expired", start=PAST[0], end=PAST[1])
        self.certificate("early", start=FUTURE[0], end=FUTURE[1])
        self.certificate("other", "DNS:other.test,DNS:*.more.test")
        self.certificate("small", key=("-newkey", "rsa:1024"))
        self.certificate("old-digest", digest="sha1")
        stranger = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        servers.make_authority(stranger)
        servers.make_certificate(stranger, "stranger", "DNS:localhost")
        for end in ("pem", "key"):
            (stranger / f"stranger.{end}").rename(self.folder / f"stranger.{end}")
        self.offer("good")
        for name in ("expired", "early", "other", "stranger"):
            self.offer(name, certificate=name)
        for name in ("small", "old-digest"):
            self.offer(name, "-cipher", "DEFAULT@SECLEVEL=0", certificate=name)
        harness.run(["openssl", "req", "-x509", *RSA, "-nodes", "-keyout", "own.key", "-out", "own.pem",
                     "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                    cwd=self.folder)
        self.offer("own", certificate="own")
        self.offer("blind", certificate="expired", module="blind")
        self.offer("renamed", certificate="other", module="renamed")
        found = self.run_probes(blind="insecure_skip_verify: true", renamed="server_name: a.more.test")

        self.assert_result(found["good"], None)
        self.assert_result(found["expired"], "tls_expired", "tls", (
            "has expired", "for localhost", "2020-01-01T00:00:00Z to 2020-02-01T00:00:00Z",
            "issued by CN=test authority"))
        self.assertEqual(found["expired"]["http"]["tls"]["expiry_unix"], 1580515200)
        self.assertEqual(found["expired"]["http"]["cert_expiry_unix"], 1580515200)
        self.assert_result(found["early"], "tls_not_yet_valid", "tls",
                           ("2040-01-01T00:00:00Z to 2040-02-01T00:00:00Z",))
        self.assert_result(found["other"], "tls_wrong_name", "tls", ("for other.test, *.more.test",))
        self.assert_result(found["stranger"], "tls_unknown_issuer", "tls",
                           ("issued by CN=test authority", "for localhost"))
        self.assert_result(found["own"], "tls_unknown_issuer", "tls", ("self-signed",))
        self.assert_result(found["small"], "tls_verify", "tls", ("key too weak",))
        self.assert_result(found["old-digest"], "tls_verify", "tls", ("too weak",))
        # Who does not look at certificates is told of them all the same.
        self.assert_result(found["blind"], None)
        self.assertEqual(found["blind"]["http"]["cert_expiry_unix"], 1580515200)
        self.assert_result(found["renamed"], None)

    def test_versions_and_ciphers(self):
        self.certificate("rsa", key=RSA)
        old = ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        self.offer("old", *old)
        self.offer("old-allowed", *old, module="lax")
        self.offer("only-12", "-no_tls1_3", module="only13")
        self.offer("new", "-tls1_3")
        self.offer("null", "-no_tls1_3", "-cipher", "NULL-SHA256:@SECLEVEL=0", certificate="rsa")
        self.offer("chacha", "-no_tls1_3", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305", certificate="rsa")
        plain = self.serve(servers.WebServer(servers.reply))
        self.targets["no-tls"] = ("strict", f"https://localhost:{plain.port}/")
        found = self.run_probes(lax="min_tls_version: TLS10", only13="min_tls_version: TLS13")

        for name in ("old", "only-12", "null"):
            self.assert_result(found[name], "tls_protocol", "tls", ("TLS handshake: ",))
        self.assert_result(found["old-allowed"], None)
        self.assertEqual(found["old-allowed"]["http"]["tls"]["version"], "TLSv1.1")
        self.assert_result(found["new"], None)
        self.assertEqual(found["new"]["http"]["tls"]["version"], "TLSv1.3")
        self.assert_result(found["chacha"], None)
        self.assertEqual(found["chacha"]["http"]["tls"]["cipher"], "ECDHE-RSA-CHACHA20-POLY1305")
        self.assert_result(found["no-tls"], "tls_failed", "tls")

    def test_client_certificates(self):
        servers.make_certificate(self.folder, "agent", "DNS:agent")
        for version in ("-no_tls1_3", "-tls1_3"):
            wanted = (version, "-Verify", "1", "-verify_return_error", "-CAfile", self.authority)
            self.offer(f"missing{version}", *wanted)
            self.offer(f"there{version}", *wanted, module="known")
        found = self.run_probes(known=f"cert_file: {self.folder}/agent.pem, "
                                      f"key_file: {self.folder}/agent.key")
        for version in ("-no_tls1_3", "-tls1_3"):
            with self.subTest(version=version):
                self.assert_result(found[f"missing{version}"], "tls_failed", detail=(
                    "the server asked for a certificate, and http.cert_file names none",))
                self.assert_result(found[f"there{version}"], None)


class Store(harness.SystemTest):
    """The system's trust store: here a pipe, which is read for as long as the test likes."""

    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        context = servers.make_certificate(self.folder, "good", "DNS:localhost,IP:127.0.0.1")
        self.secure = self.serve(servers.WebServer(servers.reply, context=context))
        self.plain = self.serve(servers.WebServer(servers.reply))
        self.store = self.folder / "store"
        os.mkfifo(self.store)
        self.surroundings = {**os.environ, "SSL_CERT_FILE": str(self.store), "SSL_CERT_DIR": "/nonexistent"}

    def give_store(self, program, seconds):
        """Makes whoever reads the store wait so long, and gives it the authority."""
        def opened():
            try:
                return os.open(self.store, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return None  # nobody reads

        writer = self.wait("the store is being read", opened, 15, [program])
        time.sleep(seconds)
        os.write(writer, self.authority.read_bytes())
        os.close(writer)

    def test_it_is_not_read_for_what_needs_none(self):
        port = self.plain.port
        for arguments in (("http", self.plain.url), ("tcp", f"localhost:{port}"), ("ping", "127.0.0.1", "-c", "1")):
            with self.subTest(command=arguments[0]):
                done = harness.xprober(*arguments, env=self.surroundings)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_who_needs_it_first_waits_in_no_time_of_its_own(self):
        turn = self.serve(servers.WebServer(lambda request: servers.reply(
            request, 302, headers=[("Location", f"https://localhost:{self.secure.port}/")])))
        for url in (f"https://localhost:{self.secure.port}/", turn.url):
            with self.subTest(url=url):
                patience = 1.0
                program = self.start("http", harness.PROGRAM, "http", "--json", "-W", f"{patience * 1000:g}",
                                     url, f"{self.plain.url}/beside", env=self.surroundings)
                self.give_store(program, 1.5 * patience)
                self.assertEqual(program.wait(15), 0, program.text())
                results = [json.loads(line) for line in program.out().splitlines()]
                self.assertEqual(len(results), 2)
                for result in results:
                    self.assertLess(sum(result["phases_ms"].values()), patience * 1000, result)


if __name__ == "__main__":
    harness.main()
