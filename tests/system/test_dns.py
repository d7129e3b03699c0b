"""How names are resolved, with a DNS server from the field: Knot DNS behind a relay that counts what
it is asked, delays, and swallows."""

import json
import shutil
import signal
import time

import harness
import servers

KNOT = """
server:
  rundir: "{folder}/run"
  listen: [ 127.0.0.1@{port} ]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}/db"
log:
  - target: stderr
    any: info
zone:
  - domain: example.test
    file: "{folder}/example.zone"
    journal-content: none
    zonefile-load: whole
  - domain: short.test
    file: "{folder}/short.zone"
    journal-content: none
    zonefile-load: whole
  - domain: broken.test
    file: "{folder}/missing.zone"
"""

# The last number of an SOA is how long "no such name" may be kept.
ZONE = """$ORIGIN {origin}.
$TTL {ttl}
@ SOA ns hostmaster 1 3600 600 86400 {negative}
@ NS ns
ns A 127.0.0.1
v4 A 127.0.0.1
two A 127.0.0.1
both A 127.0.0.1
both AAAA ::1
v6 AAAA ::1
dead4 A 127.0.0.9
dead4 AAAA ::1
slow A 127.0.0.1
slower A 127.0.0.1
silent A 127.0.0.1
text TXT "no address"
alias CNAME v4
dangling CNAME gone
xn--bcher-kva A 127.0.0.1
*.many A 127.0.0.1
{many}
"""


class LyingDns(servers.DnsServer):
    """Answers each query with what `lie(query)` makes of it."""

    def __init__(self, lie):
        super().__init__({}, port=0)
        self._answer = lie


def claim(query, answers=0, authority=0, code=0, rest=b""):
    """An answer to the query that claims to have so many records, and has `rest`."""
    end = query.index(b"\0", 12) + 5
    return (query[:2] + bytes([0x81, 0x80 | code]) + b"\0\1" + answers.to_bytes(2, "big")
            + authority.to_bytes(2, "big") + b"\0\0" + query[12:end] + rest)


