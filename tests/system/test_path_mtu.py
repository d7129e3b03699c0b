"""Paths with a smaller MTU than the prober's link: an echo that no router may fragment and that is too big
for one of them comes back as an error, from which the kernel learns. That is the prober's doing, and no
loss. Over two links and a router of the test's own. Needs root."""

import json
import os

import harness

PRIVATE = harness.enter_private_network()
MISSING = "" if PRIVATE and os.geteuid() == 0 else harness.NEEDS_NAMESPACE

NO_RAW = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
FAR4, FAR6 = "10.79.1.2", "fd79:1::2"


@harness.unittest.skipIf(MISSING, MISSING)
class PathMtu(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.router = self.namespace("router")
        far = self.far = self.namespace("far")
        self.on(None, f"link add v0 type veth peer name v1 netns {self.router.pid}")
        self.addCleanup(harness.run, ["ip", "link", "delete", "v0"])
        self.on(self.router, f"link add w0 type veth peer name w1 netns {far.pid}")
        for where, device, address4, address6 in (
                (None, "v0", "10.79.0.1/24", "fd79::1/64"), (self.router, "v1", "10.79.0.2/24", "fd79::2/64"),
                (self.router, "w0", "10.79.1.1/24", "fd79:1::1/64"), (far, "w1", f"{FAR4}/24", f"{FAR6}/64")):
            self.on(where, f"address add {address4} dev {device}")
            self.on(where, f"address add {address6} dev {device} nodad")
            self.on(where, f"link set {device} up")
        self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for where, by4, by6 in ((None, "10.79.0.2", "fd79::2"), (far, "10.79.1.1", "fd79:1::1")):
            self.on(where, f"route add default via {by4}")
            self.on(where, f"-6 route add default via {by6}")
        harness.sysctl("ping_group_range", "0 0")
        for where in (None, self.router, far):
            self.wait("addresses that are sure to be one's own", lambda w=where: not self.inside(
                w, "ip", "-6", "address", "show", "tentative"), 10)

    def namespace(self, name):
        process = self.start(name, "unshare", "--net", "sleep", "infinity")
        self.wait(f"the namespace {name}", lambda: os.readlink(
            f"/proc/{process.pid}/ns/net") != os.readlink("/proc/self/ns/net"), 10)
        return process

    def inside(self, where, *arguments):
        prefix = ["nsenter", f"--net=/proc/{where.pid}/ns/net"] if where else []
        done = harness.run([*prefix, *arguments])
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def on(self, where, line):
        self.inside(where, "ip", *line.split())

    def forget(self):
        self.on(None, "route flush cache")
        self.on(None, "-6 route flush cache")

    def narrow(self, mtu):
        self.on(self.router, f"link set w0 mtu {mtu}")
        self.on(self.far, f"link set w1 mtu {mtu}")

    def ping(self, target, size, prefix, count=3):
        done = harness.run([*prefix, harness.PROGRAM, "ping", "--json", "-c", str(count), "-s", str(size),
                            "-W", "2000", target])
        return json.loads(done.stdout)

    def check(self, target, size, prefix, told):
        for count in (1, 3):
            self.forget()
            said = self.ping(target, size, prefix, count)
            with self.subTest(target=target, count=count, prefix=prefix[:1]):
                self.assertEqual((said["error"], said["loss_percent"]), (None, 0), said)
                self.assertEqual((said["sent"], said["received"]), (count, count))
                if told:
                    (error,) = said["icmp_errors"]
                    self.assertEqual((error["type"], error["code"]), told)
                    # A second echo may have left before the first one's error has come.
                    self.assertIn(error["count"], (1,) if count == 1 else (1, 2))

    def test_over_ip4_echoes_that_may_not_be_fragmented_are_sent_again(self):
        # Those that fit everywhere, mostly, may not be fragmented; larger ones may.
        for prefix in ((), NO_RAW):
            self.narrow(1500)
            self.check(FAR4, 548, prefix, None)
            self.narrow(1280)
            self.check(FAR4, 1400, prefix, None)
            self.narrow(520)
            self.check(FAR4, 520, prefix, (3, 4))

    def test_over_ip6_no_router_fragments(self):
        self.narrow(1280)
        for prefix in ((), NO_RAW):
            self.check(FAR6, 1200, prefix, None)
            self.check(FAR6, 1400, prefix, (2, 0))


if __name__ == "__main__":
    harness.main()
