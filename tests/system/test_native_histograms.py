"""Native histograms of region pairs and URLs, read by a real Prometheus: scraped as protobuf, and sent by
remote write; and a receiver that takes none gets its samples all the same."""

import shutil
import unittest
import urllib.parse

import harness
import servers
import test_remote_write

PAIR = "xprober_pair_latency_seconds"
URL = "xprober_url_latency_seconds"
MESSAGES = ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
            "encoding=delimited,text/plain;version=0.0.4;q=0.5")

needs_prometheus = unittest.skipIf(
    not shutil.which("prometheus"), "prometheus not installed (./dev deps test)")


def families(body):
    """{name: number of its metrics} of the protobuf form."""
    found, at = {}, 0
    while at < len(body):
        size, at = test_remote_write.read_varint(body, at)
        parts = list(test_remote_write.fields(body[at:at + size]))
        at += size
        found[dict(parts)[1].decode()] = sum(number == 4 for number, _ in parts)
    return found


class NoHistograms:
    """A receiver of remote write that refuses requests with histograms."""

    def __init__(self):
        self.samples = 0
        self.refused = 0

    def __call__(self, request):
        body = test_remote_write.snappy_decode(
            request.rfile.read(int(request.headers["Content-Length"])))
        kinds = [kind for _, series in test_remote_write.fields(body)
                 for kind, _ in test_remote_write.fields(series)]
        if 4 in kinds:
            self.refused += 1
            servers.reply(request, 400, b"no histograms here")
            return
        self.samples += kinds.count(2)
        servers.reply(request)


class NativeHistograms(harness.SystemTest):
    def start_probing(self, remote_write=""):
        """A server, and an agent that probes two addresses and a URL every second."""
        page = self.serve(servers.WebServer(servers.reply))
        targets = (harness.target_text("icmp", "r-b", ["127.0.7.1", "127.0.7.2"])
                   + harness.target_text("http", "r-web", [page.url + "/"]))
        config = self.write("server.yaml", harness.server_text(targets) + remote_write)
        server = self.start_server(config=config, settings={"mesh": "false"}).wait_healthy()
        self.start_agent(server.rpc, settings={"icmp.count": "2"}).wait_healthy()
        return server, page.url + "/"

    def start_prometheus(self, port, scraped=()):
        config = self.write("prometheus.yaml", f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: xprober-server
    static_configs: [{{targets: {list(scraped)}}}]
""")
        self.start("prometheus", "prometheus", f"--config.file={config}",
                   f"--storage.tsdb.path={self.folder / 'prometheus'}",
                   f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver",
                   "--enable-feature=native-histograms")
        self.url = f"http://127.0.0.1:{port}"
        self.wait("Prometheus is ready", lambda: harness.http(self.url + "/-/ready").status == 200, 30)

    def ask(self, expr):
        """[(labels, value)]"""
        query = urllib.parse.urlencode({"query": expr})
        answer = harness.get_json(f"{self.url}/api/v1/query?{query}")["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in answer]

    def number(self, expr):
        """The value of the one series; NotYet without one, or where it is no number above 0."""
        found = self.ask(expr)
        if len(found) != 1 or not found[0][1] > 0:
            raise harness.NotYet(f"{expr}: {found}")
        return found[0][1]

    @needs_prometheus
    def test_prometheus_scrapes_them(self):
        server, url = self.start_probing()
        self.start_prometheus(harness.free_port(), [server.page])
        pair = f'{PAIR}{{source_region="r-a",target_region="r-b",probe_type="icmp"}}'
        page = f'{URL}{{source_region="r-a",addr="{url}",probe_type="http"}}'
        for series in (pair, page):
            for expr in (f"histogram_count({series})", f"histogram_sum({series})",
                         f"histogram_quantile(0.5, rate({series}[20s]))"):
                self.wait(f"{expr} is a number", lambda e=expr: self.number(e), 30)
        self.assertLess(self.number(f"histogram_quantile(0.5, {pair})"), harness.scaled(1))
        # The same scrape has everything else.
        self.assertTrue(self.ask('xprober_pair_success{target_region="r-b"}'))
        self.assertTrue(self.ask('{quantile="0.5"}'))

    @needs_prometheus
    def test_prometheus_takes_them_by_remote_write(self):
        port = harness.free_port()
        self.start_prometheus(port)
        server, url = self.start_probing(
            f"remote_write:\n  - url: {self.url}/api/v1/write\n    native_histograms: true\n"
            "    labels: {site: fra}\n")
        for series in (f'{PAIR}{{target_region="r-b",site="fra"}}', f'{URL}{{addr="{url}",site="fra"}}'):
            self.wait(f"{series} has come", lambda s=series: self.number(f"histogram_count({s})"), 40)
            self.number(f"histogram_quantile(0.5, {series})")
        queue = server.stats()["remote_write"][0]
        self.assertGreaterEqual(queue["histograms"], 2)
        self.assertEqual((queue["histograms_failed"], queue["histograms_error"]), (0, ""), queue)

    def test_both_forms_have_the_same_families(self):
        server, _ = self.start_probing()
        self.wait("both have results", lambda: server.metrics().has("xprober_pair_success")
                  and server.metrics().has("xprober_url_success"), 30)
        text = harness.http(server.url + "/metrics")
        self.assertTrue(text.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        messages = harness.http(server.url + "/metrics", headers={"Accept": MESSAGES})
        self.assertIn("io.prometheus.client.MetricFamily", messages.headers["Content-Type"])
        found = families(messages.body)
        self.assertEqual((found[PAIR], found[URL]), (1, 1))
        named = set(harness.Metrics(text.text).samples)
        self.assertEqual(named - set(found), set())
        self.assertNotIn(PAIR, named)
        packed = harness.http(server.url + "/metrics",
                              headers={"Accept": MESSAGES, "Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertLess(len(packed.body), len(messages.body))

    def test_a_receiver_that_refuses_them_gets_its_samples(self):
        refusing = NoHistograms()
        receiver = self.serve(servers.WebServer(refusing))
        server, _ = self.start_probing(
            f"remote_write:\n  - url: {receiver.url}/write\n    native_histograms: true\n")
        self.wait("histograms were refused", lambda: refusing.refused, 40)
        queue = self.wait("the refusal is told", lambda: (
            q := server.stats()["remote_write"][0])["histograms_failed"] and q, 10)
        self.assertIn("no histograms here", queue["histograms_error"])
        self.assertEqual((queue["histograms"], queue["failed"]), (0, 0), queue)
        before = refusing.samples
        self.wait("samples go on", lambda: refusing.samples > before, 20)


if __name__ == "__main__":
    harness.main()
