"""Processes that are killed at every point, and files of which a byte is another one."""

import json
import os
import sqlite3
import time

import alert_receivers as alerts
import harness
import incident_world as world
import kill_point
from scenario import WEB, MeshScenario

# How many points of each role a round takes, spread over all of them; 0: every one.
POINTS = int(os.environ.get("XPROBER_CHAOS_POINTS", "12"))


class KillPoints(MeshScenario):
    """The server and an agent are killed before or behind the N-th step with which they change a file or send
    something, for many N, while a page fails and is well again."""

    lease = 20

    def setUp(self):
        super().setUp()
        self.victim = self.random.choice(self.regions_used)
        self.points = {role: kill_point.KillPoint(self.folder, self.folder / state)
                       for role, state in (("server", "server"), ("agent", self.victim))}

    def choose(self, steps):
        """Points from the first step to the last, every one of them or some of each part."""
        if not POINTS or POINTS >= steps:
            return list(range(steps))
        width = steps / POINTS
        return [int(width * (i + self.random.random())) for i in range(POINTS)]

    def count_steps(self, role, start):
        """How many it makes from its start until some batches have gone over."""
        process = start(self.points[role].launcher())
        before = time.monotonic()
        process.wait_healthy()
        self.wait("some batches", lambda: time.monotonic() > before + 2
                  and self.server.healthy() and process.healthy(), 60)
        self.assertEqual(process.stop(), 0)
        return self.points[role].steps()

    def kill_at(self, role, after, start):
        """It ends of the kill, or in order where it makes fewer steps."""
        process = start(self.points[role].launcher(after))
        end = time.monotonic() + harness.scaled(8)
        self.wait(f"the {role} is killed after {after} steps",
                  lambda: process.poll() is not None or time.monotonic() > end, 30, [])
        if process.poll() is None:
            self.assertEqual(process.stop(), 0)
            return False
        self.assertEqual(process.poll(), -9, process.text()[-2000:])
        return True

    def start_server(self, *arguments, **options):
        server = super().start_server(*arguments, **options)
        self.server_ends += 1
        return server

    def test(self):
        self.begin()
        url = self.random.choice(self.web.urls)
        self.expect_page(url, backlog=True)
        self.expect("prober", self.victim, 0, 3)  # it was away for too long
        killed = {}
        self.assertEqual(self.server.stop(), 0)
        launch = lambda launcher: self.launch_server(launcher=launcher)
        steps = {"server": self.count_steps("server", launch)}
        self.web.down(url)
        killed["server"] = sum(self.kill_at("server", n, launch) for n in self.choose(steps["server"]))
        self.launch_server().wait_ready()
        self.wait("the page's incident is open", lambda: any(alerts.is_about(
            i, url) for i in alerts.open_incidents(self.server)), 60)
        self.web.up(url)
        self.end_agent(self.victim)
        launch = lambda launcher: self.launch_agent(self.victim, launcher=launcher)
        steps["agent"] = self.count_steps("agent", launch)
        self.agent_kills += 1
        killed["agent"] = sum(self.kill_at("agent", n, launch) for n in self.choose(steps["agent"]))
        self.launch_agent(self.victim)
        self.finish()
        self.fact("killed at " + " and ".join(f"{killed[r]} of {steps[r]} steps of the {r}" for r in steps))


_LOG_HEADER, _FRAME_HEADER, _PAGE = 32, 24, 4096


def tellable(path):
    """How many bytes of a file can be told from others. Of a log of SQLite's not the last entry: it may be one
    that a kill has left unfinished (https://www.sqlite.org/fileformat2.html#walformat)."""
    data = path.read_bytes()
    if not path.name.endswith("-wal"):
        return len(data)
    frame = _FRAME_HEADER + _PAGE
    salts, end = data[16:24], _LOG_HEADER
    while end + frame <= len(data) and data[end + 8:end + 16] == salts:
        end += frame
    return max(0, end - frame) if end > _LOG_HEADER + frame else 0


