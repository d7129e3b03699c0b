"""History: what was pushed can be asked for later, to the number, whatever happens to the server."""

import random
import sqlite3
import threading
import time

import batches
import harness

PRIVATE = harness.enter_private_network()
INSTANCE = bytes(range(16))


def now_ms():
    return int(time.time() * 1000)


class History(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(5)
        self.sequence = 0

    def launch(self, old=None, settings=None):
        port = int(old.rpc.rpartition(":")[2]) if old else None
        return self.start_server(rpc_port=port, settings={
            "state_dir": self.folder / "server", "mesh": "false",
            "limits.listed_targets_only": "false", **(settings or {})}).wait_healthy()

    def push(self, server, rows, skew_ms=0, sequence=None):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        return batches.push(server.rpc, batches.batch(INSTANCE, sequence, now_ms() + skew_ms, rows))

    def ask(self, server, **parameters):
        """`from_` is `from`, which Python has for itself."""
        query = {"source_region": "r-a", "from_": "50m", "to": int(time.time()) + 60, **parameters}
        text = "&".join(f"{key.rstrip('_')}={value}" for key, value in query.items())
        return harness.http(f"{server.url}/api/v1/history?{text}")

    def points(self, server, **parameters):
        answer = self.ask(server, **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json()["points"]

    def totals(self, server, **parameters):
        """(probes, succeeded, sum of the times) over all points."""
        points = self.points(server, **parameters)
        name = "duration_ms" if "url" in parameters else "latency_ms"
        return (sum(p["probes"] for p in points), sum(p["succeeded"] for p in points),
                sum(p[name]["mean"] * p[name]["count"] for p in points if p.get(name)))

    def wait_for(self, server, probes, **parameters):
        """What was acknowledged is in the journal; history takes it in a moment later."""
        self.wait("history has everything",
                  lambda: self.totals(server, **parameters)[0] >= probes, 20)

    def check_totals(self, server, probes, succeeded, total, **parameters):
        self.wait_for(server, probes, **parameters)
        for step in ("15", "1m", "10m", "1h"):
            got = self.totals(server, step=step, **parameters)
            self.assertEqual(got[:2], (probes, succeeded), step)
            self.assertAlmostEqual(got[2], total, delta=1e-4 * max(1, probes))

    def rows(self, count, region="r-b", age_s=0):
        """Rows of several ages, every fifth unanswered; and what they come to."""
        made, total, succeeded = [], 0, 0
        for i in range(count):
            mean = None if i % 5 == 4 else self.random.randrange(1, 4000) / 8
            at = now_ms() - age_s * 1000 - self.random.randrange(40_000)
            made.append(batches.icmp(region, f"10.0.{i // 250}.{i % 250}", at, mean))
            total += mean or 0
            succeeded += mean is not None
        return made, succeeded, total

    def test_what_was_pushed_adds_up_over_restarts_and_kills(self):
        server = self.launch()
        probes = succeeded = total = 0

        def push(count, **options):
            nonlocal probes, succeeded, total
            rows, good, time_sum = self.rows(count, **options)
            answer = self.push(server, rows)
            self.assertEqual(answer["accepted"], count)
            probes, succeeded, total = probes + count, succeeded + good, total + time_sum

        push(700)
        self.check_totals(server, probes, succeeded, total, target_region="r-b")
        server.kill()
        server = self.launch(server)
        self.check_totals(server, probes, succeeded, total, target_region="r-b")
        push(300)
        push(300, age_s=1200)
        self.check_totals(server, probes, succeeded, total, target_region="r-b")
        server.stop()
        server = self.launch(server)
        self.check_totals(server, probes, succeeded, total, target_region="r-b")
        push(200, age_s=1200)  # late, into rows on disk
        again = self.push(server, self.rows(10)[0], sequence=self.sequence)
        self.assertTrue(again["duplicate"])
        server.kill()
        server = self.launch(server)
        self.check_totals(server, probes, succeeded, total, target_region="r-b")
        stats = server.stats()["history"]
        self.assertTrue(stats["on_disk"])
        self.assertEqual(stats["series"], 1)
        self.assertGreater(stats["levels"]["15s"], 0)
        self.assertEqual(stats["failed"], 0)

    def test_a_kill_at_any_moment_loses_and_doubles_nothing(self):
        server = self.launch()
        pushed = 0
        for _ in range(4):
            stop = threading.Timer(self.random.uniform(0.05, 0.6), server.kill)
            stop.start()
            try:
                while True:
                    rows = [batches.icmp("r-b", f"10.1.0.{i}", now_ms(), 8.0) for i in range(20)]
                    try:
                        self.push(server, rows)
                    except (OSError, harness.NotYet):
                        # Not acknowledged: it comes again with the same number.
                        self.sequence -= 1
                        break
                    pushed += 20
            finally:
                stop.join()
            server = self.launch(server)
            self.push(server, [batches.icmp("r-b", f"10.1.0.{i}", now_ms(), 8.0)
                               for i in range(20)])
            pushed += 20
        self.check_totals(server, pushed, pushed, pushed * 8.0, target_region="r-b")
        self.assertEqual(server.stats()["journal"]["total"]["results"], pushed)

    def test_urls_have_phases(self):
        server = self.launch()
        self.push(server, [
            batches.http("r-b", "http://x/", now_ms(), [1, 2, 3, 4, 5]),
            batches.http("r-b", "http://x/", now_ms(), [3, 2], success=False)])
        self.check_totals(server, 2, 1, 15.0, url="http://x/")
        point, = self.points(server, url="http://x/", step="1h")[-1:]
        self.assertEqual(point["phases_ms"]["resolve"], 2)
        self.assertEqual(point["phases_ms"]["transfer"], 5)
        self.assertEqual(point["duration_ms"]["max"], 15)
        self.assertEqual(point["success_ratio"], 0.5)
        only = self.points(server, url="http://x/", step="1h", metric="success")[-1]
        self.assertNotIn("duration_ms", only)

    def test_quantiles_are_within_one_percent(self):
        server = self.launch()
        means = [self.random.lognormvariate(3, 1) for _ in range(2000)]
        at = now_ms() // 3_600_000 * 3_600_000  # the beginning of this hour
        self.push(server, [batches.icmp("r-b", f"10.2.{i // 250}.{i % 250}", at, mean)
                           for i, mean in enumerate(means)])
        self.wait_for(server, len(means), target_region="r-b", step="1h", from_=at // 1000)
        point, = self.points(server, target_region="r-b", step="1h", from_=at // 1000)
        means.sort()
        for name, q in (("p50", 0.5), ("p99", 0.99)):
            exact = means[int(q * (len(means) - 1))]
            self.assertLess(abs(point["latency_ms"][name] - exact), exact * 0.0101)
        self.assertAlmostEqual(point["latency_ms"]["min"], means[0], places=3)
        self.assertAlmostEqual(point["latency_ms"]["max"], means[-1], places=2)
        self.assertEqual(point["loss_percent"], 0)

    def test_an_agent_whose_clock_is_an_hour_off(self):
        server = self.launch()
        hour = 3_600_000
        self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms() + hour, 4.0)], skew_ms=hour)
        self.wait_for(server, 1, target_region="r-b", from_="2m")
        points = self.points(server, target_region="r-b", from_="2m")
        self.assertEqual(sum(p["probes"] for p in points), 1)
        journal = server.stats()["journal"]
        self.assertEqual(journal["skewed_agents"], 1)
        self.assertAlmostEqual(journal["worst_skew_ms"], hour, delta=5000)

    def test_each_level_is_kept_as_long_as_configured(self):
        short = {"history.retention_15s": "30s", "history.retention_1m": "5m",
                 "history.retention_10m": "1h"}
        server = self.launch(settings=short)
        # For two minutes nothing is too old: the server's clock could be put right yet.
        self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms() - 3_000_000_000, 4.0)])
        self.wait("the oldest is taken", lambda: server.stats()["history"]["results"] == 1, 20)
        self.wait("it is written", lambda: server.stats()["history"]["levels"]["10m"] == 1, 60)
        self.wait("and dropped", lambda: server.stats()["history"]["levels"]["10m"] == 0, 160)
        for age in (0, 150, 1500):
            self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms() - age * 1000, 4.0)])
        self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms() - 3_000_000_000, 4.0)])
        self.wait("the oldest is seen", lambda: server.stats()["history"]["too_old"] == 1, 20)
        server.stop()
        server = self.launch(server, settings=short)
        levels = server.stats()["history"]["levels"]
        self.assertEqual(levels["15s"], 1)
        self.assertEqual(levels["1m"], 2)
        self.assertIn(levels["10m"], (2, 3))
        self.assertEqual(self.totals(server, target_region="r-b", step="10m")[0], 3)
        # Fine steps of long ago are answered with what is kept.
        answer = self.ask(server, target_region="r-b", step="15", from_="40m").json()
        self.assertEqual((answer["level"], answer["step_seconds"]), ("10m", 600))

    def test_wrong_questions_are_answered_with_what_is_allowed(self):
        server = self.launch()
        for parameters, told in (
                ({}, "target_region (for icmp) or url (for http) is missing"),
                ({"target_region": "x", "url": "y"}, "exclude each other"),
                ({"target_region": "x", "metric": "phases"}, "latency"),
                ({"target_region": "x", "step": "7"}, "multiples of 15 seconds"),
                ({"target_region": "x", "step": "-15"}, "multiples of 15 seconds"),
                ({"target_region": "x", "from_": "yesterday"}, "from is not a time"),
                ({"target_region": "x", "to": "9" * 30}, "to is not a time"),
                ({"target_region": "x", "from_": "1m", "to": "2m"}, "from is not before to"),
                ({"target_region": "x", "from_": "6d", "step": "60"}, "allowed are 5000"),
                ({"target_region": "x", "colour": "red"}, "colour")):
            answer = self.ask(server, **parameters)
            self.assertEqual(answer.status, 400, (parameters, answer.text))
            self.assertIn(told, answer.text)
        self.assertEqual(self.points(server, target_region="nowhere"), [])
        self.assertEqual(self.points(server, target_region="x", from_="1970-01-01T00:00:00Z"), [])

    def test_one_target_is_watched_from_the_first_question_on(self):
        server = self.launch()
        self.push(server, [batches.icmp("r-b", f"10.0.0.{i}", now_ms(), 5 + i) for i in range(3)])
        self.wait_for(server, 3, target_region="r-b")
        listed = harness.http(f"{server.url}/api/v1/targets").json()["targets"]
        uid = next(target["uid"] for target in listed if target["target"] == "10.0.0.1")

        def asked():
            answer = harness.http(f"{server.url}/api/v1/history?uid={uid}&from=50m")
            self.assertEqual(answer.status, 200, answer.text)
            return answer.json()

        def means():
            return [point["latency_ms"]["mean"] for source in asked()["sources"]
                    for point in source["points"]]

        first = asked()
        self.assertEqual(first["sources"], [])
        self.assertLess(abs(first["watched_since_unix"] - time.time()), 60)
        self.push(server, [batches.icmp("r-b", f"10.0.0.{i}", now_ms(), 10 + i) for i in range(3)])
        self.wait("the target has a history", lambda: means() == [11], 20)
        server.stop()
        server = self.launch(server)
        self.assertEqual(means(), [11])
        again = asked()
        self.assertEqual(again["watched_since_unix"], first["watched_since_unix"])
        self.assertEqual((again["target"], again["region"], again["probe_type"]),
                         ("10.0.0.1", "r-b", "icmp"))
        self.assertEqual([source["source_region"] for source in again["sources"]], ["r-a"])

    def test_without_history(self):
        server = self.launch(settings={"history.enabled": "false"})
        self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms(), 4.0)])
        answer = self.ask(server, target_region="r-b")
        self.assertEqual(answer.status, 404)
        self.assertIn("history.enabled", answer.text)
        self.assertFalse(server.stats()["history"]["enabled"])
        self.assertFalse((self.folder / "server" / "history.db").exists())

    def test_a_damaged_file_is_set_aside_and_begun_anew(self):
        server = self.launch()
        self.push(server, [batches.icmp("r-b", "10.0.0.1", now_ms(), 4.0)])
        self.wait_for(server, 1, target_region="r-b")
        server.stop()
        path = self.folder / "server" / "history.db"
        path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
        server = self.launch(server)
        self.assertIn("set aside", server.text())
        # The journal has not heard that the batch was written: a new history takes it in.
        self.check_totals(server, 1, 1, 4.0, target_region="r-b")
        self.assertEqual(len(list(path.parent.glob("history.db.damaged-*"))), 1)
        server.stop()
        with sqlite3.connect(path) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM rollup_15s").fetchone(), (1,))


if __name__ == "__main__":
    harness.main()
