"""A hundred thousand targets that fail at once are one incident, told once, and no batch waits for it."""

import ipaddress
import time

import alert_receivers as alerts
import batches
import harness
import incident_world as world

INSTANCE = bytes(range(16, 32))
# What fails, and what does not, of one region and without a label.
DARK = ("10.1.0.0/16", "10.2.0.0/17", "10.3.0.0/21")  # 100,352
WELL = ("10.9.0.0/17",)                               # 32,768
IN_BATCH = 5_000
PERIOD_MS = 15_000
# Results of its own that an agent beside them may have at hand: of ten seconds.
PAGES, MOST_PENDING = 4, 4 * 2 * 10
# In seconds: within which a batch is acknowledged, whoever sends it.
MOST_AGE = 2

# What is slower shows the same with less.
if harness.TIME_FACTOR > 1:
    DARK, WELL = ("10.1.0.0/17", "10.2.0.0/19"), ("10.9.0.0/20",)


def addresses(blocks):
    return [str(address) for block in blocks for address in ipaddress.ip_network(block)]


class Scale(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.sequence = 0
        self.slowest = 0
        self.agent = None  # beside them, once it is there
        self.pending, self.oldest = [], []  # of it, whenever a large batch is acknowledged
        self.hook = self.serve(alerts.WebhookReceiver())
        self.pages = self.serve(world.Pages(PAGES))
        self.dark, self.well = addresses(DARK), addresses(WELL)
        self.text = harness.target_text("icmp", "r-b", [*DARK, *WELL], ["r-a"]) \
            + harness.target_text("http", "r-web", self.pages.urls, ["r-w"])

    def launch(self, **settings):
        return self.start_server(self.text, alerts.telling(
            self.hook, mesh="false", state_dir=self.folder / "server", **settings)).wait_healthy()

    def push(self, targets, unix_ms, mean):
        """One result of each of these targets; every batch is acknowledged."""
        for begin in range(0, len(targets), IN_BATCH):
            rows = [batches.icmp("r-b", address, unix_ms, mean)
                    for address in targets[begin:begin + IN_BATCH]]
            self.sequence += 1
            data = batches.batch(INSTANCE, self.sequence, int(time.time() * 1000), rows)
            began = time.monotonic()
            answer = batches.push(self.server.rpc, data)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.assertEqual(answer["accepted"], len(rows), answer)
            self.look_at_agent()

    def look_at_agent(self):
        if self.agent is None:
            return
        waits = self.agent.stats()["push"]
        self.pending.append(waits["pending"])
        since = waits["spool_oldest_unix"]
        self.oldest.append(time.time() - since if since else 0)

    def found(self):
        """The incidents of these targets: the agent beside them may have its own on a busy machine."""
        return [i for i in alerts.incidents(self.server) if i["probe_type"] == "icmp"]

    def told(self, incident):
        """What was told, but for what is of the agent beside them."""
        others = {i["id"] for i in alerts.incidents(self.server)} - {incident["id"]}
        return [(number, event) for number, event in self.hook.told() if number not in others]

    def wait_looks(self, more):
        """So many verdicts are made from now on."""
        looks = self.server.stats()["incidents"]["looks"] + more
        self.wait("verdicts are made",
                  lambda: self.server.stats()["incidents"]["looks"] >= looks, 30)

    def wait_incident(self):
        """The one that there is, once it is told."""
        incident = self.wait("an incident", lambda: alerts.only_incident(self.found()), 30)
        print(alerts.brief([incident]))
        self.assertEqual((incident["kind"], incident["reason"]), ("target", "no_reply"), incident)
        self.wait("it is told", lambda: self.hook.events(incident["id"]) == ["opened"], 15)
        return incident

    def check_the_only_one(self, incident):
        now = alerts.only_incident(self.found())
        self.assertEqual((now["id"], now["closed_unix"]), (incident["id"], None), now)
        self.assertEqual(self.told(incident), [(incident["id"], "opened")])
        self.hook.check_each_once()
        return now

    def test_what_fails_at_once_is_one_incident(self):
        manager = alerts.Alertmanager(self)
        self.server = self.launch(**{"alerts.alertmanagers": harness.json.dumps([manager.url])})
        self.agent = self.start_agent(self.server.rpc, "r-w", settings={
            "probe_interval": "500ms", "push_interval": "250ms"})
        world.wait_pages_well(self, self.server, self.pages.urls)
        began = int(time.time() * 1000) - 4 * PERIOD_MS
        self.push(self.dark + self.well, began, 5.0)
        self.wait_looks(2)
        self.assertEqual(alerts.brief(self.found()), [], "nothing has failed yet")

        before, self.slowest = self.slowest, 0
        self.pending.clear()
        self.oldest.clear()
        for result in range(1, 4):
            self.push(self.dark, began + result * PERIOD_MS, None)
        incident = self.wait_incident()

        # It goes on, others report as before, and nobody hears of it again.
        self.push(self.dark, began + 4 * PERIOD_MS, None)
        self.push(self.well[:1000], began + 4 * PERIOD_MS, 5.0)
        self.wait_looks(3)
        now = self.check_the_only_one(incident)
        self.assertEqual((now["targets"]["affected"], now["targets"]["of"]),
                         (len(self.dark), len(self.dark) + len(self.well)), now)
        self.wait("Alertmanager has it, and nothing else", lambda: [
            number for number, alert in manager.active().items()
            if alert["labels"]["probe_type"] == "icmp"] == [str(incident["id"])], 15)
        print(f"the slowest batch before was acknowledged after {before:.3f} s")
        self.check_nothing_waited()

    def check_nothing_waited(self):
        """By the counters of the programs themselves, and by how long batches took to be acknowledged."""
        push, server = self.agent.stats()["push"], self.server.stats()
        actors = {name: server["actors"][name] for name in ("journal", "store", "incidents")}
        for name, actor in actors.items():
            print(f"{name}: handlers {actor['handler_us']} us, mailbox {actor['mailbox']}")
        print(f"verdict {server['incidents']['last_look_ms']} ms; pending at the agent at most "
              f"{max(self.pending)}, for at most {max(self.oldest):.1f} s, {push['batches_ok']} batches; the "
              f"slowest of {self.sequence} large batches was acknowledged after {self.slowest:.3f} s")
        self.assertGreater(len(self.pending), 4 * len(self.dark) // IN_BATCH)
        self.assertLessEqual(self.slowest, harness.scaled(MOST_AGE))
        self.assertLessEqual(max(self.oldest), harness.scaled(MOST_AGE) + 1)  # in whole seconds
        self.assertEqual((push["batches_failed"], push["results_dropped"], push["last_error"]), (0, 0, ""))
        self.assertLessEqual(max(self.pending), MOST_PENDING)
        journal = server["journal"]
        self.assertEqual((journal["refused_batches"], journal["paced_batches"],
                          journal["missing_batches"]), (0, 0, 0))
        # What the incidents are told waits in the store, not with them.
        self.assertLess(actors["incidents"]["mailbox"]["max"], 100)
        world.wait_pages_well(self, self.server, self.pages.urls)

    def test_a_restarted_server_tells_it_no_second_time(self):
        """The first list of all states comes in pieces: nothing is taken from half of it."""
        self.server = self.launch()
        began = int(time.time() * 1000) - 4 * PERIOD_MS
        failing = self.dark[:2 * IN_BATCH]
        self.push(self.well, began, 5.0)
        for result in range(1, 4):
            self.push(failing, began + result * PERIOD_MS, None)
        incident = self.wait_incident()
        self.assertIn("10.1.0.0/16", incident["summary"])
        self.server.stop()
        self.server = self.launch()
        self.wait_looks(3)
        self.check_the_only_one(incident)


if __name__ == "__main__":
    harness.main()