class FlippedByte(MeshScenario):
    """A byte of a file of a server and of each of its agents, or of all of them, is another one, between a kill or
    an end and the next start: it is as before, or the log says that it is not; and nothing counts twice."""

    times = 8
    lease = 60
    page_count = 3

    def setUp(self):
        super().setUp()
        self.write("list.json", json.dumps([{"targets": self.web.urls[2:], "labels": {"region": WEB}}]))
        self.broken = set()  # files that were hit, for the table

    def targets(self):
        return harness.target_text("http", WEB, self.web.urls[:2])

    def start_server(self, targets="", settings=None, config=None, **options):
        if config is None:
            config = self.write("server.yaml", harness.server_text(targets)
                                + "target_files: ['list.json']\n")
        return super().start_server(targets, settings, config, **options)

    def files(self, folder):
        """Of a state directory, those that hold something."""
        return sorted(f for f in folder.iterdir() if f.is_file() and ".damaged-" not in f.name
                      and not f.name.endswith((".lock", "-shm")) and tellable(f) > 0)

    def some_files(self, folder):
        """One of them, or all."""
        files = self.files(folder)
        return files if self.random.random() < 0.2 else [self.random.choice(files)]

    def flip(self, path):
        """One byte becomes another one."""
        size = tellable(path)
        at = self.random.choice([self.random.randrange(size), self.random.randrange(min(size, 4096))])
        with open(path, "r+b") as file:
            file.seek(at)
            old = file.read(1)[0]
            new = old ^ (1 << self.random.randrange(8)) if self.random.random() < 0.5 \
                else self.random.choice([b for b in range(256) if b != old])
            file.seek(at)
            file.write(bytes([new]))
        self.broken.add(path.name)
        return f"{path.name}[{at} of {size}]: {old} -> {new}"

    def known(self):
        """What the server knows of the time before, that must not change without a word."""
        return {
            "journal": self.server.stats()["journal"]["total"]["results"],
            "incidents": sorted((i["id"], i["kind"], i["opened_unix"])
                                for i in alerts.incidents(self.server)),
            "agents": {region: line["first_seen_unix"]
                       for region, line in world.agents(self.server).items()},
            "series": {(line["source_region"], line["target"]): line["since_unix"]
                       for line in world.targets(self.server, region=WEB) if line["state"] == "failing"},
            "history": {one: self.history(*one)[0] for one in self.measured()},
        }

    def less(self, before):
        """The parts of which something is missing or another one now."""
        after = self.known()
        lost = set()
        if after["journal"] < before["journal"]:
            lost.add("journal")
        if not set(before["incidents"]) <= set(after["incidents"]):
            lost.add("incidents")
        if any(after["agents"].get(region) != first for region, first in before["agents"].items()):
            lost.add("agents")
        if any(after["series"].get(one) != since for one, since in before["series"].items()):
            lost.add("series")
        if any(after["history"][one] < count for one, count in before["history"].items()):
            lost.add("history")
        return lost

    # The files that tell of a part. The rest of the history, and what the series were
    # since the last minute, are in the journal.
    TOLD_BY = {"journal": ("journal",), "incidents": ("incidents",), "agents": ("agents",),
               "series": ("series", "journal"), "history": ("history", "journal")}
    SAYS = ("set aside", "are lost")

    def untold(self, lost):
        """Those of which the server's log does not say that something of them is lost."""
        lines = [line for line in self.server.err().splitlines()
                 if (" error " in line or " warn " in line) and any(s in line for s in self.SAYS)]
        return {part for part in lost
                if not any(f"/{by}.db" in line for line in lines for by in self.TOLD_BY[part])}

    def check_server(self, before, hits):
        """How many parts are others than before, each of which the log tells of."""
        lost = set()

        def settled():
            # The history reads what it lacks, and a result may still be on its way to the rows.
            lost.clear()
            lost.update(self.less(before))
            untold = self.untold(lost)
            if untold:
                raise harness.NotYet(f"{untold} are others without a word")
            return True

        self.wait(f"what is lost is told, after {hits}: {before}", settled, 20)
        return len(lost)

    def test(self):
        self.begin()
        down = self.web.urls[0]
        self.web.down(down)
        self.wait("the page's incident is open", lambda: any(alerts.is_about(
            i, down) for i in alerts.open_incidents(self.server)), 40)
        lost = 0
        for number in range(self.times):
            time.sleep(harness.scaled(self.random.uniform(1, 3)))
            before = self.known()
            orderly = number % 2
            processes = {"server": self.server, **self.agents}
            for process in processes.values():
                if orderly:
                    self.assertEqual(process.stop(), 0)
                else:
                    process.kill()
            hits = [self.flip(path) for name in processes for path in self.some_files(self.folder / name)]
            self.launch_server().wait_ready()
            lost += self.check_server(before, hits)
            for region in self.regions_used:
                self.launch_agent(region).wait_ready()
            acked = {r: a.stats()["push"]["results_acked"] for r, a in self.agents.items()}
            self.wait(f"results are taken after {hits}", lambda: all(
                a.stats()["push"]["results_acked"] > acked[r] + 10 for r, a in self.agents.items()), 60)
        self.check_end(down, lost)

    def check_end(self, down, lost):
        self.web.up(down)
        self.wait("every incident is closed", self.all_closed, 90)
        self.wait_well(self.server, 60)
        wrong = [i for i in alerts.incidents(self.server)
                 if i["kind"] != "prober" and not alerts.is_about(i, down)]
        self.assertEqual(alerts.brief(wrong), [], "a false incident")
        for region, agent in self.agents.items():
            self.drained(agent)
        self.check_faults()
        for process in (*self.agents.values(), self.server):
            self.assertEqual(process.stop(), 0)
        for url in self.web.urls[1:]:
            self.assertNotIn(f"target={url}", "".join(
                line for p in self.processes for line in p.err().splitlines() if "failing" in line))
        self.whole()
        self.fact(f"a byte of {', '.join(sorted(self.broken))}, {self.times} times; {lost} losses, each told")

    def whole(self):
        """What was set aside is apart, and what is in force can be read to its end."""
        for path in self.folder.glob("*/*.db"):
            connection = sqlite3.connect(path)
            try:
                self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone()[0], "ok", path)
            finally:
                connection.close()


SCENARIOS = (KillPoints, FlippedByte)
