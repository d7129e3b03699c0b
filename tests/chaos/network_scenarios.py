"""Trouble of the network: a partition, loss, a server that comes and goes, and name servers that are dead."""

import contextlib
import socket
import threading
import time

import alert_receivers as alerts
import harness
import incident_world as world
import lan
import servers
import simnet
from scenario import MeshScenario, Scenario

SERVER = "server"


class LanScenario(Scenario, world.Mesh):
    """Server and agents are machines of their own, with a switch between them."""

    page_count = 0  # pages are behind no switch
    rpc = 6001

    @classmethod
    def setUpClass(cls):
        missing = simnet.network_missing()
        if missing:
            raise harness.unittest.SkipTest(missing)

    def set_up_network(self):
        self.lan = lan.Lan(self, [SERVER, *self.regions_used], self.seed)
        return self.lan.home

    def setUp(self):
        super().setUp()
        self.regions = {region: self.lan.addresses[region] for region in self.regions_used}

    def targets(self):
        return ""

    def launch_server(self, **_):
        where = self.lan.addresses[SERVER]
        config = self.server.config if self.server else self.write("server.yaml",
                                                                   "prober_targets: []\n")
        page = f"{where}:6002"
        settings = alerts.telling(self.hook, **self.server_settings(), **{
            "rpc_listen_addr": f"{where}:{self.rpc}", "metrics_listen_addr": page,
            "insecure": "true"})
        self.server = self.keep(harness.Role(self, "server", config, settings, page,
                                             launcher=self.lan.launcher(SERVER)))
        self.server.rpc = f"{where}:{self.rpc}"
        self.server.config = config
        return self.server

    def launch_agent(self, region, **options):
        where = self.lan.addresses[region]
        page = f"{where}:8087"
        # An echo goes over the switch, which may have to wait for a processor.
        settings = {"region": region, "local_ip": where, "http_addr": page,
                    "rpc_server_addr": self.server.rpc, "insecure": "true",
                    **harness.FAST_AGENT, **world.QUICK, "icmp.timeout": world.ms(0.9),
                    "probe_interval": world.ms(1), **self.agent_settings(region)}
        self.agents[region] = self.keep(harness.Role(
            self, "agent", harness.SOURCE / "config" / "agent.yaml", settings, page, name=region,
            launcher=self.lan.launcher(region), **options))
        return self.agents[region]


class Partition(LanScenario):
    """An agent without its server, a pair without its way, and a machine without anybody: each is one
    incident of its own kind, and all that was measured meanwhile arrives."""

    lease = 4

    def wait_open(self, what, kinds, *about):
        incident = self.wait(f"an incident: {what}", lambda: alerts.only_incident(
            alerts.open_incidents(self.server)), 40)
        self.assertIn(incident["kind"], kinds, incident)
        for name in about:
            self.assertTrue(alerts.is_about(incident, name), incident)
        return incident

    def heal(self):
        self.lan.heal()
        self.wait("it is closed", lambda: alerts.open_incidents(self.server) == [], 60)
        self.wait_well(self.server, 40)

    def test(self):
        self.begin()
        one, other, third = self.random.sample(self.regions_used, 3)
        # Only its server misses it: the machine answers.
        self.lan.cut(one, SERVER)
        # And again where the machine is reached before its agent has asked.
        self.expect("prober", one, 1, 2)
        self.wait_open("an agent without its server", ("prober",), one)
        finished = self.agents[one].stats()["probes"]["icmp"]["finished"]
        self.wait("it probes on", lambda: self.agents[one].stats()["probes"]["icmp"]["finished"]
                  > finished + 10, 40)
        self.assertEqual(world.targets(self.server, state="failing"), [])
        self.heal()
        # Both ends are well, the way between them is not.
        self.lan.cut(one, other)
        self.not_well |= {(one, other), (other, one)}
        self.expect("path", one, 1, 2)
        self.wait("the pair fails both ways", lambda: all(
            world.pairs(self.server)[pair] == "failing" for pair in ((one, other), (other, one))), 40)
        self.wait("an incident: a pair without its way",
                  lambda: [i["kind"] for i in alerts.open_incidents(self.server)][:1] == ["path"], 40)
        self.heal()
        # Nobody reaches it, and it reaches nobody.
        for reached in (SERVER, other, third):
            self.lan.cut(one, reached)
            self.not_well |= {(one, reached), (reached, one)}
        self.expect("target|source", one)
        self.wait_open("a machine without anybody", ("target", "source"), one)
        # Its agent is missed, too, which is the same trouble.
        self.wait("it is lost", lambda: world.agent_state(self.server, one) == "lost", 40)
        self.heal()
        self.assertFalse({(other, third), (third, other)} & self.not_well)
        self.finish()
        self.fact("an agent, a pair and a machine that were cut off")


class Loss(LanScenario):
    """A fifth of what an agent and its server say to each other is lost, and then of the echoes of a
    pair: nothing is lost of results, and of echoes those that the switch has lost."""

    share = 0.2

    def acked(self, region):
        return self.agents[region].stats()["push"]["results_acked"]

    def test(self):
        self.begin()
        one, other = self.random.sample(self.regions_used, 2)
        self.lan.lose(one, SERVER, self.share)
        self.lan.lose(SERVER, one, self.share)
        before = self.acked(one)
        self.wait("results arrive all the same", lambda: self.acked(one) > before + 60, 90)
        self.assertEqual(alerts.brief(alerts.incidents(self.server)), [])
        self.lan.heal()
        # One direction: requests of the one, replies to the other.
        self.lan.lose(one, other, self.share)
        self.not_well |= {(one, other), (other, one)}
        # Three in a row may be lost, which is a failure that is true.
        self.expect("path|target|source", one, 0, 4)
        self.expect("path|target|source", other, 0, 4)
        self.wait("echoes are lost", lambda: sum(self.lan.lost(one, other)) >= 12, 90)
        self.lan.heal()
        found = self.finish()
        requests, replies = self.lan.lost(one, other)
        for pair, lost in (((one, other), requests), ((other, one), replies)):
            probes, succeeded, _ = found[pair]
            self.assertLessEqual(probes - succeeded, lost, f"{pair}: more than were lost")
            self.assertGreaterEqual(probes - succeeded, lost - self.own_faults,
                                    f"{pair}: less than were lost")
        self.fact(f"{requests} + {replies} lost echoes seen, as many as were lost")


