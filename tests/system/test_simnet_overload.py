"""More load than the processor, the buffers or the link can take, on purpose: what the prober
cannot do is counted as late, skipped, blocked or overflowed, and never becomes loss."""

import contextlib
import json
import signal
import time

import harness
import simnet

SIMNET_MISSING = simnet.missing()
PAIR = {"source_region": "r-a", "target_region": "r-b"}

# Loopback answers at once, so only the processor is short: every second 20 echoes of each of
# 131,072 targets, where a core does some 200,000 echoes.
BUSY_BLOCK = "127.64.0.0/15" if harness.TIME_FACTOR == 1 else "127.64.0.0/17"
BUSY_COUNT = 20

# Nearly as many echoes as targets are on their way at a time. A reply of this size takes some
# 2,300 bytes of the socket's buffer, of which the kernel makes 64 MiB: too little for them all.
PAUSED_BLOCK = "10.1.0.0/16"
PAUSED_SIZE = 1000

LINK_BLOCK = "10.1.0.0/20"


def size(block):
    return 2 ** (32 - int(block.partition("/")[2]))


class OverloadTest(harness.SystemTest):
    def start_agent_of(self, block, settings):
        """A server with these targets and an agent that has an actor for each of them."""
        server = self.start_server(harness.target_text("icmp", "r-b", [block]), {"mesh": "false"})
        server.wait_healthy()
        agent = self.start_agent(server.rpc, settings=settings)
        self.wait("every target has its actor",
                  lambda: agent.stats()["actors"]["target"]["running"] == size(block), 30)
        return server, agent

    def wait_for_signs(self, agent, signs, timeout):
        """Waits until `signs(stats)`, {what: whether it shows}, are all there; these stats."""
        def all_signs():
            stats = agent.stats()
            lacking = [what for what, shows in signs(stats).items() if not shows]
            if lacking:
                raise harness.NotYet(f"{lacking} in {stats['ticks']} {stats['probes']['icmp']} "
                                     f"{stats['icmp']}")
            return stats

        began = time.monotonic()
        stats = self.wait("the overload shows, and every target's probe has ended", all_signs,
                          timeout)
        print(f"after {time.monotonic() - began:.1f} s: ticks {stats['ticks']}\n"
              f"probes {stats['probes']['icmp']}\nicmp {stats['icmp']}")
        return stats

    def check_no_loss(self, server, agent):
        """No target was ever called failing, and at the server no echo is lost. The mean latency
        in ms."""
        metrics = self.wait("the server has results", lambda: server.metrics().has(
            "ping_latency_millonseconds", **PAIR) and server.metrics(), 30)
        self.assertEqual(metrics.value("ping_target_success", **PAIR), 1)
        self.assertEqual(metrics.value("ping_packageDrop_rate", **PAIR), 0)
        latency = metrics.value("ping_latency_millonseconds", **PAIR)
        print(f"mean latency {latency:.4f} ms")
        # The agent writes a line when a target begins to fail.
        self.assertNotIn("target: failing", agent.err())
        return latency


class Processor(OverloadTest):
    def test_more_echoes_than_the_processor_can_do(self):
        targets = size(BUSY_BLOCK)
        server, agent = self.start_agent_of(BUSY_BLOCK, {
            "icmp.count": str(BUSY_COUNT), "icmp.interval": "1ms", "icmp.deadline": "4s",
            "probe_interval": "1s"})
        began, before = time.monotonic(), agent.stats()

        def signs(stats):
            ticks = {key: stats["ticks"][key] - before["ticks"][key]
                     for key in ("due", "skipped_busy", "skipped_behind", "skipped_overload")}
            skipped = ticks["skipped_busy"] + ticks["skipped_behind"] + ticks["skipped_overload"]
            return {"more ticks skipped than taken": skipped > ticks["due"] / 2,
                    "every target's probe": stats["probes"]["icmp"]["finished"]
                                            - before["probes"]["icmp"]["finished"] >= targets}

        after = self.wait_for_signs(agent, signs, 25)
        elapsed = time.monotonic() - began
        done = (after["icmp"]["echo_sent"] - before["icmp"]["echo_sent"]) / elapsed
        print(f"{targets * BUSY_COUNT} echoes/s wanted, {done:.0f} done")
        self.assertLess(done, targets * BUSY_COUNT / 2, "this is no overload")
        # The kernel's stamps tell the round trips, however late this program looks at them.
        self.assertLess(self.check_no_loss(server, agent), 5)
        # Even now it ends in good order.
        self.assertEqual(agent.stop(20), 0)


