"""Neighbours that are silent beside neighbours that answer: the kernel keeps packets to a neighbour whose
link-layer address it does not know yet, and none of that may cost another target a probe. Over a veth
pair and a bridge, IPv4 and IPv6, with raw and with datagram sockets. Needs root."""

import contextlib
import json
import os
import pathlib
import re
import sys

import harness
import kernel_settings
import simnet
import wire

# The limits of the kernel's tables of neighbours are set from the first network alone.
_FIRST = "XPROBER_TEST_FIRST_NETWORK"
if _FIRST not in os.environ:
    _network = os.open("/proc/self/ns/net", os.O_RDONLY)
    os.set_inheritable(_network, True)
    os.environ[_FIRST] = str(_network)
PRIVATE = harness.enter_private_network()

HOME4, HOME6 = "10.77.0.1/16", "fd77::1/64"
# Somebody answers for these, nobody for those.
ANSWER4 = [f"10.77.{4 + n // 250}.{1 + n % 250}" for n in range(1000)]
ANSWER6 = [f"fd77::4:{n + 1:x}" for n in range(1000)]
SILENT4 = [f"10.77.{16 + n // 256}.{n % 256}" for n in range(1, 4096)]
SILENT6 = [f"fd77::5:{n:x}" for n in range(1, 4096)]

# Neither raw sockets nor buffers above the system's limit.
NO_RIGHTS = ("setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin")

# Takes connections, and answers each question of the DNS with nothing.
_PEER = """
import socket, threading
def answer(questions):
    while True:
        asked, who = questions.recvfrom(4096)
        end = asked.index(0, 12) + 5
        questions.sendto(asked[:2] + bytes([0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]) + asked[12:end], who)
listener = socket.create_server(("", 8080), backlog=1024)
for n in range(20, 40):
    questions = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    questions.bind((f"10.77.4.{1 + n}", 5300))
    threading.Thread(target=answer, args=(questions,), daemon=True).start()
print("ready", flush=True)
while True:
    listener.accept()[0].close()
"""

_LIMITS = [pathlib.Path("/proc/sys/net", f"ipv{v}/neigh/default/gc_thresh{n}")
           for v in (4, 6) for n in (1, 2, 3)]
_STAMPS = pathlib.Path("/proc/sys/net/core/tstamp_allow_data")
_SEND_BUFFER = pathlib.Path("/proc/sys/net/core/wmem_max")


