"""Agents that are cut off from their server, or whose server is away, for longer than its patience used to be, and
that deliver what they have seen meanwhile one faster than the other: each cause is told once, whatever comes first."""

import time

import alert_receivers as alerts
import harness
import incident_world as world
import servers

REGIONS = ("r-1", "r-2", "r-3")
# How much later each answer comes to the agents once they are back. One delivers at once, and the others
# about three seconds of results in a second: well above the two that a source is waited for.
LAGS = (0, 0.15, 0.15)
AGENT = {"probe_interval": "500ms", "sync_interval": "1s", "push_interval": "1s"}
PROBES_A_SECOND = 2 * len(REGIONS)

# A failure of these seconds, and a break between two, are longer than it takes to open and to close.
FIRST, THEN = 12, 26
# What the server waited for before it told what it had.
PATIENCE = 8


class Backlog(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.web = self.serve(world.Pages(3))
        self.dead, self.over, self.again = self.web.urls
        self.hook = self.serve(alerts.WebhookReceiver())
        self.rpc_port = harness.free_port()
        self.launch()
        self.links = [self.serve(servers.SlowLink(self.server.rpc)) for _ in REGIONS]
        for region, link in zip(REGIONS, self.links):
            self.start_agent(link.address, region, settings=AGENT, name=region)
        world.wait_pages_well(self, self.server, self.web.urls)

    def launch(self):
        self.server = self.start_server(
            harness.target_text("http", "r-web", self.web.urls),
            alerts.telling(self.hook, **{"mesh": "false", "mesh_lease": world.ms(600),
                                         "result_ttl": world.ms(600),
                                         "state_dir": self.folder / "server"}),
            rpc_port=self.rpc_port, name=f"server-{len(self.processes)}").wait_healthy()

    def incidents(self):
        return [i for i in alerts.incidents(self.server) if i["reason"] == "bad_status"]

    def told(self):
        notices = [n for n in list(self.hook.taken) if n.incident["reason"] == "bad_status"]
        return list(dict.fromkeys(notice.what for notice in notices))

    def incident_of(self, url):
        return alerts.only_incident([i for i in self.incidents() if alerts.is_about(i, url)])

    def wait_told(self, url, event):
        def is_told():
            number = self.incident_of(url)["id"]
            return number if (number, event) in self.told() else None

        return self.wait(f"{url} is told to be {event}", is_told, 60)

    def probe_for(self, seconds):
        """Until all pages have been probed as often as they are in so many seconds."""
        wanted = {url: self.web.asked(url) + seconds * PROBES_A_SECOND for url in self.web.urls}
        self.wait(f"{seconds} s of probes", lambda: all(
            self.web.asked(url) >= count for url, count in wanted.items()), 4 * seconds,
            [p for p in self.processes if p.name in REGIONS])

    def fail_meanwhile(self):
        """One page is well and fails again, one fails and is well again, and one fails."""
        self.web.up(self.again)
        self.web.down(self.over)
        self.web.down(self.dead)
        self.probe_for(FIRST)
        self.web.up(self.over)
        self.web.down(self.again)
        self.probe_for(THEN)

    def wait_delivered(self):
        """For as long as agents say that results of before wait."""
        began = time.monotonic()

        def all_here():
            lines = world.agents(self.server)
            waiting = {}
            for region in REGIONS:
                backlog = lines[region]["backlog"]
                age = time.time() - ((backlog or {}).get("oldest_unix") or time.time())
                if lines[region]["state"] != "ok" or backlog is None or age > 10:
                    waiting[region] = (lines[region]["state"], age)
            if waiting:
                raise harness.NotYet(f"still to come: {waiting}")
            return True

        self.wait("all of the backlog is here", all_here, 120)
        took = time.monotonic() - began
        print(f"the backlog has come in {took:.1f} s")
        self.assertGreater(took, PATIENCE, "it came too fast to show anything")

    def check_each_cause_once(self, stop, go_on):
        self.web.down(self.again)
        again = self.wait_told(self.again, "opened")
        stop()
        self.fail_meanwhile()
        go_on()
        self.wait_delivered()
        dead = self.wait_told(self.dead, "opened")
        self.assertEqual(self.told(), [(again, "opened"), (dead, "opened")], alerts.brief(self.incidents()))
        self.web.up(self.again)
        self.web.up(self.dead)
        self.wait_told(self.again, "closed")
        self.wait_told(self.dead, "closed")
        self.assertEqual(sorted(self.told()), sorted(
            (number, event) for number in (again, dead) for event in ("opened", "closed")))
        self.assertEqual([i["id"] for i in self.incidents()], [again, dead], alerts.brief(self.incidents()))
        self.hook.check_each_once()

    def mend(self):
        for link, lag in zip(self.links, LAGS):
            link.mend(lag)

    def test_links_that_are_cut(self):
        def cut():
            for link in self.links:
                link.cut()

        self.check_each_cause_once(cut, self.mend)

    def test_a_server_that_is_stopped(self):
        def start():
            self.mend()
            self.launch()

        self.check_each_cause_once(lambda: self.server.stop(), start)


if __name__ == "__main__":
    harness.main()
