"""The command line: what it prints, in which form, and with which status it ends."""

import gzip
import json
import os
import pathlib
import re
import signal
import time

import harness
import servers

PRIVATE = harness.enter_private_network()

PING_KEYS = {"target", "address", "sent", "received", "loss_percent", "rtt_ms", "error"}
RTT_KEYS = {"min", "avg", "p50", "p99", "max", "stddev"}
HTTP_KEYS = {"url", "status", "success", "phases_ms", "redirects", "error"}
PHASES = {"resolve", "connect", "tls", "processing", "transfer"}
# In this file's own namespace: routed to loopback, where nobody has it, so nobody answers.
SILENT_NETWORK = "192.0.2.0/24"
SILENT = "192.0.2.7"

# A process of root's without the right to raw sockets.
NO_RAW = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]


def setUpModule():
    if PRIVATE:
        harness.subprocess.run(["ip", "route", "add", SILENT_NETWORK, "dev", "lo"], check=True)


class Basics(harness.SystemTest):
    def test_version_and_help(self):
        done = harness.xprober("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^xprober \d+\.\d+\.\d+")
        done = harness.xprober("--help")
        self.assertEqual(done.returncode, 0)
        for command in ("agent", "server", "standalone", "top", "ping", "http", "check-config"):
            self.assertIn(command, done.stdout)
            help_of = harness.xprober(command, "--help")
            self.assertEqual(help_of.returncode, 0, command)
            self.assertTrue(help_of.stdout)

    def test_bad_usage_is_status_2_on_standard_error(self):
        for arguments in ([], ["nonsense"], ["ping"], ["http"], ["ping", "-c", "0", "127.0.0.1"],
                          ["ping", "-c", "many", "127.0.0.1"], ["ping", "--nonsense", "127.0.0.1"],
                          ["ping", "-s", "1", "127.0.0.1"], ["ping", "300.1.1.0/99"],
                          ["ping", "127.0.0.1", "0.0.0.0"], ["http", "ftp://127.0.0.1/"],
                          ["tcp", "127.0.0.1"], ["tls", "http://a:1/"], ["dns", "a@"],
                          ["ping", "-f", "/no/such/file"], ["http", "-n", "0", "http://127.0.0.1/"],
                          ["agent"], ["server"], ["check-config"],
                          ["http", "--ca-file", "/no/such/file", "https://127.0.0.1/"]):
            with self.subTest(arguments=arguments):
                done = harness.xprober(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertTrue(done.stderr.strip())
                self.assertEqual(done.stdout, "")

    def test_files_that_cannot_be_used_are_said_of_their_options(self):
        bad = self.write("bad.pem", "no certificate\n")
        for arguments in (["top", "--ca-file", bad, "https://127.0.0.1:1"],
                          ["http", "--ca-file", bad, "https://127.0.0.1/"],
                          ["tcp", "--tls", "--ca-file", bad, "127.0.0.1:1"],
                          ["tls", "--ca-file", bad, "127.0.0.1:1"],
                          ["dns", "--dot", "--ca-file", bad, "a.test@127.0.0.1"]):
            with self.subTest(arguments=arguments):
                done = harness.xprober(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(f": --ca-file: {bad}: holds no certificates in PEM form",
                              done.stderr)

    def test_check_config(self):
        right = self.write("right.yaml", "probe_interval: 15s\nregion: a\n")
        done = harness.xprober("check-config", right)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        wrong = self.write("wrong.yaml", "probe_interval: 15s\nregion: [a]\n")
        done = harness.xprober("check-config", wrong)
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith(f"{wrong}:2: region: "), done.stderr)


class Ping(harness.SystemTest):
    def json_lines(self, done):
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_table(self):
        done = harness.xprober("ping", "-c", "5", "127.0.0.1", "127.0.0.2")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3, done.stdout)
        for line, address in zip(lines[1:], ("127.0.0.1", "127.0.0.2")):
            self.assertIn(address, line)
            self.assertIn("0.0%", line)

    def test_json(self):
        done = harness.xprober("ping", "-c", "10", "--json", "127.0.0.1", "localhost")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = self.json_lines(done)
        self.assertEqual({line["target"] for line in lines}, {"127.0.0.1", "localhost"})
        for line in lines:
            self.assertLessEqual(PING_KEYS, set(line))
            self.assertEqual((line["sent"], line["received"], line["loss_percent"]), (10, 10, 0))
            self.assertEqual(line["address"], "127.0.0.1")
            self.assertIsNone(line["error"])
            self.assertLessEqual(RTT_KEYS, set(line["rtt_ms"]))
            rtt = line["rtt_ms"]
            # A clock may say that nothing has passed.
            self.assertTrue(0 <= rtt["min"] <= rtt["p50"] <= rtt["p99"] <= rtt["max"] > 0, rtt)
            self.assertTrue(rtt["min"] <= rtt["avg"] <= rtt["max"] < 1000, rtt)

    def test_blocks_and_files(self):
        done = harness.xprober("ping", "-c", "1", "--json", "127.0.0.0/29")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({line["target"] for line in self.json_lines(done)},
                         {f"127.0.0.{i}" for i in range(8)})
        file = self.write("targets.txt", "# loopback\n127.0.0.5\n\n127.0.0.6 # another\n")
        done = harness.xprober("ping", "-c", "1", "--json", "-f", file, "127.0.0.7")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({line["target"] for line in self.json_lines(done)},
                         {"127.0.0.5", "127.0.0.6", "127.0.0.7"})

    def test_a_fixed_interval_is_kept(self):
        began = time.monotonic()
        done = harness.xprober("ping", "-c", "6", "-i", "100", "-s", "1000", "--json", "127.0.0.1")
        took = time.monotonic() - began
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(took, 0.5)
        self.assertLess(took, 0.5 + harness.scaled(1))

    def test_a_name_that_is_none(self):
        done = harness.xprober("ping", "-c", "1", "--json", "no-such-name.invalid", "127.0.0.1")
        self.assertEqual(done.returncode, 1)
        lines = {line["target"]: line for line in self.json_lines(done)}
        self.assertIsNone(lines["127.0.0.1"]["error"])
        bad = lines["no-such-name.invalid"]
        self.assertIn("no-such-name.invalid", bad["error"])
        self.assertEqual((bad["received"], bad["rtt_ms"]), (0, None))

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_an_address_that_does_not_answer(self):
        began = time.monotonic()
        done = harness.xprober("ping", "-c", "3", "-W", "200", "--json", SILENT)
        self.assertEqual(done.returncode, 1)
        self.assertLess(time.monotonic() - began, harness.scaled(2))
        (line,) = self.json_lines(done)
        self.assertEqual((line["sent"], line["received"], line["loss_percent"]), (3, 0, 100))
        self.assertIsNone(line["rtt_ms"])
        self.assertIn("no_reply", line["error"])
        done = harness.xprober("ping", "-c", "3", "-W", "200", "127.0.0.1", SILENT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("100.0%", done.stdout)

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_without_the_right_to_ping(self):
        """Neither the capability nor the ping group, which is empty in a new network: the message names
        both, HTTP goes on."""
        done = harness.run([*NO_RAW, harness.PROGRAM, "ping", "-c", "1", "127.0.0.1"])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cap_net_raw", done.stderr.lower())
        self.assertIn("ping_group_range", done.stderr)
        web = self.serve(servers.WebServer(servers.reply))
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.61"])
                                   + harness.target_text("http", "r-b", [web.url]))
        server.wait_healthy()
        agent = self.start_agent(server.rpc, launcher=NO_RAW)
        self.wait("HTTP goes on", lambda: server.metrics().value(
            "http_interface_success", addr=web.url) == 1, 20)
        self.said(agent, "ping_group_range")
        self.assertIn("cap_net_raw", agent.err().lower())
        last = self.wait("an ICMP result", lambda: agent.target("127.0.0.61")["last"], 20)
        self.assertEqual((last["error"], last["local_error"]), ("local_no_socket", True))
        metrics = server.metrics()
        self.assertFalse(metrics.has("ping_packageDrop_rate", target_region="r-b"),
                         "a missing permission is no packet loss")
        self.assertEqual(agent.stop(), 0)

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_the_right_to_open_raw_sockets_is_enough(self):
        """Without CAP_NET_ADMIN, which buffers above the limit would need."""
        done = harness.run(["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin",
                            harness.PROGRAM, "ping", "-c", "5", "--json", "127.0.0.1", "::1"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([line["received"] for line in self.json_lines(done)], [5, 5])

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_the_ping_group_is_enough(self):
        # In a network of its own: in a user namespace the setting cannot be taken back.
        done = harness.run(["unshare", "--net", "sh", "-c", "ip link set lo up && sysctl -qw "
                            "'net.ipv4.ping_group_range=0 0' && exec \"$@\"", "sh", *NO_RAW,
                            harness.PROGRAM, "ping", "-c", "5", "--json", "127.0.0.1", "127.0.0.2"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([line["received"] for line in self.json_lines(done)], [5, 5])


class Http(harness.SystemTest):
    def setUp(self):
        super().setUp()

        def respond(request):
            if request.path == "/there":
                servers.reply(request, 302, headers=[("Location", "/")])
            elif request.path.startswith("/status/"):
                servers.reply(request, int(request.path[8:]))
            else:
                servers.reply(request)

        self.web = self.serve(servers.WebServer(respond))

    def json_of(self, *arguments, status=0):
        done = harness.xprober("http", "--json", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_json(self):
        lines = self.json_of("-n", "3", f"{self.web.url}/", f"{self.web.url}/there")
        self.assertEqual(len(lines), 6)
        for line in lines:
            self.assertLessEqual(HTTP_KEYS, set(line))
            self.assertEqual((line["status"], line["success"], line["error"]), (200, True, None))
            self.assertEqual(set(line["phases_ms"]), PHASES)
            self.assertTrue(all(ms >= 0 for ms in line["phases_ms"].values()))
            self.assertEqual(line["redirects"], 1 if line["url"].endswith("there") else 0)
        self.assertEqual(len(self.web.requests), 9)

    def test_table(self):
        done = harness.xprober("http", f"{self.web.url}/", f"{self.web.url}/status/500")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, re.escape(f"{self.web.url}/") + r"\s+200")
        self.assertRegex(done.stdout, re.escape(f"{self.web.url}/status/500") + r"\s+500")

    def test_failures(self):
        (line,) = self.json_of(f"http://127.0.0.1:{harness.free_port()}/", status=1)
        self.assertFalse(line["success"])
        self.assertIn("refused", line["error"])
        self.assertIsNone(line["phases_ms"]["connect"])
        began = time.monotonic()
        silent = self.serve(servers.TcpServer(lambda c, _: c.recv(1 << 20) and c.recv(1)))
        (line,) = self.json_of("-W", "300", f"http://{silent.address}/", status=1)
        self.assertIn("deadline", line["error"])
        self.assertLess(time.monotonic() - began, harness.scaled(3))

    def test_the_user_of_a_url_is_sent_and_not_shown(self):
        url = f"http://Aladdin:open%20sesame@127.0.0.1:{self.web.port}/"
        done = harness.xprober("http", url, url.replace(str(self.web.port), str(harness.free_port())))
        self.assertIn(("/", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
                      [(path, headers.get("Authorization")) for path, headers in self.web.requests])
        self.assertNotIn("sesame", done.stdout + done.stderr)
        self.assertIn(f"http://127.0.0.1:{self.web.port}/ ", done.stdout)

    def test_certificates(self):
        authority = servers.make_authority(self.folder)
        context = servers.make_certificate(self.folder, "good", "DNS:localhost,IP:127.0.0.1")
        secure = self.serve(servers.WebServer(servers.reply, context=context))
        (line,) = self.json_of(secure.url, status=1)
        self.assertIn("tls_unknown_issuer", line["error"])
        # What the certificate says is told although it was refused.
        self.assertEqual((line["tls"]["subject"], line["tls"]["issuer"]),
                         ("CN=good", "CN=test authority"))
        self.assertEqual(line["tls"]["dns_names"], ["localhost", "127.0.0.1"])
        self.assertGreater(line["tls"]["expiry_unix"], time.time() + 86400)
        (line,) = self.json_of("--ca-file", authority, secure.url)
        self.assertGreater(line["phases_ms"]["tls"], 0)
        self.assertEqual((line["tls"]["version"], line["http_version"]), ("TLSv1.3", "HTTP/1.1"))
        self.assertTrue(line["tls"]["cipher"].startswith("TLS_"))
        (line,) = self.json_of("--ca-file", authority, f"https://localhost:{secure.port}/")
        self.assertEqual(line["status"], 200)
        (line,) = self.json_of("--insecure", secure.url)
        self.assertEqual(line["status"], 200)
        # OpenSSL's own environment variables are honoured.
        done = harness.xprober("http", secure.url,
                               env={**os.environ, "SSL_CERT_FILE": str(authority)})
        self.assertEqual(done.returncode, 0, done.stdout)


class Standalone(harness.SystemTest):
    def addresses(self):
        return {"server.rpc_listen_addr": f"127.0.0.1:{harness.free_port()}",
                "server.metrics_listen_addr": f"127.0.0.1:{harness.free_port()}",
                "agent.http_addr": f"127.0.0.1:{harness.free_port()}",
                "agent.probe_interval": "500ms"}

    def arguments(self, settings):
        arguments = ["standalone", "--config", harness.SOURCE / "config" / "standalone.yaml"]
        for key, value in settings.items():
            arguments += ["--set", f"{key}={value}"]
        return arguments

    def run_and_end(self, number):
        settings = self.addresses()
        process = self.start("standalone", harness.PROGRAM, *self.arguments(settings))
        page = settings["server.metrics_listen_addr"]
        self.wait("the page's address is named", lambda: f"http://{page}" in process.out(), 20)
        self.wait("plain lines about targets",
                  lambda: re.search(r"(?m)^\S+ ok icmp 127\.0\.0\.1: .*rtt", process.out()), 20)
        self.wait("the page is there", lambda: harness.http(f"http://{page}/").status == 200, 10)
        self.assertNotIn("\033", process.out())
        self.wait("the agent's results are on the server", lambda: harness.get_metrics(
            f"http://{page}/metrics").samples.get("ping_target_success"), 20)
        began = time.monotonic()
        process.signal(number)
        self.assertEqual(process.wait(12), 0)
        self.assertLess(time.monotonic() - began, harness.scaled(10.5))
        self.assertNotIn(" error ", process.err())

    def test_piped_it_prints_lines_and_ends_on_sigterm(self):
        self.run_and_end(signal.SIGTERM)

    def test_and_on_sigint(self):
        self.run_and_end(signal.SIGINT)


class Endpoints(harness.SystemTest):
    def test_healthy_and_ready(self):
        dead = f"127.0.0.1:{harness.free_port()}"
        agent = self.start_agent(dead).wait_healthy()
        self.assertEqual(harness.http(f"{agent.url}/-/healthy").status, 200)
        self.assertEqual(harness.http(f"{agent.url}/-/ready").status, 503)
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.61"]),
                                   rpc_port=int(dead.rpartition(":")[2])).wait_healthy()
        server.wait_ready()
        agent.wait_ready()

    def check_files(self, url, page):
        """What the page loads is there, and nothing else may be loaded."""
        self.assertIn("default-src 'self'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for name in re.findall(r'"(/assets/[^"]+)"', page.text):
            plain = harness.http(url + name)
            self.assertEqual(plain.status, 200, name)
            self.assertIn("immutable", plain.headers["Cache-Control"])
            packed = harness.http(url + name, headers={"Accept-Encoding": "gzip"})
            self.assertEqual(packed.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertEqual(harness.http(f"{url}/assets/app.js").status, 404)

    def test_pages_of_both_roles(self):
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.61"])).wait_ready()
        agent = self.start_agent(server.rpc).wait_ready()
        self.wait("a result", lambda: server.metrics().has("ping_target_success"), 20)
        for url in (agent.url, server.url):
            page = harness.http(f"{url}/")
            self.assertEqual(page.status, 200)
            self.assertIn("text/html", page.headers["Content-Type"])
            self.assertIn("xprober", page.text)
            self.assertEqual(harness.http(f"{url}/system").text, page.text)
            self.check_files(url, page)
            self.assertIn("text/plain; version=0.0.4", harness.http(f"{url}/metrics").headers["Content-Type"])
            self.assertEqual(harness.http(f"{url}/no/such/page").status, 404)
            self.assertEqual(harness.http(f"{url}/stats", "DELETE").status, 405)
        self.check_stats(agent, server)
        for path in ("regions", "matrix?metric=latency", "targets", "agents"):
            answer = harness.http(f"{server.url}/api/v1/{path}")
            self.assertEqual(answer.status, 200, path)
            answer.json()
        self.assertIn("r-a", harness.http(f"{server.url}/api/v1/agents").text)

    def check_stats(self, agent, server):
        stats = agent.stats()
        wanted = {
            "process": {"version", "uptime_seconds", "rss_bytes", "cpu_seconds", "open_fds"},
            "scheduler": {"policy", "workers"},
            "targets": {"icmp", "http"},
            "sync": {"revision", "ok", "failed", "unchanged", "last_ok_unix", "last_apply_ms",
                     "last_bytes"},
            "ticks": {"due", "late", "skipped_busy", "lag_ms"},
            "probes": {"icmp", "http"},
            "icmp": {"echo_sent", "echo_received", "late", "duplicate", "foreign", "send_errors",
                     "receive_overflow"},
            "push": {"batches_ok", "batches_failed", "results_acked", "results_dropped", "pending",
                     "spool_batches", "spool_bytes", "last_ok_unix"}}
        for section, keys in wanted.items():
            self.assertLessEqual(keys, set(stats[section]), section)
        self.assertLessEqual({"running", "spawned", "stopped", "failed", "messages", "mailbox",
                              "handler_us"}, set(stats["actors"]["target"]))
        for kind in ("target", "target_manager", "ticker", "results", "syncer", "pusher", "stats"):
            self.assertIn(kind, stats["actors"])
        self.check_flow(agent)
        self.assertGreater(stats["process"]["rss_bytes"], 1 << 20)
        resident, _ = agent.usage()
        self.assertAlmostEqual(stats["process"]["rss_bytes"], resident, delta=resident * 0.5)
        # The registry counts once a burst of agents is over.
        theirs = self.wait("the agent is counted", lambda: (s := server.stats())["agents"] and s, 5)
        self.assertLessEqual({"process", "scheduler", "actors", "agents", "targets", "results",
                              "remote_write"}, set(theirs))
        self.assertEqual(theirs["agents"], 1)
        self.assertLessEqual({"received", "accepted", "duplicate_batches", "rejected",
                              "stored_series"}, set(theirs["results"]))

    def check_flow(self, agent):
        """Every message that an actor has handled has come from somewhere."""
        way = {("ticker", "target"), ("target", "icmp"), ("icmp", "target"), ("target", "results"),
               ("pusher", "results"), ("outside", "gateway"), ("gateway", "stats")}
        def seen():
            stats = agent.stats()
            edges = {(edge["from"], edge["to"]) for edge in stats["actor_edges"]}
            return stats if way <= edges else None

        stats = self.wait("messages of the way of a probe", seen, 10)
        for kind, actor in stats["actors"].items():
            self.assertEqual(actor["messages"], sum(
                edge["messages"] for edge in stats["actor_edges"] if edge["to"] == kind), kind)

    def test_a_second_signal_ends_at_once(self):
        """Whoever waits for a shutdown that takes long can cut it short."""
        silent = self.serve(servers.TcpServer(lambda c, _: c.recv(1)))
        agent = self.start_agent(silent.address, settings={"shutdown_timeout": "30s"}).wait_healthy()
        agent.signal(signal.SIGTERM)
        self.wait("it is stopping", lambda: agent.poll() is not None or "stopping" in agent.err(), 20,
                  [])
        if agent.poll() is None:
            agent.signal(signal.SIGTERM)
        agent.wait(5)

    def test_the_shutdown_is_bounded_when_the_server_hangs(self):
        """A server that takes the connection and never answers."""
        hanging = self.serve(servers.TcpServer(lambda c, _: [None for _ in iter(lambda: c.recv(65536), b"")]))
        agent = self.start_agent(hanging.address, settings={"shutdown_timeout": "2s"}).wait_healthy()
        self.wait("the agent is connected", lambda: hanging.accepted > 0, 10)
        began = time.monotonic()
        agent.signal(signal.SIGTERM)
        agent.wait(8)
        self.assertLess(time.monotonic() - began, harness.scaled(6))

    def test_descriptors_do_not_leak(self):
        web = self.serve(servers.WebServer(servers.reply))
        server = self.start_server(harness.target_text("http", "r-b", [web.url])
                                   + harness.target_text("icmp", "r-b", ["127.0.0.61"]))
        server.wait_healthy()
        agent = self.start_agent(server.rpc, settings={"probe_interval": "100ms"}).wait_ready()
        finished = lambda: agent.stats()["probes"]["http"]["finished"]
        self.wait("some probes", lambda: finished() > 10, 20)
        files = lambda: len(os.listdir(pathlib.Path("/proc", str(agent.pid), "fd")))
        before = files()
        self.wait("many probes", lambda: finished() > 60, 30)
        self.assertLessEqual(files(), before + 5)


if __name__ == "__main__":
    harness.main()
