"""The agent's /probe beside blackbox_exporter for the kinds tcp and dns: the same endpoints, asked for
in the same way of both. What they say of each must be the same, and where it is not, the case says why.
docs/operations.md names the differences for users; test_blackbox.py has http and icmp."""

import concurrent.futures
import json
import math
import shutil
import subprocess
import urllib.parse

import blackbox_kinds_dns as of_dns
import blackbox_kinds_tcp as of_tcp
import blackbox_kinds_world as world
import blackbox_peer
import harness
from blackbox_kinds_servers import LATE
from blackbox_peer import EXPORTER, only

PRIVATE = harness.enter_private_network()

SAME_VALUES = {
    "tcp": ("probe_failed_due_to_regex", "probe_ip_protocol", "probe_ip_addr_hash",
            "probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_expiry_timestamp_seconds"),
    "dns": ("probe_dns_answer_rrs", "probe_dns_authority_rrs", "probe_dns_additional_rrs",
            "probe_dns_query_succeeded", "probe_dns_serial", "probe_ip_protocol",
            "probe_ip_addr_hash"),
}
# Of dns blackbox_exporter has nothing about certificates, the agent all that it has of tcp.
SAME_LABELS = {"tcp": ("probe_ssl_last_chain_info", "probe_tls_version_info"), "dns": ()}


def ours_of(module, own):
    """A module of blackbox_exporter's configuration as the agent's file has it: its keys are the same,
    but the name to ask for is a part of the target."""
    kind = module["prober"]
    section = {**module[kind], **own}
    section.pop("query_name", None)
    return {**module, kind: section}


def probe(base, module, target, debug=False):
    query = {"target": target, "module": module, **({"debug": "true"} if debug else {})}
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": str(world.SCRAPE_TIMEOUT)}
    return harness.http(f"{base}/probe?{urllib.parse.urlencode(query)}", headers=headers, timeout=20)


def phases(metrics):
    return {labels["phase"]: value for labels, value in metrics.series("probe_dns_duration_seconds")}


