"""What probes make of proxies: conformance/proxies/*.json, beside curl and blackbox_exporter."""

import json
import shutil

import blackbox_peer
import conformance_asking as asking
import conformance_proxies as world
import harness
import servers
from blackbox_peer import EXPORTER

PRIVATE = harness.enter_private_network()
BAD_CONFIG = "bad_config"


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Proxies(asking.AskingTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        folder = cls.shared.folder
        servers.use_resolv_conf(folder)
        harness.run(["ip", "address", "add", "fe80::1/64", "dev", "lo", "nodad"])
        # Whoever goes to these hosts without the proxy finds nobody there.
        cls.shared.serve(servers.DnsServer({"far.test": "127.0.0.9", "other.test": "127.0.0.9",
                                            "proxy.test": "127.0.0.1"}))
        cls.authority = servers.make_authority(folder)
        cls.cases = world.load()
        cls.server = cls.shared.serve(world.Proxies(
            cls.cases, servers.make_certificate(folder, "far", world.CERTIFIED)))

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)

    def asked(self, case, who):
        return self.server.asked(case, who)

    def asks(self, case, who):
        return self.server.asks(case, who)

    def module(self, case, make):
        return make(case, self.server.proxy(case), self.authority)

    def test_the_agent(self):
        good = [case for case in self.cases if case.right != BAD_CONFIG]
        agent = self.start_agent("127.0.0.1:1", config=self.write("agent.yaml", json.dumps(
            {"denied_targets": [],
             "modules": {case.module_name: self.module(case, world.agent_module) for case in good}})))
        agent.wait_healthy()
        wrong = self.ask_all(good, "xprober", lambda case: asking.agent_verdict(
            self.probe(agent.url, self.server.target(case), case.module_name)))
        for case in good:
            if case.detail:
                text = self.probe(agent.url, self.server.target(case), case.module_name, True).text
                self.assertIn(case.detail, text, case.name)
        self.check_none(wrong)
        self.check_agent(agent)

    def test_what_is_no_proxy_is_refused(self):
        for case in self.cases:
            if case.right == BAD_CONFIG:
                with self.subTest(case=case.name):
                    file = self.write("bad.yaml", json.dumps(
                        {"modules": {"bad": self.module(case, world.agent_module)}}))
                    done = harness.xprober("check-config", file)
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.assertIn("proxy_url: ", done.stderr)
                    self.assertIn(case.detail or "", done.stderr)

    @harness.unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        self.check_none(self.ask_all(self.cases, "curl", lambda case: world.ask_curl(
            case, self.server.target(case), self.server.proxy(case), self.authority)))

    @harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
    def test_blackbox_exporter(self):
        url = blackbox_peer.start_exporter(self, {
            case.module_name: self.module(case, world.blackbox_module)
            for case in self.cases if "blackbox" in case.peers})
        self.check_none(self.ask_all(self.cases, "blackbox", lambda case: asking.blackbox_verdict(
            self.probe(url, self.server.target(case), case.module_name))))

    def test_each_difference_has_its_reason(self):
        self.check_reasons(self.cases)


if __name__ == "__main__":
    harness.main()
