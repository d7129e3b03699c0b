"""Agents and browsers at a port that speaks something else: both sides say so in words."""

import socket
import ssl

import harness
import servers


class WrongPort(harness.SystemTest):
    def tls_server(self, **options):
        servers.make_authority(self.folder)
        servers.make_certificate(self.folder, "server", "IP:127.0.0.1")
        return self.start_server(settings={"rpc.cert_file": self.folder / "server.pem",
                                           "rpc.key_file": self.folder / "server.key"},
                                 **options).wait_healthy()

    def agent_says(self, address, *sentences):
        agent = self.start_agent(address).wait_healthy()
        for sentence in sentences:
            self.wait(f"the agent says {sentence!r}", lambda s=sentence: s in agent.err(), 15)
        self.assertNotIn("system_error", agent.err())
        return agent

    def server_says(self, server, sentence):
        self.wait(f"the server says {sentence!r}", lambda: sentence in server.err(), 10)

    def test_plain_agents_at_a_port_with_tls(self):
        server = self.tls_server()
        for scheme in ("", "http://"):
            with self.subTest(scheme=scheme):
                self.agent_says(f"{scheme}{server.rpc}", "this port speaks TLS",
                                "needs msgpacks:// or https://")
        self.server_says(server, "the client does not speak TLS")
        self.wait("they are counted", lambda: server.stats()["rpc"]["malformed"] >= 2, 10)
        self.assertGreaterEqual(server.metrics().value("xprober_rpc_malformed_total"), 2)

    def test_tls_agents_at_a_plain_port(self):
        server = self.start_server().wait_healthy()
        for scheme in ("msgpacks", "https"):
            for address in (server.rpc, server.page):
                with self.subTest(scheme=scheme, address=address):
                    self.agent_says(f"{scheme}://{address}",
                                    "the server does not speak TLS on this port")
        self.server_says(server, "the client speaks TLS, but rpc.cert_file is not set here")
        self.server_says(server, "the client speaks TLS, and this port plain HTTP")

    def test_another_protocol_within_http_over_tls(self):
        server = self.tls_server()
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        host, port = server.rpc.split(":")
        with context.wrap_socket(socket.create_connection((host, int(port)), harness.scaled(10)),
                                 server_hostname=host) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            got = connection.recv(65536)
            self.assertTrue(got.startswith(b"HTTP/1.1 404 "), got)
            connection.sendall(b"\x94\x00\x07")
            while piece := connection.recv(65536):
                got += piece
        self.assertIn(b"speaks MessagePack-RPC, and this port HTTP over TLS", got)

    def test_agents_at_the_port_of_pages(self):
        server = self.start_server().wait_healthy()
        self.agent_says(server.page, "the server speaks HTTP on this port",
                        "to name its rpc_listen_addr")
        self.agent_says(f"http://{server.page}", "HTTP 404: no such path: /rpc/",
                        "this is metrics_listen_addr")
        self.server_says(server, "the client speaks MessagePack-RPC, and this port plain HTTP")
        agent = self.start_agent(server.rpc).wait_healthy()
        self.agent_says(agent.page, "the server speaks HTTP on this port")
        self.said(agent, "this is http_addr")

    def test_pages_at_the_port_of_agents(self):
        server = self.start_server().wait_healthy()
        for path in ("/", "/metrics", "/api/v1/agents", "/-/healthy"):
            answer = harness.http(f"http://{server.rpc}{path}")
            self.assertEqual(answer.status, 404)
            self.assertIn("are at metrics_listen_addr", answer.json()["error"])
        answer = harness.http(f"http://{server.rpc}/rpc/Server.GetProberTargets")
        self.assertEqual(answer.status, 405)

    def test_agents_at_a_server_that_only_speaks_tls(self):
        """Not one of ours: as Go's, it answers with an alert (unexpected message)."""
        def alert(connection, _):
            connection.recv(65536)
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x0a")

        server = servers.TcpServer(alert).start()
        self.addCleanup(server.close)
        self.agent_says(server.address, "the server speaks TLS on this port")
        self.agent_says(f"http://{server.address}", "the server speaks TLS on this port")


