"""Targets that fail, each in its own way: what is said of them is what happened to them, on the
wire, in the server's metrics and in the agent's own story."""

import json
import pathlib
import signal
import subprocess
import threading
import time

import harness
import servers
import wire

PRIVATE = harness.enter_private_network()

# A network routed to loopback, where nobody has its addresses: what is sent there is swallowed
# (RFC 5737's documentation range).
DARK_NETWORK = "192.0.2.0/24"
DARK = "192.0.2.77"
UNREACHABLE = "203.0.113.9"  # RFC 5737; a route says that it is
NO_ROUTE = "198.51.100.9"  # RFC 5737; the namespace has no route to it

PHASES = ("resolve", "connect", "tls", "processing", "transfer")
WIRE_PHASES = {f"http_{phase}Duration_millonseconds": phase for phase in PHASES}


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Failures(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "route", "add", DARK_NETWORK, "dev", "lo"], check=True)
        subprocess.run(["ip", "route", "add", "unreachable", UNREACHABLE], check=True)
        cls.folder_of_class = harness.tempfile.TemporaryDirectory()
        servers.use_resolv_conf(cls.folder_of_class.name)
        cls.dns = servers.DnsServer({"web.test": "127.0.0.1", "refusing.test": "127.0.0.1",
                                     "both.test": ["127.0.0.1", "2001:db8::1"]}).start()

    @classmethod
    def tearDownClass(cls):
        cls.dns.close()
        subprocess.run(["umount", "/etc/resolv.conf"], check=False)
        cls.folder_of_class.cleanup()

    def test_a_silent_address_loses_everything(self):
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "icmp", "region": "r-dark", "target": [DARK]}]))
        agent = self.start_agent(recorder.address, settings=self.quick_icmp())
        pushed = self.wait("three probes of the silent address",
                           lambda: len(recorder.of(DARK).get("ping_target_success", [])) >= 3
                           and recorder.of(DARK), 30)
        self.assertEqual(set(pushed), {"ping_target_success", "ping_packageDrop_rate",
                                       "ping_latency_millonseconds"})
        self.assertEqual(set(pushed["ping_target_success"]), {-1.0})
        self.assertEqual(set(pushed["ping_packageDrop_rate"]), {100.0})
        self.assertEqual(set(pushed["ping_latency_millonseconds"]), {-1.0})
        last = agent.target(DARK)["last"]
        self.assertEqual((last["success"], last["error"]), (False, "no_reply"))
        self.assertEqual((last["icmp"]["received"], last["icmp"]["loss_percent"]), (0, 100))
        self.assertEqual(last["icmp"]["sent"], 3)
        self.assertIsNone(last["icmp"]["rtt_ms"])

    def test_a_silent_address_in_the_servers_metrics(self):
        server = self.start_server(
            harness.target_text("icmp", "r-dark", [DARK])
            + harness.target_text("icmp", "r-half", ["127.0.0.55", DARK]),
            {"mesh": "false"}).wait_healthy()
        self.start_agent(server.rpc, settings=self.quick_icmp())

        def both_regions():
            metrics = server.metrics()
            metrics.value("ping_latency_millonseconds", target_region="r-half")
            # Both targets of the region are in its mean.
            return metrics.value("ping_packageDrop_rate", target_region="r-half") == 50 \
                and metrics.has("ping_target_success", target_region="r-dark") and metrics

        metrics = self.wait("the server knows both regions", both_regions, 30)
        dark = {"source_region": "r-a", "target_region": "r-dark"}
        self.assertEqual(metrics.value("ping_target_success", **dark), -1)
        self.assertEqual(metrics.value("ping_packageDrop_rate", **dark), 100)
        self.assertFalse(metrics.has("ping_latency_millonseconds", **dark),
                         "-1 must never enter a mean")
        half = {"source_region": "r-a", "target_region": "r-half"}
        self.assertEqual(metrics.value("ping_target_success", **half), 1)
        self.assertLess(metrics.value("ping_latency_millonseconds", **half), 100)
        self.assertGreater(metrics.value("ping_latency_millonseconds", **half), 0)

    def test_what_the_prober_cannot_send_is_no_loss(self):
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "icmp", "region": "r-b", "target": [NO_ROUTE, "no-such-name.test"]}]))
        agent = self.start_agent(recorder.address, settings=self.quick_icmp())
        self.wait("the name that does not resolve",
                  lambda: recorder.of("no-such-name.test"), 30)
        pushed = recorder.of("no-such-name.test")
        self.assertEqual(set(pushed), {"ping_target_success"})
        self.assertEqual(set(pushed["ping_target_success"]), {-1.0})
        self.assertEqual(agent.target("no-such-name.test")["last"]["error"], "resolve_not_found")
        last = self.wait("the address without a route", lambda: agent.target(NO_ROUTE)["last"], 20)
        self.assertFalse(last["success"])
        self.assertNotEqual(last["error"], "no_reply")
        self.assertIn("route", (last["detail"] + last["error"]).lower().replace("unreachable", "route"))
        # The prober's own fault says nothing of its target, and so nothing is pushed.
        self.wait("several probes without a route", lambda:
                  agent.target(NO_ROUTE)["counters"]["local_errors"] >= 2, 40)
        (line,) = agent.targets("prober_fault")["targets"]
        self.assertEqual((line["target"], line["last"]["local_error"]), (NO_ROUTE, True))
        self.assertEqual(agent.target(NO_ROUTE)["state"], "prober_fault")
        self.assertEqual(agent.targets()["prober_fault"], 1)
        self.wait("the log says it", lambda: "not probed, by a fault of this prober's own" in agent.err(), 20)
        pushes = len(recorder.of("no-such-name.test")["ping_target_success"])
        self.wait("further pushes", lambda: len(
            recorder.of("no-such-name.test")["ping_target_success"]) >= pushes + 2, 40)
        self.assertFalse(recorder.of(NO_ROUTE))

    def test_what_there_is_no_way_to_from_here_is_no_failure_of_it(self):
        """As ICMP has it, so have all kinds: nothing was sent, and nothing is known of the target."""
        refused = f"http://refusing.test:{harness.free_port()}/"
        far = {"http": f"http://{NO_ROUTE}/", "tcp": f"{NO_ROUTE}:80", "tls": f"{NO_ROUTE}:443",
               "dns": f"a.test@{NO_ROUTE}"}
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": kind, "region": "r-b", "target": [target]}
             for kind, target in (*far.items(), ("http", refused))]))
        agent = self.start_agent(recorder.address)
        for kind, target in far.items():
            with self.subTest(kind):
                self.wait("several probes", lambda target=target:
                          agent.target(target)["counters"]["local_errors"] >= 2, 40)
                story = agent.target(target)
                self.assertEqual((story["state"], story["last"]["error"]),
                                 ("prober_fault", "local_send"), story["last"])
                self.assertIn(f"{NO_ROUTE}:", story["last"]["detail"])
                self.assertIn("no way to it from this machine", story["last"]["detail"])
        self.wait("what failed is pushed", lambda: len(
            recorder.of(refused).get("http_interface_success", [])) >= 2, 40)
        for target in far.values():
            self.assertFalse(recorder.of(target), target)

    @staticmethod
    def quick_icmp():
        return {"icmp.count": "3", "icmp.timeout": "200ms", "icmp.interval": "50ms"}

    # -- http ---------------------------------------------------------------------------------------

    def http_cases(self):
        """URL → (error, phases that must have been completed)."""
        authority = servers.make_authority(self.folder)
        wrong_name = servers.make_certificate(self.folder, "wrong", "DNS:somebody-else.test")
        right_name = servers.make_certificate(self.folder, "right", "DNS:web.test")

        def failing(request):
            if request.path == "/slow":
                time.sleep(harness.scaled(4))
            elif request.path == "/cut":
                request.send_response(200)
                request.send_header("Content-Length", "1000")
                request.end_headers()
                request.wfile.write(b"half")
                request.close_connection = True
            elif request.path == "/loop":
                servers.reply(request, 302, headers=[("Location", "/loop")])
            else:
                servers.reply(request, int(request.path[1:]))

        def garbage(connection, _):
            connection.recv(4096)
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        plain = self.serve(servers.WebServer(failing))
        wrong = self.serve(servers.WebServer(failing, context=wrong_name))
        right = self.serve(servers.WebServer(failing, context=right_name))
        noise = self.serve(servers.TcpServer(garbage))
        refused = harness.free_port()
        upto = lambda last: set(PHASES[:PHASES.index(last) + 1])
        return authority, f"https://web.test:{right.port}/200", {
            f"http://refusing.test:{refused}/": ("refused", upto("resolve")),
            f"http://{UNREACHABLE}/": ("unreachable", upto("resolve")),
            f"http://{DARK}/": ("connect_timeout", upto("resolve")),
            "http://no-such-name.test/": ("resolve_not_found", set()),
            f"http://web.test:{plain.port}/500": ("bad_status", upto("transfer")),
            f"http://web.test:{plain.port}/404": ("bad_status", upto("transfer")),
            f"https://web.test:{wrong.port}/200": ("tls_wrong_name", upto("connect")),
            f"https://web.test:{noise.port}/": ("tls_failed", upto("connect")),
            f"http://web.test:{plain.port}/slow": ("deadline", upto("tls")),
            f"http://web.test:{plain.port}/cut": ("http_early_close", upto("processing")),
            f"http://web.test:{noise.port}/": ("http_malformed", upto("processing")),
            f"http://web.test:{plain.port}/loop": ("too_many_redirects", None),
        }

    def test_http_failures_keep_the_phases_that_were_completed(self):
        authority, good, cases = self.http_cases()
        server = self.start_server(harness.target_text("http", "r-web", [good, *cases]),
                                   {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings={
            "http.ca_file": authority, "http.timeout": f"{int(harness.scaled(2) * 1000)}ms",
            "probe_interval": f"{int(harness.scaled(4) * 1000)}ms"})

        def all_known():
            metrics = server.metrics()
            for url in (good, *cases):
                metrics.value("http_interface_success", addr=url)
            return metrics

        metrics = self.wait("the server knows every URL", all_known, 40)
        self.assertEqual(metrics.value("http_interface_success", addr=good), 1)
        self.assertEqual(self.phases_of(metrics, good), set(PHASES))
        for url, (error, phases) in cases.items():
            with self.subTest(url=url, error=error):
                self.assertEqual(metrics.value("http_interface_success", addr=url), 0)
                story = agent.target(url)
                self.assertEqual(story["state"], "failing")
                last = story["failures"][0]
                print(f"{url}: {last['error']}: {last['detail']}")
                self.assertEqual(last["error"], error)
                self.assertTrue(last["detail"], "a failure must say what was tried")
                completed = {phase for phase, ms in last["http"]["phases_ms"].items()
                             if ms is not None}
                if phases is not None:
                    missing = [phase for phase in PHASES if phase not in phases]
                    self.assertEqual(last["http"]["failed_phase"], missing[0] if missing else None)
                    self.assertEqual(completed, phases, "on the agent")
                    self.assertEqual(self.phases_of(metrics, url), phases, "on the server")
        failing = agent.targets("failing")
        self.assertEqual({line["target"] for line in failing["targets"]}, set(cases))
        self.assertEqual((failing["ok"], failing["failing"]), (1, len(cases)))

    @staticmethod
    def phases_of(metrics, url):
        return {phase for name, phase in WIRE_PHASES.items() if metrics.has(name, addr=url)}

    def test_a_family_that_this_machine_does_not_have(self):
        """What one address says is not hidden by the other, to which there is no way from here. Where
        there is no other, nothing is known of the target."""
        web = self.serve(servers.WebServer(lambda request: servers.reply(request, 200)))
        closed = harness.free_port()
        switch = pathlib.Path("/proc/sys/net/ipv6/conf/all/disable_ipv6")
        if not switch.exists():
            self.skipTest("this kernel has no IPv6")
        for disabled in ("1", "0"):
            switch.write_text(disabled, encoding="ascii")
            for option in ([], ["-6"]):
                with self.subTest(disabled=disabled, option=option):
                    done = harness.xprober("http", "--json", *option, f"http://both.test:{web.port}/",
                                           f"http://both.test:{closed}/",
                                           f"http://[2001:db8::1]:{closed}/")
                    well, refused, far = map(json.loads, sorted(
                        done.stdout.splitlines(), key=lambda line: (
                            "2001:db8::1]" in json.loads(line)["url"],
                            str(closed) in json.loads(line)["url"])))
                    self.assertTrue(well["success"], well)
                    self.assertEqual(well["address"], "127.0.0.1")
                    self.assertTrue(refused["error"].startswith("refused: "), refused)
                    self.assertEqual(refused["address"], "127.0.0.1")
                    self.assertTrue(far["error"].startswith("local_send: "), far)

    def test_a_prober_that_stood_still_blames_nobody(self):
        asked = threading.Semaphore(0)

        def slow(request):
            asked.release()
            time.sleep(0.5)
            if request.path == "/":
                servers.reply(request, 302, headers=[("Location", "/end")])
            else:
                servers.reply(request, 200)

        web = self.serve(servers.WebServer(slow))
        url = f"http://127.0.0.1:{web.port}/"
        server = self.start_server(harness.target_text("http", "r-web", [url]),
                                   {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings={
            "http.timeout": f"{int(harness.scaled(2) * 1000)}ms",
            "probe_interval": f"{int(harness.scaled(3) * 1000)}ms"})
        self.assertTrue(asked.acquire(timeout=harness.scaled(20)))
        agent.signal(signal.SIGSTOP)
        time.sleep(harness.scaled(3))  # longer than the probe may take
        agent.signal(signal.SIGCONT)
        counted = self.wait("three probes ended", lambda: agent.stats()["probes"]["http"][
            "finished"] >= 3 and agent.stats()["probes"]["http"], 30)
        self.assertEqual(counted["failed"], 0, counted)
        self.assertGreater(counted["local_errors"], 0, counted)

        # A busy machine may stop the prober's thread again, and then it says so again.
        def after():
            story = agent.target(url)
            return story["last"]["success"] and story

        story = self.wait("a probe succeeds", after, 30)
        self.assertEqual(story["failures"], [])
        self.assertLess(story["last"]["http"]["phases_ms"]["processing"], harness.scaled(1500))

    def test_other_status_codes_can_be_accepted(self):
        web = self.serve(servers.WebServer(lambda r: servers.reply(r, int(r.path[1:]))))
        recorder = self.serve(wire.RecordingServer(
            [{"proberType": "http", "region": "r-b",
              "target": [f"{web.url}/404", f"{web.url}/200", f"{web.url}/503"]}]))
        self.start_agent(recorder.address, settings={"http.valid_status_codes": "[404, 503]"})
        for status, success in ((404, 1), (503, 1), (200, 0)):
            url = f"{web.url}/{status}"
            pushed = self.wait(f"a result of {url}", lambda u=url: recorder.of(u), 20)
            self.assertEqual(set(pushed["http_interface_success"]), {float(success)}, url)
            self.assertEqual(set(WIRE_PHASES) - set(pushed), set(), url)


if __name__ == "__main__":
    harness.main()
