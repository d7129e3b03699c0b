"""What a probe makes of what servers say: conformance/*.json, beside curl and blackbox_exporter.
test_conformance.py and test_conformance_tls.py have the topics between them."""

import json
import shutil

import blackbox_peer
import conformance_asking as asking
import conformance_tls
import conformance_world as world
import harness
import servers
from blackbox_peer import EXPORTER

PRIVATE = harness.enter_private_network()
STOOD_STILL = "own thread stood still"  # the agent on a machine that is too busy: there is no verdict
MOST_PROBES = 20  # of one case, for one verdict


class NamesBelowTest:
    """What a name server knows: every name below test, as 127.0.0.1."""

    def get(self, name, default):
        return "127.0.0.1" if name.endswith(".test") else default


class Suite(asking.AskingTest):
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

    def asked(self, case, who):
        return self.server.asked[case.id][who]

    def asks(self, case, who):
        return self.server.asks(case, who)

    def modules(self, make):
        return {world.module_name(case): make(case) for case in self.cases}

    def probe_case(self, base, case, debug=False):
        return self.probe(base, self.server.target(case), world.module_name(case), debug)

    def verdict(self, case, ask, asked):
        for _ in range(MOST_PROBES):
            asked.clear()
            said = ask(case)
            if STOOD_STILL not in said:
                break
        return said

    def test_the_agent(self):
        agent = self.start_agent("127.0.0.1:1", config=self.write(
            "agent.yaml", json.dumps({"modules": self.modules(world.agent_module)})))
        agent.wait_healthy()

        wrong = self.ask_all(self.cases, "xprober", lambda case: asking.agent_verdict(
            self.probe_case(agent.url, case)))
        for case in self.cases:
            if case.detail:
                told = self.verdict(case, lambda one: self.probe_case(agent.url, one, True).text,
                                    self.asked(case, "xprober"))
                if case.detail not in told:
                    wrong.append(f"{case.topic}: {case.name}: not told: {case.detail}")
        self.check_none(wrong)
        self.check_agent(agent)

    @harness.unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        self.check_none(self.ask_all(self.cases, "curl", lambda case: world.ask_curl(
            case, self.server.target(case))))

    @harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
    def test_blackbox_exporter(self):
        url = blackbox_peer.start_exporter(self, self.modules(world.blackbox_module))
        self.check_none(self.ask_all(self.cases, "blackbox", lambda case: asking.blackbox_verdict(
            self.probe_case(url, case))))

    def test_each_difference_has_its_reason(self):
        self.check_reasons(self.cases)
