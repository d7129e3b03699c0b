"""What one echo costs: the kernel's floor, fping, `xprober ping`, one ping process for each target,
and blackbox_exporter, over the same loopback targets, in turns."""

import http.client
import json
import re
import shutil
import statistics

import claims
import harness
import kernel
from report import Limit, number, table

TARGETS = 1000
COUNT = 50
SIZE = 100
MORE = 10
PING_EACH_TARGETS = 50
BLACKBOX_PROBES = 500

# The first addresses of bench/icmp_floor.
ADDRESSES = [f"127.64.{i >> 8}.{i & 255}" for i in range(1, TARGETS + 1)]


class Way:
    """One way to send echoes. `measure` gives (CPU microseconds an echo, echoes sent, answered)."""

    name = ""
    what = ""

    def __init__(self, options, folder, stack):
        self.options = options
        self.folder = folder
        self.targets = folder / "targets"
        self.costs = []
        self.sent = 0
        self.answered = 0

    def missing(self):
        """Why it cannot be measured here, or an empty string."""
        return ""

    def measure(self):
        raise NotImplementedError

    def turn(self):
        cost, sent, answered = self.measure()
        self.costs.append(cost)
        self.sent += sent
        self.answered += answered

    def measure_command(self, command, answered, timeout=60):
        """Runs a command that sends COUNT echoes to each target; `answered` reads its output."""
        ended = kernel.run(command, self.folder, timeout)
        received = answered(ended)
        if not received:
            raise RuntimeError(f"{' '.join(map(str, command))} (exit status {ended.status}) got no "
                               f"answer:\n{(ended.err + ended.out)[-2000:]}")
        return ended.cpu * 1e6 / (TARGETS * COUNT), TARGETS * COUNT, received


class Floor(Way):
    name = "floor"
    what = "a loop of `sendmmsg` and `recvmmsg` that does nothing with the replies"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.by_batch = {}

    def measure(self):
        ended = kernel.run([self.options.floor, TARGETS, COUNT, SIZE], self.folder, 120)
        rows = re.findall(r"^batch +(\d+): ([\d.]+) us CPU, .* of (\d+) echoes$", ended.out,
                          re.MULTILINE)
        if not rows:
            raise RuntimeError(f"{self.options.floor} (exit status {ended.status}) said:\n"
                               f"{ended.err + ended.out}")
        for batch, cost, _ in rows:
            self.by_batch.setdefault(int(batch), []).append(float(cost))
        answered = sum(int(echoes) for _, _, echoes in rows)
        # The cheapest batch size so far, so that the floor is one loop and not the luck of five.
        best = min(self.by_batch.values(), key=statistics.median)
        return best[-1], len(rows) * TARGETS * COUNT, answered

    def choose(self):
        """After the last turn: the batch size whose median is the lowest."""
        batch, self.costs = min(self.by_batch.items(), key=lambda item: statistics.median(item[1]))
        sizes = ", ".join(map(str, sorted(self.by_batch)))
        self.what += f", {batch} at a time (the cheapest of {sizes})"


class Fping(Way):
    name = "fping"
    what = f"`fping -q -c {COUNT} -b {SIZE} -i 0 -p 1 -f FILE`, its fastest"

    def missing(self):
        return "" if shutil.which("fping") else "fping is not installed"

    def measure(self):
        return self.measure_command(
            ["fping", "-q", "-c", COUNT, "-b", SIZE, "-i", 0, "-p", 1, "-f", self.targets],
            lambda ended: sum(map(int, re.findall(r"= \d+/(\d+)/\d+%", ended.err))))


class Xprober(Way):
    name = "xprober"
    what = f"`xprober ping -c {COUNT} -s {SIZE} -f FILE`"

    def measure(self):
        return self.measure_command(self.ping(COUNT), self.answers)

    def ping(self, count):
        return [self.options.program, "ping", "-c", count, "-s", SIZE, "-f", self.targets]

    @staticmethod
    def answers(ended):
        return sum(int(line.split()[3]) for line in ended.out.splitlines()[1:])


class XproberMore(Xprober):
    """The start of a process costs 0.1 to 0.6 µs an echo, as machines differ in page faults."""

    name = "xprober, one more"
    what = (f"what each further echo adds: `xprober ping -c {COUNT * MORE}` less `-c {COUNT}`, over the "
            "echoes that the one sends more than the other: without the program's start")

    def measure(self):
        few = kernel.run(self.ping(COUNT), self.folder, 60)
        many = kernel.run(self.ping(COUNT * MORE), self.folder, 60)
        echoes = TARGETS * COUNT * (MORE - 1)
        return ((many.cpu - few.cpu) * 1e6 / echoes, TARGETS * COUNT * (MORE + 1),
                self.answers(many) + self.answers(few))


