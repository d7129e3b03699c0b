"""A server and two agents of different regions, started from the shipped configuration files: what
the server's /metrics says is what ping and curl measure."""

import re
import shutil
import time

import harness
import servers

# Where an agent of each region is; all of 127.0.0.0/8 is this machine.
AGENTS = {"r-east": "127.0.0.11", "r-west": "127.0.0.12"}
PING_NAMES = ("ping_latency_millonseconds", "ping_packageDrop_rate", "ping_target_success")
PHASES = ("resolve", "tls", "connect", "processing", "transfer")
PROCESSING = 0.15  # seconds until the first byte
TRANSFER = 0.10    # seconds from the first byte to the last


def phase_name(phase):
    return f"http_{phase}Duration_millonseconds"


def slow_page(request):
    """A page whose times are known."""
    time.sleep(PROCESSING)
    request.send_response(200)
    request.send_header("Content-Length", "2000")
    request.end_headers()
    request.wfile.write(b"a" * 1000)
    time.sleep(TRANSFER)
    request.wfile.write(b"b" * 1000)


def ping_mean(address):
    """The mean round-trip time that ping measures, in ms."""
    done = harness.run(["ping", "-q", "-A", "-s", "100", "-W", "1", "-c", "50", address])
    match = re.search(r"= [\d.]+/([\d.]+)/", done.stdout)
    if done.returncode != 0 or not match:
        raise AssertionError(f"ping {address}: {done.stdout}{done.stderr}")
    return float(match.group(1))


def curl_times(url, *options):
    """Seconds as curl measures them: name lookup, connect, TLS, first byte, total."""
    names = ("namelookup", "connect", "appconnect", "starttransfer", "total")
    form = " ".join(f"%{{time_{name}}}" for name in names)
    done = harness.run(["curl", "-q", "-s", "-o", "/dev/null", "-w", form, *options, url])
    if done.returncode != 0:
        raise AssertionError(f"curl {url}: {done.stderr}")
    return dict(zip(names, map(float, done.stdout.split())))


