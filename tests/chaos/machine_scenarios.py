"""Trouble of the machine: full disks, no descriptors, no memory, processes that stand still, clocks that
are set."""

import pathlib
import resource
import sys
import time

import alert_receivers as alerts
import disks
import harness
import incident_world as world
import memory_group
import preloaded_clock
from scenario import MeshScenario

# Takes memory until there is no more.
HOG = """
import time
taken = []
while True:
    taken.append(bytearray(b"x") * (1 << 20))
    time.sleep(0.005)
"""


class FullDisk(MeshScenario):
    """The disks of the server and of an agent fill up, in turn and together, and the server is killed then;
    a page fails meanwhile. What was measured arrives when there is room, and so does the notice."""

    def setUp(self):
        super().setUp()
        self.victim = self.random.choice(self.regions_used)
        self.disks = {name: disks.small_disk(self, name) for name in ("server", self.victim)}
        self.fillers = {}

    def fill(self, *names):
        for name in names:
            self.fillers[name] = disks.fill(self.disks[name])

    def free(self, *names):
        for name in names:
            self.fillers.pop(name).unlink()

    def wait_refusing(self):
        self.wait("the server refuses batches", lambda: self.server.stats()["journal"]["problem"], 60)
        self.assertEqual(harness.http(f"{self.server.url}/-/ready").status, 503)

    def wait_in_memory(self):
        self.wait("the agent says that its disk does not work",
                  lambda: self.agents[self.victim].stats()["push"]["spool_problem"], 60)

    def wait_used_again(self):
        self.wait("the agent uses its disk again",
                  lambda: not self.agents[self.victim].stats()["push"]["spool_problem"], 60)
        self.server.wait_ready(60)

    def check_delivery(self):
        """What was pushed out of memory is in no spool: the agents' own counts are the ones to compare."""
        pushes = {region: self.drained(agent) for region, agent in self.agents.items()}
        self.assertEqual({push["results_dropped"] for push in pushes.values()}, {0}, pushes)
        stopped = {region: agent.stats() for region, agent in self.agents.items()}
        self.own_faults += sum(p["local_errors"] for s in stopped.values()
                               for p in s["probes"].values())

        def same():
            # At a moment at which nothing is on its way.
            acked = sum(a.stats()["push"]["results_acked"] for a in self.agents.values())
            total = self.server.stats()["journal"]["total"]
            if total["results"] != acked or total["missing_batches"]:
                raise harness.NotYet(f"{acked} acknowledged, {total}")
            return True

        self.wait("both sides have counted the same", same, 60)
        for region in list(self.agents):
            self.assertEqual(self.agents.pop(region).stop(), 0)
        return self.server.stats()["journal"]["total"]["results"]

    def test(self):
        self.begin()
        url = self.random.choice(self.web.urls)
        # An agent whose disk takes nothing says so.
        self.expect("prober", self.victim, 0, 2)
        self.fill(self.victim)
        self.wait_in_memory()
        self.free(self.victim)
        self.wait_used_again()
        self.fill("server")
        self.wait_refusing()
        self.expect_page(url, backlog=True)
        self.web.down(url)
        if self.random.random() < 0.5:
            self.kill_server()
            self.launch_server().wait_healthy()
            self.wait_refusing()
        self.fill(self.victim)
        time.sleep(harness.scaled(self.random.uniform(0, 3)))
        self.free("server")
        self.server.wait_ready(60)
        self.free(self.victim)
        self.wait_used_again()
        self.wait("the page's incident is open",
                  lambda: any(alerts.is_about(i, url) for i in alerts.open_incidents(self.server)), 60)
        self.web.up(url)
        self.finish()
        self.fact("a full disk of an agent, of the server, of both")


class NoDescriptors(MeshScenario):
    """An agent can open no descriptor for a while, in which its server is another one, and then the server
    can open none: pages are no worse for it."""

    def starve(self, process):
        """It can open nothing: the least number that is free is the limit. What it had before."""
        used = {int(f.name) for f in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()}
        least = next(number for number in range(len(used) + 1) if number not in used)
        before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (least, before[1]))
        return before

    @staticmethod
    def feed(process, before):
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)

    def nobody_fails(self):
        """How long it has been watched."""
        self.assertEqual(world.targets(self.server, state="failing"), [], "somebody is blamed")
        return True

    def watch(self, seconds):
        end = time.monotonic() + harness.scaled(seconds)
        self.wait("a while in which nobody is blamed",
                  lambda: self.nobody_fails() and time.monotonic() > end, seconds + 30)

    def test(self):
        self.begin()
        victim = self.random.choice(self.regions_used)
        agent = self.agents[victim]
        self.expect("prober", victim, 0, 2)
        before = self.starve(agent)
        self.watch(self.random.uniform(3, 6))
        self.kill_server()
        self.launch_server().wait_ready()
        self.watch(self.random.uniform(2, 5))
        self.feed(agent, before)
        refused = self.wait("it says what it lacked", lambda: (s := agent.stats())["http"][
            "no_descriptor"] and s["http"]["no_descriptor"], 20)
        self.drained(agent)
        # Nobody can ask the server now: agents that are connected go on, others keep what they have.
        before = self.starve(self.server)
        time.sleep(harness.scaled(self.random.uniform(3, 6)))
        self.feed(self.server, before)
        self.watch(1)
        self.finish()
        self.fact(f"{refused} probes without a descriptor blamed nobody")


