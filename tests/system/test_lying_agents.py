"""Agents that lie or are broken: whatever they send, a healthy one beside them is shown as it is, the
server's memory is bounded, and so it is after a restart."""

import json
import struct
import time

import batches
import harness
import incident_world as world

MEBIBYTE = 1 << 20
HEALTHY = bytes(range(16))
LIAR = bytes([0xEE] * 16)
TARGET = "10.5.0.1"
YEAR_2076 = 3_345_000_000_000  # ms


def now_ms():
    return int(time.time() * 1000)


def renumbered(data, sequence):
    return data[:21] + struct.pack("<Q", sequence) + data[29:]


class LyingAgents(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.sequence = 0

    def begin(self, settings=None, **options):
        self.server = self.start_server(
            harness.target_text("icmp", "r-b", [TARGET, "10.5.0.2"]) if "config" not in options else "",
            {"mesh": "false", "state_dir": self.folder / "server",
             "limits.listed_targets_only": "false", **(settings or {})}, **options).wait_healthy()
        return self.server

    def push(self, data):
        """(status, answer) of any batch."""
        answer = harness.http(f"http://{self.server.rpc}/rpc/Server.PushBatch", "POST", data,
                              {"Content-Type": "application/x-xprober-batch"}, 20)
        return answer.status, answer.json()

    def push_good(self, mean=5.0, stamp=None):
        """One result of the healthy agent, which has to be taken; a second after the last one, so that
        none of them can be the same again."""
        self.sequence += 1
        stamp = stamp or now_ms() + self.sequence * 1000
        row = batches.icmp("r-b", TARGET, stamp, mean)
        status, answer = self.push(batches.batch(HEALTHY, self.sequence, now_ms(), [row]))
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["accepted"], answer["duplicate"]), (1, False), answer)

    def ask(self, region, address):
        answer = harness.http(f"http://{self.server.rpc}/rpc/Server.GetProberTargets", "POST",
                              json.dumps({"localRegion": region, "localIp": address}).encode(),
                              {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.text)
        return answer

    def line(self):
        return world.line_of(self.server, target=TARGET, agent="10.9.0.1")

    def check_healthy(self, streak):
        line = self.wait("the healthy agent's results are shown", lambda: (
            line := self.line())["streak"] >= streak and line, 10)
        self.assertEqual((line["state"], line["streak"]), ("ok", streak), line)
        self.assertLessEqual(line["time_unix"], time.time() + 61)

    def stats(self):
        return self.server.stats()["journal"]

    def rss(self):
        return self.server.stats()["process"]["rss_bytes"]

    def test_times_and_numbers_that_cannot_be(self):
        self.begin()
        self.push_good(mean=None, stamp=YEAR_2076)
        self.push_good(mean=None, stamp=-YEAR_2076)
        self.assertEqual(self.stats()["misdated_results"], 2)
        for _ in range(3):
            self.push_good()
        self.check_healthy(3)

        row = [batches.icmp("r-b", TARGET, now_ms(), 5.0)]
        good = batches.batch(HEALTHY, 1, now_ms(), row)
        for sequence in (0, 1 << 53, (1 << 63) - 1, (1 << 64) - 1):
            status, answer = self.push(renumbered(good, sequence))
            self.assertEqual(status, 400, answer)
            self.assertIn("sequence", answer["error"])
        status, answer = self.push(renumbered(good, 1 << 50))
        self.assertEqual((status, answer["accepted"], answer["rejected"]), (200, 0, 1), answer)
        self.assertIn("sequence", answer["errors"][0])

        status, answer = self.push(batches.batch(LIAR, 1, now_ms(), row, "10.9.0.66") + b"surplus")
        self.assertEqual((status, answer["accepted"]), (200, 0), answer)
        self.assertIn("follow the frame", answer["errors"][0])
        many_rows = bytearray(batches.batch(LIAR, 2, now_ms(), row, "10.9.0.66"))
        many_rows[37:41] = b"\xff\xff\xff\xff"
        status, answer = self.push(bytes(many_rows))
        self.assertEqual((status, answer["accepted"]), (200, 0), answer)
        self.assertIn("too short", answer["errors"][0])
        status, answer = self.push(good + bytes(8 * MEBIBYTE))
        self.assertEqual(status, 400, answer)

        self.push_good()
        self.check_healthy(4)

    def test_series_are_bounded_over_a_restart(self):
        limits = {"limits.series": "3000", "limits.agent_series": "1000"}
        self.begin(limits)
        self.push_good()
        before = self.rss()
        accepted = refused = 0
        for number in range(12):
            rows = [batches.icmp("r-b", f"{number}-{i}-" + "x" * 200, now_ms(), 5.0)
                    for i in range(2000)]
            worker = f"10.9.1.{number % 6}"
            status, answer = self.push(batches.batch(LIAR, number + 1, now_ms(), rows, worker))
            self.assertEqual(status, 200, answer)
            accepted += answer["accepted"]
            refused += answer["rejected"]
        # One of them is the healthy agent's.
        self.assertEqual((accepted, refused), (2999, 24_000 - 2999))
        counted = self.stats()
        self.assertEqual(counted["series"], 3000)
        self.assertEqual(counted["above_agent_series"] + counted["above_series"], refused)
        self.assertGreater(counted["above_agent_series"], 0)
        self.assertLess(self.rss() - before, 150 * MEBIBYTE)
        self.push_good()
        self.check_healthy(2)

        old = self.server
        old.kill()
        self.begin(limits, config=old.config, rpc_port=int(old.rpc.rpartition(":")[2]),
                   name="server-again")
        self.assertLess(self.rss(), before + 150 * MEBIBYTE)
        # Of each there are three values: success, loss and the mean RTT.
        self.assertLessEqual(self.server.stats()["results"]["stored_series"], 3 * 3000)
        self.push_good()
        self.wait("the healthy agent's series goes on", lambda: self.line()["streak"] >= 2, 10)
        self.assertEqual(self.line()["state"], "ok")

    def test_who_is_too_fast_comes_later_and_others_do_not(self):
        self.begin({"limits.agent_rows_per_second": "1000"})
        rows = [batches.icmp("r-b", TARGET, now_ms(), 5.0)] * 12_000
        data = batches.batch(LIAR, 1, now_ms(), rows, "10.9.0.66")
        sequence = 1

        def too_fast():
            nonlocal sequence
            status, answer = self.push(renumbered(data, sequence))
            sequence += status == 200
            return status == 503 and answer["error"]

        error = self.wait("the liar is too fast", too_fast, 20)
        self.assertIn("limits.agent_rows_per_second", error)
        self.push_good()
        self.check_healthy(1)
        self.wait("it is taken again later", lambda: not too_fast(), 60)

    def test_only_targets_of_the_list_and_members_of_the_networks(self):
        self.begin({"limits.listed_targets_only": "true", "mesh": "true",
                    "mesh_networks": "[10.9.0.0/16]"})
        for address in ("10.9.0.1", "192.0.2.1"):
            self.ask("r-a", address)
        def members():
            groups = self.ask("r-z", "10.9.0.2").json()["targets"]
            return [address for group in groups if group["region"] == "r-a"
                    for address in group["target"]]

        self.assertEqual(self.wait("the agent is a target", members, 10), ["10.9.0.1"])
        agents = harness.get_json(f"{self.server.url}/api/v1/agents")["agents"]
        self.assertEqual({agent["local_ip"] for agent in agents if agent["region"] == "r-a"},
                         {"10.9.0.1", "192.0.2.1"})
        self.wait("the other one is told of", lambda: "mesh_networks" in self.server.err(), 10)

        sequence = 0

        def refused():
            nonlocal sequence
            sequence += 1
            # A new name each time: what was taken once goes on.
            row = batches.icmp("r-b", f"10.66.0.{sequence}", now_ms(), None)
            status, answer = self.push(batches.batch(LIAR, sequence, now_ms(), [row], "10.9.0.66"))
            self.assertEqual(status, 200, answer)
            return answer["rejected"] and answer["errors"][0]

        error = self.wait("targets that nobody was given are refused", refused, 40)
        self.assertIn("not_in_list", error)
        self.assertGreater(self.stats()["unlisted_results"], 0)
        self.push_good()
        self.check_healthy(1)


if __name__ == "__main__":
    harness.main()
