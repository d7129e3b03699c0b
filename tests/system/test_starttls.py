"""Probes of the kind `tls` of servers from the field, each of which begins TLS in its own way. What
`openssl s_client` says of a good one is what the probe says."""

import concurrent.futures
import dataclasses
import json
import ssl
import urllib.parse

import harness
import starttls_peers

# Dovecot starts a process for each connection, which a busy machine may make wait.
TIMEOUT_SECONDS = 15
# Of a probe that is to end because nobody says anything; with what /probe keeps for the scrape's way.
SILENCE_SECONDS = 2
RESERVE_SECONDS = 0.5
EXPIRY = "probe_ssl_earliest_cert_expiry"

# What the servers themselves say to who asks for TLS that they do not have.
REFUSALS = {
    "smtp": "smtp: the server answered '503 STARTTLS command used when not advertised'",
    "imap": "imap: the server answered 'a1 BAD TLS support isn't enabled.'",
    "pop3": "pop3: the server answered '-ERR TLS support isn't enabled.'",
    "ftp": "ftp: the server answered '530 Please login with USER and PASS.'",
    "postgres": "postgres: the server does not offer TLS",
    "ldap": "result code 2: 'unsupported extended operation'",
}

# How a server of one protocol answers who speaks another: with a greeting, whoever connects; not
# before it is asked; with a closed connection or an error of its own.
GREETINGS = {"smtp": "220 localhost ESMTP Exim", "imap": "* OK ", "pop3": "+OK ",
             "ftp": "220 (vsFTPd"}
# Both say 220, so that they part at the next step.
LATER_ANSWERS = {("smtp", "ftp"): "530 Please login with USER and PASS.",
                 ("ftp", "smtp"): "503 AUTH command used when not advertised"}
SILENCE = "starttls not completed within the timeout"
CLOSED = "the server closed the connection"


@dataclasses.dataclass
class Case:
    """What the module `module` says of the server `target`: (protocol, kind). `detail`: a part of
    its sentence; `seconds`: what the probe may take."""
    module: str
    target: tuple
    reason: str = ""
    phase: str = "tls"
    detail: str = ""
    expiry: bool = True
    seconds: float = TIMEOUT_SECONDS


def cases_of(protocol):
    """The good certificate is judged by another test."""
    good = (protocol, "good")
    yield Case(f"{protocol}_stranger", good, "tls_unknown_issuer", detail="issued by CN=test authority")
    yield Case(f"{protocol}_renamed", good, "tls_wrong_name", detail="the certificate is for localhost")
    if protocol in REFUSALS:
        yield Case(protocol, (protocol, "plain"), "starttls_failed", "starttls", REFUSALS[protocol],
                   expiry=False)
    if protocol == "smtp":
        yield Case(protocol, (protocol, "expired"), "tls_expired", detail="has expired")


def mismatch(client, server):
    """Who speaks one protocol to a server of another."""
    def case(reason, detail, phase="starttls"):
        return Case(client, (server, "good"), reason, phase, detail, expiry=False)

    greeting = GREETINGS.get(server)
    if client == "none":
        return case("tls_failed", "wrong version number" if greeting else CLOSED, "tls")
    if greeting:
        return case("starttls_failed", LATER_ANSWERS.get((client, server), greeting))
    if client in GREETINGS:
        return dataclasses.replace(case("deadline", SILENCE), seconds=SILENCE_SECONDS)
    if server == "none":
        return case("starttls_failed", "HTTP/1.1 400 Bad Request")
    return case("early_close", CLOSED)