@harness.unittest.skipIf(SIMNET_MISSING, SIMNET_MISSING)
class Network(OverloadTest):
    def enter(self, rules):
        """A simulated network; from here on the test and what it starts are inside."""
        network = simnet.Network(self, rules, queue=300_000)
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(network.inside())
        return network

    @staticmethod
    def nothing_on_its_way():
        """As many packets came out of the device as went in, but for what is no echo."""
        told = json.loads(harness.run(["ip", "-json", "-statistics", "link", "show",
                                       simnet.DEVICE]).stdout)[0]["stats64"]
        return abs(told["tx"]["packets"] - told["rx"]["packets"]) < 20

    def check_simnet_answered(self, network, targets):
        """What is not loss here would not be loss with a perfect prober either."""
        hosts, _ = network.stop()
        self.assertEqual(len(hosts), targets)
        self.assertEqual(sum(host["dropped"] + host["unwritten"] for host in hosts.values()), 0)

    def test_replies_that_do_not_fit_the_buffer(self):
        """The prober stands still, as on a machine that is paused or starved, while replies pour
        in: more than the socket's buffer holds are dropped by the kernel. Nobody can tell what
        became of those echoes, so they are neither sent nor lost."""
        targets = size(PAUSED_BLOCK)
        network = self.enter([{"block": simnet.NET4, "delay_us": 2_000_000}])
        server, agent = self.start_agent_of(PAUSED_BLOCK, {
            "icmp.count": "1", "icmp.size": str(PAUSED_SIZE), "icmp.timeout": "3s",
            "icmp.deadline": "6s", "probe_interval": "2200ms"})
        self.wait("most targets have an echo on its way",
                  lambda: agent.stats()["probes"]["icmp"]["in_flight"] > targets * 0.85, 10)
        before = agent.stats()
        agent.signal(signal.SIGSTOP)
        self.wait("simnet has answered all of it", self.nothing_on_its_way, 10)
        agent.signal(signal.SIGCONT)

        def signs(stats):
            finished = stats["probes"]["icmp"]["finished"] - before["probes"]["icmp"]["finished"]
            return {"dropped replies": stats["icmp"]["receive_overflow"] > 0,
                    "late ticks": stats["ticks"]["late"] > 0,
                    "every target's probe": finished >= targets}

        after = self.wait_for_signs(agent, signs, 20)
        # Read up to 2 s after they came, and in time all the same: the kernel's stamps say when.
        self.assertEqual(after["icmp"]["late"], 0)
        self.check_no_loss(server, agent)
        self.check_simnet_answered(network, targets)

    def limit_link(self, rate, limit):
        """The device takes `rate`; `limit` bytes wait before it, what is more is refused."""
        done = harness.run(["tc", "qdisc", "add", "dev", simnet.DEVICE, "root", "tbf", "rate", rate,
                            "burst", "4kb", "limit", str(limit)])
        if done.returncode != 0:
            self.skipTest(f"no token bucket filter here: {done.stderr.strip()}")

    def check_slow_link(self, limit):
        """10 Mbit/s, where four times as much is wanted."""
        targets = size(LINK_BLOCK)
        network = self.enter([{"block": simnet.NET4, "delay_us": [1000, 50_000]}])
        self.limit_link("10mbit", limit)
        server, agent = self.start_agent_of(LINK_BLOCK, {
            "icmp.count": "10", "icmp.deadline": "2s", "icmp.interval": "1ms",
            "probe_interval": "1s"})

        def signs(stats):
            return {"blocked sends": stats["icmp"]["send_blocked"] > 0,
                    "skipped ticks": stats["ticks"]["skipped_busy"] > 0,
                    "every target's probe": stats["probes"]["icmp"]["finished"] >= targets}

        stats = self.wait_for_signs(agent, signs, 20)
        self.assertEqual(stats["icmp"]["send_errors"], 0)
        self.check_no_loss(server, agent)
        self.check_simnet_answered(network, targets)

    def test_a_link_that_fills_the_sockets_buffer(self):
        self.check_slow_link(limit=1_000_000)

    def test_a_link_whose_queue_refuses_packets(self):
        self.check_slow_link(limit=30_000)

    def test_an_echo_that_left_too_late_to_be_answered_is_no_loss(self):
        """A link so slow that most echoes cannot leave in time, and some so late that the answer
        comes after their probe's deadline. Neither is the target's fault."""
        count, answer_ms = 1000, 1800
        network = self.enter([{"block": simnet.NET4, "delay_us": answer_ms * 1000}])
        # Some 200 echoes a second, of which 20 wait in the queue: the others wait in the prober.
        self.limit_link("200kbit", 3000)
        targets = self.write("targets", "".join(
            f"10.1.{i // 250}.{i % 250 + 1}\n" for i in range(count)))
        # Timeout 2 s, deadline 3 s; echoes that could not leave for 1.5 s are not sent at all.
        done = harness.xprober("ping", "--json", "-c", "1", "-i", "10", "-W", "2000", "-f", targets)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        hosts, _ = network.stop()
        self.assertEqual(len(lines), count, done.stderr)
        answered = [line for line in lines if line["received"] == 1]
        local = [line for line in lines
                 if line["error"] and line["error"].startswith("local_overload")]
        print(f"{len(answered)} answered, {len(local)} of the prober's own overload, simnet heard "
              f"{len(hosts)}")
        self.assertTrue(answered and local, "some were answered, some could not be sent in time")
        self.assertGreater(len(hosts), len(answered), "some were sent and answered too late")
        wrong = [line for line in lines
                 if line["received"] < line["sent"]
                 or (line["error"] and not line["error"].startswith("local_overload"))]
        self.assertEqual(wrong[:3], [], f"{len(wrong)} targets are blamed")


if __name__ == "__main__":
    harness.main()