class PingEach(Way):
    name = "ping-each"
    what = (f'`bash -c "timeout 15 ping -A -f -q -s {SIZE} -W 1000 -c {COUNT} ADDRESS"`, '
            f"{PING_EACH_TARGETS} of the targets")

    def missing(self):
        return "" if shutil.which("ping") else "ping is not installed"

    def measure(self):
        cpu = answered = 0
        for address in ADDRESSES[:PING_EACH_TARGETS]:
            ping = f"timeout 15 ping -A -f -q -s {SIZE} -W 1000 -c {COUNT} {address}"
            ended = kernel.run(["bash", "-c", ping], self.folder, 30)
            received = re.search(r"(\d+) received", ended.out)
            if not received:
                raise RuntimeError(f"{ping} (exit status {ended.status}) said:\n{ended.err}")
            cpu += ended.cpu
            answered += int(received.group(1))
        return cpu * 1e6 / (PING_EACH_TARGETS * COUNT), PING_EACH_TARGETS * COUNT, answered


class Blackbox(Way):
    name = "blackbox_exporter"
    what = f"`/probe` of its `icmp` module, one echo each, {BLACKBOX_PROBES} on one connection"
    program = "prometheus-blackbox-exporter"

    def __init__(self, options, folder, stack):
        super().__init__(options, folder, stack)
        self.exporter = None
        if not self.missing():
            self.start(stack)

    def missing(self):
        return "" if shutil.which(self.program) else f"{self.program} is not installed"

    def start(self, stack):
        config = self.folder / "blackbox.yml"
        config.write_text(json.dumps({"modules": {"icmp": {
            "prober": "icmp", "timeout": "5s",
            "icmp": {"preferred_ip_protocol": "ip4", "payload_size": SIZE}}}}), encoding="utf-8")
        self.address = f"127.0.0.1:{harness.free_port()}"
        self.exporter = harness.Process(
            "blackbox", [self.program, f"--config.file={config}",
                         f"--web.listen-address={self.address}"], self.folder)
        stack.callback(self.exporter.close)
        harness.wait_until("blackbox_exporter answers", lambda: harness.http(
            f"http://{self.address}/-/healthy").status == 200, 20, [self.exporter])

    def measure(self):
        connection = http.client.HTTPConnection(self.address, timeout=10)
        answered = 0
        before = kernel.cpu_seconds(self.exporter.pid)
        for address in ADDRESSES[:BLACKBOX_PROBES]:
            connection.request("GET", f"/probe?module=icmp&target={address}")
            answered += b"\nprobe_success 1\n" in connection.getresponse().read()
        cpu = kernel.cpu_seconds(self.exporter.pid) - before
        connection.close()
        return cpu * 1e6 / BLACKBOX_PROBES, BLACKBOX_PROBES, answered


WAYS = (Floor, Fping, Xprober, XproberMore, PingEach, Blackbox)


def measure(options, folder, stack, say):
    """The figures of every way: {name: {…}}."""
    (folder / "targets").write_text("\n".join(ADDRESSES) + "\n", encoding="ascii")
    ways = [way(options, folder, stack) for way in WAYS]
    for turn in range(options.rounds):
        for way in ways:
            if not way.missing():
                way.turn()
        say(f"echo, round {turn + 1} of {options.rounds}: " + ", ".join(
            f"{way.name} {way.costs[-1]:.2f} µs" for way in ways if way.costs))
    ways[0].choose()
    return {way.name: _figures(way, ways) for way in ways}


def _figures(way, ways):
    if way.missing():
        return {"what": way.what, "missing": way.missing()}
    floor, fping = ways[0], ways[1]

    def ratio(other):
        # Round by round: what slows the machine down for a while slows both.
        ratios = [mine / its for mine, its in zip(way.costs, other.costs)]
        return statistics.median(ratios) if ratios else None

    return {"what": way.what, "cpu_us": statistics.median(way.costs), "rounds_us": way.costs,
            "of_floor": ratio(floor), "of_fping": ratio(fping),
            "sent": way.sent, "answered": way.answered}


def tables(figures):
    rows, hows = [], []
    for name, row in figures.items():
        hows.append(f"- {name}: {row['what']}")
        if "missing" in row:
            hows[-1] += f" (not measured: {row['missing']})"
            continue
        rows.append([name, number(row["cpu_us"]), number(min(row["rounds_us"])),
                     number(max(row["rounds_us"])), number(row["of_floor"]),
                     number(row["of_fping"]), number(row["sent"]),
                     number(row["sent"] - row["answered"])])
    head = ["", "µs", "least", "most", "of the floor", "of fping", "echoes", "not answered"]
    return [table(f"CPU time of one echo of {SIZE} bytes, to {TARGETS:,} targets", head, rows),
            "\n".join(hows)]


def limits(figures):
    xprober, more = figures["xprober"], figures["xprober, one more"]
    return [
        claims.limit("icmp.of_floor", xprober["of_floor"]),
        Limit("`xprober ping`: CPU of one more echo, of the floor", more["of_floor"], 1.1),
        claims.limit("icmp.of_fping", xprober["of_fping"], figures["fping"].get("missing", "")),
        claims.limit("icmp.lost", xprober["sent"] - xprober["answered"]),
    ]
