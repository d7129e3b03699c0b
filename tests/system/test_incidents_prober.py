"""Agents in trouble of their own: without the right to ping, with a clock that is minutes off, and one that
gets no time to run. Each is an incident of the prober, and nothing that it probes is said to fail."""

import contextlib
import signal
import threading

import alert_receivers as alerts
import harness
import incident_world as world
import preloaded_clock
import simnet

PRIVATE = harness.enter_private_network()

WELL = ("r-east", "r-west")
NO_RIGHTS, CLOCK, STARVED = "r-rights", "r-clock", "r-starved"

AHEAD = 600  # seconds


@contextlib.contextmanager
def starved(process, still=1.0, running=0.4):
    """Meanwhile the process stands still most of the time."""
    over = threading.Event()

    def rhythm():
        while not over.is_set():
            process.signal(signal.SIGSTOP)
            over.wait(still)
            process.signal(signal.SIGCONT)
            over.wait(running)

    thread = threading.Thread(target=rhythm)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Probers(world.Mesh):
    def test_an_agent_in_trouble_of_its_own_blames_nobody(self):
        hook = self.serve(alerts.WebhookReceiver())
        # A lease that none of them loses.
        server = self.start_server(settings=alerts.telling(hook, mesh_lease="60s")).wait_healthy()
        for region in WELL:
            self.join(server, region)
        self.join(server, NO_RIGHTS, launcher=simnet.NO_RAW)
        clock = preloaded_clock.PreloadedClock(self.folder, AHEAD)
        wrong = self.join(server, CLOCK, launcher=clock.launcher)
        with starved(self.join(server, STARVED).wait_healthy()):
            found = {region: self.wait_trouble(server, region)
                     for region in (NO_RIGHTS, CLOCK, STARVED)}
            self.check_rights(server)
            self.check_clock(server, wrong)
            self.check_all(server, found)
        self.wait("each is told", lambda: len(hook.told()) >= len(found), 10)
        self.check_told(hook, found)

    def assert_nobody_fails(self, server):
        self.assertEqual(world.targets(server, state="failing"), [], "somebody is blamed")
        failing = [pair for pair, state in world.pairs(server).items() if state == "failing"]
        self.assertEqual(failing, [], "somebody is blamed")

    def wait_trouble(self, server, region):
        """The incident of this agent, before which nobody is blamed."""
        def look():
            self.assert_nobody_fails(server)
            return alerts.only_incident([i for i in alerts.open_incidents(server)
                                         if alerts.is_about(i, region)])

        incident = self.wait(f"an incident of the agent of {region}", look, 30)
        print(f"{region}: {alerts.brief([incident])}, {incident['reason']}: {incident['detail']}")
        self.assertEqual(incident["kind"], "prober", incident)
        return incident

    def check_rights(self, server):
        """Every target of the agent is known not to be probed, by its own fault, and it says why."""
        lines = self.wait("all of its targets are known", lambda: len(
            found := world.reported(server, source_region=NO_RIGHTS)) == len(self.regions) - 1 and found, 20)
        self.assertEqual({line["state"] for line in lines}, {"prober_fault"}, lines[0])
        states = {state for (source, _), state in world.pairs(server).items() if source == NO_RIGHTS}
        self.assertEqual(states, {"prober_fault"})
        faults = self.wait("the agent says what it lacks",
                           lambda: world.agents(server)[NO_RIGHTS]["own_faults"], 10)
        print(f"{NO_RIGHTS}: {faults}")
        for fault in faults:
            self.assertTrue(fault["reason"] and fault["detail"] and fault["since_unix"], faults)
        self.assertIn("icmp", " ".join(f"{f['reason']} {f['detail']}" for f in faults).lower())
        # The others reach it: its address answers.
        for source in WELL:
            self.wait(f"{source} reaches it",
                      lambda s=source: world.pairs(server)[s, NO_RIGHTS] == "ok", 10)

    def check_clock(self, server, agent):
        """It is said at both ends, each in its own words."""
        def said(faults):
            return [f["detail"] for f in faults if f["reason"] == "clock_off"]

        at_server = self.wait("the server says it", lambda: said(
            world.agents(server)[CLOCK]["own_faults"]), 10)
        self.assertIn(f"its clock is {AHEAD} s ahead of", at_server[0])
        at_agent = self.wait("the agent says it", lambda: said(agent.stats()["own_faults"]), 20)
        self.assertIn(f"{AHEAD} s ahead of its server's", at_agent[0])
        self.assertAlmostEqual(world.agents(server)[CLOCK]["clock_skew_ms"], AHEAD * 1000,
                               delta=harness.scaled(5000))

    def check_all(self, server, found):
        """There are no other incidents, open or closed, than these."""
        self.assertEqual({i["id"] for i in found.values()}, {i["id"] for i in alerts.incidents(server)},
                         alerts.brief(alerts.incidents(server)))
        self.assertEqual(len({i["id"] for i in found.values()}), len(found), "one for each of them")

    def check_told(self, hook, found):
        self.assertEqual({i["id"] for i in found.values()},
                         {number for number, event in hook.told() if event == "opened"})
        hook.check_each_once()


if __name__ == "__main__":
    harness.main()
