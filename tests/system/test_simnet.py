"""What happens to echoes on the way, one kind at a time, and what `xprober ping` says of it; simnet
makes it happen and says what it did. Over IPv4 and IPv6, with raw and with datagram sockets."""

import ipaddress

import harness
import simnet

MISSING = simnet.missing()

ROUTER = {4: "10.200.0.1", 6: "fd77:0:200::1"}
STRANGER = {4: "10.201.0.1", 6: "fd77:0:201::1"}
COUNT = 20


def block(family, number):
    return f"10.0.{number}.0/24" if family == 4 else f"fd77:0:0:{number}::/64"


def address(family, number, host=1):
    """An address of block(family, number)."""
    return str(ipaddress.ip_network(block(family, number))[host])


class Behaviour:
    """The tests; a class for each kind of socket runs them."""

    prefix = ()

    def network(self, rules):
        """`rules(family)` gives the rules of a family. Every 20 echoes have their exact share."""
        self.net = simnet.Network(self, rules(4) + rules(6), deck=COUNT, prefix=simnet.real_time())
        self.families = (4, 6) if self.net.has_ip6 else (4,)
        self.net.allow_datagram_sockets()

    def ping(self, numbers, hosts=1, count=COUNT, interval=10, wait=300):
        """Pings some addresses of the blocks `numbers`; gives what the prober and simnet say:
        [(block's number, family, the prober's line, simnet's line)]."""
        targets = {address(f, n, h + 1): (n, f)
                   for n in numbers for f in self.families for h in range(hosts)}
        said = self.net.ping("-c", count, "-i", interval, "-W", wait, *targets, prefix=self.prefix)
        self.assertEqual(set(said), set(targets))
        did, _ = self.net.stop()
        out = []
        for target, (number, family) in targets.items():
            with self.subTest(target=target):
                self.check_always(said[target], did[target])
            out.append((number, family, said[target], did[target]))
        return out

    def check_always(self, said, did):
        """Whatever happens: only answers count, and they count once."""
        self.assertEqual(did["requests"], said["sent"])
        self.assertEqual(said["received"], did["answered"])
        self.assertLessEqual(said["duplicates"], did["duplicates"])
        self.assertLessEqual(said["late"], did["late"])
        self.assertFalse(said["receive_overflow"])
        lost = 100 * (said["sent"] - said["received"]) / said["sent"]
        self.assertAlmostEqual(said["loss_percent"], lost, places=3)
        self.assertEqual(said["rtt_ms"] is None, said["received"] == 0)
        self.assertEqual(said["error"] is None, said["received"] > 0, said["error"])

    def check_silence(self, said):
        self.assertEqual((said["received"], said["loss_percent"]), (0, 100))
        self.assertTrue(said["error"].startswith("no_reply"), said["error"])

    def test_a_delay_is_the_round_trip_time(self):
        delays = {1: 2_000, 2: 20_000, 3: 120_000}
        self.network(lambda f: [{"block": block(f, n), "delay_us": d} for n, d in delays.items()])
        for number, _, said, did in self.ping(delays):
            turnaround = did["turnaround_ns"]
            rtt = said["rtt_ms"]
            with self.subTest(target=said["target"]):
                self.assertEqual(said["received"], COUNT)
                # The kernel's times are exact; those of a send are spread over its system call.
                self.assertGreater(rtt["min"], delays[number] / 1000 - 0.25)
                # A machine that is busy may hold up some echoes on their way, not most of them.
                self.assertAlmostEqual(rtt["p50"], turnaround["p50"] / 1e6, delta=harness.scaled(2))
                self.assertLessEqual(rtt["min"], rtt["p50"])
                self.assertLessEqual(rtt["p50"], rtt["p90"])
                self.assertLessEqual(rtt["p90"], rtt["p99"])
                self.assertLessEqual(rtt["p99"], rtt["max"])
                self.assertLessEqual(rtt["min"], rtt["avg"])
                self.assertLessEqual(rtt["avg"], rtt["max"])

    def test_jitter_and_deviation(self):
        # Uniform in 100 ms: a standard deviation of 29 ms, and 33 ms from one echo to the next.
        self.network(lambda f: [{"block": block(f, 1), "delay_us": 5_000, "jitter_us": 100_000},
                                {"block": block(f, 2), "delay_us": 5_000}])
        for number, _, said, _ in self.ping([1, 2], count=100, interval=30):
            rtt = said["rtt_ms"]
            with self.subTest(target=said["target"]):
                if number == 1:
                    self.assertAlmostEqual(rtt["stddev"], 29, delta=8)
                    self.assertAlmostEqual(rtt["jitter"], 33, delta=16)
                else:
                    self.assertLess(rtt["stddev"], harness.scaled(12))
                    self.assertLess(rtt["jitter"], harness.scaled(12))

    def test_the_reply_ttl_is_the_replys(self):
        self.network(lambda f: [{"block": block(f, ttl), "reply_ttl": ttl} for ttl in (1, 57, 255)])
        for number, _, said, _ in self.ping([1, 57, 255], count=2):
            self.assertEqual(said["reply_ttl"], number, said["target"])

    def test_loss(self):
        self.network(lambda f: [{"block": block(f, 1), "loss": 0.25}, {"block": block(f, 2)},
                                {"block": block(f, 3), "loss": 1}])
        expected = {1: 15, 2: 20, 3: 0, 4: 0}
        for number, _, said, _ in self.ping(expected, hosts=8):  # there is no rule for block 4
            with self.subTest(target=said["target"]):
                self.assertEqual((said["sent"], said["received"]), (COUNT, expected[number]))
                if expected[number] == 0:
                    self.check_silence(said)

    def test_duplicates_are_no_more_replies(self):
        self.network(lambda f: [
            {"block": block(f, 1), "duplicate": {"probability": 0.5, "gap_us": 2000}},
            {"block": block(f, 2), "duplicate": {"probability": 0.5}, "loss": 0.25}])
        for number, _, said, did in self.ping([1, 2], hosts=4):
            with self.subTest(target=said["target"]):
                self.assertEqual(said["received"], COUNT if number == 1 else 15)
                # The last echo ends the probe: its copy comes too late to be counted, and on a
                # busy machine that of the one before.
                self.assertGreaterEqual(said["duplicates"], did["duplicates"] - 3)
                self.assertGreater(said["duplicates"], 4)

    def test_reordering(self):
        self.network(lambda f: [
            {"block": block(f, 1), "reorder": {"probability": 0.2, "extra_us": 55_000}},
            {"block": block(f, 2), "delay_us": 30_000}])
        for number, _, said, did in self.ping([1, 2], hosts=4):
            with self.subTest(target=said["target"]):
                self.assertEqual(said["received"], COUNT)
                self.assertEqual(said["reordered"], did["reordered"])
                if number == 1:
                    self.assertGreater(said["reordered"], 0)
                else:
                    self.assertEqual(said["reordered"], 0)

    def check_spoilt(self, kinds):
        """Each of `kinds(family)` alone is silence, and half of it is half of the replies."""
        def rules(family):
            out = []
            for number, kind in enumerate(kinds(family)):
                out.append({"block": block(family, 2 * number), **kind})
                (key, how), = kind.items()
                out.append({"block": block(family, 2 * number + 1), key: {**how, "probability": 0.5}})
            return out

        self.network(rules)
        for number, _, said, _ in self.ping(range(2 * len(kinds(4)))):
            with self.subTest(target=said["target"]):
                self.assertEqual(said["sent"], COUNT)
                if number % 2 == 0:
                    self.check_silence(said)
                else:
                    self.assertEqual(said["received"], COUNT // 2)

    def test_replies_from_somebody_else_do_not_count(self):
        self.check_spoilt(lambda f: [{"wrong_source": {"address": STRANGER[f]}}])

    def test_replies_with_another_identifier_do_not_count(self):
        self.check_spoilt(lambda f: [{"wrong_id": {}}])

    @staticmethod
    def corrupt(offsets):
        return [{"corrupt": {"offset": offset, "checksum": checksum}}
                for offset in offsets for checksum in ("right", "wrong")]

    def test_replies_with_a_corrupt_tag_do_not_count(self):
        # The first 24 bytes of the payload say which echo it is (echo_tag.hpp).
        self.check_spoilt(lambda f: self.corrupt((0, 4, 8, 12, 16, 23)))

    def test_replies_with_a_corrupt_filler_do_not_count(self):
        # The rest of the payload is always the same.
        self.check_spoilt(lambda f: self.corrupt((24, 60, 99)))

    def test_damaged_replies_of_one_target_hide_no_loss_of_others(self):
        self.network(lambda f: [
            {"block": block(f, 1), "corrupt": {"offset": 0, "checksum": "wrong"}},
            {"block": block(f, 2), "loss": 0.25}])
        for number, _, said, _ in self.ping([1, 2], hosts=4):
            with self.subTest(target=said["target"]):
                self.assertEqual(said["loss_percent"], 100 if number == 1 else 25)

    def test_late_replies_do_not_count(self):
        self.network(lambda f: [
            {"block": block(f, 1), "late": {"after_ms": 400}},
            {"block": block(f, 2), "late": {"probability": 0.25, "after_ms": 400}}])
        for number, _, said, did in self.ping([1, 2], hosts=4, interval=50, wait=200):
            with self.subTest(target=said["target"]):
                self.assertEqual(said["sent"], COUNT)
                if number == 1:
                    self.check_silence(said)
                else:
                    self.assertEqual(said["received"], 15)
                    self.assertLess(said["rtt_ms"]["max"], 200)
                # A probe does not wait for what it has given up: the last replies come after it.
                self.assertGreater(said["late"], 0 if number == 2 else 8)

    def check_errors(self, quote, delay_us=1000):
        texts = {4: list(simnet.Errors.IP4.items()), 6: list(simnet.Errors.IP6.items())}

        def rules(family):
            return [{"block": block(family, number), "delay_us": delay_us,
                     "error": {"type": kind, "code": code, "from": ROUTER[family], "quote": quote}}
                    for number, ((kind, code), _) in enumerate(texts[family])]

        self.network(rules)
        for number, family, said, did in self.ping(range(len(texts[6])), count=3):
            (kind, code), text = texts[family][number]
            with self.subTest(target=said["target"], type=kind, code=code):
                self.assertEqual(said["received"], 0)
                self.assertIn(text, said["error"])
                self.assertIn(ROUTER[family], said["error"])
                told = [(e["type"], e["code"], e["text"], e["router"]) for e in said["icmp_errors"]]
                self.assertEqual(told, [(kind, code, text, ROUTER[family])])
                self.assertLessEqual(said["icmp_errors"][0]["count"], did["errors"])

    def test_icmp_errors_have_their_own_texts(self):
        self.check_errors("full")

    def test_icmp_errors_that_quote_only_eight_bytes(self):
        self.check_errors("short")

    def test_icmp_errors_that_come_when_more_has_left(self):
        # The interval is 10 ms: all three echoes are on their way when the first error comes.
        self.check_errors("short", delay_us=60_000)

    def test_icmp_errors_among_replies_are_told(self):
        unreachable = {4: (3, 1), 6: (1, 3)}
        self.network(lambda f: [
            {"block": block(f, 1), "error": {
                "probability": 0.25, "type": unreachable[f][0], "code": unreachable[f][1],
                "from": ROUTER[f]}}])
        for _, family, said, did in self.ping([1], hosts=4):
            with self.subTest(target=said["target"]):
                # An error that comes before any reply ends the probe; later ones do not.
                if said["received"] > 0:
                    told = [(e["type"], e["code"], e["router"], e["count"])
                            for e in said["icmp_errors"]]
                    self.assertEqual(told, [(*unreachable[family], ROUTER[family], did["errors"])])

    def test_a_smaller_mtu_on_the_way_is_no_failure(self):
        too_big = {4: (3, 4), 6: (2, 0)}
        self.network(lambda f: [
            {"block": block(f, 1), "error": {
                "probability": 0.5, "type": too_big[f][0], "code": too_big[f][1],
                "from": ROUTER[f], "mtu": 1400}}])
        for _, family, said, _ in self.ping([1], hosts=4):
            with self.subTest(target=said["target"]):
                self.assertEqual((said["sent"], said["received"]), (COUNT, COUNT // 2))
                told = [(e["type"], e["code"], e["router"]) for e in said["icmp_errors"]]
                self.assertEqual(told, [(*too_big[family], ROUTER[family])])


@harness.unittest.skipIf(MISSING, MISSING)
class RawSockets(Behaviour, harness.SystemTest):
    pass


@harness.unittest.skipIf(MISSING, MISSING)
class DatagramSockets(Behaviour, harness.SystemTest):
    prefix = simnet.NO_RAW


if __name__ == "__main__":
    harness.main()
