"""A hundred thousand ICMP targets on one small machine: every period probes every target, and
nothing that the prober itself is late with becomes a loss."""

import time

import harness

# /15 of loopback and its neighbour: 131,072 addresses, all of this machine.
BLOCK = "127.64.0.0/15" if harness.TIME_FACTOR == 1 else "127.64.0.0/19"
TARGETS = 2 ** (32 - int(BLOCK.partition("/")[2]))
PERIOD = 15
PERIODS = 2


class Scale(harness.SystemTest):
    def test_every_target_every_period_without_false_loss(self):
        server = self.start_server(harness.target_text("icmp", "r-b", [BLOCK]), {"mesh": "false"})
        server.wait_healthy()
        began = time.monotonic()
        agent = self.start_agent(server.rpc, settings={
            "icmp.count": "1", "probe_interval": f"{PERIOD}s", "sync_interval": "5s",
            "push_interval": "5s"})
        self.wait("every target has its actor", lambda: agent.stats()["actors"]["target"]["running"]
                  == TARGETS, 60)
        print(f"{TARGETS} targets run after {time.monotonic() - began:.1f} s")
        # From here on every target is probed once in each period.
        before, cpu_before = agent.stats(), agent.usage()[1]

        def probed():
            stats = agent.stats()
            done = stats["probes"]["icmp"]["finished"] - before["probes"]["icmp"]["finished"]
            if done < TARGETS * PERIODS:
                raise harness.NotYet(f"{done} probes")
            return stats

        after = self.wait(f"{PERIODS} probes of every target", probed, PERIOD * (PERIODS + 1))
        cpu_after = agent.usage()[1]
        elapsed = after["process"]["uptime_seconds"] - before["process"]["uptime_seconds"]
        self.report(agent, after, (cpu_after - cpu_before) / elapsed)
        self.check_ticks(before, after, elapsed)
        self.check_probes(agent, before, after, elapsed)
        self.check_server(server)
        began = time.monotonic()
        self.assertEqual(agent.stop(20), 0)
        print(f"agent ended after {time.monotonic() - began:.1f} s")

    def report(self, agent, stats, cores):
        resident, _ = agent.usage()
        print(f"{cores:.2f} cores, {resident >> 20} MiB resident ({resident // TARGETS} bytes a target)")
        print(f"ticks {stats['ticks']}\nicmp {stats['icmp']}\npush {stats['push']}")

    def check_ticks(self, before, after, elapsed):
        ticks = after["ticks"]
        for kind in ("skipped_busy", "skipped_behind", "skipped_overload"):
            self.assertEqual(ticks[kind], before["ticks"][kind], kind)
        due = ticks["due"] - before["ticks"]["due"]
        # Ticks are counted on each thread and told twice a second: that much can be missing.
        self.assertAlmostEqual(due, TARGETS * elapsed / PERIOD, delta=TARGETS * 3 / PERIOD)

    def check_probes(self, agent, before, after, elapsed):
        probes = after["probes"]["icmp"]
        self.assertEqual(probes["failed"], 0)
        finished = probes["finished"] - before["probes"]["icmp"]["finished"]
        self.assertAlmostEqual(finished, TARGETS * elapsed / PERIOD, delta=TARGETS * 3 / PERIOD)
        for kind in ("send_errors", "receive_overflow", "duplicate"):
            self.assertEqual(after["icmp"][kind], 0, kind)
        listing = harness.get_json(f"{agent.url}/targets?limit=1")
        self.assertEqual((listing["total"], listing["failing"]), (TARGETS, 0))
        self.assertEqual(listing["ok"], TARGETS, "every target has a result and it is good")

    def check_server(self, server):
        """What the agent pushed is what the server has: no loss anywhere."""
        pair = {"source_region": "r-a", "target_region": "r-b"}

        def all_stored():
            # Success, loss and latency of each target.
            stored = server.stats()["results"]["stored_series"]
            if stored < TARGETS:
                raise harness.NotYet(f"{stored} series")
            return server.metrics()

        metrics = self.wait("the server has every target", all_stored, 30)
        self.assertEqual(metrics.value("ping_target_success", **pair), 1)
        self.assertEqual(metrics.value("ping_packageDrop_rate", **pair), 0)
        latency = metrics.value("ping_latency_millonseconds", **pair)
        print(f"mean latency {latency:.3f} ms")
        self.assertLess(latency, 50)
        self.assertEqual(server.stats()["results"]["rejected"], 0)


if __name__ == "__main__":
    harness.main()
