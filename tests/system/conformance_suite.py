"""What a probe makes of what servers say: conformance/*.json, beside curl and blackbox_exporter. The
files test_conformance*.py have the topics among themselves."""

import concurrent.futures
import json
import shutil
import urllib.parse

import blackbox_peer
import conformance_tls
import conformance_world as world
import harness
import servers
from blackbox_peer import EXPORTER

PRIVATE = harness.enter_private_network()
WORKERS = 8
STOOD_STILL = "own thread stood still"  # the agent on a machine that is too busy: there is no verdict
MOST_PROBES = 20  # of one case, for one verdict


class NamesBelowTest:
    """What a name server knows: every name below test, as 127.0.0.1."""

    def get(self, name, default):
        return "127.0.0.1" if name.endswith(".test") else default


class Suite(harness.SystemTest):
    maxDiff = None  # every case that is wrong is named

    @staticmethod
    def has(topic):
        """Whether a topic belongs to the file."""
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        cls.cases = [case for case in world.load()
                     if cls.has(case.topic) and (PRIVATE or not case.needs_names())]
        tls = conformance_tls.Tls(cls.shared.folder)
        for case in cls.cases:
            case.http.update(tls.client_files(case))
        cls.server = cls.shared.serve(world.RawServer(cls.cases, tls))
        if any(case.needs_names() for case in cls.cases):
            cls.shared.serve(servers.DnsServer(NamesBelowTest()))
            servers.use_resolv_conf(cls.shared.folder)

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)

    def modules(self, make):
        return {world.module_name(case): make(case) for case in self.cases}

    def probe(self, base, case, parameters=()):
        query = {"target": self.server.target(case), "module": world.module_name(case),
                 **dict(parameters)}
        answer = harness.http(f"{base}/probe?{urllib.parse.urlencode(query)}", timeout=30)
        return answer.status, answer.text

    def probe_agent(self, agent, case, parameters=()):
        """As `probe`, until there is a verdict."""
        for _ in range(MOST_PROBES):
            self.server.asked[case.id]["xprober"].clear()
            status, text = self.probe(agent.url, case, parameters)
            if status != 503 or STOOD_STILL not in text:
                break
        return status, text

    def ask_all(self, who, ask):
        """Asks for each case in turn, several at a time; gives what was said and what was asked for
        in a way that differs from what the case says of `who`."""
        wrong = []

        def check(case):
            said = set()
            for _ in range(case.runs if who == "xprober" else 1):
                self.server.asked[case.id][who].clear()
                said.add(ask(case))
            wanted = case.right if who == "xprober" else case.peers[who]
            if said != {wanted} and wanted != "varies":
                wrong.append(f"{case.topic}: {case.name}: {who} says {sorted(said)}, not {wanted}")
            asks = self.server.asked[case.id][who]
            right = self.server.asks(case, who)
            if right is not None and wanted != "varies" and asks != right:
                wrong.append(f"{case.topic}: {case.name}: {who} asks for {asks}, not {right}")

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(check, self.cases))
        return wrong

    def test_the_agent(self):
        agent = self.start_agent("127.0.0.1:1", config=self.write(
            "agent.yaml", json.dumps({"modules": self.modules(world.agent_module)})))
        agent.wait_healthy()

        def ask(case):
            status, text = self.probe_agent(agent, case)
            if status != 200:
                return f"{status}: {text}"
            metrics = harness.Metrics(text)
            if metrics.value("probe_success") == 1:
                return "ok"
            (labels, _), = metrics.series("xprober_probe_failure_info")
            return labels["reason"]

        self.assertEqual(self.ask_all("xprober", ask), [])
        for case in self.cases:
            if case.detail:
                text = self.probe_agent(agent, case, {"debug": "true"})[1]
                self.assertIn(case.detail, text, case.name)
        exceptions = {kind: counters["exceptions"]
                      for kind, counters in agent.stats()["probes"].items()}
        self.assertEqual(exceptions, dict.fromkeys(exceptions, 0))
        self.assertEqual(agent.stop(), 0)

    @harness.unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        self.assertEqual(self.ask_all("curl", lambda case: world.ask_curl(
            case, self.server.target(case))), [])

    @harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
    def test_blackbox_exporter(self):
        url = blackbox_peer.start_exporter(self, self.modules(world.blackbox_module))

        def ask(case):
            status, text = self.probe(url, case)
            if status != 200:
                return f"{status}: {text}"
            return "ok" if harness.Metrics(text).value("probe_success") == 1 else "fail"

        self.assertEqual(self.ask_all("blackbox", ask), [])

    def test_each_difference_has_its_reason(self):
        for case in self.cases:
            with self.subTest(topic=case.topic, case=case.name):
                self.assertEqual(case.why is not None, case.differs())