class Occupant:
    """Who has the server's port while it is away, and answers nobody: it hangs, hangs up, or says that it
    cannot."""

    def __init__(self, port, manner):
        self._manner = manner
        self._listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if self._manner == "busy":
                    connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                if self._manner == "hangs":
                    self._open.append(connection)
                else:
                    connection.close()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            # No TIME_WAIT in the way of who comes next.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()


class FlappingServer(MeshScenario):
    """The server is killed, ends, stands still, or another one sits at its port, again and again, while a
    page fails and is well again."""

    times = 10
    lease = 15

    def pause(self, most):
        time.sleep(harness.scaled(self.random.uniform(0, most)))

    def flap(self, how):
        if how == "stop":
            self.server.signal(harness.signal.SIGSTOP)
            self.pause(2.5)
            self.server.signal(harness.signal.SIGCONT)
            return
        if how == "term":
            self.assertEqual(self.server.stop(), 0)
            self.server_ends += 1
        else:
            self.kill_server()
        if how in ("hangs", "ends", "busy"):
            occupant = Occupant(self.rpc_port, how)
            self.pause(2.5)
            occupant.close()
        else:
            self.pause(1)
        self.launch_server()
        self.pause(2)

    def test(self):
        self.begin()
        manners = ["kill", "term", "stop", "hangs", "ends", "busy"]
        plan = manners + self.random.choices(manners, k=self.times - len(manners))
        self.random.shuffle(plan)
        url = self.random.choice(self.web.urls)
        self.expect_page(url, backlog=True)
        for number, how in enumerate(plan):
            if number == len(plan) // 3:
                self.web.down(url)
            self.flap(how)
        self.server.wait_ready()
        self.wait("the page's incident is open", lambda: alerts.open_incidents(self.server), 60)
        self.web.up(url)
        self.finish()
        self.fact(f"{len(plan)} flaps")


class SilentDns(servers.DnsServer):
    """Answers nobody while it is dead."""

    def __init__(self, names, address):
        super().__init__(names, address)
        self.address = address
        self.dead = False

    def _answer(self, query):
        if self.dead:
            raise IndexError  # it is passed over
        return super()._answer(query)


class DeadDns(MeshScenario):
    """The name servers of one region are dead for a while, and so is the name of its server: that is its own
    trouble, and nobody blames a page, an address, or what another region resolves."""

    name_servers = ("127.0.0.53", "127.0.0.54")
    names = {"web.test": "127.0.0.1", "server.test": "127.0.0.1",
             **{f"page-{number}.test": "127.0.0.1" for number in range(5)}}

    def setUp(self):
        super().setUp()
        self.dead, self.well = (self.serve(SilentDns(self.names, where)) for where in self.name_servers)
        self.victim = self.random.choice(self.regions_used)
        self.by_name = [self.web.urls[0].replace("127.0.0.1", name) for name in self.names
                        if name != "server.test"]

    def targets(self):
        return super().targets() + harness.target_text("http", "r-names", self.by_name)

    def measured(self):
        return super().measured() + [(a, url) for a in self.regions for url in self.by_name]

    def agent_settings(self, region):
        # An agent looks at itself every five seconds: before three results in a row.
        return {**super().agent_settings(region), "probe_interval": world.ms(8),
                "resolver.timeout": world.ms(1), "resolver.cache_max_ttl": "1s",
                "rpc_server_addr": f"server.test:{self.rpc_port}"}

    def launch_agent(self, region, **options):
        """In a mount namespace with a resolv.conf of its own."""
        dns = self.dead if region == self.victim else self.well
        file = self.write(f"{region}.resolv.conf", f"nameserver {dns.address}\n"
                                                   "options timeout:1 attempts:1\n")
        return super().launch_agent(region, launcher=[
            "unshare", "--mount", "sh", "-c",
            f'mount --bind {file} /etc/resolv.conf && exec "$@"', "sh"], **options)

    def test(self):
        self.begin()
        self.expect("prober", self.victim)
        self.not_well |= {(self.victim, url) for url in self.by_name}
        self.dead.dead = True
        incident = self.wait("an incident of the region", lambda: alerts.only_incident(
            alerts.open_incidents(self.server)), 60)
        self.assertEqual((incident["kind"], incident["reason"]), ("prober", "no_name_server"), incident)
        # Neither a new server nor a new connection makes it worse.
        self.kill_server()
        self.launch_server().wait_ready()
        agent = self.agents[self.victim]
        finished = agent.stats()["probes"]["icmp"]["finished"]
        self.wait("addresses are probed on", lambda: agent.stats()["probes"]["icmp"]["finished"]
                  > finished + 4, 60)
        self.dead.dead = False
        self.finish()
        self.fact(f"{len(self.by_name)} names without a server")


SCENARIOS = (Partition, Loss, FlappingServer, DeadDns)