POINTER_TO_ITSELF = b"\xc0\x1c" * 2
LIES = {
    "noise": lambda query: bytes(range(256)),
    "nothing": lambda query: query[:2],
    "another id": lambda query: bytes([query[0] ^ 255, query[1]]) + claim(query)[2:],
    "the query itself": lambda query: query,
    "records that are not there": lambda query: claim(query, answers=65535),
    "a name without end": lambda query: claim(query, answers=1, rest=POINTER_TO_ITSELF * 20),
    "a cut address": lambda query: claim(
        query, answers=1, rest=b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f"),
    "a cut SOA": lambda query: claim(
        query, authority=1, code=3, rest=b"\xc0\x0c\0\6\0\1\0\0\0\1\0\x20" + b"\0" * 7),
}


@harness.unittest.skipUnless(shutil.which("knotd"), "knotd is not installed (Debian's knot)")
class Dns(harness.SystemTest):
    def setUp(self):
        super().setUp()
        for folder in ("run", "db"):
            (self.folder / folder).mkdir()
        many = "\n".join(f"many A 127.0.0.{i}" for i in range(1, 61))
        self.write("example.zone", ZONE.format(origin="example.test", ttl=300, negative=300, many=many))
        self.write("short.zone", ZONE.format(origin="short.test", ttl=1, negative=1, many=""))
        self.knot_port = harness.free_port()
        config = self.write("knot.conf", KNOT.format(folder=self.folder, port=self.knot_port))
        knot = self.start("knotd", "knotd", "-c", config)
        self.wait("knotd serves", lambda: "server started" in knot.err()
                  and knot.err().count("] loaded, serial") == 2, 20, [knot])
        self.relay = self.serve(servers.DnsRelay(self.knot_port))
        self.relay.silent.add("silent.example.test")
        self.relay.delays["slow.example.test"] = 0.4
        self.relay.delays["slower.example.test"] = 1.3
        self.web = self.serve(servers.WebServer(lambda request: servers.reply(request)))

    def url(self, name):
        return f"http://{name}:{self.web.port}/"

    def http(self, name, *options, server=None, limit=8000):
        """The results of `xprober http` for a name."""
        done = harness.xprober("http", "--json", "-W", str(int(harness.scaled(limit))), "--dns-server",
                               server or self.relay.server, *options, self.url(name))
        self.assertEqual(done.stderr, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_addresses_of_either_family(self):
        six = self.serve(servers.TcpServer(lambda c, _: c.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") or c.recv(65536) or c.recv(1),
            address="::1", port=self.web.port))
        for name, options, address in (
                ("v4.example.test", (), "127.0.0.1"), ("both.example.test", (), "127.0.0.1"),
                ("both.example.test", ("-6",), "::1"), ("v6.example.test", (), "::1"),
                ("v4.example.test", ("-6",), "127.0.0.1"), ("alias.example.test", (), "127.0.0.1"),
                ("V4.Example.TEST.", (), "127.0.0.1"), ("bücher.example.test", (), "127.0.0.1"),
                # The preferred address refuses, the other family's answers.
                ("dead4.example.test", (), "::1")):
            with self.subTest(name=name, options=options):
                line, = self.http(name, *options)
                self.assertTrue(line["success"], line)
                self.assertEqual((line["address"], line["resolve_cached"]), (address, False))
                self.assertGreater(line["phases_ms"]["resolve"], 0)
        self.assertGreater(six.accepted, 0)

    def test_an_answer_that_needs_tcp(self):
        line, = self.http("many.example.test", server=f"127.0.0.1:{self.knot_port}")
        self.assertTrue(line["success"], line)

    def test_each_failure_has_its_reason(self):
        for name, error, text in (
                ("missing.example.test", "resolve_not_found", "no such name"),
                ("dangling.example.test", "resolve_not_found", "no such name"),
                ("text.example.test", "resolve_no_address", "the name has no address"),
                ("any.broken.test", "resolve_servfail", "SERVFAIL"),
                ("elsewhere.org", "resolve_failed", "REFUSED")):
            with self.subTest(name=name):
                line, = self.http(name)
                self.assertTrue(line["error"].startswith(error + ": "), line)
                self.assertIn(text, line["error"])
                self.assertEqual(line["failed_phase"], "resolve")
        line, = self.http("v4.example.test", server=f"127.0.0.1:{harness.free_port()}")
        self.assertIn("no DNS server can be reached", line["error"])

    def test_slow_and_silent_servers(self):
        line, = self.http("slow.example.test")
        self.assertTrue(line["success"])
        self.assertGreaterEqual(line["phases_ms"]["resolve"], 400)
        began = time.monotonic()
        line, = self.http("silent.example.test")
        self.assertIn("resolve_timeout: silent.example.test: no DNS server answered", line["error"])
        self.assertLess(time.monotonic() - began, harness.scaled(7))
        self.assertGreater(self.relay.count("silent.example.test"), 1)
        # The second server of two is asked where the first is silent.
        line, = self.http("silent.example.test", "--dns-server", f"127.0.0.1:{self.knot_port}")
        self.assertTrue(line["success"], line)

    def test_servers_that_lie(self):
        for what, lie in LIES.items():
            with self.subTest(lie=what):
                server = f"127.0.0.1:{self.serve(LyingDns(lie)).port}"
                line, again = self.http("v4.example.test", "-n", "2", server=server, limit=1000)
                self.assertFalse(line["success"])
                self.assertRegex(line["error"], "^resolve_(timeout|failed|not_found): ")
                self.assertFalse(again["resolve_cached"], again)

    def test_answers_are_shared_within_their_time(self):
        lines = self.http("v4.example.test", "-n", "20")
        self.assertEqual([line["success"] for line in lines], [True] * 20)
        self.assertEqual([line["resolve_cached"] for line in lines], [False] + [True] * 19)
        # What resolving takes is told as it was measured.
        self.assertEqual(len({line["phases_ms"]["resolve"] for line in lines}), 1)
        self.assertEqual((self.relay.count("v4.example.test"),
                          self.relay.count("v4.example.test", "AAAA")), (1, 1))

    def test_what_is_not_there_is_remembered_and_what_failed_is_not(self):
        for name in ("missing.example.test", "text.example.test"):
            lines = self.http(name, "-n", "20")
            self.assertEqual([line["resolve_cached"] for line in lines], [False] + [True] * 19)
            self.assertEqual(len({line["error"] for line in lines}), 1)
            self.assertEqual((self.relay.count(name), self.relay.count(name, "AAAA")), (1, 1))
        lines = self.http("any.broken.test", "-n", "3")
        self.assertEqual([line["resolve_cached"] for line in lines], [False] * 3)
        self.assertGreaterEqual(self.relay.count("any.broken.test"), 3)

    def test_ping_resolves_the_same_way(self):
        # The slower one takes longer than an echo may wait to leave.
        for name, cached in (("bücher.example.test", False), ("v4.example.test", False),
                             ("slower.example.test", False)):
            done = harness.xprober("ping", "--json", "-c", "1", "--dns-server", self.relay.server, name)
            if "local_no_socket" in done.stdout + done.stderr or "CAP_NET_RAW" in done.stderr:
                self.skipTest("ICMP sockets are not permitted here")
            line = json.loads(done.stdout)
            self.assertEqual((line["address"], line["received"], line["resolve_cached"]),
                             ("127.0.0.1", 1, cached), line)
        done = harness.xprober("ping", "--json", "-c", "1", "--dns-server", self.relay.server,
                               "missing.example.test")
        self.assertIn("resolve_not_found", json.loads(done.stdout)["error"])

    def test_a_server_that_is_no_address_is_bad_usage(self):
        done = harness.xprober("http", "--dns-server", "dns.example", "http://x/")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'dns.example' is not a DNS server", done.stderr)

    def start_agent_with(self, names, dns, http="", icmp=(), settings=None):
        text = harness.target_text("http", "r-b", [self.url(name) for name in names])
        server = self.start_server(
            text + (harness.target_text("icmp", "r-b", icmp) if icmp else ""),
            {"mesh": "false"}).wait_healthy()
        self.config = self.write("agent.yaml", f"resolver: {dns}\nhttp: {{{http}}}\nicmp: {{count: 1}}\n")
        agent = self.start_agent(server.rpc, config=self.config,
                                 settings=settings or {"probe_interval": "200ms"})
        return agent.wait_ready()

    def test_an_agent_shares_counts_and_asks_again_after_the_ttl(self):
        names = ["v4.example.test", "v4.short.test", "missing.example.test", "missing.short.test"]
        agent = self.start_agent_with(names, f"{{servers: ['{self.relay.server}']}}",
                                      icmp=["v4.example.test", "xn--bcher-kva.example.test"])

        def seen():
            """How often was asked, and the stats after that."""
            asked = {name: self.relay.count(name) for name in ("v4.short.test", "missing.short.test")}
            stats = agent.stats()
            # One of missing.example.test, and as many of the other as were answered, not only asked.
            return (min(asked.values()) >= 3 and stats["dns"]["negative_hits"] >= 20 and
                    stats["dns"]["failures"] >= 4 and (asked, stats))

        asked, stats = self.wait("names with a short TTL are asked for three times", seen, 30)
        probes = stats["probes"]["http"]["finished"]
        for name, count in asked.items():
            self.assertLess(count, probes / len(names) / 2, name)
        # Two engines, each with a cache of its own.
        self.assertLessEqual(self.relay.count("v4.example.test"), 2)
        self.assertEqual(self.relay.count("missing.example.test"), 1)
        dns = stats["dns"]
        self.assertGreater(dns["cache_hits"], dns["queries"])
        self.assertGreaterEqual(dns["cached_names"], 2)
        self.assertEqual(dns["timeouts"], 0)
        self.wait("/metrics has the same", lambda: agent.metrics().value(
            "xprober_dns_cache_hits_total", probe_type="http") >= 20 and agent.metrics().value(
                "xprober_dns_queries_total", probe_type="icmp") >= 2, 10)
        story = agent.target(self.url("v4.example.test"))
        self.assertTrue(story["last"]["resolve_cached"])
        self.assertGreater(story["last"]["http"]["phases_ms"]["resolve"], 0)

    def test_names_that_nobody_answers_do_not_keep_others_waiting(self):
        good = [f"good{i}.many.short.test" for i in range(20)]  # with a TTL of a second
        dead = [f"dead{i}.short.test" for i in range(100)]
        self.relay.silent.update(dead)
        # The dead ones want 200 s of asking every 2 s, and 16 places are 32 s.
        agent = self.start_agent_with(
            dead + good, f"{{servers: ['{self.relay.server}'], timeout: 2s, max_in_flight: 16}}",
            "timeout: 4s", settings={"probe_interval": "2s"})
        self.wait("each good name was asked for five times", lambda: all(
            self.relay.count(name) >= 5 for name in good), 40)
        for name in good:
            story = agent.target(self.url(name))
            counters = story["counters"]
            self.assertEqual((counters["failed"], counters["local_errors"]), (0, 0), story)
            self.assertLess(story["last"]["duration_ms"], harness.scaled(1000), story)
        stories = [agent.target(self.url(name))["last"] for name in dead]
        seen = {story["error"] for story in stories if story}
        self.assertEqual(seen, {"resolve_timeout", "local_overload"})
        for story in stories:
            if story and story["error"] == "local_overload":
                self.assertRegex(story["detail"], r"^dead\d+\.short\.test: the name waited \d+ of "
                                 r"\d+ ms for its turn: resolver\.max_in_flight \(16\) is too small")
        dns = self.wait("dead names wait for their turn", lambda: (
            s := agent.stats()["dns"])["queued_slow"] and s["cancelled"] and s["yielded"] and s, 10)
        self.assertGreaterEqual(dns["queued"], dns["queued_slow"])
        self.assertGreater(agent.metrics().value("xprober_dns_cancelled_total", probe_type="http"), 0)

    def test_a_reload_changes_servers_and_cache(self):
        other = self.serve(servers.DnsRelay(self.knot_port))
        agent = self.start_agent_with(["v4.example.test"], f"{{servers: ['{self.relay.server}']}}")
        self.wait("a cached answer is used", lambda: agent.stats()["dns"]["cache_hits"] > 2, 20)
        self.write("agent.yaml", f"resolver: {{servers: ['{other.server}'], cache_max_ttl: 0s}}\n")
        agent.signal(signal.SIGHUP)
        self.wait("the other server is asked for each probe",
                  lambda: other.count("v4.example.test") >= 5, 20)
        self.assertEqual(self.relay.count("v4.example.test"), 1)
        self.assertNotIn("need a restart", agent.err())
        self.wait("the answers are not marked", lambda: not agent.target(
            self.url("v4.example.test"))["last"]["resolve_cached"], 10)
        # A wrong one leaves this one in force.
        self.write("agent.yaml", "resolver: {servers: [localhost], attempts: 0}\n")
        answer = harness.http(f"{agent.url}/-/reload", "POST")
        self.assertIn(answer.status, (400, 500), answer.text)
        self.assertIn("agent.yaml:1: resolver.servers: 'localhost' is not a DNS server", answer.text)
        self.assertIn("resolver.attempts: '0' is not allowed", answer.text)

    def test_the_other_family_can_be_refused(self):
        agent = self.start_agent_with(["both.example.test", "v6.example.test"],
                                      f"{{servers: ['{self.relay.server}']}}",
                                      "ip_protocol_fallback: false")
        story = self.wait("a result", lambda: (s := agent.target(
            self.url("v6.example.test")))["last"] and s, 20)
        self.assertEqual(story["last"]["error"], "resolve_no_address", story["last"])
        self.assertIn("no IPv4 address, and ip_protocol_fallback is false", story["last"]["detail"])
        self.wait("the other one is fine", lambda: agent.target(
            self.url("both.example.test"))["state"] == "ok", 10)


if __name__ == "__main__":
    harness.main()
