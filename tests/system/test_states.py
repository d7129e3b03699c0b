"""How a target is doing, since when and why, as the server knows it: from its first failure on, and after
the server was killed."""

import time

import harness
import incident_world as world
import servers

INTERVAL = 1.5  # seconds


class States(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.well = True
        self.web = self.serve(servers.WebServer(self.respond))
        self.url = f"{self.web.url}/page"

    def respond(self, request):
        """A page, or half of one."""
        if self.well:
            servers.reply(request, 200)
            return
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"half")
        request.close_connection = True

    def begin(self, **options):
        self.server = self.start_server(
            harness.target_text("http", "r-web", [self.url]),
            {"mesh": "false", "metrics_per_target": "true", "state_dir": self.folder / "server"},
            **options).wait_healthy()
        return self.server

    def line(self):
        return world.line_of(self.server, target=self.url)

    def wait_state(self, state, streak=1):
        """The line of the target, once it is in the state with so many results."""
        def look():
            line = self.line()
            if line["state"] != state or line["streak"] < streak:
                raise harness.NotYet(line)
            return line

        return self.wait(f"the target is {state}, {streak} times", look, 20)

    def test_a_failure_is_known_with_its_first_result_and_after_a_kill(self):
        server = self.begin()
        self.start_agent(server.rpc, "r-a", settings={
            "probe_interval": world.ms(INTERVAL), "push_interval": "150ms", "sync_interval": "300ms"})
        well = self.wait_state("ok")
        self.assertEqual((well["probe_type"], well["region"], well["source_region"]),
                         ("http", "r-web", "r-a"))

        began = time.time()
        self.well = False
        first = self.wait_state("failing")
        self.assertEqual((first["streak"], first["reason"], first["phase"]),
                         (1, "http_early_close", "transfer"), first)
        self.assertGreater(len(first["detail"].split()), 2, f"not a sentence: {first['detail']!r}")
        # Seconds are cut, and the page may have been asked for just before.
        self.assertGreaterEqual(first["since_unix"], int(began) - 1)
        self.assertLessEqual(first["since_unix"], time.time() + 1)
        self.check_metrics()
        self.check_filters(first)

        several = self.wait_state("failing", 3)
        self.assertEqual(several["since_unix"], first["since_unix"])
        server.kill()
        self.begin(config=server.config, rpc_port=server.rpc.rpartition(":")[2], name="server-again")
        after = self.wait("the target is known again", lambda: (
            line := self.line())["state"] != "never" and line, 10)
        self.assertEqual((after["state"], after["since_unix"], after["reason"], after["phase"]),
                         ("failing", first["since_unix"], first["reason"], first["phase"]), after)
        self.assertTrue(after["detail"], after)
        self.assertGreaterEqual(after["streak"], several["streak"], after)
        more = self.wait_state("failing", after["streak"] + 1)
        self.assertEqual(more["since_unix"], first["since_unix"])

        self.well = True
        again = self.wait_state("ok")
        self.assertGreater(again["since_unix"], first["since_unix"])
        self.assertLess(again["streak"], 3, again)

    def check_metrics(self):
        metrics = self.server.metrics()
        shown = {labels["state"]: value for labels, value
                 in metrics.series("xprober_probe_state", target=self.url)}
        self.assertEqual([state for state, value in shown.items() if value], ["failing"], shown)
        self.assertTrue(metrics.has("xprober_probe_state_since_seconds", target=self.url))

    def check_filters(self, line):
        """Each field finds it by its value and by no other one."""
        for field, another in {
                "uid": "0123456789abcdef", "target": "http://127.0.0.1:9/", "region": "r-b",
                "probe_type": "icmp", "source_region": "r-b", "agent": "127.0.0.99", "state": "ok",
                "reason": "refused"}.items():
            with self.subTest(filter=field):
                found = world.targets(self.server, **{field: line[field]})
                self.assertEqual([one["uid"] for one in found], [line["uid"]])
                self.assertEqual(world.targets(self.server, **{field: another}), [])
        self.assertEqual(len(world.targets(self.server, q="page")), 1)
        self.assertEqual(world.targets(self.server, q="nothing-of-it"), [])


if __name__ == "__main__":
    harness.main()
