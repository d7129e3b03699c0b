"""What incidents are made of: a mesh of regions of which each can go dark, pages that fail, and what the
server says of states and agents."""

import subprocess
import threading
import urllib.parse

import harness
import servers

# The agents' network. It is routed to loopback: what is sent to an address that nobody has (any more)
# is swallowed there.
NETWORK = "10.90.0.0/16"

# One echo a probe, and the end of each is known well before the next.
QUICK = {"probe_interval": "500ms", "sync_interval": "500ms", "push_interval": "250ms",
         "icmp.count": "1", "icmp.timeout": "300ms"}


def ms(seconds):
    """So long, for this build and machine, as a configuration has it."""
    return f"{int(harness.scaled(seconds) * 1000)}ms"


# A target is well also where it was slower than usual once: this machine has other work.
WELL = ("ok", "degraded")


# -- what the server says ---------------------------------------------------------------------------


def targets(server, **filters):
    """The lines of /api/v1/targets that these filters let through."""
    question = urllib.parse.urlencode({"limit": 1000, **filters})
    answer = harness.get_json(f"{server.url}/api/v1/targets?{question}")
    if answer.get("next"):
        raise AssertionError(f"{len(answer['targets'])} targets, and not all: {answer['next']}")
    return answer["targets"]


def reported(server, **filters):
    """Those of which there is a result."""
    return [line for line in targets(server, **filters) if line["state"] != "never"]


def line_of(server, **filters):
    """The one line of these filters; NotYet where there is none."""
    lines = targets(server, **filters)
    if not lines:
        raise harness.NotYet(f"no target with {filters}")
    if len(lines) > 1:
        raise AssertionError(f"{len(lines)} targets with {filters}: {lines[:3]}")
    return lines[0]


def pairs(server):
    """{(from, to): state} of the regions of the mesh."""
    matrix = harness.get_json(f"{server.url}/api/v1/matrix?metric=state")
    found = {}
    for source, row in zip(matrix["regions"], matrix["values"]):
        for target, cell in zip(matrix["regions"], row):
            state = cell["state"] if isinstance(cell, dict) else cell
            if state is not None:
                found[source, target] = state
    return found


def agents(server):
    """{region: its agent's line of /api/v1/agents}."""
    lines = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
    found = {line["region"]: line for line in lines}
    if len(found) != len(lines):
        raise AssertionError(f"one agent a region: {lines}")
    return found


def agent_state(server, region):
    line = agents(server).get(region)
    if line is None:
        raise harness.NotYet(f"no agent of {region}")
    return line["state"]


# -- a mesh -----------------------------------------------------------------------------------------


class Mesh(harness.SystemTest):
    """Regions of one agent each in a private network (`harness.enter_private_network`)."""

    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "route", "replace", NETWORK, "dev", "lo"], check=True)

    def setUp(self):
        super().setUp()
        self.regions = {}  # region → its address
        self.agents = {}   # region → its agent

    def join(self, server, region, settings=None, **options):
        """Its agent, at an address of its own; where it has been before, at the same."""
        known = region in self.regions
        address = self.regions.setdefault(region, f"10.90.{len(self.regions) // 250}."
                                                  f"{len(self.regions) % 250 + 1}")
        if not known:
            self.addCleanup(self.give_address, address, "del")
        self.give_address(address, "replace")
        self.agents[region] = self.start_agent(
            options.pop("rpc", server.rpc), region, address, {**QUICK, **(settings or {})},
            name=region, **options)
        return self.agents[region]

    @staticmethod
    def give_address(address, how):
        subprocess.run(["ip", "address", how, f"{address}/32", "dev", "lo"], check=how != "del",
                       stderr=subprocess.DEVNULL if how == "del" else None)

    def go_dark(self, region):
        """Its agent is killed, and its address answers no more."""
        self.agents[region].kill()
        self.give_address(self.regions[region], "del")

    def all_pairs(self):
        return {(a, b) for a in self.regions for b in self.regions if a != b}

    def wait_well(self, server, timeout=20):
        """Every region reaches every other one."""
        wanted = self.all_pairs()

        def all_well():
            known = pairs(server)
            lacking = {pair: known.get(pair) for pair in wanted if known.get(pair) not in WELL}
            if lacking or set(known) != wanted:
                raise harness.NotYet(f"{len(known)} of {len(wanted)} pairs are known; not well: "
                                     f"{dict(list(lacking.items())[:5])}")
            return True

        self.wait("every region reaches every other one", all_well, timeout)


# -- pages ------------------------------------------------------------------------------------------


class Pages:
    """Pages of one web server, each of which fails as long as it is down."""

    def __init__(self, count):
        self._down = set()
        self._asked = {}
        self._guard = threading.Lock()
        self._web = servers.WebServer(self._respond)
        self.urls = [f"{self._web.url}/page-{number:02}" for number in range(count)]

    def start(self):
        self._web.start()
        return self

    def close(self):
        self._web.close()

    def down(self, url):
        with self._guard:
            self._down.add(url)

    def up(self, url):
        with self._guard:
            self._down.discard(url)

    def asked(self, url):
        """How often it was asked for."""
        with self._guard:
            return self._asked.get(url, 0)

    def _respond(self, request):
        url = f"{self._web.url}{request.path}"
        with self._guard:
            self._asked[url] = self._asked.get(url, 0) + 1
            down = url in self._down
        servers.reply_steadily(request, 503 if down else 200)


def wait_pages_well(test, server, urls):
    """Every page is known to be well."""
    def all_well():
        states = {line["target"]: line["state"] for line in targets(server, probe_type="http")}
        lacking = {url: states.get(url) for url in urls if states.get(url) not in WELL}
        if lacking:
            raise harness.NotYet(f"not well: {lacking}")
        return True

    test.wait("every page is well", all_well, 20)
