"""Clocks that are set while the program runs: the server's own and an agent's. A step that passes leaves
no trace, and one that stays is believed within a minute; no result gets into another hour."""

import subprocess
import time

import harness
import preloaded_clock

DAY = 86_400
TARGETS = [f"127.0.1.{i}" for i in range(1, 31)]


class Clock(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.clock = preloaded_clock.PreloadedClock(self.folder)

    def with_clock(self):
        return {"launcher": self.clock.launcher}

    def begin(self, stepping):
        """(server, agent) of which one has the clock that is set."""
        server = self.start_server(
            harness.target_text("icmp", "r-b", TARGETS),
            settings={"mesh": "false", "state_dir": self.folder / "server"},
            **(self.with_clock() if stepping == "server" else {})).wait_ready()
        agent = self.start_agent(
            server.rpc, settings={"icmp.count": "1", "icmp.share_results": "false",
                                  "state_dir": self.folder / "agent"},
            **(self.with_clock() if stepping == "agent" else {}))
        return server, agent

    def more_batches(self, server, number):
        before = server.stats()["journal"]["batches"]
        self.wait("batches arrive", lambda: server.stats()["journal"]["batches"] >= before + number, 30)

    def skew(self, server):
        agent, = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
        return agent["clock_skew_ms"]

    def probes(self, server, begin, end):
        """Probes in the history from `begin` to `end`, seconds from now."""
        now = int(time.time())
        answer = harness.get_json(f"{server.url}/api/v1/history?source_region=r-a&target_region=r-b"
                                  f"&from={now + begin}&to={now + end}")
        return sum(point["probes"] for point in answer["points"])

    def check_present(self, server, agent):
        """All results are in the last minutes."""
        self.assertEqual(agent.stop(), 0)
        results = server.stats()["journal"]["total"]["results"]
        self.wait("history has all results of the last minutes",
                  lambda: self.probes(server, -600, 60) == results, 20)
        self.assertEqual(server.stats()["history"]["moved"], 0)

    def test_a_step_that_passes_leaves_no_trace(self):
        for stepping in ("server", "agent"):
            for ahead in (DAY, -DAY):
                with self.subTest(stepping=stepping, ahead=ahead):
                    self.clock.set(0)
                    server, agent = self.begin(stepping)
                    self.more_batches(server, 5)
                    self.clock.set(ahead)
                    self.more_batches(server, 8)
                    self.clock.set(0)
                    self.more_batches(server, 5)
                    self.assertLess(abs(self.skew(server)), 1000)
                    self.check_present(server, agent)
                    self.assertEqual(server.stop(), 0)
                    subprocess.run(["rm", "-r", self.folder / "server", self.folder / "agent"],
                                   check=True)

    def test_a_step_that_stays_is_believed_after_a_minute(self):
        self.clock.set(0)
        server, agent = self.begin("server")
        self.more_batches(server, 5)
        self.clock.set(DAY)
        self.more_batches(server, 5)
        self.assertLess(abs(self.skew(server)), 1000)
        self.wait("the server's new clock is believed",
                  lambda: abs(self.skew(server) + DAY * 1000) < 1000, 90)
        self.said(server, "this server's clock was set")
        self.clock.set(0)
        self.wait("and the old one again", lambda: abs(self.skew(server)) < 1000, 90)
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    harness.main()
