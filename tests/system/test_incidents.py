"""Regions, paths and agents that fail: each failure is one incident for as long as it lasts, which names
what is to blame and is told once."""

import time

import alert_receivers as alerts
import harness
import incident_world as world
import servers
import simnet

PRIVATE = harness.enter_private_network()
SIMNET_MISSING = simnet.missing() if PRIVATE else harness.NEEDS_NAMESPACE

# Within so many seconds whoever is to be told has been told.
PROMISED = 10

# A failure is an incident with so many results, of which the first may begin an interval later than it;
# so long is what is known by then on its way to whoever is told.
RESULTS, DELIVERY = 3, 3
INTERVAL = 0.5  # of world.QUICK

# What could end an incident or make something vanish: in seconds as they are here, and as they are where
# nothing is set. So ten minutes of a server as it is are the largest of these shares of them.
LEASE, TTL = 3, 4
TEN_MINUTES = 600 * max(LEASE / 60, TTL / 300, INTERVAL / 15)

EAST, WEST, SOUTH, NORTH = "r-east", "r-west", "r-south", "r-north"


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Regions(world.Mesh):
    def begin(self, *regions, **settings):
        """(server, webhook receiver) with the agents of these regions."""
        hook = self.serve(alerts.WebhookReceiver())
        server = self.start_server(settings=alerts.telling(hook, **{
            "mesh_lease": world.ms(LEASE), **settings})).wait_healthy()
        for region in regions:
            self.join(server, region)
        return server, hook

    def wait_incident(self, server, what, kind, timeout=PROMISED):
        """The one incident that there is, once it is open."""
        incident = self.wait(f"an incident: {what}", lambda: alerts.only_incident(
            alerts.open_incidents(server)), timeout)
        print(f"{what}: {alerts.brief([incident])}")
        self.assertEqual(incident["kind"], kind, incident)
        return incident

    def check_told(self, hook, incident, *events):
        """It was told so, each once, and nothing else was told."""
        self.wait(f"it is told: {', '.join(events)}",
                  lambda: len(hook.events(incident["id"])) >= len(events), PROMISED)
        self.assertEqual(hook.told(), [(incident["id"], event) for event in events])
        hook.check_each_once()

    def test_a_region_that_goes_dark_is_one_incident_until_it_is_back(self):
        server, hook = self.begin(EAST, WEST, SOUTH, result_ttl=world.ms(TTL))
        self.wait_well(server)
        self.assertEqual(alerts.brief(alerts.incidents(server)), [], "nothing has failed yet")
        before = world.pairs(server)

        dark = time.monotonic()
        self.go_dark(SOUTH)
        incident = self.wait_incident(server, "a region is dark", "target")
        self.assertTrue(alerts.is_about(incident, SOUTH), incident)
        self.assertEqual(incident["reason"], "no_reply", incident)
        self.assertTrue(incident["summary"], incident)
        self.check_told(hook, incident, "opened")
        told = hook.taken[0].at - dark
        print(f"told {told:.2f} s after it went dark")
        self.assertLessEqual(told, harness.scaled((RESULTS + 1) * INTERVAL + DELIVERY))
        self.check_it_lasts(server, hook, incident, set(before))
        self.check_told(hook, incident, "opened")

        self.join(server, SOUTH)
        self.wait("the incident is closed", lambda: alerts.open_incidents(server) == [], 20)
        closed = alerts.only_incident(alerts.incidents(server))
        self.assertEqual((closed["id"], closed["kind"]), (incident["id"], "target"), closed)
        self.assertGreaterEqual(closed["closed_unix"], closed["opened_unix"])
        self.check_told(hook, incident, "opened", "closed")
        self.wait_well(server)
        self.assertEqual(world.agent_state(server, SOUTH), "ok")

    def check_it_lasts(self, server, hook, incident, pairs):
        """It is the one that is open for as long as ten minutes are with the usual settings: longer than
        the lease of the dead agent, and than its own results are kept. No pair vanishes meanwhile, and
        nobody is told anything else."""
        end = time.monotonic() + harness.scaled(TEN_MINUTES)

        def later():
            now = alerts.only_incident(alerts.incidents(server))
            self.assertEqual((now["id"], now["closed_unix"]), (incident["id"], None), now)
            known = world.pairs(server)
            self.assertEqual(set(known), pairs, "a pair has vanished, or another one is there")
            self.assertEqual(hook.told(), [(incident["id"], "opened")])
            seen = {
                "streaks": [world.line_of(server, source_region=source, region=SOUTH)["streak"]
                            for source in (EAST, WEST)],
                "agent": world.agent_state(server, SOUTH),
                "its own pairs": [known[SOUTH, other] for other in (EAST, WEST)]}
            if time.monotonic() < end or min(seen["streaks"]) < 15 or seen["agent"] != "lost" \
                    or seen["its own pairs"] != ["stale", "stale"]:
                raise harness.NotYet(seen)
            return seen

        print(self.wait("many results later", later, TEN_MINUTES + 15))
        for source in (EAST, WEST):
            line = world.line_of(server, source_region=source, region=SOUTH)
            self.assertEqual((line["state"], line["reason"]), ("failing", "no_reply"), line)
        known = world.pairs(server)
        self.assertEqual({pair: state for pair, state in known.items() if SOUTH not in pair},
                         {(EAST, WEST): "ok", (WEST, EAST): "ok"})
        self.assertEqual({known[source, SOUTH] for source in (EAST, WEST)}, {"failing"}, known)

    def test_an_agent_of_two_that_dies_with_its_machine_is_one_incident(self):
        server, hook = self.begin(EAST, WEST, SOUTH)
        other = "10.90.9.9"
        self.addCleanup(self.give_address, other, "del")

        def join_other():
            self.give_address(other, "replace")
            return self.start_agent(server.rpc, SOUTH, other, world.QUICK, name="other")

        def states():
            lines = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
            return {line["local_ip"]: line["state"] for line in lines if line["region"] == SOUTH}

        def wait_only(what, **wanted):
            """There is this incident and no other, and it is so."""
            def so():
                now = alerts.only_incident(alerts.incidents(server))
                seen = {"id": now["id"], "names": now["targets"]["names"],
                        "severity": now["severity"], "states": set(states().values())}
                if any(seen[key] != value for key, value in wanted.items()):
                    raise harness.NotYet(seen)
                return now
            return self.wait(what, so, 20)

        second = join_other()
        self.wait_well(server)
        self.wait("both of its agents are reached", lambda: [
            line["state"] in world.WELL for line in world.reported(server, region=SOUTH)] == 4 * [True],
            20)
        second.kill()
        self.give_address(other, "del")
        incident = self.wait_incident(server, "one of two agents is dead", "target")
        wait_only("it is lost as well", id=incident["id"], names=[f"{SOUTH} {other}"],
                  severity="warning", states={"ok", "lost"})
        self.check_told(hook, incident, "opened")
        self.go_dark(SOUTH)
        wait_only("the region is dark", id=incident["id"], names=[SOUTH], severity="critical",
                  states={"lost"})
        self.check_told(hook, incident, "opened", "escalated")
        self.join(server, SOUTH)
        wait_only("the first is back", id=incident["id"], names=[f"{SOUTH} {other}"])
        join_other()
        self.wait("the incident is closed", lambda: alerts.open_incidents(server) == [], 20)
        self.check_told(hook, incident, "opened", "escalated", "closed")
        alerts.only_incident(alerts.incidents(server))

    def test_an_agent_that_leaves_is_no_incident_and_one_that_is_killed_is(self):
        server, hook = self.begin(EAST, WEST, SOUTH, NORTH)
        self.wait_well(server)
        self.assertEqual(self.agents[SOUTH].stop(), 0)
        self.wait("the agent that has ended in order is known to have left",
                  lambda: world.agent_state(server, SOUTH) == "left", 10)
        self.agents[NORTH].kill()

        # Its lease ends after that of the other one, which is not missed.
        incident = self.wait_incident(server, "an agent was killed", "prober", 15)
        self.assertTrue(alerts.is_about(incident, NORTH), incident)
        self.assertFalse(alerts.is_about(incident, SOUTH), incident)
        self.check_told(hook, incident, "opened")
        self.assertEqual({region: line["state"] for region, line in world.agents(server).items()},
                         {EAST: "ok", WEST: "ok", NORTH: "lost", SOUTH: "left"})
        self.wait("the region that has left is in no pair", lambda: SOUTH not in {
            region for pair in world.pairs(server) for region in pair}, 10)
        # Its address still answers: nobody but its agent is to blame.
        self.assertEqual(world.targets(server, state="failing"), [])
        self.check_metrics(server)

        answer = harness.http(f"{server.url}/api/v1/agents/{NORTH}/{self.regions[NORTH]}", "DELETE")
        self.assertIn(answer.status, (200, 204), answer.text)
        self.wait("an incident of an agent that is retired is closed",
                  lambda: alerts.open_incidents(server) == [], 10)
        self.check_told(hook, incident, "opened", "closed")
        alerts.only_incident(alerts.incidents(server))

    def check_metrics(self, server):
        metrics = server.metrics()
        up = {labels["region"]: value for labels, value in metrics.series("xprober_agent_up")}
        self.assertEqual(up, {EAST: 1, WEST: 1, NORTH: 0})
        for kind in alerts.KINDS:
            counted = sum(value for _, value in metrics.series("xprober_incidents", kind=kind))
            self.assertEqual(counted, 1 if kind == "prober" else 0, f"incidents of kind {kind}")

    @harness.unittest.skipIf(SIMNET_MISSING, SIMNET_MISSING)
    def test_a_lossy_pair_is_a_path(self):
        """Two of five echoes from east to west are lost, and no others: east is in a network of its own,
        where simnet is the other regions."""
        network = simnet.Network(self, [{"block": "10.90.0.2/32", "loss": 0.4},
                                        {"block": world.NETWORK}], deck=5)
        server, hook = self.begin()
        with network.inside():
            way = servers.CuttingProxy(server.rpc)  # from that network to the server
        self.serve(way)
        several = {"icmp.count": "5", "icmp.timeout": "350ms"}
        self.join(server, EAST, several, rpc=way.address, launcher=network.launcher)
        for region in (WEST, SOUTH, NORTH):
            self.join(server, region, several)
        self.assertEqual(self.regions[WEST], "10.90.0.2")

        incident = self.wait_incident(server, "a pair loses echoes", "path", 20)
        self.assertEqual((incident["sources"]["names"], incident["targets"]["names"]),
                         ([EAST], [WEST]), incident)
        self.assertEqual((incident["sources"]["affected"], incident["targets"]["affected"]), (1, 1))
        self.check_told(hook, incident, "opened")
        known = world.pairs(server)
        self.assertEqual(set(known), self.all_pairs())
        self.assertEqual(known[EAST, WEST], "degraded", known)
        self.assertEqual({pair: state for pair, state in known.items() if state not in world.WELL}, {})
        line = world.line_of(server, source_region=EAST, region=WEST)
        self.assertEqual(line["state"], "degraded", line)
        self.assertGreater(line["drop_rate"], 0, line)


if __name__ == "__main__":
    harness.main()
