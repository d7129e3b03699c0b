"""The server goes away and comes back: the agent goes on probing, loses nothing that it has room
for, and counts what it has no room for."""

import time

import harness
import wire

TARGETS = ["127.0.0.21", "127.0.0.22", "127.0.0.23", "127.0.0.24"]
SLOW_TICKS = {"probe_interval": "2s", "icmp.count": "1", "push_interval": "300ms"}


def finished(stats):
    return stats["probes"]["icmp"]["finished"]


def balance(push):
    """Where results can be: with the server, waiting, given up, or forgotten with their target."""
    return (push["results_acked"] + push["pending"] + push["results_dropped"]
            + push["results_forgotten"])


class Outage(harness.SystemTest):
    def balanced(self, agent):
        """The stats at a moment at which every finished probe's result is somewhere: between two
        ticks, when none is on its way from the engine to where it is counted."""

        def look():
            stats = agent.stats()
            if balance(stats["push"]) != finished(stats):
                raise harness.NotYet(f"{finished(stats)} finished, {stats['push']}")
            return stats

        return self.wait("every finished probe has its result counted somewhere", look, 20)

    def test_an_outage_loses_nothing(self):
        targets = harness.target_text("icmp", "r-b", TARGETS)
        server = self.start_server(targets, {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings=SLOW_TICKS)
        self.wait("first results are acknowledged",
                  lambda: agent.stats()["push"]["results_acked"] >= 4, 20)
        self.balanced(agent)

        server.kill()
        before = agent.stats()
        self.wait("probing goes on without a server",
                  lambda: finished(agent.stats()) >= finished(before) + 12, 30, [agent])
        during = self.wait("results wait for a server",
                           lambda: (s := agent.stats())["push"]["pending"] >= 12 and s, 20, [agent])
        self.assertEqual(during["push"]["results_dropped"], 0)
        self.assertGreater(during["push"]["batches_failed"], 0)
        self.assertGreater(during["sync"]["failed"], 0)
        self.assertTrue(during["push"]["last_error"])
        self.assertEqual(during["targets"]["icmp"], len(TARGETS))
        self.assertEqual(during["actors"]["target"]["running"], len(TARGETS))
        complaints = [line for line in agent.err().splitlines() if " warn " in line]
        self.assertTrue(any("syncer" in line for line in complaints), complaints)
        self.assertTrue(any("pusher" in line for line in complaints), complaints)
        self.assertLess(len(complaints), 20, "an outage must not flood the log")

        config = server.config
        port = int(server.rpc.rpartition(":")[2])
        server = self.start_server(config=config, rpc_port=port, settings={"mesh": "false"},
                                   name="server-again").wait_healthy()
        self.wait("the results of the outage have arrived",
                  lambda: (p := agent.stats()["push"])["pending"] <= len(TARGETS)
                  and p["results_acked"] > during["push"]["results_acked"] + 12, 30, [agent, server])
        after = self.balanced(agent)
        self.assertEqual(after["push"]["results_dropped"], 0)
        self.assertEqual(after["push"]["results_forgotten"], 0)
        self.assertEqual(after["push"]["last_error"], "")
        # Three values for each result that was pushed after the restart.
        waited = 3 * (after["push"]["results_acked"] - before["push"]["results_acked"])
        values = self.wait("the server has counted them",
                           lambda: (r := server.stats()["results"])["received"]
                           >= waited - 3 * len(TARGETS) and r, 10, [server])
        self.assertEqual(values["rejected"], 0)
        self.assertEqual(agent.stop(), 0)

    def test_every_result_arrives_exactly_once(self):
        """Against a server in the old form that keeps what it gets. Its stamps are whole seconds, and on a
        busy machine probes begin late: what is missing or came twice is seen by counting."""
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "icmp", "region": "r-b", "target": TARGETS}]))
        agent = self.start_agent(recorder.address, settings=SLOW_TICKS)
        self.wait("first results", lambda: recorder.pushes >= 2, 20)
        due = agent.stats()["ticks"]["due"]
        began = time.monotonic()
        port = recorder.port
        recorder.close()
        self.wait("results wait", lambda: agent.stats()["push"]["pending"] >= 12, 30)
        again = self.serve(wire.RecordingServer(recorder.targets, port=port))
        self.wait("results arrive", lambda: again.pushes > 0, 30)
        periods = int((time.monotonic() - began) // 2)

        def latencies():
            return [(v["targetAddr"], v["timeStamp"], v["value"]) for v in recorder.values + again.values
                    if v["metricName"] == "ping_latency_millonseconds"]

        def accounted():
            arrived = len(latencies())  # before the counts, which are no older then
            stats = agent.stats()
            ticks, probes = stats["ticks"], stats["probes"]["icmp"]
            skipped = ticks["skipped_busy"] + ticks["skipped_behind"] + ticks["skipped_overload"]
            # What the prober itself could not do is no result of the old form.
            results = probes["finished"] - probes["local_errors"]
            if (ticks["due"] < due + periods * len(TARGETS) or ticks["due"] != probes["started"] + skipped
                    or arrived != results):
                raise harness.NotYet(f"{arrived} arrived, {ticks}, {probes}, {stats['push']}")
            return True

        self.wait("each tick has ended in a result that has arrived, or is counted as skipped", accounted, 20,
                  [agent])
        self.assertEqual(agent.stop(), 0)
        arrived = latencies()
        self.assertEqual(len(arrived), len(set(arrived)), "a result came twice")

    def test_the_limit_is_met_and_counted(self):
        limit = 10
        dead = f"127.0.0.1:{harness.free_port()}"
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "icmp", "region": "r-b", "target": TARGETS}]))
        agent = self.start_agent(recorder.address,
                                 settings={**SLOW_TICKS, "max_pending_results": limit})
        self.wait("first results", lambda: recorder.pushes >= 2, 20)
        port = recorder.port
        recorder.close()
        self.assertNotEqual(dead, recorder.address)
        self.wait("the limit is met",
                  lambda: agent.stats()["push"]["results_dropped"] >= 6, 40)
        for _ in range(20):
            # The batches that wait, and the results of one tick that are in none yet.
            self.assertLessEqual(agent.stats()["push"]["pending"], limit + len(TARGETS))
        full = self.balanced(agent)
        self.assertGreater(full["push"]["pending"], 0)
        self.assertGreaterEqual(full["push"]["results_dropped"], 6)
        self.said(agent, "limit")
        again = self.serve(wire.RecordingServer(recorder.targets, port=port))
        self.wait("what was kept arrives", lambda: agent.stats()["push"]["pending"] == 0
                  and again.pushes > 0, 30)
        self.balanced(agent)

    def test_what_waits_is_pushed_at_the_end(self):
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "icmp", "region": "r-b", "target": TARGETS}]))
        agent = self.start_agent(recorder.address, settings={**SLOW_TICKS, "push_interval": "1h"})
        self.wait("probes have ended", lambda: finished(agent.stats()) >= 4, 20)
        self.assertEqual(recorder.pushes, 0)
        self.assertEqual(agent.stop(), 0)
        self.assertGreaterEqual(len(recorder.values), 4 * 3)


if __name__ == "__main__":
    harness.main()
