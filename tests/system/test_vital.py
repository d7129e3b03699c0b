"""A process lives or has ended, and never something between: every part answers, load is given up before memory
is at its end, and large answers hold up nobody and stay within bounds."""

import concurrent.futures
import pathlib
import resource
import signal
import time

import batches
import harness
import wire

MEBIBYTE = 1 << 20
INSTANCE = bytes(range(16))
FAILURE = 70
# How a process may end whose memory is at its end: in order, or where not even that has memory.
ENDS = (FAILURE, -signal.SIGABRT)


def now_ms():
    return int(time.time() * 1000)


def memory_of(process, key):
    """A figure of the kernel's in bytes, such as VmHWM."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise harness.NotYet(f"no {key}")


class Vital(harness.SystemTest):
    def begin(self, settings=None, **options):
        return self.start_server(settings={
            "mesh": "false", "limits.listed_targets_only": "false",
            "state_dir": self.folder / "state", **(settings or {})}, **options).wait_healthy()

    def some_rows(self, number, count):
        return [batches.icmp("r-b", f"10.{number}.{i // 250}.{i % 250}", now_ms(), 5.0)
                for i in range(count)]

    def test_every_part_is_asked(self):
        server = self.begin()
        agent = self.start_agent(server.rpc).wait_healthy()
        for role in (server, agent):
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _, r=role: harness.http(f"{r.url}/-/healthy"), range(40)))
            self.assertEqual({answer.status for answer in answers}, {200})
            self.assertTrue(all(answer.text.startswith("healthy") for answer in answers))
            self.assertGreaterEqual(role.stats()["actors"]["health"]["running"], 1)

    def test_load_is_given_up_before_memory_is_at_its_end(self):
        # Less than the program itself takes.
        server = self.begin({"limits.memory": "1MiB"})
        self.wait("memory is short", lambda: server.stats()["memory"]["shedding"], 20)
        ready = harness.http(f"{server.url}/-/ready")
        self.assertEqual(ready.status, 503)
        self.assertIn("short of memory", ready.text)
        data = batches.batch(INSTANCE, 1, now_ms(), self.some_rows(1, 1))
        with self.assertRaisesRegex(harness.NotYet, "503.*short of memory"):
            batches.push(server.rpc, data)
        large = harness.http(f"http://{server.rpc}/rpc/Server.PushBatch", "POST", data + bytes(100_000),
                             {"Content-Type": "application/x-xprober-batch"})
        self.assertEqual(large.status, 503)
        self.assertTrue(large.headers["Retry-After"])
        self.assertEqual(server.metrics().value("xprober_memory_shedding"), 1)
        self.assertGreaterEqual(server.stats()["journal"]["refused_batches"], 1)
        self.assertTrue(any("memory" in line for line in server.stats()["warnings"]))
        self.assertTrue(server.healthy())
        self.assertEqual(server.stop(), 0)
        # The agent has kept it, and the server that has memory takes it once.
        again = self.begin()
        self.assertFalse(again.stats()["memory"]["shedding"])
        self.assertFalse(batches.push(again.rpc, data).get("duplicate"))
        self.assertEqual(again.stats()["journal"]["total"]["batches"], 1)

    def push_until_the_end(self, server, most):
        """Pushes batches of new series until the server has ended; how many it has acknowledged."""
        acknowledged = 0
        for number in range(1, most + 1):
            if server.poll() is not None:
                break
            rows = self.some_rows(number, 4000)
            try:
                batches.push(server.rpc, batches.batch(INSTANCE, number, now_ms(), rows))
            except (harness.NotYet, OSError):
                break
            acknowledged = number
        return acknowledged

    def test_what_was_acknowledged_outlives_the_end_of_memory(self):
        if harness.SANITIZED:
            self.skipTest("sanitizers reserve all of the address space")
        server = self.begin({"history.enabled": "false"})
        limit = memory_of(server, "VmSize") + 24 * MEBIBYTE
        resource.prlimit(server.pid, resource.RLIMIT_AS, (limit, limit))
        acknowledged = self.push_until_the_end(server, 60)
        print(f"acknowledged with 24 MiB more: {acknowledged}")
        # It has ended of it, or it has refused and goes on: it is not something between.
        try:
            self.wait("it is healthy or has ended",
                      lambda: server.poll() is not None or server.healthy(), 30, ())
            ended = server.poll()
        finally:
            if server.poll() is None:
                server.kill()
        if ended is not None:
            self.assertIn(ended, ENDS)
        again = self.begin({"history.enabled": "false"})
        self.assertGreaterEqual(again.stats()["journal"]["total"]["batches"], acknowledged)

    def many_regions_ask(self, server, regions):
        with wire.Client(server.rpc, harness.scaled(10)) as client:
            # Fewer at a time than a session may have open.
            for first in range(0, regions, 50):
                for i in range(first, first + 50):
                    client.send("Server.GetProberTargets",
                                {"localRegion": f"r-{i}", "localIp": f"10.0.{i // 250}.{i % 250}"})
                for _ in range(50):
                    self.assertIsNone(client.message()[2])
        self.wait("all are known",
                  lambda: len(harness.get_json(f"{server.url}/api/v1/agents")["agents"]) == regions, 20)

    def test_regions_that_only_ask_cost_no_more_than_each(self):
        """A mesh of regions without results has as many pairs as their square."""
        server = self.begin({"mesh": "true", "history.enabled": "false"})
        before = memory_of(server, "VmHWM")
        regions = 3000
        self.many_regions_ask(server, regions)
        pairs = regions * (regions - 1)
        states = self.wait("pairs without a result are counted",
                           lambda: (s := harness.get_json(f"{server.url}/api/v1/states"))["states"]["never"]
                           == pairs and s, 60)
        self.assertEqual(states["total"], pairs)
        for _ in range(2):
            found = server.metrics().series("xprober_never_probed", probe_type="icmp")
            self.assertLessEqual(len(found), 50_000 + regions)
            self.assertEqual(sum(value for _, value in found), pairs)
        rows = {row["region"]: row["never_probed"]
                for row in harness.get_json(f"{server.url}/api/v1/regions")["regions"]}
        self.assertEqual(set(rows.values()), {regions - 1})
        self.assertTrue(server.healthy())
        grown = memory_of(server, "VmHWM") - before
        print(f"grown by {grown / MEBIBYTE:.1f} MiB")
        if not harness.SANITIZED:
            self.assertLess(grown, 250 * MEBIBYTE)

    def test_a_matrix_of_many_regions_holds_up_nobody(self):
        regions = 6000
        server = self.begin({"limits.new_agents_per_minute": "10000", "history.enabled": "false"})
        self.many_regions_ask(server, regions)
        before = memory_of(server, "VmHWM")
        url = f"{server.url}/api/v1/matrix"
        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            asked = [pool.submit(harness.http, url) for _ in range(8)]
            served = harness.http(f"http://{server.rpc}/rpc/Server.GetProberTargets", "POST",
                                  b'{"localRegion": "r-1", "localIp": "10.0.0.1"}',
                                  {"Content-Type": "application/json"})
            answers = [each.result() for each in asked]
        self.assertEqual(served.status, 200)
        for answer in answers:
            self.assertEqual(answer.status, 400)
            self.assertIn(f"{regions} regions", answer.json()["error"])
            self.assertIn("source_region=REGION", answer.json()["error"])
        row = harness.get_json(url + "?source_region=r-7&metric=state")
        self.assertEqual(row["sources"], ["r-7"])
        self.assertEqual(len(row["destinations"]), regions)
        self.assertEqual(len(row["values"][0]), regions)
        grown = memory_of(server, "VmHWM") - before
        print(f"grown by {grown / MEBIBYTE:.1f} MiB")
        if not harness.SANITIZED:
            self.assertLess(grown, 64 * MEBIBYTE)


if __name__ == "__main__":
    harness.main()
