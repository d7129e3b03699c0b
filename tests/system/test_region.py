"""The region from the cloud's metadata service: the session-oriented form first, then the plain
one; never longer than its bound, and with advice when it fails."""

import time

import harness
import servers

TOKEN_PATH = "/latest/api/token"
ZONE_PATH = "/latest/meta-data/placement/availability-zone"
TOKEN = b"AQAEAFakeToken=="


class Region(harness.SystemTest):
    def metadata(self, zone=b"eu-test-1b", token_status=200, needs_token=True):
        def respond(request):
            if request.path == TOKEN_PATH and request.command == "PUT":
                asked = "X-aws-ec2-metadata-token-ttl-seconds" in request.headers
                servers.reply(request, token_status if asked else 400, TOKEN)
            elif request.path == ZONE_PATH and request.command == "GET":
                right = request.headers.get("X-aws-ec2-metadata-token", "").encode() == TOKEN
                servers.reply(request, 200 if right or not needs_token else 401, zone)
            else:
                servers.reply(request, 404)

        return self.serve(servers.WebServer(respond))

    def start(self, url, **settings):
        return self.start_agent(f"127.0.0.1:{harness.free_port()}", region="",
                                settings={"metadata_url": url, **settings})

    def check_region(self, agent, region):
        agent.wait_healthy()
        self.wait("the log names the region", lambda: f"region={region}" in agent.err(), 20)

    def check_refused(self, agent, url):
        """Ends with advice, within the bound of 2 s and what a start takes."""
        began = time.monotonic()
        status = agent.wait(8)
        took = time.monotonic() - began
        self.assertEqual(status, 1)
        self.assertLess(took, 2.2 + harness.scaled(1))
        self.said(agent, url)
        self.said(agent, "set region")
        return took

    def test_with_a_token(self):
        web = self.metadata()
        self.check_region(self.start(web.url), "eu-test-1")
        self.assertEqual([path for path, _ in web.requests], [TOKEN_PATH, ZONE_PATH])

    def test_without_a_token_where_there_are_none(self):
        for status in (404, 403, 405):
            with self.subTest(status=status):
                web = self.metadata(token_status=status, needs_token=False)
                self.check_region(self.start(web.url), "eu-test-1")

    def test_the_region_reaches_the_server(self):
        web = self.metadata(b"ap-test-2c")
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.71"]))
        server.wait_healthy()
        agent = self.start_agent(server.rpc, region="", settings={"metadata_url": web.url})
        self.wait("series of the region", lambda: server.metrics().has(
            "ping_target_success", source_region="ap-test-2", target_region="r-b"), 20)
        self.assertEqual(agent.stop(), 0)

    def test_a_configured_region_asks_nobody(self):
        web = self.metadata()
        agent = self.start_agent(f"127.0.0.1:{harness.free_port()}", region="mine",
                                 settings={"metadata_url": web.url})
        self.check_region(agent, "mine")
        self.assertEqual(web.requests, [])

    def test_garbage_is_no_region(self):
        for zone in (b"", b"<html>login</html>", b"\xff\xfe\x00", b"a" * 5000, b"nozone", b"a b 1c",
                     b"eu-1a\r\nX: y"):
            with self.subTest(zone=zone[:20]):
                web = self.metadata(zone)
                self.check_refused(self.start(web.url), web.url)

    def test_errors_of_the_service(self):
        def broken(request):
            servers.reply(request, 500, b"down")

        web = self.serve(servers.WebServer(broken))
        self.check_refused(self.start(web.url), web.url)
        nobody = f"http://127.0.0.1:{harness.free_port()}"
        self.check_refused(self.start(nobody), nobody)
        noise = self.serve(servers.TcpServer(lambda c, _: c.sendall(b"\0\1\2 no http\r\n\r\n")))
        self.check_refused(self.start(f"http://{noise.address}"), noise.address)

    def test_a_silent_service_is_given_two_seconds(self):
        silent = self.serve(servers.TcpServer(lambda c, _: silent.closing.wait()))
        took = self.check_refused(self.start(f"http://{silent.address}"), silent.address)
        self.assertGreater(took, 1)

    def test_a_service_that_dribbles_is_given_two_seconds(self):
        def dribble(connection, _):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not slow.closing.wait(0.1):
                connection.sendall(b"a")

        slow = self.serve(servers.TcpServer(dribble))
        self.check_refused(self.start(f"http://{slow.address}"), slow.address)

    def test_only_the_token_hangs(self):
        """The plain form still has time when the token's request is not answered."""

        def serve(connection, _):
            request = connection.recv(4096)
            if request.startswith(b"PUT"):
                web.closing.wait()
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nus-test-3a")

        web = self.serve(servers.TcpServer(serve))
        self.check_region(self.start(f"http://{web.address}"), "us-test-3")


if __name__ == "__main__":
    harness.main()
