"""Targets that are wanted and have no result: they are listed and counted, say why, and leave with their
first result or with their entry."""

import signal
import time

import harness
import incident_world as world
import servers

FAR = "r-far"
MOON = "r-moon"
ADDRESS = "127.0.0.9"


class Never(harness.SystemTest):
    def setUp(self):
        super().setUp()
        web = self.serve(servers.WebServer(lambda request: servers.reply(request, 200)))
        self.near = f"{web.url}/near"
        self.far = f"{web.url}/far"
        self.anywhere = f"{web.url}/anywhere"

    def entries(self, *more):
        return "".join([harness.target_text("http", "r-web", [self.near], ["r-a"]), *more])

    def states(self):
        """{(target, source region): (state, reason)}."""
        return {(line["target"], line["source_region"]): (line["state"], line["reason"])
                for line in world.targets(self.server)}

    def wait_states(self, what, expected, timeout=20):
        """`expected`: like `states`, with the states that are allowed."""
        def look():
            states = self.states()
            if set(states) != set(expected):
                raise harness.NotYet(states)
            lacking = {key: states[key] for key, allowed in expected.items()
                       if states[key][0] not in allowed}
            if lacking:
                raise harness.NotYet(lacking)
            return True

        self.wait(what, look, timeout)

    def reload(self, *more):
        self.write(self.server.config.name, harness.server_text(self.entries(*more)))
        self.server.signal(signal.SIGHUP)

    def test_what_is_wanted_is_listed_until_it_has_a_result_or_is_gone(self):
        began = int(time.time())
        far = harness.target_text("http", "r-web", [self.far], [FAR])
        anywhere = harness.target_text("http", "r-web", [self.anywhere])
        moon = harness.target_text("icmp", "r-b", [ADDRESS], [MOON])
        self.server = self.start_server(
            self.entries(far, anywhere, moon),
            {"mesh": "false", "metrics_per_target": "true"}).wait_healthy()
        never = ("never", "no_agent")
        self.assertEqual(self.states(), {
            (self.near, "r-a"): never, (self.far, FAR): never, (self.anywhere, ""): never,
            (ADDRESS, MOON): never})
        line = world.line_of(self.server, target=self.far)
        self.assertEqual((line["agent"], line["streak"], line["time_unix"]), ("", 0, None), line)
        self.assertGreaterEqual(line["since_unix"], began - 1)
        self.assertIn(FAR, line["detail"])
        self.assertGreater(len(line["detail"].split()), 4, f"not a sentence: {line['detail']!r}")
        self.check_filters(line)
        self.check_sums(line)
        self.check_pages()

        self.start_agent(self.server.rpc, "r-a")
        self.wait_states("what its agent probes is well", {
            (self.near, "r-a"): world.WELL, (self.far, FAR): ["never"],
            (self.anywhere, "r-a"): world.WELL, (ADDRESS, MOON): ["never"]})

        self.start_agent(self.server.rpc, FAR, "127.0.0.2")
        self.wait_states("the other region has an agent now", {
            (self.near, "r-a"): world.WELL, (self.far, FAR): world.WELL,
            (self.anywhere, "r-a"): world.WELL, (self.anywhere, FAR): world.WELL,
            (ADDRESS, MOON): ["never"]})
        self.assertEqual(len(world.targets(self.server, state="never")), 1)

        # What was never probed goes as what was, and its uid is known no more.
        uid = world.line_of(self.server, target=ADDRESS)["uid"]
        self.reload()
        self.wait_states("what is configured no more is gone", {(self.near, "r-a"): world.WELL})
        self.assertEqual(harness.http(f"{self.server.url}/api/v1/target/{uid}").status, 404)
        self.assertFalse(self.server.metrics().has("xprober_never_probed"))

        self.reload(moon)
        self.wait_states("a new target is listed at once", {
            (self.near, "r-a"): world.WELL, (ADDRESS, MOON): ["never"]})

    def check_filters(self, line):
        for field in ("uid", "target", "region", "source_region", "state", "reason", "probe_type"):
            with self.subTest(filter=field):
                found = world.targets(self.server, **{field: line[field]})
                self.assertIn(line["uid"], [one["uid"] for one in found])
        self.assertEqual(len(world.targets(self.server, q="/FAR")), 1)
        self.assertEqual(world.targets(self.server, state="ok,failing,stale"), [])
        self.assertEqual(world.targets(self.server, reason="refused"), [])

    def check_pages(self):
        """One after the other, in an order in which all are equal."""
        seen, cursor = [], None
        while True:
            question = f"{self.server.url}/api/v1/targets?sort=state&limit=3"
            page = harness.get_json(question + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual((page["total"], page["matching"]), (4, 4))
            seen += [line["uid"] for line in page["targets"]]
            cursor = page["next"]
            if not cursor:
                break
        self.assertEqual((len(seen), len(set(seen))), (4, 4))

    def check_sums(self, line):
        story = harness.get_json(f"{self.server.url}/api/v1/target/{line['uid']}")
        self.assertEqual((story["target"], story["probe_type"]), (self.far, "http"))
        self.assertEqual([source["state"] for source in story["sources"]], ["never"], story)
        self.assertEqual(world.pairs(self.server), {(MOON, "r-b"): "never"})
        regions = {region["region"]: region for region in harness.get_json(
            f"{self.server.url}/api/v1/regions")["regions"]}
        self.assertEqual((regions[FAR]["never_probed"], regions[FAR]["agents"]), (1, 0), regions)
        metrics = self.server.metrics()
        self.assertEqual(metrics.value("xprober_probe_state", target=self.far, state="never"), 1)
        self.assertEqual(metrics.value("xprober_never_probed", source_region=MOON,
                                       target_region="r-b", probe_type="icmp"), 1)
        self.assertFalse(metrics.has("probe_success"))


if __name__ == "__main__":
    harness.main()
