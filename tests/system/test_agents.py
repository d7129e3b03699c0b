"""Agents that come and go: one that ends in order has left, one that is killed is lost and stays a
target until it is back or somebody retires it, over restarts of the server, too; one that cannot
probe says why."""

import signal

import harness

PRIVATE = harness.enter_private_network()

# A process of root's without the right to raw sockets.
NO_RAW = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
EAST, WEST = "127.0.0.11", "127.0.0.12"


class Agents(harness.SystemTest):
    def launch_server(self, targets="", **options):
        return self.start_server(targets, {
            "mesh_lease": "3s", "state_dir": self.folder / "server"}, **options).wait_healthy()

    def restart_server(self, server):
        server.kill()
        return self.launch_server(config=server.config, rpc_port=server.rpc.rpartition(":")[2])

    def launch_mesh(self):
        server = self.launch_server()
        east = self.start_agent(server.rpc, "r-east", EAST, name="east")
        west = self.start_west(server)
        self.wait("they probe each other", lambda: self.targets(east) == {WEST}
                  and self.targets(west) == {EAST}, 30)
        for source, target in (("r-east", "r-west"), ("r-west", "r-east")):
            self.wait(f"{source} has told of {target}", lambda s=source, t=target: server.metrics().has(
                "ping_target_success", source_region=s, target_region=t), 20)
        return server, east, west

    def start_west(self, server):
        return self.start_agent(server.rpc, "r-west", WEST, name="west")

    @staticmethod
    def targets(agent):
        return {line["target"] for line in agent.targets()["targets"]}

    @staticmethod
    def agents(server, query=""):
        lines = harness.get_json(f"{server.url}/api/v1/agents{query}")["agents"]
        return {line["local_ip"]: line for line in lines}

    def state(self, server, address):
        return self.agents(server)[address]["state"]

    def wait_state(self, server, address, state, timeout=20):
        self.wait(f"{address} is {state}", lambda: self.state(server, address) == state, timeout)

    def test_one_that_ends_in_order_has_left(self):
        server, east, west = self.launch_mesh()
        both = self.agents(server, "?state=ok")
        self.assertEqual(set(both), {EAST, WEST})
        self.assertEqual(both[WEST]["version"], west.stats()["process"]["version"])
        self.assertEqual(both[WEST]["http_addr"], west.page)
        self.assertGreater(both[WEST]["last_push_unix"], 0)
        self.assertEqual(both[WEST]["probe_interval_ms"], 1000)
        self.assertEqual(server.metrics().value("xprober_agent_up", region="r-west", agent=WEST), 1)

        self.assertEqual(west.stop(), 0)
        self.wait_state(server, WEST, "left", 5)
        self.said(server, "agent left")
        self.assertFalse(server.metrics().has("xprober_agent_up", agent=WEST))
        self.wait("one agent is counted", lambda: server.stats()["agents"] == 1, 5)
        self.wait("nobody probes it any more", lambda: self.targets(east) == set(), 20)
        self.wait("its pairs have gone", lambda: not (m := server.metrics()).has(
            "ping_target_success", target_region="r-west") and not m.has(
            "ping_target_success", source_region="r-west"), 20)
        self.assertNotIn("agent lost", server.err())

        server = self.restart_server(server)
        self.assertEqual(self.state(server, WEST), "left")
        self.start_west(server)
        self.wait_state(server, WEST, "ok")
        self.wait("it is a target again", lambda: self.targets(east) == {WEST}, 20)

    def test_one_that_is_killed_is_lost_until_it_is_back(self):
        server, east, west = self.launch_mesh()
        west.kill()
        self.wait_state(server, WEST, "lost")
        self.said(server, "agent lost")
        self.assertEqual(server.metrics().value("xprober_agent_up", region="r-west", agent=WEST), 0)
        self.assertEqual(set(self.agents(server, "?state=lost")), {WEST})
        self.wait("one agent is counted", lambda: server.stats()["agents"] == 1, 5)
        self.stays_target(east)

        server = self.restart_server(server)
        self.assertEqual(self.state(server, WEST), "lost")
        self.wait_state(server, EAST, "ok")
        self.stays_target(east)
        self.assertEqual(self.state(server, WEST), "lost")

        self.start_west(server)
        self.wait_state(server, WEST, "ok")
        self.said(server, "agent is back")
        self.assertEqual(self.targets(east), {WEST})

    def stays_target(self, agent):
        asked = agent.stats()["sync"]["ok"]
        self.wait("it has asked again", lambda: agent.stats()["sync"]["ok"] >= asked + 4, 30)
        self.assertEqual(self.targets(agent), {WEST})

    def test_a_restarted_server_waits_for_its_agents(self):
        server, east, west = self.launch_mesh()
        server.kill()
        west.kill()
        east.kill()
        server = self.restart_server(server)
        self.assertEqual({self.state(server, EAST), self.state(server, WEST)}, {"late"})
        self.assertEqual(server.stats()["agents"], 0)
        self.wait_state(server, EAST, "lost")
        self.wait_state(server, WEST, "lost")

    def test_a_lost_one_is_retired(self):
        server, east, west = self.launch_mesh()
        west.kill()
        self.wait_state(server, WEST, "lost")
        path = f"{server.url}/api/v1/agents/r-west/{WEST}"
        self.assertEqual(harness.http(path, "DELETE").status, 204)
        self.assertEqual(set(self.agents(server)), {EAST})
        self.wait("nobody probes it any more", lambda: self.targets(east) == set(), 20)
        gone = harness.http(path, "DELETE")
        self.assertEqual(gone.status, 404)
        self.assertIn(f"no agent r-west {WEST}", gone.json()["error"])
        server = self.restart_server(server)
        self.wait_state(server, EAST, "ok")
        self.assertEqual(set(self.agents(server)), {EAST})

    def test_the_configuration_retires(self):
        server, east, west = self.launch_mesh()
        west.kill()
        self.wait_state(server, WEST, "lost")
        text = server.config.read_text()
        server.config.write_text(text + f'retired_agents: ["r-west/*", r-east/{EAST}]\n')
        server.signal(signal.SIGHUP)
        self.wait("the lost one is forgotten", lambda: set(self.agents(server)) == {EAST}, 20)
        self.wait("the other one is told of", lambda: "still asks" in server.err(), 20)
        self.wait("nobody probes the lost one", lambda: self.targets(east) == set(), 20)
        asked = east.stats()["sync"]["ok"]
        self.wait("it is served", lambda: east.stats()["sync"]["ok"] >= asked + 4, 30)
        self.assertEqual(self.state(server, EAST), "ok")
        self.assertEqual(server.err().count("still asks"), 1)
        east.kill()
        self.wait("it is forgotten when it is gone", lambda: self.agents(server) == {}, 20)
        self.assertEqual(server.err().count("agent lost"), 1)  # that of the west, before

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_one_without_permission_says_so(self):
        server = self.launch_server(harness.target_text("icmp", "r-b", ["127.0.0.61"]))
        agent = self.start_agent(server.rpc, launcher=NO_RAW)
        fault, = self.wait("it knows what is wrong", lambda: agent.stats()["own_faults"], 20)
        self.assertEqual(fault["reason"], "no_icmp_permission")
        self.assertIn("ping_group_range", fault["detail"])
        self.assertEqual(agent.metrics().value("xprober_own_fault", reason="no_icmp_permission"), 1)
        ready = harness.http(f"{agent.url}/-/ready")
        self.assertEqual(ready.status, 503)
        self.assertIn("nothing can be probed", ready.json()["error"])
        self.assertIn("ping_group_range", ready.json()["error"])
        self.wait("the server knows it", lambda:
                  self.agents(server)["127.0.0.1"]["own_faults"] == [fault], 20)
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    harness.main()
