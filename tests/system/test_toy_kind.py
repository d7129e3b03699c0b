"""A kind of probe that only an agent knows: a server built without it stores, aggregates, keeps,
forwards and shows its results, and the agent's own pages, too.

What the browser does stands in web/test/program_toy.test.ts."""

import os
import pathlib
import struct
import time

import harness
import test_pages
from test_remote_write import STALE, Receiver

TOY_AGENT = pathlib.Path(os.environ.get("XPROBER_TOY_AGENT", ""))
UP = "wheel.example:7"
DOWN = "down.example:7"


class ToyKind(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        if not os.access(TOY_AGENT, os.X_OK):
            raise AssertionError(f"XPROBER_TOY_AGENT is no program: {TOY_AGENT}")

    def setUp(self):
        super().setUp()
        self.receiver = self.serve(Receiver())
        config = self.write("server.yaml", harness.server_text(
            harness.target_text("toy", "r-b", [UP, DOWN]) +
            harness.target_text("icmp", "r-b", ["127.0.0.1"])) +
            f"remote_write:\n  - url: {self.receiver.url}\n")
        self.server = self.start_server(config=config, settings={
            "mesh": "false", "metrics_per_target": "true",
            "state_dir": self.folder / "state"}).wait_healthy()
        self.agent = self.start_agent(self.server.rpc, launcher=[TOY_AGENT], name="toy_agent",
                                      settings={"metrics_per_target": "true", "icmp.count": 1})
        self.agent.wait_ready()

    def stored(self):
        """The server's lines of the toy's targets by address; NotYet before there are both."""
        lines = {line["target"]: line for line in harness.get_json(
            f"{self.server.url}/api/v1/targets?limit=100")["targets"]
                 if line["probe_type"] == "toy" and line["state"] != "never"}
        if set(lines) != {UP, DOWN}:
            raise harness.NotYet(f"targets {sorted(lines)}")
        return lines

    def forwarded(self):
        """{(metric, target): latest value} that the receiver of remote write has."""
        found = {}
        for labels, _, bits in list(self.receiver.samples):
            have = dict(labels)
            if have.get("probe_type") == "toy" and bits != STALE:
                found[have["__name__"], have.get("target"), have.get("phase")] = struct.unpack(
                    "<d", struct.pack("<Q", bits))[0]
        return found

    def test_a_server_that_never_heard_of_it_serves_it(self):
        began = int(time.time())
        lines = self.wait("the server has the results", self.stored, 30)
        self.assertEqual(lines[UP]["phases_ms"], {"wind": 1.5, "spin": 2.5})
        self.assertEqual(lines[UP]["level"], 42)
        self.assertEqual((lines[UP]["time_ms"], lines[UP]["loss_percent"]), (4, None))
        self.assertIsNone(lines[DOWN]["time_ms"])
        story = harness.get_json(f"{self.server.url}/api/v1/target/{lines[UP]['uid']}")
        self.assertEqual([(c["key"], c["role"], c["unit"]) for c in story["columns"]],
                         [("wind", "phase", "ms"), ("spin", "phase", "ms"), ("level", "gauge", "")])
        self.assertEqual(lines[DOWN]["phases_ms"]["wind"], 1.5)
        self.assertIsNone(lines[DOWN]["phases_ms"]["spin"])

        metrics = self.server.metrics()
        where = {"source_region": "r-a", "target_region": "r-b", "probe_type": "toy"}
        self.assertEqual(metrics.value("probe_success", target=UP, **where), 1)
        self.assertEqual(metrics.value("probe_success", target=DOWN, **where), 0)
        self.assertEqual(metrics.value("probe_toy_level", target=UP, **where), 42)
        self.assertEqual(
            metrics.value("probe_toy_duration_seconds", target=UP, phase="spin", **where), 0.0025)
        self.assertEqual(metrics.value("toy_up", source_region="r-a", addr=UP), 1)
        self.assertEqual(metrics.value("toy_wind_ms", source_region="r-a", addr=UP), 1.5)

        def history():
            answer = harness.get_json(
                f"{self.server.url}/api/v1/history?source_region=r-a&target={UP}&probe_type=toy"
                f"&from={began - 60}&to={began + 600}")
            return [p for p in answer["points"] if p["probes"]]

        points = self.wait("history has it", history, 40)
        self.assertEqual(points[-1]["succeeded"], points[-1]["probes"])

        self.wait("remote write has it",
                  lambda: self.forwarded().get(("probe_toy_level", UP, None)) == 42, 30)
        values = self.forwarded()
        self.assertEqual(values["probe_success", DOWN, None], 0)
        self.assertEqual(values["toy_wind_ms", UP, None], 1.5)
        self.assertEqual(self.receiver.problems, [])
        self.assertEqual(self.server.stats()["results"]["rejected"], 0)

    @test_pages.needs_browser
    def test_pages_show_it_in_a_browser(self):
        self.wait("the server has the results", self.stored, 30)
        self.wait("the agent has results", lambda: self.agent.targets()["ok"] >= 2, 30)
        test_pages.browse("program_toy", XPROBER_SERVER_URL=self.server.url, XPROBER_AGENT_URL=self.agent.url,
                          XPROBER_UP=UP, XPROBER_DOWN=DOWN)

    def test_the_agents_own_pages_show_it(self):
        self.wait("the agent has results", lambda: self.agent.targets()["ok"] >= 2 and
                  self.agent.targets()["failing"] >= 1, 30)
        last = self.agent.target(DOWN)["last"]
        self.assertEqual(last["error"], "refused")
        self.assertEqual(last["toy"]["failed_phase"], "spin")
        self.assertEqual(last["toy"]["phases_ms"], {"wind": 1.5, "spin": None})
        stats = self.agent.stats()
        self.assertEqual(stats["targets"]["toy"], 2)
        self.assertGreater(stats["probes"]["toy"]["started"], 0)
        self.assertGreater(stats["toy"]["turns"], 0)
        metrics = self.agent.metrics()
        self.assertGreater(metrics.value("xprober_toy_turns_total"), 0)
        self.assertEqual(metrics.value("probe_toy_level", target=UP), 42)
        asked = harness.http(f"{self.agent.url}/probe?target={UP}&module=toy")
        self.assertEqual(asked.status, 200, asked.text)
        self.assertIn("\nprobe_success 1\n", asked.text)
        self.assertIn('probe_toy_duration_seconds{phase="wind"} 0.0015\n', asked.text)
        refused = harness.http(f"{self.agent.url}/probe?target={UP}&module=tyo")
        self.assertEqual(refused.status, 400)
        self.assertIn("toy", refused.text)


if __name__ == "__main__":
    harness.main()