class Starttls(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        """The servers and the agent run for all tests."""
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        try:
            cls.peers = starttls_peers.Peers(cls.shared)
            modules = {}
            for protocol in starttls_peers.PROGRAMS:
                for end, ca_file, name in (("", cls.peers.authority, ""),
                                           ("_stranger", cls.peers.stranger, ""),
                                           ("_renamed", cls.peers.authority, "other.test")):
                    modules[protocol + end] = {
                        "prober": "tls", "timeout": f"{harness.scaled(TIMEOUT_SECONDS):g}s",
                        "tls": {"starttls": protocol,
                                "tls_config": {"ca_file": str(ca_file), "server_name": name}}}
            cls.agent = cls.shared.start_agent(
                "127.0.0.1:1", config=cls.shared.write("agent.yaml", json.dumps({"modules": modules})))
            cls.agent.wait_healthy()
        except BaseException:
            cls.shared.show_processes()
            cls.shared.doCleanups()  # also where the file is told to end
            raise

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)  # to be shown if the test fails

    def probe(self, module, target, seconds=TIMEOUT_SECONDS):
        """(metrics, the whole answer with what was logged) of /probe."""
        scrape = {"X-Prometheus-Scrape-Timeout-Seconds": f"{harness.scaled(seconds) + RESERVE_SECONDS:g}"}
        answer = harness.http(f"{self.agent.url}/probe?" + urllib.parse.urlencode(
            {"module": module, "target": self.peers.targets[target], "debug": "true"}), headers=scrape,
            timeout=seconds + 10)
        self.assertEqual(answer.status, 200, answer.text)
        metrics = answer.text.partition("Metrics that would have been returned:")[2]
        return harness.Metrics(metrics.partition("Module configuration:")[0]), answer.text

    def expiry_of(self, kind):
        """Of the certificate's file, as openssl has it."""
        done = harness.run(["openssl", "x509", "-noout", "-enddate", "-in",
                            self.peers.folder / f"{kind}.pem"])
        return ssl.cert_time_to_seconds(done.stdout.strip().removeprefix("notAfter="))

    def check(self, cases):
        cases = list(cases)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda case: self.probe(case.module, case.target, case.seconds),
                                  cases))
        for case, (metrics, text) in zip(cases, found):
            with self.subTest(module=case.module, server=case.target):
                self.assertEqual(metrics.value("probe_success"), 0, text)
                self.assertEqual([labels for labels, _ in metrics.series("xprober_probe_failure_info")],
                                 [{"reason": case.reason, "phase": case.phase}], text)
                self.assertEqual(metrics.value("xprober_probe_local_error"), 0)
                self.assertIn(case.detail, self.sentence(text, case.reason))
                self.assertEqual([value for _, value in metrics.series(EXPIRY)],
                                 [self.expiry_of(case.target[1])] if case.expiry else [])
                self.assertLess(metrics.value("probe_duration_seconds"),
                                harness.scaled(case.seconds + 1))

    def sentence(self, text, reason):
        """What the log of a probe says about why it failed."""
        lines = [line for line in text.splitlines() if line.endswith(f" error={reason}")]
        self.assertEqual(len(lines), 1, text)
        return lines[0]

    def check_good(self, protocol):
        target, expiry = self.peers.targets[protocol, "good"], self.expiry_of("good")
        metrics, text = self.probe(protocol, (protocol, "good"))
        self.assertEqual(metrics.value("probe_success"), 1, text)
        for name in (EXPIRY, "probe_ssl_last_chain_expiry_timestamp_seconds"):
            self.assertEqual(metrics.value(name), expiry, text)
        self.assertEqual(metrics.value("probe_ssl_last_chain_info", subject="CN=good",
                                       issuer="CN=test authority", subjectalternative="localhost"), 1)
        self.assertEqual({labels["phase"] for labels, _ in metrics.series("probe_tls_duration_seconds")},
                         {"resolve", "connect", "starttls", "tls"})

        starttls = ["--starttls", protocol] if protocol != "none" else []
        done = harness.xprober("tls", *starttls, "--json", "--ca-file", self.peers.authority, target)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        line = json.loads(done.stdout)
        self.assertEqual((line["success"], line["cert_expiry_unix"], line["tls"]["dns_names"]),
                         (True, expiry, ["localhost"]), line)

        judge = harness.run(["openssl", "s_client", *(part.replace("--", "-") for part in starttls),
                             "-connect", target, "-servername", "localhost", "-verify_hostname",
                             "localhost", "-verify_return_error", "-CAfile", self.peers.authority])
        shown = judge.stdout + judge.stderr
        self.assertEqual(judge.returncode, 0, shown)
        for part in ("Verify return code: 0 (ok)", "Verified peername: localhost",
                     f"Cipher is {line['tls']['cipher']}"):
            self.assertIn(part, shown)
        version = line["tls"]["version"]
        self.assertIn(f"New, {version}, ", shown)
        self.assertEqual(metrics.value("probe_tls_version_info",
                                       version=version.replace("TLSv", "TLS ")), 1)

    def check_all(self, protocol):
        with self.subTest("a good certificate"):
            self.check_good(protocol)
        self.check(cases_of(protocol))

    @starttls_peers.needs("smtp")
    def test_smtp(self):
        self.check_all("smtp")

    @starttls_peers.needs("imap")
    def test_imap(self):
        self.check_all("imap")

    @starttls_peers.needs("pop3")
    def test_pop3(self):
        self.check_all("pop3")

    @starttls_peers.needs("ftp")
    def test_ftp(self):
        self.check_all("ftp")

    @starttls_peers.needs("postgres")
    def test_postgres(self):
        self.check_all("postgres")

    @starttls_peers.needs("ldap")
    def test_ldap(self):
        self.check_all("ldap")

    @starttls_peers.needs("none")
    def test_tls_from_the_beginning(self):
        self.check_all("none")

    @harness.unittest.skipUnless(starttls_peers.here(), "none of the servers is installed")
    def test_another_protocol_than_the_servers(self):
        self.check(mismatch(client, server) for server in self.peers.here
                   for client in starttls_peers.PROGRAMS if client != server)


if __name__ == "__main__":
    harness.main()
