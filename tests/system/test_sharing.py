"""One address under several names and regions is probed once in a period, and each has the result."""

import harness

COUNT = 5
REGIONS = {"r-b": "127.0.0.1", "r-c": "127.0.0.1", "r-d": "localhost"}


class Sharing(harness.SystemTest):
    def start_pair(self, **settings):
        targets = "".join(harness.target_text("icmp", region, [address])
                          for region, address in REGIONS.items())
        server = self.start_server(targets, {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings={
            "icmp.count": str(COUNT), "icmp.preferred_ip_protocol": "ip4", **settings})
        for region in REGIONS:
            self.wait(f"series of {region}", lambda r=region: server.metrics().has(
                "ping_target_success", target_region=r), 30)
        return server, agent

    @staticmethod
    def quiet_stats(agent, finished):
        """Counters of a moment without a probe in flight, after so many probes."""
        stats = agent.stats()
        probes = stats["probes"]["icmp"]
        if probes["in_flight"] or probes["finished"] < finished:
            raise harness.NotYet(f"{probes}")
        return probes["finished"], stats["icmp"]

    def test_each_target_has_the_result_of_one_probe(self):
        server, agent = self.start_pair()
        finished, icmp = self.wait("thirty results", lambda: self.quiet_stats(agent, 30), 60)
        self.assertEqual(icmp["echo_sent"], COUNT * (finished - icmp["shared"]))
        # Two of three, but for the first round, in which the engine learns who is who.
        self.assertGreaterEqual(icmp["shared"], (finished - 3 * len(REGIONS)) * 2 // 3)
        metrics = server.metrics()
        for region in REGIONS:
            self.assertEqual(metrics.value("ping_target_success", target_region=region), 1)
            self.assertEqual(metrics.value("ping_packageDrop_rate", target_region=region), 0)
        stories = [harness.get_json(f"{agent.url}/targets/{line['uid']}")
                   for line in agent.targets()["targets"]]
        self.assertEqual(sorted(s["region"] for s in stories), sorted(REGIONS))
        shared = [s for s in stories if s["last"]["shared"]]
        self.assertEqual(len(shared), 2)
        for story in stories:
            self.assertEqual(story["last"]["icmp"]["received"], COUNT)
            self.assertEqual(story["last"]["address"], "127.0.0.1")

    def test_it_can_be_switched_off(self):
        _, agent = self.start_pair(**{"icmp.share_results": "false"})
        finished, icmp = self.wait("ten results", lambda: self.quiet_stats(agent, 10), 60)
        self.assertEqual(icmp["shared"], 0)
        self.assertEqual(icmp["echo_sent"], COUNT * finished)


if __name__ == "__main__":
    harness.main()
