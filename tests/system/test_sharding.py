"""Agents of one region that share its targets: each is probed by one of them, and moves only when an
agent comes or goes."""

import harness

AGENTS = ("127.0.0.21", "127.0.0.22", "127.0.0.23")
SHARED = [f"127.0.4.{n}" for n in range(256)]
EVERYBODY = ["127.0.5.1", "127.0.5.2"]


class Sharding(harness.SystemTest):
    def start_all(self, agents=AGENTS):
        shared = harness.target_text("icmp", "r-b", ["127.0.4.0/24"]) + "    sharding: true\n"
        everybody = harness.target_text("icmp", "r-c", EVERYBODY)
        server = self.start_server(shared + everybody, {"mesh": "false", "mesh_lease": "3s"})
        server.wait_healthy()
        return server, [self.start_one(server, address) for address in agents]

    def start_one(self, server, address, region="r-a"):
        return self.start_agent(server.rpc, region, address, {"icmp.count": "1"})

    @staticmethod
    def probed(agent):
        listing = harness.get_json(f"{agent.url}/targets?limit=1000")
        targets = {line["target"] for line in listing["targets"]}
        if not targets.issuperset(EVERYBODY):
            raise harness.NotYet("what is not shared is missing")
        return targets - set(EVERYBODY)

    def shares(self, agents):
        """What each agent probes, once every target is probed by exactly one."""
        shares = [self.probed(agent) for agent in agents]
        if sum(map(len, shares)) != len(SHARED) or set.union(*shares) != set(SHARED):
            raise harness.NotYet(f"shares of {list(map(len, shares))}")
        return shares

    def wait_shares(self, agents, timeout=30):
        return self.wait("every target is probed by one agent", lambda: self.shares(agents), timeout)

    @staticmethod
    def moves(agents):
        rows = [agent.stats()["actors"]["target"] for agent in agents]
        return [(row["spawned"], row["stopped"]) for row in rows]

    def test_an_agent_that_is_gone_hands_its_targets_to_the_others(self):
        server, agents = self.start_all()
        before = self.wait_shares(agents)
        for share in before:
            self.assertGreater(len(share), 50)
        self.wait("results of all", lambda: server.stats()["results"]["stored_series"] >=
                  len(SHARED) + len(AGENTS) * len(EVERYBODY), 30)
        lost = agents.pop()
        moved = self.moves(agents)
        lost.kill()
        after = self.wait_shares(agents)
        for was, now in zip(before, after):
            self.assertTrue(was < now)
        # Nothing but what came is spawned, and nothing stops.
        wanted = [(spawned + len(now) - len(was), stopped)
                  for was, now, (spawned, stopped) in zip(before, after, moved)]
        self.wait("what came is counted", lambda: self.moves(agents) == wanted, 5)
        self.assertTrue(all(a.stats()["sync"]["mismatches"] == 0 for a in agents))
        # Nobody's series have gone: the targets are still somebody's.
        self.assertGreaterEqual(server.stats()["results"]["stored_series"], len(SHARED))

        # One that comes takes its part from each, and it is the one it had.
        agents.append(self.start_one(server, AGENTS[2]))
        self.assertEqual(self.wait_shares(agents), before)

    def test_a_restarted_server_leaves_the_targets_where_they_are(self):
        server, agents = self.start_all()
        before = self.wait_shares(agents)
        moved = self.moves(agents)
        server.kill()
        port = server.rpc.rpartition(":")[2]
        self.start_server(settings={"mesh": "false", "mesh_lease": "3s"}, config=server.config,
                          rpc_port=port).wait_healthy()
        asked = [agent.stats()["sync"]["ok"] for agent in agents]
        self.wait("everybody has asked the new server", lambda: all(
            agent.stats()["sync"]["ok"] >= ok + 5 for agent, ok in zip(agents, asked)), 30)
        self.assertEqual(self.shares(agents), before)
        self.assertEqual(self.moves(agents), moved)

    def test_regions_share_apart_and_one_address_is_one_agent(self):
        server, agents = self.start_all(AGENTS[:2])
        shares = self.wait_shares(agents)
        twin = self.start_one(server, AGENTS[0])
        self.wait("the twin has the same share", lambda: self.probed(twin) == shares[0], 20)
        alone = self.start_one(server, AGENTS[2], "r-d")
        self.wait("the only agent of a region has everything",
                  lambda: self.probed(alone) == set(SHARED), 20)
        self.assertEqual(self.shares(agents), shares)


if __name__ == "__main__":
    harness.main()
