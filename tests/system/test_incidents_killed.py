"""A server that is killed again and again while incidents open and close: a webhook hears of each once to
open and once to close, and Alertmanager ends with those that are open."""

import os
import random
import time

import alert_receivers as alerts
import harness
import incident_world as world

KILLS = 10
PAGES = 16
# How often a page fails in all, how many at a time, and how many still do at the end. The third time
# within a quarter of an hour an incident would stay open, so none fails more often than twice.
FAILURES, AT_A_TIME, LASTING = 20, 5, 3
MOST_OF_ONE = 2

# How the webhook receiver behaves after so many kills; else it takes what comes. Each time there is
# something that it would have taken, before the next kill.
MODES = {2: "hang", 4: "fail", 6: "refuse"}


class Page:
    """One page's life: it is well, failing until its incident is open, open for a while, and up until its
    incident is closed."""

    def __init__(self, url):
        self.url = url
        self.state = "well"
        self.ids = []  # of its incidents
        self.until = 0  # it stays open
        self.lasting = False

    def __repr__(self):
        return f"{self.url.rpartition('/')[2]} {self.state} {self.ids}"


class Killed(harness.SystemTest):
    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("XPROBER_TEST_SEED", time.time_ns() % 2**32))
        print(f"seed {seed} (XPROBER_TEST_SEED)")
        self.random = random.Random(seed)
        self.web = self.serve(world.Pages(PAGES))
        self.pages = [Page(url) for url in self.web.urls]
        self.failures = 0
        self.kept = len(MODES)  # failures that are kept for those
        self.next_failure = 0

    def launch(self, config=None, rpc_port=None):
        self.server = self.start_server(
            harness.target_text("http", "r-web", self.web.urls),
            alerts.telling(self.hook, **{
                "mesh": "false", "state_dir": self.folder / "server",
                "alerts.alertmanagers": harness.json.dumps([self.alertmanager.url])}),
            config=config, rpc_port=rpc_port, name=f"server-{len(self.processes)}")
        return self.server.wait_healthy()

    def failures_of(self, found):
        """Those of pages that failed: on a busy machine some were slow, too, which has no reason."""
        return [i for i in found if i["reason"] == "bad_status"]

    # -- pages that fail and are well again ---------------------------------------------------------

    def step(self):
        """Lets every page go on with its life as far as the server, which may be dead, knows of it."""
        try:
            found = self.failures_of(alerts.incidents(self.server))
        except (OSError, harness.http_client.HTTPException, harness.NotYet):
            return
        unknown = [i for i in found if not any(i["id"] in page.ids for page in self.pages)]
        for page in self.pages:
            own = [i for i in unknown if alerts.is_about(i, page.url)]
            self.live(page, own, {i["id"]: i for i in found})
            unknown = [i for i in unknown if i not in own]
        self.assertEqual(alerts.brief(unknown), [], "nothing of this has happened")
        self.fail_another()

    def live(self, page, fresh, known):
        now = time.monotonic()
        if page.state == "failing" and fresh:
            incident = alerts.only_incident(fresh)
            self.assertEqual(incident["kind"], "target", incident)
            page.ids.append(incident["id"])
            page.state = "lasting" if page.lasting else "open"
            page.until = now + self.random.uniform(0, 1.2)
            fresh = []
        self.assertEqual(alerts.brief(fresh), [], f"there was one of it: {page}")
        if not page.ids:
            return
        self.assertIn(page.ids[-1], known, f"an incident is lost: {page}")
        closed = known[page.ids[-1]]["closed_unix"] is not None
        if page.state in ("open", "lasting"):
            self.assertFalse(closed, f"closed while it lasts: {page}")
        if page.state == "open" and now >= page.until:
            self.web.up(page.url)
            page.state = "up"
        elif page.state == "up" and closed:
            page.state = "well"

    def fail_another(self):
        now = time.monotonic()
        busy = sum(page.state != "well" for page in self.pages)
        if self.failures >= FAILURES - self.kept or busy >= AT_A_TIME or now < self.next_failure:
            return
        self.fail_one()
        self.next_failure = now + self.random.uniform(0.1, 0.6)

    def fail_one(self):
        page = self.random.choice([page for page in self.pages if page.state == "well"
                                   and len(page.ids) < MOST_OF_ONE])
        self.failures += 1
        page.state = "failing"
        self.web.down(page.url)
        return page

    def disturbed(self, mode):
        """True when the receiver has really behaved so to something that it was to be told."""
        if mode == "refuse":
            name = self.hook.url.partition("//")[2].partition("/")[0]
            told, = (one for one in self.server.stats()["notify"] if name in one["name"])
            return told["retried"] > 0 and told["pending"] > 0
        return self.hook.missed_while(mode) > 0

    def live_until_kill(self, kill):
        """Until a random moment, and until a receiver that does not take notices has not taken one."""
        mode = MODES.get(kill - 1)
        moment = time.monotonic() + harness.scaled(self.random.uniform(0.3, 2.2))
        self.kept -= mode is not None

        def due():
            self.step()
            return time.monotonic() >= moment and (mode is None or self.disturbed(mode))

        self.wait(f"the moment of kill {kill}" + (f", and a receiver that has to {mode}" if mode else ""),
                  due, 30)

    def all_lived(self):
        self.step()
        busy = [page for page in self.pages if page.state != "well"]
        if busy or self.failures < FAILURES:
            raise harness.NotYet(f"{self.failures} failures, {busy}")
        return True

    def let_some_last(self):
        lasting = [self.fail_one() for _ in range(LASTING)]
        for page in lasting:
            page.lasting = True

        def all_last():
            self.step()
            waiting = [page for page in lasting if page.state != "lasting"]
            if waiting:
                raise harness.NotYet(waiting)
            return True

        self.wait("some have incidents that last", all_last, 20)

    # -- the test -----------------------------------------------------------------------------------

    def test_nothing_is_lost_and_nothing_told_twice(self):
        self.hook = self.serve(alerts.WebhookReceiver())
        self.alertmanager = alerts.Alertmanager(self)
        server = self.launch()
        config, port = server.config, server.rpc.rpartition(":")[2]
        self.start_agent(server.rpc, "r-a", settings={
            "probe_interval": "400ms", "push_interval": "150ms", "sync_interval": "300ms"})
        world.wait_pages_well(self, server, self.web.urls)

        for kill in range(1, KILLS + 1):
            self.live_until_kill(kill)
            self.server.kill()
            print(f"kill {kill}: {self.failures} failures, {len(self.hook.taken)} notices, "
                  f"{[page for page in self.pages if page.state != 'well']}")
            getattr(self.hook, MODES.get(kill, "take"))()
            self.launch(config, port)
        self.assertEqual(self.kept, 0)
        for mode in ("hang", "fail"):
            self.assertGreater(self.hook.missed_while(mode), 0, mode)
        self.wait("every page has failed and is well again", self.all_lived, 60)

        self.let_some_last()
        self.check_told()
        self.check_alertmanager()

    def check_told(self):
        """Of each incident the webhook heard that it opened, and of each that is closed that it closed."""
        every = alerts.incidents(self.server)
        known = self.failures_of(every)
        others = {i["id"] for i in every} - {i["id"] for i in known}
        self.assertEqual(sorted(i["id"] for i in known), sorted(
            number for page in self.pages for number in page.ids), alerts.brief(known))
        self.assertEqual(len(known), FAILURES + LASTING)
        expected = {(i["id"], "opened") for i in known}
        expected |= {(i["id"], "closed") for i in known if i["closed_unix"] is not None}

        def all_told():
            lacking = expected - set(self.hook.told())
            if lacking:
                raise harness.NotYet(f"{len(lacking)} of {len(expected)} are not told: {sorted(lacking)}")
            return True

        self.wait("the webhook has heard everything", all_told, 40)
        self.assertEqual({what for what in self.hook.told() if what[0] not in others} - expected, set(),
                         "nothing of this has happened")
        # A kill between a receiver's answer and our note of it makes the same notice come again.
        self.hook.check_each_once(KILLS)
        for incident in known:
            events = self.hook.events(incident["id"])
            self.assertEqual(events, ["opened", "closed"][:len(events)])
        print(f"{len(known)} incidents, {len(self.hook.taken)} notices, "
              f"{self.hook.repeats()} of them again, {len(self.hook.missed)} missed before")

    def check_alertmanager(self):
        """Its active alerts are the incidents that are open."""
        wanted = {str(i["id"]): i for i in self.failures_of(alerts.open_incidents(self.server))}
        self.assertEqual(len(wanted), LASTING, wanted)

        every = alerts.incidents(self.server)
        of_failures = {i["id"] for i in self.failures_of(every)}
        others = {str(i["id"]) for i in every if i["id"] not in of_failures}

        def same():
            active = {number: alert for number, alert in self.alertmanager.active().items()
                      if number not in others}
            if set(active) != set(wanted):
                raise harness.NotYet(f"it has {sorted(active)}, open are {sorted(wanted)}")
            return active

        for number, alert in self.wait("Alertmanager has those that are open", same, 40).items():
            labels, incident = alert["labels"], wanted[number]
            self.assertEqual((labels["alertname"], labels["severity"], labels["probe_type"],
                              labels["target"]),
                             ("XproberTarget", incident["severity"], "http",
                              incident["targets"]["names"][0]), labels)
            # Its counts may have changed since it was sent.
            self.assertIn(labels["target"], alert["annotations"]["summary"])
            self.assertTrue(alert["annotations"]["description"], alert)


if __name__ == "__main__":
    harness.main()