def seconds(metrics, phase):
    """What this phase took; None: the whole probe."""
    return phases(metrics)[phase] if phase else only(metrics, "probe_duration_seconds")


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
@harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
@harness.unittest.skipUnless(shutil.which("knotd"), "knotd is not installed (Debian's knot)")
class BlackboxKinds(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        """The endpoints and both probers run for all tests: starting them takes longer than those."""
        cls.network = world.Network()
        cls.addClassCleanup(cls.network.close)
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        cls.world = world.World(cls.shared)
        cls.cases = [*of_tcp.cases(cls.world), *of_dns.cases(cls.world)]
        cls.slow = [*((case, None) for case in of_tcp.slow_cases(cls.world)),
                    *of_dns.slow_cases(cls.world)]
        everything = [*cls.cases, *(case for case, _ in cls.slow)]
        own = {case.module_name: ours_of(case.module, case.own) for case in everything}
        cls.agent = cls.shared.start_agent(
            "127.0.0.1:1", config=cls.shared.write("agent.yaml", json.dumps({"modules": own})))
        cls.theirs = blackbox_peer.start_exporter(
            cls.shared, {case.module_name: case.module for case in everything})
        cls.agent.wait_healthy()

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)  # to be shown if the test fails

    def both(self, case):
        asked = ((self.theirs, case.target), (self.agent.url, case.own_target))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda one: probe(one[0], case.module_name, one[1]), asked))
        for answer in answers:
            self.assertEqual(answer.status, 200, f"{case.name}: {answer.text}")
        return [harness.Metrics(answer.text) for answer in answers]

    def compare(self, case, theirs, ours):
        shown = f"\n--- {case.name}: {case.target}\n{ours.text}\n--- blackbox_exporter\n{theirs.text}"
        verdicts = tuple(m.value("probe_success") for m in (theirs, ours))
        if case.verdicts_differ:
            self.assertEqual(verdicts, case.verdicts_differ[:2],
                             f"the difference is gone: {case.verdicts_differ[2]}{shown}")
        else:
            self.assertEqual(verdicts, (case.success,) * 2, shown)
        if case.reason:
            self.assertTrue(ours.has("xprober_probe_failure_info", reason=case.reason), shown)
        for name in SAME_VALUES[case.kind]:
            self.compare_value(case, name, only(theirs, name), only(ours, name), shown)
        for name in SAME_LABELS[case.kind]:
            self.compare_value(case, name, theirs.series(name) or None, ours.series(name) or None, shown)
        if verdicts == (1, 1):
            self.assertFalse(set(theirs.samples) - set(ours.samples) - set(case.values_differ), shown)
            self.assertEqual(set(phases(theirs)), set(phases(ours)), shown)

    def compare_value(self, case, name, theirs, ours, shown):
        if name not in case.values_differ:
            self.assertEqual(theirs, ours, f"{name}{shown}")
            return
        *expected, why = case.values_differ[name]
        for value, wanted in zip((theirs, ours), expected):
            gone = f"{name}: the difference is gone: {why}{shown}"
            if wanted is world.SOME:
                self.assertIsNotNone(value, gone)
            else:
                self.assertEqual(value, wanted, gone)

    def test_the_same_verdict_everywhere(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.both, self.cases))
        for case, (theirs, ours) in zip(self.cases, answers):
            with self.subTest(case.name):
                self.compare(case, theirs, ours)
        self.assertEqual(len({case.module_name for case in self.cases}), len(self.cases))
        for kind, least in (("tcp", 25), ("dns", 30)):
            self.assertGreaterEqual(sum(case.kind == kind for case in self.cases), least)
            self.wait(f"the probes of {kind} are counted", lambda k=kind, n=least:
                      self.agent.stats()["probes"][k]["finished"] >= n, 10)

    def test_what_is_slow(self):
        """Three probes of each, and the shortest of them, so that a busy machine is not seen. It can
        also shorten a phase, where the one before was seen to end late: so none may be too short in
        all three."""
        for case, slow_phase in self.slow:
            rounds = [self.both(case) for _ in range(3)]
            for metrics in (one for pair in rounds for one in pair):
                self.assertEqual(metrics.value("probe_success"), 1, f"{case.name}\n{metrics.text}")
            for phase in {None, slow_phase}:
                with self.subTest(case.name, phase=phase):
                    theirs, ours = ([seconds(pair[i], phase) for pair in rounds] for i in range(2))
                    self.assertGreater(max(ours), LATE * 0.95, ours)
                    self.assertLess(abs(min(ours) - min(theirs)), harness.scaled(0.05), (ours, theirs))

    def test_the_story_of_a_probe(self):
        parts = {"SMTP": ("prober: tcp", "Connected", "Read line", "220 mail.test ESMTP"),
                 "MX": ("prober: dns", "Making DNS query", "Got response", 'query_type: "MX"')}
        for case in (case for case in self.cases if case.name in parts):
            text = probe(self.agent.url, case.module_name, case.own_target, debug=True).text
            for part in (f"target={case.own_target} ", "Beginning probe", "Resolving target address",
                         "Probe succeeded", "probe_success 1", "Module configuration:",
                         *parts.pop(case.name)):
                self.assertIn(part, text)
        self.assertFalse(parts)

    @harness.unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_no_complaint(self):
        wanted = {"TLS", "expired", "refused", "banner", "SOA", "no such name", "silent",
                  "over TLS, not verified", "over TLS, expired"}
        for case in self.cases:
            if case.name in wanted:
                wanted.remove(case.name)
                text = probe(self.agent.url, case.module_name, case.own_target).text
                done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                      capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), text)
                for value in (v for group in harness.Metrics(text).samples.values() for _, v in group):
                    self.assertFalse(math.isnan(value), text)
        self.assertFalse(wanted)


if __name__ == "__main__":
    harness.main()