def promtool_complaints(text, folder):
    """What `promtool check metrics` has to say, without lines about the old names."""
    file = folder / "scrape.txt"
    file.write_text(text, encoding="utf-8")
    with open(file, "rb") as scrape:
        done = harness.subprocess.run(["promtool", "check", "metrics"], stdin=scrape,
                                      capture_output=True, text=True, timeout=60, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    own = [line for line in lines if line.strip() and not re.match(r"(ping|http)_\w+ ", line)]
    if done.returncode not in (0, 3):
        own.append(f"exit {done.returncode}")
    return own


class Mesh(harness.SystemTest):
    def start_all(self, urls, per_target=False):
        """The shipped files with addresses of this test and `urls` as targets."""
        shipped = harness.SOURCE / "config"
        settings = {"prober_targets": harness.json.dumps(
            [{"prober_type": "http", "region": "r-web", "target": urls}])}
        if per_target:
            settings["metrics_per_target"] = "true"
        server = self.start_server(config=shipped / "server.yaml", settings=settings)
        server.wait_healthy()
        agents = {}
        for region, address in AGENTS.items():
            page = f"127.0.0.1:{harness.free_port()}"
            agents[region] = self.keep(harness.Role(
                self, "agent", shipped / "agent.yaml",
                {"region": region, "local_ip": address, "http_addr": page,
                 "rpc_server_addr": server.rpc, "state_dir": "", **self.extra(per_target)},
                page, name=region))
        return server, agents

    @staticmethod
    def extra(per_target):
        return {"metrics_per_target": "true"} if per_target else {}

    def test_the_servers_metrics_agree_with_ping_and_curl(self):
        web = self.serve(servers.WebServer(slow_page))
        began = time.monotonic()
        server, agents = self.start_all([f"{web.url}/page"])

        def all_there():
            metrics = server.metrics()
            for source in AGENTS:
                for target in AGENTS:
                    if source != target:
                        for name in PING_NAMES:
                            metrics.value(name, source_region=source, target_region=target)
                metrics.value("http_interface_success", source_region=source)
            return metrics

        metrics = self.wait("ping_ and http_ series in both directions", all_there, 40)
        print(f"both directions after {time.monotonic() - began:.1f} s")
        self.check_ping(metrics)
        self.check_http(server, f"{web.url}/page")
        self.check_promtool(server, agents)
        self.check_regions(metrics)
        for process in (*agents.values(), server):
            self.assertEqual(process.stop(), 0, f"{process.name} did not end well")

    def check_ping(self, metrics):
        for source in AGENTS:
            for target, address in AGENTS.items():
                if source == target:
                    continue
                labels = {"source_region": source, "target_region": target}
                self.assertEqual(metrics.value("ping_target_success", **labels), 1)
                self.assertEqual(metrics.value("ping_packageDrop_rate", **labels), 0)
                ours = metrics.value("ping_latency_millonseconds", **labels)
                theirs = ping_mean(address)
                print(f"{source} -> {target}: {ours:.4f} ms, ping {theirs:.4f} ms")
                # On loopback both are some 10 us, so a busy machine's scheduler adds more than that.
                self.assertGreater(ours, theirs / 20)
                self.assertLess(ours, theirs * 20 + 2 * harness.TIME_FACTOR)

    def check_http(self, server, url):
        for source in AGENTS:
            labels = {"source_region": source, "addr": url}

            def agree(labels=labels):
                metrics = server.metrics()
                self.assertEqual(metrics.value("http_interface_success", **labels), 1)
                ours = {p: metrics.value(phase_name(p), **labels) / 1000 for p in PHASES}
                curl = curl_times(url)
                told = f"{labels['source_region']}: {ours}, curl {curl}"
                processing = curl["starttransfer"] - curl["connect"]
                if (abs(ours["processing"] - processing) > 0.1 * harness.TIME_FACTOR
                        or abs(sum(ours.values()) - curl["total"]) > 0.15 * harness.TIME_FACTOR):
                    raise harness.NotYet(told)
                print(told)
                return ours

            # Both are of moments, and either may have been one of a busy machine.
            ours = self.wait("the server's times are curl's", agree, 60)
            self.assertEqual(ours["tls"], 0)
            self.assertGreaterEqual(ours["processing"], PROCESSING)
            self.assertGreaterEqual(ours["transfer"], TRANSFER * 0.9)

    def check_promtool(self, server, agents):
        if not shutil.which("promtool"):
            self.fail("promtool is not installed: ./dev deps test")
        for process in (server, *agents.values()):
            complaints = promtool_complaints(process.metrics().text, self.folder)
            self.assertEqual(complaints, [], f"promtool on the metrics of {process.name}")

    def check_regions(self, metrics):
        """Nobody probes its own region, and nobody else is there."""
        pairs = {(labels["source_region"], labels["target_region"])
                 for labels, _ in metrics.series("ping_target_success")}
        self.assertEqual(pairs, {("r-east", "r-west"), ("r-west", "r-east")})

    def test_rows_for_each_target_and_tls(self):
        authority = servers.make_authority(self.folder)
        context = servers.make_certificate(self.folder, "good", "IP:127.0.0.1")
        web = self.serve(servers.WebServer(slow_page, context=context))
        url = f"{web.url}/page"
        settings = {"metrics_per_target": "true",
                    "prober_targets": harness.json.dumps(
                        [{"prober_type": "http", "region": "r-web", "target": [url]}])}
        server = self.start_server(config=harness.SOURCE / "config" / "server.yaml",
                                   settings=settings).wait_healthy()
        agent = self.start_agent(server.rpc, "r-east", "127.0.0.11",
                                 {"metrics_per_target": "true", "http.ca_file": authority,
                                  "probe_interval": "3s"})
        self.start_agent(server.rpc, "r-west", "127.0.0.12", {"probe_interval": "3s"})

        def both_types():
            metrics = agent.metrics()
            metrics.value("probe_success", target=url)
            metrics.value("probe_success", target="127.0.0.12")
            return metrics

        metrics = self.wait("rows for each target on the agent", both_types, 30)
        row = {"source_region": "r-east", "target": url, "probe_type": "http"}
        self.assertEqual(metrics.value("probe_success", **row), 1)
        self.assertEqual(metrics.value("probe_http_status_code", **row), 200)

        def agree():
            now = agent.metrics()
            phases = {phase: now.value("probe_http_duration_seconds", phase=phase, **row)
                      for phase in PHASES}
            self.assertGreater(phases["tls"], 0)
            self.assertAlmostEqual(now.value("probe_duration_seconds", **row),
                                   sum(phases.values()), delta=0.05 * harness.TIME_FACTOR)
            curl = curl_times(url, "--cacert", str(authority))
            told = f"phases {phases}, curl {curl}"
            if abs(sum(phases.values()) - curl["total"]) > 0.15 * harness.TIME_FACTOR:
                raise harness.NotYet(told)
            print(told)
            return True

        self.wait("the agent's times are curl's", agree, 60)
        expiry = metrics.value("probe_ssl_earliest_cert_expiry", **row)
        self.assertAlmostEqual(expiry, time.time() + 2 * 86400, delta=3600)
        echo = {"source_region": "r-east", "target": "127.0.0.12", "probe_type": "icmp"}
        self.assertEqual(metrics.value("probe_success", **echo), 1)
        self.assertEqual(metrics.value("xprober_probe_icmp_loss_ratio", **echo), 0)
        self.assertGreater(metrics.value("probe_icmp_duration_seconds", phase="rtt", **echo), 0)

        self.wait("rows for each target on the server", lambda: server.metrics().has(
            "probe_success", source_region="r-east", target=url), 20)
        for process in (server, agent):
            self.assertEqual(promtool_complaints(process.metrics().text, self.folder), [])
        # The other agent does not know the authority.
        self.wait("the certificate fails where its authority is unknown", lambda: server.metrics()
                  .value("probe_success", source_region="r-west", target=url) == 0, 20)


if __name__ == "__main__":
    harness.main()
