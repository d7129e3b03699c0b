"""The agent's /probe beside blackbox_exporter: the same endpoints, asked for in the same way of both.
What they say of each must be the same, and where it is not, the case says why. docs/operations.md
names the differences for users."""

import concurrent.futures
import json
import math
import shutil
import subprocess
import urllib.parse

import blackbox_peer
import blackbox_world as world
import harness
from blackbox_peer import EXPORTER, only

PRIVATE = harness.enter_private_network()

# What blackbox_exporter leaves at 0 and the agent leaves out where it was not measured is no
# difference; times have a test of their own.
SAME_VALUES = ("probe_http_status_code", "probe_http_redirects", "probe_http_ssl",
               "probe_http_version", "probe_http_content_length",
               "probe_http_uncompressed_body_length", "probe_failed_due_to_regex",
               "probe_http_last_modified_timestamp_seconds", "probe_ip_protocol",
               "probe_ip_addr_hash", "probe_ssl_earliest_cert_expiry",
               "probe_ssl_last_chain_expiry_timestamp_seconds", "probe_icmp_reply_hop_limit")
SAME_LABELS = ("probe_ssl_last_chain_info", "probe_tls_version_info")


def ours_of(module):
    """A module of blackbox_exporter's configuration as the agent's file has it."""
    if module["prober"] == "icmp":
        return {"prober": "icmp", "timeout": module.get("timeout", "10s"),
                "icmp": {"count": 1, "timeout": "10s", **module.get("icmp", {})}}
    out = {"prober": "http"}
    if "timeout" in module:
        out["timeout"] = module["timeout"]
    http = dict(module.get("http", {}))
    http.pop("enable_http2", None)  # the agent never speaks it
    tls = http.pop("tls_config", {})
    for theirs, own in (("ca_file",) * 2, ("cert_file",) * 2, ("key_file",) * 2,
                        ("server_name",) * 2, ("insecure_skip_verify",) * 2,
                        ("min_version", "min_tls_version")):
        if theirs in tls:
            http[own] = tls[theirs]
    if "body_size_limit" in http:
        http["max_body"] = http.pop("body_size_limit")
    if "compression" in http:  # the agent decodes what comes
        http["headers"] = {**http.get("headers", {}), "Accept-Encoding": http.pop("compression")}
    out["http"] = http
    return out


def probe(base, case, debug=False, timeout=None):
    query = {"target": case.target, "module": case.module_name, **case.parameters}
    if debug:
        query["debug"] = "true"
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": str(timeout or world.SCRAPE_TIMEOUT)}
    return harness.http(f"{base}/probe?{urllib.parse.urlencode(query)}", headers=headers, timeout=20)