class MemoryLimit(MeshScenario):
    """The server has hardly the memory that it takes, and then others in its control group take it all: the
    kernel kills the server, and an agent in the same way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = memory_group.missing()
        if missing:
            raise harness.unittest.SkipTest(missing)

    lease = 30

    def setUp(self):
        super().setUp()
        self.victim = self.random.choice(self.regions_used)
        self.groups = {name: memory_group.MemoryGroup(self, name) for name in ("server", "agent")}

    def exhaust(self, group, process):
        """Others take all the memory of the group, and the kernel kills this process, which is first."""
        pathlib.Path(f"/proc/{process.pid}/oom_score_adj").write_text("1000", encoding="ascii")
        group.limit(group.used() + (16 << 20))
        hog = self.start("hog", *group.launcher, sys.executable, "-c", HOG)
        self.wait("the kernel kills it", lambda: process.poll() is not None, 60, [])
        hog.close()
        self.assertEqual(process.poll(), -9)
        group.limit(None)

    def launch_server(self, **options):
        return super().launch_server(launcher=self.groups["server"].launcher, **options)

    def test(self):
        victim = {self.victim: {"launcher": self.groups["agent"].launcher}}
        self.begin(**victim)
        resident, _ = self.server.usage()
        self.kill_server()
        self.groups["server"].limit(resident + (resident >> 6))
        self.launch_server().wait_healthy()
        self.wait("the server gives up load", lambda: self.server.stats()["memory"]["shedding"], 30)
        self.wait("agents keep what it does not take", lambda: all(
            a.stats()["push"]["spool_batches"] >= 3 for a in self.agents.values()), 40)
        self.kill_server()
        self.groups["server"].limit(None)
        self.launch_server().wait_ready()
        self.exhaust(self.groups["server"], self.server)
        self.server_ends += 1
        self.launch_server().wait_ready()
        self.expect("prober", self.victim, 0, 1)
        self.exhaust(self.groups["agent"], self.agents[self.victim])
        self.agent_kills += 1
        self.launch_agent(self.victim)
        self.finish()
        self.fact("load given up, a server and an agent killed for memory")


class StoodStill(MeshScenario):
    """An agent stands still for a minute, and then the server does, for longer than an agent may be silent:
    the one is missed alone, the other misses nobody."""

    lease = 15
    still = 60

    def stand_still(self, process, seconds):
        process.signal(harness.signal.SIGSTOP)
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(0.5)
        finally:
            process.signal(harness.signal.SIGCONT)

    def test(self):
        self.begin()
        victim = self.random.choice(self.regions_used)
        # It is lost, and then it has been late with much: one trouble.
        self.expect("prober", victim, 1, 2)
        self.stand_still(self.agents[victim], self.still)
        self.wait("it is back", lambda: world.agent_state(self.server, victim) == "ok", 40)
        self.wait_well(self.server, 40)
        self.wait("its incident is closed", self.all_closed, 120)
        before = {i["id"] for i in alerts.incidents(self.server)}
        lost = self.server.err().count("agent lost")
        self.stand_still(self.server, self.still)
        self.wait("all have asked", lambda: all(
            line["state"] == "ok" for line in world.agents(self.server).values()), 40)
        self.wait_well(self.server, 40)
        self.assertEqual(self.server.err().count("agent lost"), lost, "an agent that asked was missed")
        self.assertEqual([i for i in alerts.incidents(self.server) if i["id"] not in before
                          and i["reason"] != "overload"], [])
        self.finish()
        self.fact(f"{self.still} s of an agent and of the server")


class ClockSteps(MeshScenario):
    """The clocks of the server and of an agent are set, to and fro, by seconds and by days: no incident but
    of that clock, and no result in another hour."""

    steps = 6

    def setUp(self):
        super().setUp()
        self.victim = self.random.choice(self.regions_used)
        self.clocks = {}
        for name in ("server", self.victim):
            folder = self.folder / f"clock-{name}"
            folder.mkdir()
            self.clocks[name] = preloaded_clock.PreloadedClock(folder)

    def batches(self):
        return self.server.stats()["journal"]["batches"]

    def test(self):
        self.begin({"launcher": self.clocks["server"].launcher},
                   **{self.victim: {"launcher": self.clocks[self.victim].launcher}})
        self.expect("prober", self.victim, 0, 2)
        url = self.random.choice(self.web.urls)
        self.expect_page(url)
        for number in range(self.steps):
            name = self.random.choice(list(self.clocks))
            ahead = self.random.choice([-1, 1]) * self.random.choice([30, 600, 3600, 86400])
            if number == self.steps // 2:
                self.web.down(url)
                self.wait("the page's incident is open", lambda: any(alerts.is_about(
                    i, url) for i in alerts.open_incidents(self.server)), 40)
            self.clocks[name].set(ahead)
            before = self.batches()
            self.wait("batches arrive", lambda b=before: self.batches() > b + 12, 40)
            self.clocks[name].set(0)
            before = self.batches()
            self.wait("batches arrive", lambda b=before: self.batches() > b + 12, 40)
        self.web.up(url)
        self.finish()
        self.fact(f"{self.steps} steps of clocks, up to a day")


SCENARIOS = (FullDisk, NoDescriptors, MemoryLimit, StoodStill, ClockSteps)
