"""What is allowed and hardly meant is said at the check, in the log, in /stats and on the page, for as
long as it is so."""

import http.client
import itertools
import json

import harness
import servers

TARGETS = ("  - prober_type: htpp\n    region: r-b\n    target: http://127.0.0.1:1/\n"
           "  - {prober_type: icmp, region: r-b, target: [127.0.0.41, 127.0.0.42]}\n"
           "  - {prober_type: icmp, region: r-b, target: [127.0.0.42]}\n")


class Warnings(harness.SystemTest):
    def warnings(self, role, count, timeout=30):
        return self.wait(f"there are {count} warnings", lambda: len(
            lines := role.stats()["warnings"]) == count and [lines], timeout)[0]

    def test_a_configuration_is_warned_of_until_it_is_another_one(self):
        config = self.write("server.yaml", "prober_targets:\n" + TARGETS)
        kind = (f"{config}:2: warning: prober_targets[0].prober_type: 'htpp' is not built in; agents "
                "without a module of that name skip these targets; do you mean http?")
        twice = (f"{config}:6: warning: prober_targets[2].target: '127.0.0.42' is named before, in "
                 "the entry on line 5; it is probed once")
        done = harness.xprober("check-config", config)
        self.assertEqual((done.returncode, done.stderr), (0, f"{kind}\n{twice}\n"))
        self.assertIn("(server configuration), with 2 warnings", done.stdout)
        server = self.start_server(config=config).wait_healthy()
        self.assertEqual(self.warnings(server, 2), [kind, twice])
        self.said(server, "do you mean http?")
        self.write("server.yaml", "prober_targets: [\n")
        self.assertNotEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)
        self.assertEqual(self.warnings(server, 2), [kind, twice])
        self.write("server.yaml", "prober_targets: []\n")
        self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)
        self.warnings(server, 0)

    def test_in_one_process_the_server_shows_what_the_file_is_warned_of(self):
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        config = self.write("both.yaml", "server:\n  prober_targets:\n" + "".join(
            f"  {line}\n" for line in TARGETS.splitlines()) + (
                f"  rpc_listen_addr: {rpc}\n  metrics_listen_addr: {pages[0]}\n  state_dir: ''\n"
                f"agent:\n  rpc_server_addr: {rpc}\n  http_addr: {pages[1]}\n  state_dir: ''\n"
                "  region: r-a\n  local_ip: 127.0.0.1\n"))
        self.start("standalone", harness.PROGRAM, "standalone", "--config", config)
        server, agent = (f"http://{page}" for page in pages)

        def shown(role):
            return harness.get_json(f"{role}/stats")["warnings"]

        self.wait("the server warns", lambda: len(shown(server)) == 2, 20)
        self.assertEqual(harness.http(f"{agent}/-/reload", "POST").status, 200)
        self.assertEqual(len(shown(server)), 2)
        self.assertFalse(set(shown(agent)) & set(shown(server)), shown(agent))

    def test_two_agents_with_one_identity_are_both_named(self):
        server = self.start_server("", {"mesh_lease": "3s"}).wait_healthy()
        agents = [self.start_agent(server.rpc, name=name) for name in ("one", "two")]
        line, = self.warnings(server, 1)
        self.assertRegex(line, r"^two agents say that they are r-a 127\.0\.0\.1, from 127\.0\.0\.1:"
                               r"\d+ and from 127\.0\.0\.1:\d+; give each a region and local_ip")
        agents[0].stop()
        self.warnings(server, 0)

    def test_one_agent_is_never_two(self):
        """However often it comes back within a lease, each time from another port."""
        for scheme in ("", "http://"):
            with self.subTest(scheme=scheme):
                server = self.start_server("", {"mesh_lease": "60s"}).wait_healthy()
                proxy = self.serve(servers.CuttingProxy(server.rpc))
                agent = self.start_agent(scheme + proxy.address).wait_healthy()
                for cuts in range(1, 4):
                    self.ask_again(agent)
                    proxy.cut("up", 0)
                    self.wait("the connection is cut", lambda c=cuts: proxy.cuts["up"] == c, 20)
                # The server looks for clashes once a second, and says what it found as often.
                self.ask_again(agent, 6)
                self.assertEqual(server.stats()["warnings"], [])
                self.assertEqual(server.err().count("agent joined"), 1)
                agent.stop()

    def ask_again(self, agent, times=2):
        asked = agent.stats()["sync"]["ok"]
        self.wait("it has asked again", lambda: agent.stats()["sync"]["ok"] >= asked + times, 30)

    def test_agents_behind_a_proxy_are_told_apart_by_their_processes(self):
        """A proxy hands each call to any of its own connections."""
        server = self.start_server("").wait_healthy()
        host, _, port = server.rpc.rpartition(":")
        upstreams = [http.client.HTTPConnection(host, int(port), timeout=10) for _ in range(2)]
        turns = itertools.cycle(upstreams)
        for process in ("a", "b", "a"):
            for region, name in (("r-one", "x"), ("r-one", "x"), ("r-two", process), ("r-old", None)):
                call = {"localRegion": region, "localIp": "127.0.0.1"}
                upstream = next(turns)
                upstream.request("POST", "/rpc/Server.GetProberTargets",
                                 json.dumps(call | ({"process": name} if name else {})),
                                 {"Content-Type": "application/json"})
                answer = upstream.getresponse()
                self.assertEqual(answer.status, 200, answer.read())
                answer.read()
            next(turns)  # so that each region comes by both
        line, = self.warnings(server, 1)
        self.assertIn("two agents say that they are r-two 127.0.0.1", line)
        for upstream in upstreams:
            upstream.close()

    def test_source_regions_without_an_agent_are_named(self):
        server = self.start_server(
            "  - {prober_type: icmp, region: r-b, target: 127.0.0.41, source_regions: [noth]}\n"
        ).wait_healthy()
        self.start_agent(server.rpc, region="north")
        self.wait("its region is known", lambda: any("do you mean" in w for w in self.warnings(server, 1, 60)), 60)
        line, = self.warnings(server, 1, 60)
        self.assertEqual(line, "no agent has the region 'noth', which source_regions names; targets "
                               "that are not probed from there: 1; do you mean north?")
        self.start_agent(server.rpc, region="noth", local_ip="127.0.0.2", name="late")
        self.warnings(server, 0)

    def test_a_file_of_another_role_is_said_to_be_one(self):
        files = harness.SOURCE / "config"
        for role, name, said in (("agent", "server", "a server, not of an agent"),
                                 ("server", "agent", "an agent, not of a server"),
                                 ("agent", "standalone", "both, as `xprober standalone` has it")):
            done = harness.xprober(role, "--config", files / f"{name}.yaml")
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"this is the configuration of {said}", done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    harness.main()
