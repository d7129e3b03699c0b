"""simnet for the system tests: a network namespace whose TUN device leads to addresses that behave
as rules say (tests/simnet/rules.hpp has their form). Needs root."""

import contextlib
import ctypes
import itertools
import json
import os
import pathlib

import harness

PROGRAM = pathlib.Path(os.environ.get("XPROBER_SIMNET", harness.PROGRAM.with_name("simnet")))

DEVICE = "sim0"
# What is routed to simnet, and the namespace's own addresses.
NET4, OWN4 = "10.0.0.0/8", "10.255.255.1"
NET6, OWN6 = "fd77::/32", "fd77:0:ffff::1"

# Without the right to open raw sockets.
NO_RAW = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")

_PREFIX = "xprober-sim"
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


def missing():
    """Why there can be no simnet here; "" where there can."""
    why = network_missing()
    if not why and not os.access(PROGRAM, os.X_OK):
        raise SystemExit(f"{PROGRAM} is no program: build it first or set XPROBER_SIMNET")
    return why


def network_missing():
    """Why there can be no network namespaces with devices of our own; "" where there can."""
    if os.geteuid() != 0:
        return "a simulated network needs root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "a simulated network needs /dev/net/tun"
    name = f"{_PREFIX}-{os.getpid()}-try"
    try:
        added = harness.run(["ip", "netns", "add", name])
    except OSError as error:
        return f"a simulated network needs the command ip: {error}"
    if added.returncode != 0:
        return f"a simulated network needs network namespaces: {added.stderr.strip()}"
    harness.run(["ip", "netns", "delete", name])
    return ""


def real_time():
    """What a command is started with to have a core whenever it wants one, where that is allowed."""
    command = ("chrt", "--fifo", "1")
    try:
        return command if harness.run([*command, "true"]).returncode == 0 else ()
    except OSError:
        return ()


def _delete_orphans():
    """Namespaces of tests that were killed."""
    for line in harness.run(["ip", "netns", "list"]).stdout.splitlines():
        name = line.split()[0] if line.strip() else ""
        owner = name.split("-")[2] if name.startswith(_PREFIX + "-") else ""
        if owner and not os.path.exists(f"/proc/{owner}"):
            harness.run(["ip", "netns", "delete", name])


def add_namespace(test):
    """The name of a network namespace of the test's own."""
    _delete_orphans()
    name = f"{_PREFIX}-{os.getpid()}-{next(_numbers)}"
    done = harness.run(["ip", "netns", "add", name])
    if done.returncode != 0:
        raise AssertionError(f"ip netns add {name}: {done.stderr}")
    test.addCleanup(harness.run, ["ip", "netns", "delete", name])
    return name


def set_network(descriptor):
    """The calling thread goes on in the network of a descriptor of /proc/PID/ns/net."""
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """A namespace with a running simnet, until the test ends. `prefix`: what simnet is started with;
    `queue`: packets that wait in the device until simnet takes them out; `settings`: seed, deck, samples."""

    def __init__(self, test, rules, spin=False, prefix=(), queue=10_000, **settings):
        self._test = test
        self.name = add_namespace(test)
        self.launcher = ["ip", "netns", "exec", self.name]
        self._log = test.folder / f"{self.name}.log"
        config = test.write(f"{self.name}.json", json.dumps({**settings, "rules": rules}))
        self.process = test.start("simnet", *self.launcher, *prefix, PROGRAM, "--config", config,
                                  "--tun", DEVICE, "--log", self._log,
                                  *(["--spin"] if spin else []))
        test.wait("simnet is ready", lambda: "ready" in self.process.out(), 10, [self.process])
        self._set_up(queue)

    def _checked(self, *arguments):
        done = harness.run(arguments)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def run(self, *arguments, timeout=30):
        """Runs a command inside, to its end."""
        return harness.run([*self.launcher, *arguments], timeout)

    def _set_up(self, queue):
        ip = ("ip", "-n", self.name)
        self._checked(*ip, "link", "set", "lo", "up")
        self._checked(*ip, "link", "set", DEVICE, "txqueuelen", str(queue), "up")
        self._checked(*ip, "address", "add", f"{OWN4}/32", "dev", DEVICE)
        self._checked(*ip, "route", "add", NET4, "dev", DEVICE, "src", OWN4)
        self.has_ip6 = \
            harness.run([*ip, "address", "add", f"{OWN6}/128", "dev", DEVICE, "nodad"]).returncode == 0
        if self.has_ip6:
            self._checked(*ip, "route", "add", NET6, "dev", DEVICE, "src", OWN6)

    def allow_datagram_sockets(self):
        """ICMP sockets for everybody, raw ones need a right."""
        self._checked(*self.launcher, "sysctl", "-qw", "net.ipv4.ping_group_range=0 0")

    @contextlib.contextmanager
    def inside(self):
        """The calling thread's new sockets belong to the namespace."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            set_network(there)
            yield
        finally:
            set_network(home)
            os.close(home)
            os.close(there)

    def ping(self, *arguments, prefix=(), timeout=60):
        """`xprober ping --json` inside: {address: its line}."""
        done = self.run(*prefix, harness.PROGRAM, "ping", "--json", *arguments, timeout=timeout)
        if done.returncode not in (0, 1):
            raise AssertionError(f"xprober ping ended with {done.returncode}: {done.stderr}")
        if done.stderr:
            print(f"xprober ping says: {done.stderr}")
        return {line["address"]: line for line in map(json.loads, done.stdout.splitlines())}

    def stop(self):
        """Ends simnet: ({address: its line of the log}, the summary)."""
        status = self.process.stop(30)
        if status != 0:
            raise AssertionError(f"simnet ended with {status}: {self.process.err()}")
        summary = json.loads(self.process.out().splitlines()[-1])
        if summary["lost"]:
            raise AssertionError(f"simnet did not hear {summary['lost']} packets")
        lines = map(json.loads, self._log.read_text(encoding="ascii").splitlines())
        return {line["address"]: line for line in lines}, summary


class Errors:
    """What `xprober ping` says of ICMP errors: (type, code) → a part of its text."""

    IP4 = {
        (3, 0): "network unreachable",
        (3, 1): "host unreachable",
        (3, 2): "protocol unreachable",
        (3, 3): "port unreachable",
        (3, 9): "network prohibited",
        (3, 10): "host prohibited",
        (3, 13): "prohibited by a filter",
        (11, 0): "time to live exceeded",
        (12, 0): "parameter problem",
    }
    IP6 = {
        (1, 0): "no route to destination",
        (1, 1): "prohibited by a filter",
        (1, 3): "address unreachable",
        (1, 4): "port unreachable",
        (1, 5): "source address failed policy",
        (1, 6): "route rejected",
        (3, 0): "hop limit exceeded",
        (4, 0): "parameter problem",
    }