@contextlib.contextmanager
def first_network():
    """The calling thread is in the network that the test was started in."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        simnet.set_network(int(os.environ[_FIRST]))
        yield
    finally:
        simnet.set_network(home)
        os.close(home)


def missing():
    if os.geteuid() != 0:
        return "a bridge with neighbours needs root"
    if not PRIVATE:
        return harness.NEEDS_NAMESPACE
    try:
        with first_network():
            writable = all(os.access(path, os.W_OK) for path in (*_LIMITS, _SEND_BUFFER))
    except PermissionError:
        writable = False  # root in a user namespace of this test's own
    return "" if writable else "the kernel's tables of neighbours cannot be set from here"


MISSING = missing()


# Changes a setting and is killed.
_KILLED = """
import os, pathlib, signal, sys
import kernel_settings
kernel_settings.Kept([pathlib.Path(sys.argv[1])]).change([2])
os.killpg(0, signal.SIGKILL)
"""


@harness.unittest.skipIf(MISSING, MISSING)
class Settings(harness.SystemTest):
    def test_they_come_back_when_the_test_is_killed(self):
        setting = self.write("setting", "1\n")
        killed = self.start("killed", sys.executable, "-B", "-c", _KILLED, setting,
                            cwd=harness.SOURCE / "tests" / "system")
        self.assertEqual(killed.wait(10), -harness.signal.SIGKILL, killed.err())
        self.wait("the setting is as before", lambda: setting.read_text("ascii") == "1\n", 10, [])

    def test_they_come_back_when_the_test_ends(self):
        setting = self.write("setting", "1\n")
        kept = kernel_settings.Kept([setting])
        kept.change([2])
        self.assertEqual(setting.read_text("ascii"), "2\n")
        kept.restore()
        self.assertEqual(setting.read_text("ascii"), "1\n")


@harness.unittest.skipIf(MISSING, MISSING)
class Neighbours(harness.SystemTest):
    def setUp(self):
        super().setUp()
        away = self.start("away", "unshare", "--net", "sleep", "infinity")
        self.there = there = ["nsenter", f"--net=/proc/{away.pid}/ns/net"]
        self.wait("a namespace of the neighbours", lambda: os.readlink(
            f"/proc/{away.pid}/ns/net") != os.readlink("/proc/self/ns/net"), 10)
        self.checked("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns",
                     str(away.pid))
        self.addCleanup(harness.run, ["ip", "link", "delete", "v0"])
        self.checked("ip", "address", "add", HOME4, "dev", "v0")
        self.checked("ip", "address", "add", HOME6, "dev", "v0", "nodad")
        self.checked("ip", "link", "set", "v0", "up")
        for line in ("link add br0 type bridge", "link set v1 master br0", "link set lo up",
                     "link set v1 up", "link set br0 up", "address add 10.77.0.2/16 dev br0",
                     "route add local 10.77.4.0/22 dev lo"):
            self.checked(*there, "ip", *line.split())
        batch = self.write("batch", "".join(
            f"address add {a}/64 dev br0 nodad\n" for a in ANSWER6))
        self.checked(*there, "ip", "-batch", batch)
        harness.sysctl("ping_group_range", "0 0")
        for where in ([], there):
            self.wait("addresses that are sure to be one's own", lambda w=where: not self.checked(
                *w, "ip", "-6", "address", "show", "tentative"), 10)

    def checked(self, *arguments):
        done = harness.run(arguments)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def limit(self, paths, values):
        """Settings of the kernel that all namespaces share, for this test."""
        with first_network():
            kept = kernel_settings.Kept(paths)

        def restore():
            with first_network():
                kept.restore()

        self.addCleanup(restore)
        with first_network():
            kept.change(values)

    def limit_table(self, entries):
        """The size of the kernel's tables of neighbours."""
        self.limit(_LIMITS, [entries // 8, entries // 2, entries] * 2)

    def probe(self, answering, silent, launcher=(), **settings):
        """An agent that probes both."""
        self.recorder = self.serve(wire.RecordingServer([
            {"proberType": "icmp", "region": "answering", "target": answering},
            {"proberType": "icmp", "region": "silent", "target": silent}]))
        return self.start_agent(self.recorder.address, launcher=launcher, settings={
            "probe_interval": "5s", "icmp.count": "20", "log_level": "info", **settings})

    def successes(self, targets, metric="ping_target_success"):
        """What was pushed of each of the targets."""
        pushed = {t: [] for t in targets}
        for item in list(self.recorder.values):
            if item["metricName"] == metric and item["targetAddr"] in pushed:
                pushed[item["targetAddr"]].append(item["value"])
        return pushed

    def wait_rounds(self, targets, rounds, timeout):
        def seen():
            lacking = [t for t, v in self.successes(targets).items() if len(v) < rounds]
            if lacking:
                raise harness.NotYet(f"{len(lacking)} of {len(targets)}, {lacking[0]}")
            return True

        self.wait(f"{rounds} results of each", seen, timeout)

    def check_answering(self, targets):
        failed = {t: v for t, v in self.successes(targets).items() if set(v) != {1.0}}
        self.assertFalse(failed, f"{len(failed)} of {len(targets)}")

    def check_many(self, launcher):
        self.limit_table(65536)
        answering, silent = ANSWER4 + ANSWER6, SILENT4 + SILENT6
        agent = self.probe(answering, silent, launcher)
        self.wait_rounds(answering + silent, 3, 90)
        self.check_answering(answering)
        self.assertEqual({v for values in self.successes(silent).values() for v in values}, {-1.0})
        stats = agent.stats()
        counts = stats["probes"]["icmp"]
        # Where the machine is busy, some of the thousands of probes are late by its own fault.
        self.assertLessEqual(counts["local_errors"], counts["finished"] // 100)
        self.assertEqual(stats["icmp"]["neighbours_full"], 0)
        lasts = [line["last"] for line in agent.targets("failing")["targets"] 
                 if line["last"] and not line["last"]["local_error"]]
        self.assertEqual({last["error"] for last in lasts}, {"unreachable"})
        # 2.9 s, and later where the timer is.
        told = [last["detail"] for last in lasts if re.search(
            r"did not answer (ARP|neighbour discovery) for (29|3\d)\d\d ms", last["detail"])]
        self.assertTrue(told, lasts[:5])

    def test_a_silent_20_beside_a_thousand_with_raw_sockets(self):
        self.check_many(())

    def test_a_silent_20_beside_a_thousand_with_datagram_sockets(self):
        # As most machines have it: 512 echoes fit a socket's buffer.
        self.limit([_SEND_BUFFER], [212992])
        self.check_many(NO_RIGHTS)

    def test_targets_behind_a_router_that_is_dead(self):
        """They share its entry of the table, which has room for no more than 900 others."""
        self.limit_table(1024)
        self.checked("ip", "route", "add", "10.80.0.0/16", "via", "10.77.3.9")
        routed = [f"10.80.{n // 250}.{1 + n % 250}" for n in range(4000)]
        agent = self.probe(ANSWER4[:50], routed)
        self.wait_rounds(ANSWER4[:50] + routed, 3, 90)
        self.check_answering(ANSWER4[:50])
        self.assertEqual({v for values in self.successes(routed).values() for v in values}, {-1.0})
        stats = agent.stats()
        self.assertEqual(stats["probes"]["icmp"]["local_errors"], 0)
        self.assertEqual(stats["icmp"]["neighbours_full"], 0)
        lasts = [line["last"] for line in agent.targets("failing")["targets"] if line["last"]]
        self.assertEqual({last["error"] for last in lasts}, {"unreachable"})
        # The kernel says so of those that were the last to be sent before it gave the router up.
        self.assertTrue(any("the router to it, did not answer ARP for 29" in last["detail"]
                            for last in lasts), lasts[0])

    def test_a_burst_through_a_router_that_is_not_known_yet(self):
        """The kernel keeps some of the packets for it, and drops the others without a word."""
        self.checked("ip", "route", "add", "10.81.0.0/22", "via", "10.77.3.1")
        self.checked(*self.there, "ip", "route", "add", "local", "10.81.0.0/22", "dev", "lo")
        # Some 80 packets; the answers to 250 at once, as it is else, do not fit the other kernel's buffer.
        harness.sysctl("neigh/v0/unres_qlen_bytes", "65536")
        ping = self.start("ping", harness.PROGRAM, "ping", "-c", "20", "-i", "100", "--json",
                          "10.81.0.0/22")
        self.wait("a question for the router", lambda: "INCOMPLETE" in self.checked(
            "ip", "neighbour", "show", "10.77.3.1"), 10, [])
        self.checked(*self.there, "ip", "address", "add", "10.77.3.1/16", "dev", "br0")
        self.assertEqual(ping.wait(30), 0, ping.text()[:2000])
        lines = [json.loads(line) for line in ping.out().splitlines()]
        self.assertEqual(len(lines), 1024)
        self.assertEqual({line["received"] for line in lines}, {20})
        self.assertEqual({line["loss_percent"] for line in lines}, {0})

    def test_where_the_kernel_does_not_tell_what_has_left(self):
        """An echo without a stamp says nothing of its neighbour then."""
        self.limit([_STAMPS], [0])
        self.checked("ip", "route", "add", "10.82.0.0/16", "via", "10.77.0.2")  # who forwards nothing
        routed = [f"10.82.0.{n}" for n in range(1, 21)]
        agent = self.probe(ANSWER4[:5], routed, NO_RIGHTS, **{"icmp.count": "2"})
        self.wait_rounds(ANSWER4[:5] + routed, 2, 60)
        self.check_answering(ANSWER4[:5])
        for last in (agent.target(target)["last"] for target in routed):
            self.assertEqual(last["error"], "no_reply", last)

    def test_one_that_answers_beside_a_subnet_of_silent_ones(self):
        self.probe(ANSWER4[:1], SILENT4[:64], **{"probe_interval": "1s", "icmp.count": "50"})
        self.wait_rounds(ANSWER4[:1], 10, 30)
        self.wait_rounds(SILENT4[:64], 2, 30)
        self.check_answering(ANSWER4[:1])
        # Of its 50 echoes none is lost but in the first round, in which the table is empty.
        loss = self.successes(ANSWER4[:1], "ping_packageDrop_rate")[ANSWER4[0]]
        self.assertEqual(set(loss[1:]), {0.0}, loss)

    def test_a_full_table_is_the_machines_fault_and_named(self):
        self.limit_table(256)
        answering = ANSWER4[:10] + ANSWER6[:10]
        agent = self.probe(answering, SILENT4[:450] + SILENT6[:450])
        self.wait_rounds(answering, 4, 90)
        self.wait("probes without room for their neighbours",
                  lambda: agent.stats()["icmp"]["neighbours_full"] > 100, 30)
        # Over IPv6 the kernel says EINVAL where it has no room.
        self.assertEqual(agent.stats()["icmp"]["send_errors"], 0)
        # Known from their first answer on: nobody takes their place then.
        for target, values in self.successes(answering).items():
            self.assertEqual(set(values), {1.0}, target)
        last = self.wait("a silent one's own fault", lambda: next(
            (s["last"] for s in map(agent.target, SILENT4[:450:9])
             if s["last"] and s["last"]["error"] == "local_overload"
             and "gc_thresh3" in s["last"]["detail"]), None), 60)
        self.assertRegex(last["detail"], r"net\.ipv4\.neigh\.default\.gc_thresh3 is 256")
        told = [line for line in agent.err().splitlines() if "gc_thresh3" in line and "warn" in line
                and "probes end because" in line]
        self.assertIn(len(told), (1, 2), told)  # once for each family

    def test_who_answers_is_not_blamed_for_connections_and_questions_that_stayed_here(self):
        self.limit_table(256)
        peer = self.start("peer", *self.there, "python3", "-B", "-c", _PEER)
        self.wait("somebody who answers", lambda: "ready" in peer.out(), 10)
        answering = {"tcp": [f"{a}:8080" for a in ANSWER4[:20]],
                     "dns": [f"example.test@{a}:5300" for a in ANSWER4[20:40]]}
        lists = [{"proberType": kind, "region": "answering", "target": targets}
                 for kind, targets in answering.items()]
        silent = {"proberType": "tcp", "region": "silent",
                  "target": [f"{a}:8080" for a in SILENT4[:450]]}
        self.recorder = self.serve(wire.RecordingServer([*lists, silent]))
        agent = self.start_agent(self.recorder.address, settings={
            "probe_interval": "5s", "tcp.timeout": "2500ms", "dns.timeout": "2500ms"})
        self.wait("waits in vain", lambda: agent.stats()["tcp"]["neighbours_full"] > 100, 60)

        def counters():
            found = {a: agent.target(a)["counters"] for a in answering["tcp"] + answering["dns"]}
            return found if all(c["started"] >= 5 and c["succeeded"] >= 2
                                for c in found.values()) else None

        blamed = {a: c for a, c in self.wait("five probes of each", counters, 90).items()
                  if c["failed"] > 0}
        self.assertFalse(blamed)
        details = [line["last"]["detail"] for line in agent.targets("prober_fault")["targets"]]
        self.assertTrue(details)
        for detail in details:
            self.assertRegex(detail, r"net\.ipv4\.neigh\.default\.gc_thresh3 is 256")


if __name__ == "__main__":
    harness.main()
