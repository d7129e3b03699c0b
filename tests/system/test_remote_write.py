"""Remote write: every value that was pushed reaches every receiver, real ones (Prometheus,
VictoriaMetrics) and one that misbehaves; over kills and outages, and what a limit drops is counted
to the number."""

import http.server
import json
import shutil
import signal
import struct
import threading
import time
import urllib.parse

import harness

STALE = 0x7FF0000000000002


# -- what a receiver has to know ---------------------------------------------------------------------


def snappy_decode(data):
    """The block format (https://github.com/google/snappy/blob/main/format_description.txt)."""
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                extra = length - 59
                length = int.from_bytes(data[at:at + extra], "little")
                at += extra
            out += data[at:at + length + 1]
            at += length + 1
            continue
        if tag & 3 == 1:
            length = ((tag >> 2) & 7) + 4
            offset = ((tag >> 5) << 8) | data[at]
            at += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            length = (tag >> 2) + 1
            offset = int.from_bytes(data[at:at + width], "little")
            at += width
        for _ in range(length):
            out.append(out[-offset])
    if len(out) != size:
        raise ValueError(f"snappy: {len(out)} bytes, {size} were promised")
    return bytes(out)


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 == 1:
            value, at = data[at:at + 8], at + 8
        elif tag & 7 == 2:
            size, at = read_varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def read_request(body):
    """[(labels as a tuple of pairs, ms, bits of the value)]"""
    samples = []
    for number, series in fields(snappy_decode(body)):
        if number != 1:
            raise ValueError(f"field {number} of WriteRequest")
        labels, points = [], []
        for kind, part in fields(series):
            inside = dict(fields(part))
            if kind == 1:
                labels.append((inside[1].decode(), inside[2].decode()))
            else:
                points.append((inside[2], struct.unpack("<Q", inside[1])[0]))
        if labels != sorted(labels) or len(dict(labels)) != len(labels):
            raise ValueError(f"labels not sorted or not unique: {labels}")
        samples += [(tuple(labels), ms, bits) for ms, bits in points]
    return samples


