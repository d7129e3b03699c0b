"""What all scenarios have: a server that tells a webhook, agents with state directories, pages that they
probe, and the invariants that hold at the end of each.

- Delivery: the totals of the agents' spools and of the server's journal add up, and the history has each result
  once. Nothing that was accepted is lost, nothing counts twice.
- No false loss: of what was well all the time every probe in the history succeeded, without loss.
- No false incident: each incident is one that the scenario has made, and was told once to open and once to
  close. The prober's own troubles are of kind `prober`.
- No fault of the program's own: no actor has failed, and nobody ended but as the scenario had it."""

import collections
import random
import shutil
import sqlite3

import alert_receivers as alerts
import harness
import incident_world as world
import pages
import simnet

EAST, WEST, SOUTH = "r-east", "r-west", "r-south"
# Pages are in a region of their own.
WEB = "r-web"
# What a busy machine makes of an agent: its own trouble, and no other.
BUSY = "overload"

# An incident that is right: its kinds, a name that it is about, and how many there are of it.
Expected = collections.namedtuple("Expected", "kinds about least most")


class Scenario(harness.SystemTest):
    """One world under one kind of trouble, in the method `test`."""

    seed = 1
    regions_used = (EAST, WEST, SOUTH)
    page_count = 2
    lease = 10  # seconds: mesh_lease

    def setUp(self):
        super().setUp()
        self.random = random.Random(self.seed)
        self.hook = self.serve(alerts.WebhookReceiver(self.set_up_network()))
        self.facts = []         # what was checked, for the table
        self.expected = []      # incidents that are right
        self.not_well = set()   # (source, region or URL) of which losses may be true
        self.own_faults = 0     # results that say nothing of their target, of agents that have ended
        self.agent_kills = 0
        self.server_ends = 0
        self.rpc_port = harness.free_port()
        self.server = None
        self.agents = {}
        self.regions = {}
        self.web = self.serve(pages.FarPages(self.page_count, simnet.real_time()))

    def set_up_network(self):
        """The address at which the server can reach the test."""
        return "127.0.0.1"

    def fact(self, text):
        self.facts.append(text)

    # -- the world ----------------------------------------------------------------------------------

    def server_settings(self):
        return {"state_dir": self.folder / "server", "mesh_lease": world.ms(self.lease)}

    def agent_settings(self, region):
        return {"state_dir": self.folder / region}

    def targets(self):
        """The text of `prober_targets`."""
        return harness.target_text("http", WEB, self.web.urls)

    def launch_server(self, **options):
        """The server, or the next one in its place."""
        config = self.server.config if self.server else None
        self.server = self.start_server(
            self.targets(), alerts.telling(self.hook, **self.server_settings()), config=config,
            rpc_port=self.rpc_port, name=f"server-{len(self.processes)}", **options)
        return self.server

    def kill_server(self):
        self.server.kill()
        self.server_ends += 1

    def launch_agent(self, region, **options):
        return self.join(self.server, region, self.agent_settings(region), **options)

    def begin(self, server_options=None, **options):
        """All run, and every pair and page is well."""
        self.launch_server(**(server_options or {})).wait_ready()
        for region in self.regions_used:
            self.launch_agent(region, **options.get(region, {}))
        self.wait_well(self.server, 40)
        self.wait_pages()

    def wait_pages(self):
        def all_well():
            lines = world.targets(self.server, region=WEB)
            wrong = [(line["source_region"], line["target"], line["state"]) for line in lines
                     if line["state"] not in world.WELL]
            if wrong or len(lines) < len(self.regions) * len(self.web.urls):
                raise harness.NotYet(f"{len(lines)} lines, not well: {wrong[:5]}")
            return True

        if self.web.urls:
            self.wait("every page is well", all_well, 40)

    # -- what may be told ---------------------------------------------------------------------------

    def expect(self, kinds, about, least=1, most=1):
        """Incidents of one of these kinds about this name are right."""
        self.expected.append(Expected(tuple(kinds.split("|")), about, least, most))

    def expect_page(self, url, backlog=False):
        """A page fails, or did: its own incident, and losses of it are true. With a `backlog` the agents tell of
        it one after the other: as long as some have not, those that have are paths, which merge then."""
        self.expect(*(("target|path", url, 1, 3) if backlog else ("target", url)))
        self.not_well |= {(region, url) for region in self.regions}

    def fits(self, incident, expected):
        return incident["kind"] in expected.kinds and alerts.is_about(incident, expected.about)

    def check_incidents(self):
        """The incidents are those that are right, and each was told once."""
        self.wait("every incident is closed", self.all_closed, 150)
        known = alerts.incidents(self.server)
        for incident in known:
            print(f"{incident['kind']} {incident['reason']}: {incident['summary']}; "
                  f"{[(t['at_unix'] - incident['opened_unix'], t['event'], t['text']) for t in incident['timeline']]}")
        counts = collections.Counter()
        busy = 0
        for incident in known:
            right = next((e for e in self.expected if self.fits(incident, e)), None)
            if right is not None:
                counts[right] += 1
            elif incident["kind"] == "prober" and incident["reason"] == BUSY:
                busy += 1  # and it says so
            else:
                self.fail(f"a false incident: {incident}; right are {self.expected}")
        for right in self.expected:
            self.assertTrue(right.least <= counts[right] <= right.most,
                            f"{counts[right]} of {right} in {alerts.brief(known)}")
        wanted = {(i["id"], event) for i in known for event in ("opened", "closed")}

        def all_told():
            told = {what for what in self.hook.told() if what[1] != "escalated"}
            if told != wanted:
                raise harness.NotYet(f"not told {wanted - told}, told too much {told - wanted}")
            return True

        self.wait("each is told", all_told, 40)
        # An end between a receiver's answer and the note of it makes the same notice come again.
        self.hook.check_each_once(self.server_ends)
        self.fact(f"{len(known) - busy} incidents told once"
                  + (f" and {busy} of a busy machine" if busy else ""))

    def all_closed(self):
        still = alerts.open_incidents(self.server)
        if still:
            raise harness.NotYet(alerts.brief(still))
        return True

    # -- delivery -----------------------------------------------------------------------------------

    def drained(self, agent):
        return self.wait(f"{agent.name} has pushed its spool",
                         lambda: (p := agent.stats()["push"])["spool_batches"] <= 1
                         and p["last_error"] == "" and p["results_acked"] > 0 and p, 60,
                         [agent, self.server])

    def end_agent(self, region):
        """It ends in order, after it has pushed what it has."""
        agent = self.agents.pop(region)
        push = self.drained(agent)
        self.assertEqual(push["results_dropped"], 0, push)
        self.own_faults += sum(p["local_errors"] for p in agent.stats()["probes"].values())
        self.assertEqual(agent.stop(), 0)

    def spool(self, region):
        """The totals of a spool whose agent has ended: (spooled, acked, dropped, waiting)."""
        connection = sqlite3.connect(self.folder / region / "spool.db")
        try:
            row = connection.execute(
                "SELECT results_spooled, results_acked, results_dropped FROM state").fetchone()
            waiting, = connection.execute(
                "SELECT coalesce(sum(results), 0) FROM batches").fetchone()
            return (*row, waiting)
        finally:
            connection.close()

    def check_delivery(self):
        """Each result that an agent had is with the server, once. The number of them."""
        for region in list(self.agents):
            self.end_agent(region)
        acked = 0
        for region in self.regions:
            totals = self.spool(region)
            self.assertEqual(totals[2:], (0, 0), f"{region}: dropped or left over: {totals}")
            self.assertEqual(totals[0], totals[1], f"{region}: {totals}")
            acked += totals[1]
        journal = self.server.stats()["journal"]
        self.assertEqual(journal["total"]["results"], acked, journal)
        self.assertEqual(journal["total"]["missing_batches"], 0, journal)
        return acked

    # -- history ------------------------------------------------------------------------------------

    def history(self, source, target):
        """(probes, succeeded, the greatest loss) of a pair of regions, or of a URL from a region."""
        where = f"url={target}" if "/" in target else f"target_region={target}"
        points = harness.get_json(f"{self.server.url}/api/v1/history?source_region={source}&{where}"
                                  "&from=3h&to=now")["points"]
        return (sum(p["probes"] for p in points), sum(p["succeeded"] for p in points),
                max((p.get("loss_percent") or 0 for p in points), default=0))

    def measured(self):
        """All that was measured: (source, region or URL)."""
        pairs = [(a, b) for a in self.regions for b in self.regions if a != b]
        return pairs + [(a, url) for a in self.regions for url in self.web.urls]

    def check_history(self, accepted):
        """It has each accepted result once, but those of own faults, and no loss of what was well."""
        def whole():
            found = {one: self.history(*one) for one in self.measured()}
            total = sum(probes for probes, _, _ in found.values())
            least = 0 if self.agent_kills else accepted - self.own_faults
            if not least <= total <= accepted:
                raise harness.NotYet(f"{total} in the history, {accepted} accepted, of which "
                                     f"{self.own_faults} may be own faults")
            return found

        found = self.wait("the history has each result once", whole, 40)
        lossy = {one: counts for one, counts in found.items() if one not in self.not_well
                 and (counts[0] != counts[1] or counts[2] > 0)}
        self.assertEqual(lossy, {}, "a false loss: (probes, succeeded, most loss)")
        self.fact(f"{accepted} results once, {self.own_faults} of own faults")
        return found

    # -- the end ------------------------------------------------------------------------------------

    def check_faults(self):
        """No part of the program has failed."""
        for process in self.processes:
            wrong = [line for line in process.err().splitlines() if " critical " in line]
            self.assertEqual(wrong, [], process.name)
        failed = {name: actor["failed"] for name, actor in self.server.stats()["actors"].items()
                  if actor["failed"]}
        self.assertEqual(failed, {})

    def finish(self):
        """All is well again, and the invariants hold."""
        self.wait_well(self.server, 60)
        self.wait_pages()
        self.check_incidents()
        accepted = self.check_delivery()
        found = self.check_history(accepted)
        self.check_faults()
        self.assertEqual(self.server.stop(), 0)
        return found

    def remove_state(self):
        shutil.rmtree(self.folder / "server", ignore_errors=True)


class MeshScenario(Scenario, world.Mesh):
    """Its agents have addresses of loopback."""


def pick(scenarios, names):
    """Those with these names, all where none is given."""
    table = {title(s): s for s in scenarios}
    unknown = [name for name in names if name not in table]
    if unknown:
        raise SystemExit(f"no such scenario: {', '.join(unknown)}; there are: {', '.join(table)}")
    return [table[name] for name in names] if names else list(scenarios)


def title(scenario):
    """FlappingServer → flapping_server."""
    return "".join("_" + c.lower() if c.isupper() else c for c in scenario.__name__).lstrip("_")
