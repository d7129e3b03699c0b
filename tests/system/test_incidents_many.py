"""Thirty regions, of which one goes dark: twenty-nine of them miss it, and one incident says so, once."""

import time

import alert_receivers as alerts
import harness
import incident_world as world

PRIVATE = harness.enter_private_network()

COUNT = 30 if harness.TIME_FACTOR == 1 else 12
REGIONS = [f"r-{number:02}" for number in range(1, COUNT + 1)]
DARK = REGIONS[COUNT // 2]

# Nine hundred probes a second, by thirty processes on what this machine has.
# Three results, of which the first may begin an interval later than the failure, and the way of what is known.
INTERVAL, RESULTS, DELIVERY = 1, 3, 4
CALM = {"probe_interval": "1s", "sync_interval": "1s", "push_interval": "500ms",
        "icmp.timeout": "500ms"}


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class ManyRegions(world.Mesh):
    def test_one_of_thirty_goes_dark(self):
        hook = self.serve(alerts.WebhookReceiver())
        server = self.start_server(settings=alerts.telling(
            hook, mesh_lease=world.ms(6), result_ttl=world.ms(6))).wait_healthy()
        began = time.monotonic()
        for region in REGIONS:
            self.join(server, region, CALM)
        self.wait_well(server, 60)
        print(f"{COUNT * (COUNT - 1)} pairs are well after {time.monotonic() - began:.1f} s")
        self.assertEqual(alerts.brief(alerts.incidents(server)), [], "nothing has failed yet")

        began = time.monotonic()
        self.go_dark(DARK)
        incident = self.wait("an incident", lambda: alerts.only_incident(
            alerts.open_incidents(server)), 12)
        self.wait("it is told", lambda: hook.events(incident["id"]), 10)
        told = hook.taken[0].at - began
        print(f"{alerts.brief([incident])}, told after {told:.1f} s")
        self.assertLessEqual(told, harness.scaled((RESULTS + 1) * INTERVAL + DELIVERY))
        self.assertEqual(incident["kind"], "target", incident)
        self.assertEqual(incident["targets"]["names"], [DARK], incident)
        self.check_it_lasts(server, incident)
        self.assertEqual(hook.told(), [(incident["id"], "opened")])
        hook.check_each_once()

    def check_it_lasts(self, server, incident):
        """Once all of the others miss it, its agent is known to be lost and its own results are old, it
        is still the one that there is, and no pair has vanished."""
        def all_miss_it():
            now = alerts.only_incident(alerts.incidents(server))
            self.assertEqual((now["id"], now["closed_unix"]), (incident["id"], None), now)
            known = world.pairs(server)
            missing = sum(known.get((region, DARK)) == "failing" for region in REGIONS)
            stale = sum(known.get((DARK, region)) == "stale" for region in REGIONS)
            agent = world.agent_state(server, DARK)
            if (missing, stale, agent) != (COUNT - 1, COUNT - 1, "lost"):
                raise harness.NotYet(f"{missing} miss it, {stale} of its own are stale, it is {agent}")
            return known, now

        known, now = self.wait("all of the others miss it", all_miss_it, 25)
        self.assertEqual(set(known), self.all_pairs(), "a pair has vanished")
        others = {pair: state for pair, state in known.items()
                  if DARK not in pair and state not in world.WELL}
        self.assertEqual(others, {})
        self.assertEqual(now["sources"]["affected"], COUNT - 1, now)
        self.assertEqual(now["targets"]["affected"], 1, now)


if __name__ == "__main__":
    harness.main()