class Refusals(harness.SystemTest):
    """Answers to requests that are wrong."""

    def ask(self, server, region, **options):
        body = harness.json.dumps({"localRegion": region, "localIp": "127.0.0.1"}).encode()
        return harness.http(f"http://{server.rpc}/rpc/Server.GetProberTargets", "POST", body,
                            {"Content-Type": "application/json"}, **options)

    def test_a_bad_region_is_the_callers_fault(self):
        server = self.start_server().wait_healthy()
        for region in ("", "a\nb", "a" * 300, "a\u0007"):
            with self.subTest(region=region[:10]):
                answer = self.ask(server, region)
                self.assertEqual(answer.status, 400, answer.text)
                error = answer.json()["error"]
                self.assertIn("ocalRegion", error)
                self.assertNotIn("system_error", error)
        self.assertEqual(self.ask(server, "r-a").status, 200)
        self.wait("they are counted", lambda: (rpc := server.stats()["rpc"])["refused"] >= 4
                  and rpc["requests"] >= 5, 10)
        self.assertGreaterEqual(server.metrics().value("xprober_rpc_refused_total"), 4)

    def test_requests_without_the_token_are_counted(self):
        token = self.write("token", "secret-0123456789\n")
        server = self.start_server(settings={"rpc.token_file": token}).wait_healthy()
        self.assertEqual(self.ask(server, "r-a").status, 401)
        self.wait("it is counted", lambda: server.stats()["rpc"]["unauthorized"] == 1, 10)
        self.assertEqual(server.metrics().value("xprober_rpc_unauthorized_total"), 1)


class Usage(harness.SystemTest):
    def problem_of(self, *arguments):
        done = harness.xprober(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        return done.stderr.splitlines()[0]

    def test_what_is_meant_is_named(self):
        for arguments, wanted in (
                (["pign", "127.0.0.1"], "there is no command 'pign'; do you mean ping?"),
                (["icmp"], "there is no command 'icmp'; do you mean ping?"),
                (["checkconfig", "x"], "do you mean check-config?"),
                (["severs", "--config", "x"], "do you mean server?"),
                (["help"], "do you mean --help?"), (["--verson"], "do you mean --version?"),
                (["ping", "--jsno", "127.0.0.1"], "ping has no option '--jsno'; do you mean --json?"),
                (["http", "--cafile=x", "http://127.0.0.1"], "do you mean --ca-file?")):
            with self.subTest(arguments=arguments):
                self.assertIn(wanted, self.problem_of(*arguments))
        for arguments, wanted in ((["nonsense"], "there is no command 'nonsense'"),
                                  (["ping", "-x", "127.0.0.1"], "ping has no option '-x'"),
                                  (["ping", "--nonsense", "::1"], "ping has no option '--nonsense'")):
            with self.subTest(arguments=arguments):
                text = self.problem_of(*arguments)
                self.assertIn(wanted, text)
                self.assertNotIn("do you mean", text)

    def test_both_addresses_in_use_are_named(self):
        first = self.start_server().wait_healthy()
        second = self.start_server(rpc_port=first.rpc.rpartition(":")[2])
        self.assertEqual(second.wait(10), 1)
        self.said(second, f"rpc_listen_addr: cannot listen on {first.rpc}")
        config = self.write("third.yaml", "mesh: false\n")
        third = self.start("third", harness.PROGRAM, "server", "--config", config, "--set",
                           "state_dir=", "--set", f"rpc_listen_addr={first.rpc}", "--set",
                           f"metrics_listen_addr={first.page}")
        self.assertEqual(third.wait(10), 1)
        self.said(third, f"rpc_listen_addr: cannot listen on {first.rpc}")
        self.said(third, f"metrics_listen_addr: cannot listen on {first.page}")

    def test_one_address_for_both_is_refused(self):
        for rpc, page in (("127.0.0.1:7001", "127.0.0.1:7001"), (":7001", "127.0.0.1:7001"),
                          ("[::1]:7001", ":7001"), ("0.0.0.0:7001", "127.0.0.2:7001")):
            file = self.write("one.yaml", f"rpc_listen_addr: '{rpc}'\nmetrics_listen_addr: '{page}'\n")
            done = harness.xprober("check-config", file)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{file}:2: metrics_listen_addr: ", done.stderr)
        file = self.write("two.yaml", "rpc_listen_addr: '[::1]:7001'\nmetrics_listen_addr: 127.0.0.1:7001\n")
        self.assertEqual(harness.xprober("check-config", file).returncode, 0)


if __name__ == "__main__":
    harness.main()