class Receiver:
    """A receiver that answers as `script` says: a list of (status, headers); when it is empty, 204.
    Keeps what it took, in `samples`, and checks what every receiver checks: the order of time."""

    def __init__(self, port=0, script=()):
        self.script = list(script)
        self.samples = []
        self.requests = []
        self.problems = []
        self.refused = 0
        self.last = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = outer.script.pop(0) if outer.script else (204, {})
                outer.take(status, dict(self.headers), self.path, body)
                answer = b"" if status == 204 else f"this is a {status}".encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                """A server that is killed cuts its connections: that is no news."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/api/v1/write"

    def take(self, status, headers, path, body):
        try:
            samples = read_request(body)
            for name, wanted in (("Content-Encoding", "snappy"),
                                 ("Content-Type", "application/x-protobuf"),
                                 ("X-Prometheus-Remote-Write-Version", "0.1.0")):
                if headers.get(name) != wanted:
                    raise ValueError(f"{name}: {headers.get(name)}")
            self.requests.append((status, time.monotonic(), headers, len(samples)))
            if status >= 300:
                self.refused += sum(1 for labels, _, bits in samples if counts(labels, bits))
                return
            for labels, ms, bits in samples:
                before = self.last.get(labels)
                if before and (ms < before[0] or (ms == before[0] and bits != before[1])):
                    raise ValueError(f"out of order: {labels} {before} {ms}")
                self.last[labels] = (ms, bits)
            self.samples += samples
        except (ValueError, KeyError, IndexError) as error:
            self.problems.append(repr(error))

    def values(self):
        """{(metric, target): {ms: value}} of the old names, stale markers left out."""
        found = {}
        for labels, ms, bits in list(self.samples):
            have = dict(labels)
            if counts(labels, bits):
                value = struct.unpack("<d", struct.pack("<Q", bits))[0]
                found.setdefault((have["__name__"], have["target"]), {})[ms] = value
        return found

    def start(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def counts(labels, bits):
    name = dict(labels)["__name__"]
    return name.startswith(("ping_", "http_")) and bits != STALE


# -- the tests ----------------------------------------------------------------------------------------


def probe_values(target, second, latency, agent="10.9.9.9"):
    """The three values of an answered probe in the old form."""
    return [{"workerName": agent, "metricName": name, "targetAddr": target, "sourceRegion": "r-a",
             "targetRegion": "r-b", "probeType": "icmp", "timeStamp": second, "value": value}
            for name, value in (("ping_target_success", 1.0), ("ping_packageDrop_rate", 2.0),
                                ("ping_latency_millonseconds", latency))]


class RemoteWrite(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pushed = {}
        self.begin = int(time.time()) - 300

    def launch(self, urls, rpc_port=None, targets="", extra=""):
        lines = "".join(f"  - url: {url}\n{extra}" for url in urls)
        config = self.write("server.yaml",
                            harness.server_text(targets) + "remote_write:\n" + lines)
        server = self.start_server(config=config, rpc_port=rpc_port, settings={
            "mesh": "false", "state_dir": self.folder / "state",
            "limits.listed_targets_only": "false"})
        return server.wait_healthy()

    def push(self, server, rounds, targets=10, first=0):
        """Pushes `rounds` probes of each target, a second apart."""
        for number in range(first, first + rounds):
            values = []
            for i in range(targets):
                target = f"10.0.0.{i}"
                probe = probe_values(target, self.begin + number, 0.25 * (number * targets + i + 1))
                values += probe
                for value in probe:
                    self.pushed.setdefault((value["metricName"], target), {})[
                        (self.begin + number) * 1000] = value["value"]
            answer = harness.http(f"http://{server.rpc}/rpc/Server.PushProberResults", "POST",
                                  json.dumps({"prober_results": values}).encode(),
                                  {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 200, answer.text)
            self.assertEqual(answer.json()["success_num"], len(values))

    @staticmethod
    def queues(server, stats=None):
        return {q["url"]: q for q in (stats or server.stats())["remote_write"]}

    def wait_empty(self, server, url):
        return self.wait("the queue is empty",
                         lambda: (q := self.queues(server)[url])["pending"] == 0 and q, 30)

    def start_prometheus(self):
        if not shutil.which("prometheus"):
            self.skipTest("prometheus is not installed")
        port = harness.free_port()
        config = self.write("prometheus.yml", "global: {scrape_interval: 1h}\n")
        self.start("prometheus", "prometheus", f"--config.file={config}",
                   f"--storage.tsdb.path={self.folder / 'prometheus'}",
                   f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver")
        url = f"http://127.0.0.1:{port}"
        self.wait("Prometheus is ready", lambda: harness.http(url + "/-/ready").status == 200, 30)
        return url

    def start_victoria(self):
        program = shutil.which("victoria-metrics")
        if not program:
            self.skipTest("victoria-metrics is not installed")
        port = harness.free_port()
        self.start("victoria", program, f"-storageDataPath={self.folder / 'victoria'}",
                   f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=1",
                   "-memory.allowedBytes=64MB")
        url = f"http://127.0.0.1:{port}"
        self.wait("VictoriaMetrics is ready", lambda: harness.http(url + "/health").status == 200, 30)
        return url

    def prometheus_values(self, url, selector='{agent="10.9.9.9",__name__=~"ping_.*"}[20m]'):
        query = urllib.parse.urlencode({"query": selector})
        found = {}
        for series in harness.get_json(f"{url}/api/v1/query?{query}")["data"]["result"]:
            labels = series["metric"]
            self.assertEqual({k: labels[k] for k in ("source_region", "target_region", "agent",
                                                     "probe_type")},
                             {"source_region": "r-a", "target_region": "r-b", "agent": "10.9.9.9",
                              "probe_type": "icmp"})
            found[labels["__name__"], labels["target"]] = {
                round(at * 1000): float(value) for at, value in series["values"]}
        return found

    def victoria_values(self, url):
        query = urllib.parse.urlencode({"match[]": '{agent="10.9.9.9",__name__=~"ping_.*"}'})
        found = {}
        for line in harness.http(f"{url}/api/v1/export?{query}").text.splitlines():
            series = json.loads(line)
            labels = series["metric"]
            found[labels["__name__"], labels["target"]] = dict(
                zip(series["timestamps"], series["values"]))
        return found

    def test_every_value_is_found_in_prometheus_and_victoriametrics(self):
        prometheus, victoria = self.start_prometheus(), self.start_victoria()
        urls = [prometheus + "/api/v1/write", victoria + "/api/v1/write"]
        probed = ["127.0.7.1", "127.0.7.2"]
        server = self.launch(urls, targets=harness.target_text("icmp", "r-b", probed))
        agent = self.start_agent(server.rpc, settings={"icmp.count": "2"}).wait_healthy()
        self.push(server, 20)
        for url in urls:
            queue = self.wait_empty(server, url)
            self.assertEqual((queue["failed"], queue["dropped"]), (0, 0), queue)
        self.wait("Prometheus has every value",
                  lambda: self.prometheus_values(prometheus) == self.pushed, 20)
        self.wait("VictoriaMetrics has every value",
                  lambda: self.victoria_values(victoria) == self.pushed, 30)

        def instant(selector):
            query = urllib.parse.urlencode({"query": selector})
            return harness.get_json(f"{prometheus}/api/v1/query?{query}")["data"]["result"]

        for name in ("ping_target_success", "probe_success", "probe_icmp_duration_seconds"):
            self.wait(f"{name} of the agent's batches is found",
                      lambda n=name: instant(f'{n}{{target="127.0.7.2",agent="127.0.0.1"}}'), 20)
        # A target that nobody probes any more ends at once, not after the five minutes that a
        # receiver looks back.
        text = server.config.read_text(encoding="utf-8").replace(', "127.0.7.2"', "")
        server.config.write_text(text, encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.wait("the removed target's series have ended",
                  lambda: not instant('{target="127.0.7.2"}'), 20)
        self.assertTrue(instant('ping_target_success{target="127.0.7.1"}'))
        agent.stop()
        for url in urls:
            self.wait_empty(server, url)
        # What the readers and what the store have counted, of one answer.
        stats = server.stats()
        for queue in self.queues(server, stats).values():
            self.assertEqual((queue["failed"], queue["dropped"], queue["pending"]), (0, 0, 0), queue)
            self.assertEqual(queue["sent"], stats["results"]["accepted"])
        self.assertEqual(server.stop(), 0)

    def test_series_carry_the_labels_of_their_targets(self):
        receiver = self.serve(Receiver())
        target = harness.target_text("icmp", "r-b", ["127.0.7.3"]) + "    labels: {team: net}\n"
        server = self.launch([receiver.url], targets=target,
                             extra="    labels: {team: outer, site: a}\n")
        self.start_agent(server.rpc, settings={"icmp.count": "2"}).wait_healthy()

        def of_team(team):
            return [(dict(labels), ms, bits) for labels, ms, bits in list(receiver.samples)
                    if dict(labels).get("team") == team]

        self.wait("samples have come", lambda: len(of_team("net")) >= 10, 30)
        self.assertEqual({labels["site"] for labels, _, _ in of_team("net")}, {"a"})
        text = server.config.read_text(encoding="utf-8").replace("{team: net}", "{team: ops}")
        server.config.write_text(text, encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.wait("samples have the new label", lambda: of_team("ops"), 30)
        begin = min(ms for _, ms, _ in of_team("ops"))
        last = {labels["__name__"]: (ms, bits) for labels, ms, bits in of_team("net")}
        self.assertEqual({bits for _, bits in last.values()}, {STALE})
        self.assertEqual({ms for ms, _ in last.values()}, {begin})
        self.assertEqual(set(last), {labels["__name__"] for labels, _, _ in of_team("ops")})
        self.assertEqual(of_team("outer"), [])
        self.assertEqual(receiver.problems, [])

    def test_what_may_succeed_is_repeated_and_what_is_refused_is_counted(self):
        receiver = self.serve(Receiver(script=[
            (500, {}), (503, {}), (429, {"Retry-After": "1"}), (204, {}), (400, {})]))
        server = self.launch([receiver.url])
        self.push(server, 1)
        queue = self.wait_empty(server, receiver.url)
        self.assertEqual((queue["sent"], queue["failed"], queue["retries"]), (30, 0, 3))
        self.assertEqual(receiver.values(), self.pushed)
        statuses = [status for status, *_ in receiver.requests]
        self.assertEqual(statuses, [500, 503, 429, 204])
        self.assertGreaterEqual(receiver.requests[3][1] - receiver.requests[2][1], 1)
        taken = dict(self.pushed)
        self.push(server, 1, first=1)
        self.wait("the refusal is counted", lambda: self.queues(server)[receiver.url]["failed"] == 30,
                  20)
        self.assertIn("this is a 400", self.queues(server)[receiver.url]["last_error"])
        self.assertEqual(len(receiver.requests), 5, "a 400 is not repeated")
        self.push(server, 1, first=2)
        queue = self.wait("the next is taken",
                          lambda: (q := self.queues(server)[receiver.url])["sent"] == 60 and q, 20)
        self.assertEqual((queue["failed"], queue["dropped"], queue["pending"]), (30, 0, 0))
        self.assertEqual(set(taken), set(receiver.values()))
        self.assertEqual(receiver.problems, [])
        metrics = server.metrics()
        self.assertEqual(metrics.value("xprober_remote_write_values_failed_total",
                                       url=receiver.url), 30)

    def test_nothing_is_lost_over_kills_while_a_receiver_is_away(self):
        other = self.serve(Receiver())
        port = harness.free_port()
        away = f"http://127.0.0.1:{port}/api/v1/write"
        server = self.launch([away, other.url])
        rpc_port = int(server.rpc.rpartition(":")[2])
        for number in range(3):
            self.push(server, 5, first=number * 5)
            self.wait("the other receiver has everything", lambda: other.values() == self.pushed, 20)
            self.assertEqual(self.queues(server)[away]["pending"], (number + 1) * 150)
            server.kill()
            server = self.launch([away, other.url], rpc_port)
        receiver = self.serve(Receiver(port))
        self.wait("everything has come", lambda: receiver.values() == self.pushed, 30)
        queue = self.wait_empty(server, away)
        self.assertEqual((queue["sent"], queue["failed"], queue["dropped"]), (450, 0, 0))
        # Killed in the midst of sending: what was sent is repeated at most, never out of order.
        for number in range(3, 8):
            self.push(server, 5, first=number * 5)
            server.kill()
            server = self.launch([away, other.url], rpc_port)
        for one in (receiver, other):
            self.wait("everything has come", lambda r=one: r.values() == self.pushed, 30)
            self.assertEqual(one.problems, [])
        self.assertEqual(self.wait_empty(server, away)["sent"], 1200)

    def test_what_a_full_queue_drops_is_counted_to_the_number(self):
        port = harness.free_port()
        url = f"http://127.0.0.1:{port}/api/v1/write"
        server = self.launch([url], extra="    queue_max_bytes: 64KiB\n    labels: {site: a}\n")
        self.push(server, 250, targets=50)
        pushed = 250 * 150
        queue = self.wait("values are dropped",
                          lambda: (q := self.queues(server)[url])["dropped"] > 0 and q, 20)
        self.assertEqual(queue["dropped"] + queue["pending"], pushed)
        self.assertLess(queue["pending_bytes"], 80 << 10)
        receiver = self.serve(Receiver(port))
        queue = self.wait_empty(server, url)
        self.assertEqual(queue["sent"] + queue["dropped"], pushed)
        got = receiver.values()
        self.assertEqual(sum(len(points) for points in got.values()), queue["sent"])
        self.assertEqual(receiver.problems, [])
        newest = (self.begin + 249) * 1000
        self.assertTrue(all(newest in points for points in got.values()), "the oldest go first")
        self.assertEqual({dict(labels)["site"] for labels, _, _ in receiver.samples}, {"a"})


if __name__ == "__main__":
    harness.main()