def phases(metrics, name="probe_http_duration_seconds"):
    return {labels["phase"]: value for labels, value in metrics.series(name)}


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
@harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
@harness.unittest.skipUnless(shutil.which("nginx"), "nginx is not installed (Debian's nginx-light)")
class Blackbox(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        """The endpoints and both probers run for all tests: starting them takes longer than those."""
        cls.network = world.Network()
        cls.addClassCleanup(cls.network.close)
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        cls.world = world.World(cls.shared)
        cls.cases = cls.world.cases()
        modules = {"http_2xx": {"prober": "http"}, "icmp": {"prober": "icmp"}}
        modules.update((case.module_name, case.module) for case in cls.cases)
        own = {name: ours_of(module) for name, module in modules.items()
               if name not in ("http_2xx", "icmp")}
        cls.agent = cls.shared.start_agent(
            "127.0.0.1:1", config=cls.shared.write("agent.yaml", json.dumps({"modules": own})))
        cls.theirs = blackbox_peer.start_exporter(cls.shared, modules)
        cls.agent.wait_healthy()

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)  # to be shown if the test fails

    def both(self, case):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda base: probe(base, case), (self.theirs, self.agent.url)))
        for answer in answers:
            self.assertEqual(answer.status, 200, f"{case.name}: {answer.text}")
        return [harness.Metrics(answer.text) for answer in answers]

    def compare(self, case, theirs, ours):
        verdicts = tuple(m.value("probe_success") for m in (theirs, ours))
        shown = f"\n--- {case.name}: {case.target}\n{ours.text}\n--- blackbox_exporter\n{theirs.text}"
        if case.verdicts_differ:
            self.assertEqual(verdicts, case.verdicts_differ[:2],
                             f"the difference is gone: {case.verdicts_differ[2]}{shown}")
            return
        self.assertEqual(verdicts, (case.success,) * 2, shown)
        if case.reason:
            self.assertTrue(ours.has("xprober_probe_failure_info", reason=case.reason), shown)
        names = SAME_VALUES if case.success else ("probe_http_status_code", "probe_http_redirects",
                                                  "probe_failed_due_to_regex", "probe_ip_protocol")
        if case.success:
            missing = set(theirs.samples) - set(ours.samples)
            self.assertFalse(missing, shown)
            for name in ("probe_http_duration_seconds", "probe_icmp_duration_seconds"):
                self.assertEqual(set(phases(theirs, name)), set(phases(ours, name)), shown)
            for name in SAME_LABELS:
                self.assertEqual(theirs.series(name), ours.series(name), shown)
        for name in names:
            if name not in case.values_differ:
                self.assertEqual(only(theirs, name), only(ours, name), f"{name}{shown}")

    def test_the_same_verdict_everywhere(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.both, self.cases))
        for case, (theirs, ours) in zip(self.cases, answers):
            with self.subTest(case.name):
                self.compare(case, theirs, ours)
        self.assertGreaterEqual(len(self.cases), 60)
        stats = self.agent.stats()
        self.assertGreaterEqual(stats["probe_requests"]["started"], len(self.cases))
        self.assertEqual(stats["actors"]["prober"]["running"], 1)
        self.assertEqual(stats["targets"], {
            "icmp": 0, "http": 0, "tcp": 0, "tls": 0, "dns": 0, "of_modules": 0, "unknown_type": 0,
            "duplicates": 0, "bad": 0, "bad_first": []})

    def test_the_built_in_modules(self):
        """What blackbox_exporter's default file has works without any configuration."""
        web, tls = self.world.web.url, f"https://localhost:{self.world.tls['good']}/page"
        for module, target, success in (("", f"{web}/ok", 1), ("http_2xx", f"{web}/ok", 1),
                                        ("http_2xx", f"{web}/status/404", 0), ("http_2xx", tls, 0),
                                        ("icmp", "127.0.0.1", 1), ("icmp", world.DARK, 0)):
            case = world.Case(f"{module} {target}", target, success, name_of_module=module)
            if not module:
                answer = harness.http(f"{self.agent.url}/probe?" + urllib.parse.urlencode(
                    {"target": target}))
                self.assertEqual(harness.Metrics(answer.text).value("probe_success"), success)
                continue
            with self.subTest(case.name):
                theirs, ours = self.both(case)
                self.assertEqual(theirs.value("probe_success"), success, theirs.text)
                self.assertEqual(ours.value("probe_success"), success, ours.text)
        # Not the 50 of the section icmp.
        case = world.Case("one echo", "127.0.0.1", 1, name_of_module="icmp")
        self.assertEqual(probe(self.agent.url, case, debug=True).text.count("Sent an echo"), 1)

    def test_what_cannot_be_sent_from_here_is_no_answer(self):
        for module, target in (("icmp", world.NO_ROUTE), ("http_2xx", f"http://{world.NO_ROUTE}/")):
            with self.subTest(module):
                case = world.Case("no way there", target, 0, name_of_module=module)
                theirs, ours = (probe(base, case) for base in (self.theirs, self.agent.url))
                self.assertEqual(harness.Metrics(theirs.text).value("probe_success"), 0)
                self.assertEqual(ours.status, 503, ours.text)
                self.assertIn("The probe was not made: ", ours.text)

    def test_phases_take_as_long(self):
        """Three probes of each, and the shortest of them, so that a busy machine is not seen. It can
        also shorten a phase, where the one before was seen to end late: so no phase may be too short
        in all three."""
        for case in self.world.slow_cases():
            rounds = [self.both(case) for _ in range(3)]
            theirs, ours = ({phase: min(phases(pair[i])[phase] for pair in rounds)
                             for phase in phases(rounds[0][i])} for i in range(2))
            with self.subTest(case.name):
                for phase, expected in case.expected.items():
                    longest = max(phases(pair[1])[phase] for pair in rounds)
                    self.assertGreater(longest, expected * 0.95, (phase, ours))
                for phase, value in theirs.items():
                    self.assertLess(abs(ours[phase] - value), harness.scaled(0.03),
                                    (phase, ours, theirs))
            whole = [min(pair[i].value("probe_duration_seconds") for pair in rounds) for i in range(2)]
            self.assertLess(abs(whole[0] - whole[1]), harness.scaled(0.05), case.name)

    def test_requests_that_are_wrong(self):
        web = urllib.parse.quote(f"{self.world.web.url}/ok")
        for query, text in (("module=icmp", "Target parameter is missing"),
                            (f"target={web}&module=nope", 'Unknown module "nope"')):
            for base in (self.theirs, self.agent.url):
                answer = harness.http(f"{base}/probe?{query}")
                self.assertEqual((answer.status, text in answer.text), (400, True), answer.text)
        answer = harness.http(f"{self.agent.url}/probe?target={web}&module=nope")
        self.assertIn("http_2xx", answer.text)
        answer = harness.http(f"{self.agent.url}/probe?target={web}",
                              headers={"X-Prometheus-Scrape-Timeout-Seconds": "soon"})
        self.assertEqual(answer.status, 400)

    def test_the_hostname_parameter(self):
        case = world.Case("virtual host", f"{self.world.web.url}/host", 1, name_of_module="http_2xx",
                          parameters={"hostname": "virtual.test"})
        theirs, ours = self.both(case)
        self.assertEqual((theirs.value("probe_success"), ours.value("probe_success")), (1, 1))
        # TLS asks for it, too: nginx tells its hosts apart by it.
        case = world.Case("by name over TLS", f"https://127.0.0.1:{self.world.nginx_tls}/", 1,
                          name_of_module="over_tls", parameters={"hostname": "localhost"})
        theirs, ours = self.both(case)
        self.assertEqual((theirs.value("probe_success"), ours.value("probe_success")), (1, 1),
                         ours.text)

    def test_the_story_of_a_probe(self):
        case = world.Case("story", f"http://web.test:{self.world.web.port}/redirect/302/1", 1,
                          name_of_module="secret")
        for base in (self.theirs, self.agent.url):
            text = probe(base, case, debug=True).text
            for part in ("Logs for the probe:", "Beginning probe", "Resolving target address",
                         "Resolved target address", "Making HTTP request", "Received HTTP response",
                         "Probe succeeded", "Metrics that would have been returned:",
                         "probe_success 1", "Module configuration:", "prober: http"):
                self.assertIn(part, text)
            self.assertNotIn("open sesame", text)
        self.assertIn("status_code=302", text)
        failing = world.Case("failing", f"http://nosuch.test:{self.world.web.port}/", 0,
                             name_of_module="http_2xx")
        text = probe(self.agent.url, failing, debug=True).text
        self.assertIn("resolve_not_found", text)
        self.assertIn("Probe failed", text)
        text = probe(self.agent.url, world.Case("ping", "127.0.0.1", 1, name_of_module="icmp"),
                     debug=True).text
        for part in ("Sent an echo request", "Found matching reply packet", "count: 1"):
            self.assertIn(part, text)

    @harness.unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_no_complaint(self):
        wanted = {"nginx over TLS", "expired", "ping", "ping, no answer", "name not found"}
        for case in self.cases:
            if case.name in wanted:
                wanted.remove(case.name)
                text = probe(self.agent.url, case).text
                done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                      capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), text)
                for value in (v for group in harness.Metrics(text).samples.values() for _, v in group):
                    self.assertFalse(math.isnan(value), text)
        self.assertFalse(wanted)

    def test_as_many_as_may_run(self):
        agent = self.start_agent("127.0.0.1:1", settings={"max_probe_requests": "2"}).wait_healthy()
        slow = world.Case("slow", f"http://127.0.0.1:{self.world.raw['hold']}/", 0,
                          name_of_module="http_2xx")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            running = [pool.submit(probe, agent.url, slow) for _ in range(2)]
            self.wait("two are running",
                      lambda: agent.stats()["probe_requests"]["in_flight"] == 2, 10)
            answer = probe(agent.url, slow)
            self.assertEqual((answer.status, "max_probe_requests" in answer.text), (503, True))
            for one in running:
                self.assertEqual(harness.Metrics(one.result().text).value("probe_success"), 0)
        self.wait("it is counted", lambda: agent.stats()["probe_requests"] == {
            "started": 2, "refused": 1, "in_flight": 0}, 10)

    def test_switched_off(self):
        agent = self.start_agent("127.0.0.1:1", settings={"max_probe_requests": "0"}).wait_healthy()
        answer = probe(agent.url, world.Case("", "127.0.0.1", 1, name_of_module="icmp"))
        self.assertEqual((answer.status, "max_probe_requests" in answer.text), (404, True))


if __name__ == "__main__":
    harness.main()
