"""Configurations that change while the program runs: a removed target goes everywhere, a wrong new
file changes nothing."""

import signal

import harness

KEPT = "127.0.0.31"
REMOVED = "127.0.0.32"
ADDED = "127.0.0.33"


def region_of(address):
    return "r-" + address.rpartition(".")[2]


def targets(*addresses):
    """Each in a region of its own, so that it has series of its own."""
    return "".join(harness.target_text("icmp", region_of(a), [a]) for a in addresses)


class Reload(harness.SystemTest):
    def start_pair(self, **options):
        server = self.start_server(targets(KEPT, REMOVED), {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings={"icmp.count": "2"}, **options)
        for address in (KEPT, REMOVED):
            self.wait(f"series of {address}", lambda a=address: self.has_series(server, a), 30)
        return server, agent

    @staticmethod
    def has_series(server, address):
        metrics = server.metrics()
        return metrics.has("ping_target_success", target_region=region_of(address))

    def check_change(self, server, agent, reload):
        """REMOVED goes and ADDED comes within two syncs of `reload`."""
        before = agent.stats()["actors"]["target"]
        self.assertEqual(before["running"], 2)
        self.write(server.config.name, harness.server_text(targets(KEPT, ADDED)))
        reload()
        # Two syncs of 500 ms and what it takes to see it.
        self.wait("the removed target is dead", lambda: [
            line["target"] for line in agent.targets()["targets"]] in ([KEPT, ADDED], [ADDED, KEPT]),
            3)
        after = self.wait("its actor has stopped", lambda: (
            row := agent.stats()["actors"]["target"])["stopped"] == before["stopped"] + 1 and row, 5)
        self.assertEqual(after["running"], 2)
        self.assertEqual(after["spawned"], before["spawned"] + 1)
        self.assertEqual(after["failed"], 0)
        self.wait("its series are gone", lambda: not self.has_series(server, REMOVED), 5)
        self.wait("the new target's series are there", lambda: self.has_series(server, ADDED), 10)
        self.assertTrue(self.has_series(server, KEPT))
        # A straggler must not bring it back: what was under way has been pushed after so many.
        pushed = agent.stats()["push"]["batches_ok"]
        self.wait("results go on", lambda: agent.stats()["push"]["batches_ok"] >= pushed + 4, 20)
        self.assertNotIn(region_of(REMOVED), server.metrics().text)
        self.assertEqual(harness.http(f"{agent.url}/targets/0123456789abcdef").status, 404)

    def test_a_removed_target_goes_after_a_hangup(self):
        server, agent = self.start_pair()
        before = agent.stats()["actors"]["target"]
        self.assertEqual((before["running"], before["stopped"]), (2, 0))
        self.write(server.config.name, harness.server_text(targets(KEPT)))
        server.signal(signal.SIGHUP)
        # Two syncs of 500 ms and what it takes to see it.
        after = self.wait("its actor has stopped", lambda: (
            row := agent.stats()["actors"]["target"])["running"] == 1 and row, 3)
        self.assertEqual((after["spawned"], after["stopped"], after["failed"]), (2, 1, 0))
        self.wait("its series are gone", lambda: not self.has_series(server, REMOVED), 5)
        self.wait("they stay away", lambda: agent.stats()["push"]["batches_ok"] > 5, 20)
        self.assertFalse(self.has_series(server, REMOVED))
        self.assertTrue(self.has_series(server, KEPT))

    def test_a_removed_target_goes_after_a_post(self):
        server, agent = self.start_pair()
        self.assertEqual(harness.http(f"{server.url}/-/reload").status, 405)

        def reload():
            self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)

        self.check_change(server, agent, reload)

    def test_a_wrong_new_server_file_changes_nothing(self):
        server, agent = self.start_pair()
        name = server.config.name
        wrong = harness.server_text(targets(KEPT)) + "mesh_lease: -5s\n"
        line = wrong.count("\n")
        self.write(name, wrong)
        answer = harness.http(f"{server.url}/-/reload", "POST")
        self.assertIn(answer.status, (400, 500))
        self.assertIn(f"{name}:{line}: mesh_lease:", answer.text)
        self.wait("the log names file, line and key",
                  lambda: f"{name}:{line}: mesh_lease:" in server.err(), 5)
        self.write(name, "prober_targets: [\n")
        seen = len(server.err())
        server.signal(signal.SIGHUP)
        self.wait("the log names file and line",
                  lambda: f"{name}:" in server.err()[seen:], 5)
        asked = agent.stats()["sync"]["ok"]
        self.wait("the agent has asked for its targets again",
                  lambda: agent.stats()["sync"]["ok"] >= asked + 3, 20)
        self.assertEqual(agent.stats()["actors"]["target"]["running"], 2)
        self.assertTrue(self.has_series(server, KEPT) and self.has_series(server, REMOVED))
        # And a right one is obeyed after that.
        self.check_change(server, agent, lambda: server.signal(signal.SIGHUP))

    def test_an_agent_reads_its_file_again(self):
        config = self.write("agent.yaml", "probe_interval: 1h\nicmp: {count: 2}\n")
        server = self.start_server(targets(KEPT), {"mesh": "false"}).wait_healthy()
        page = f"127.0.0.1:{harness.free_port()}"
        agent = self.keep(harness.Role(self, "agent", config, {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": page, "state_dir": "",
            "rpc_server_addr": server.rpc, "sync_interval": "300ms"}, page))
        agent.wait_ready()
        self.write("agent.yaml", "probe_interval: 0s\n")
        answer = harness.http(f"{agent.url}/-/reload", "POST")
        self.assertIn(answer.status, (400, 500))
        self.assertIn("agent.yaml:1: probe_interval:", answer.text)
        started = agent.stats()["probes"]["icmp"]["started"]
        self.assertLessEqual(started, 1)
        self.write("agent.yaml", "probe_interval: 200ms\nicmp: {count: 2}\n")
        self.assertEqual(harness.http(f"{agent.url}/-/reload", "POST").status, 200)
        self.wait("the new period is in force",
                  lambda: agent.stats()["probes"]["icmp"]["started"] > started + 5, 15)


if __name__ == "__main__":
    harness.main()
