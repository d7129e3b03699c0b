"""What probes make of name servers: conformance/names/*.json, beside curl and blackbox_exporter."""

import itertools
import json
import shutil
import subprocess

import blackbox_peer
import conformance_asking as asking
import conformance_names as world
import harness
import servers
from blackbox_peer import EXPORTER, only

PRIVATE = harness.enter_private_network()


def web_answer(request):
    servers.reply(request, 409 if "%" in request.headers.get("Host", "%") else 200)


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Names(asking.AskingTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = harness.SystemTest("run")
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.setUp()
        for command in (["link", "add", "v0", "type", "veth", "peer", "name", "v1"],
                        ["link", "set", "v0", "up"], ["link", "set", "v1", "up"],
                        ["address", "add", "fe80::1/64", "dev", "v0", "nodad"],
                        ["address", "add", "fe80::1/64", "dev", "lo", "nodad"]):
            subprocess.run(["ip", *command], check=True)
        cls.cases = world.load()
        cls.probed = cls.shared.serve(world.ProbedServers(
            [case for case in cls.cases if case.kind == "dns"]))
        cls.port = harness.free_port()
        for address in ("127.0.0.1", "::1", "fe80::1%lo", "fe80::1%v0"):
            cls.shared.serve(servers.WebServer(web_answer, address, cls.port))
        resolved = sorted((case for case in cls.cases if case.kind != "dns"), key=world.Case.group)
        cls.groups = []
        for number, (_, cases) in enumerate(itertools.groupby(resolved, world.Case.group), 1):
            group = cls.shared.serve(world.Resolved(number, list(cases)))
            group.resolv = cls.shared.write(f"resolv-{number}.conf", group.resolv_conf())
            cls.groups.append(group)

    def setUp(self):
        super().setUp()
        self.processes = list(self.shared.processes)

    def start_own_agent(self, cases, name_servers):
        agent = self.start_agent("127.0.0.1:1", config=self.write(
            f"agent-{len(self.processes)}.yaml", json.dumps({
                "denied_targets": [],
                "modules": {case.module_name(): case.agent_module() for case in cases},
                "resolver": {"servers": name_servers, "attempts": 2, "timeout":
                             f"{int(harness.scaled(world.RESOLVER_TIMEOUT))}ms"}})))
        return agent.wait_healthy()

    def start_exporter(self, cases, launcher=()):
        modules = {case.module_name(): case.blackbox_module()
                   for case in cases if "blackbox" in case.peers}
        return blackbox_peer.start_exporter(self, modules, launcher)

    def wrong_story(self, agent, case, target):
        """What is wrong of what the agent tells beside its verdict."""
        text = self.probe(agent.url, target, case.module_name(), debug=True).text
        metrics = harness.Metrics(self.probe(agent.url, target, case.module_name()).text)
        found = {name: only(metrics, name) for name in case.metrics}
        if found != case.metrics or (case.detail or "") not in text:
            return [f"{case.topic}: {case.name}: {found}, not {case.metrics}, or it does not tell "
                    f"{case.detail!r}"]
        return []

    def ask_agent(self, agent, cases, target):
        wrong = self.ask_all(cases, "xprober", lambda case: asking.agent_verdict(
            self.probe(agent.url, target(case), case.module_name())))
        for case in cases:
            if case.detail or case.metrics:
                wrong += self.wrong_story(agent, case, target(case))
        self.check_agent(agent)
        return wrong

    def test_the_agent_asks_name_servers(self):
        cases = [case for case in self.cases if case.kind == "dns"]
        agent = self.start_own_agent(cases, [])
        self.check_none(self.ask_agent(agent, cases, lambda case:
                                       f"{case.query}@{self.probed.address(case)}"))

    def test_the_agent_resolves(self):
        wrong = []
        for group in self.groups:
            cases = list(group.cases.values())
            agent = self.start_own_agent(cases, group.addresses)
            wrong += self.ask_agent(agent, cases, lambda case: case.target(self.port))
        self.check_none(wrong)

    @harness.unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl_resolves(self):
        wrong = []
        for group in self.groups:
            def ask(case, group=group):
                done = harness.run(world.behind(group.resolv, world.curl_command(case, self.port)))
                return "ok" if (done.returncode, done.stdout) == (0, "200") else "fail"

            wrong += self.ask_all(group.cases.values(), "curl", ask)
        self.check_none(wrong)

    @harness.unittest.skipUnless(shutil.which(EXPORTER), f"{EXPORTER} is not installed")
    def test_blackbox_exporter(self):
        cases = [case for case in self.cases if case.kind == "dns"]
        url = self.start_exporter(cases)
        wrong = self.ask_all(cases, "blackbox", lambda case: asking.blackbox_verdict(
            self.probe(url, self.probed.address(case), case.module_name())))
        for group in self.groups:
            cases = list(group.cases.values())
            url = self.start_exporter(cases, world.behind(group.resolv, ()))
            wrong += self.ask_all(cases, "blackbox", lambda case, url=url: asking.blackbox_verdict(
                self.probe(url, case.target(self.port), case.module_name())))
        self.check_none(wrong)

    def test_each_difference_has_its_reason(self):
        self.check_reasons(self.cases)


if __name__ == "__main__":
    harness.main()
