"""What a browser is made to ask by other people's pages is refused, at every port and in whatever way."""

import socket

import harness

FOREIGN = ({"Origin": "http://attacker.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
           {"Sec-Fetch-Site": "same-site"})


class Browsers(harness.SystemTest):
    def test_names_that_are_not_ours(self):
        settings = {"web.allowed_hosts": "[pages.example]"}
        server = self.start_server(settings=settings).wait_healthy()
        agent = self.start_agent(server.rpc, settings=settings).wait_healthy()
        for role in (server, agent):
            port = role.page.rpartition(":")[2]
            for host, status in (("attacker.example", 421), (f"attacker.example:{port}", 421),
                                 ("127.0.0.1.attacker.example", 421), ("pages.example", 200),
                                 ("localhost", 200), (socket.gethostname(), 200),
                                 ("192.0.2.1", 200), (f"[::1]:{port}", 200)):
                for path in ("/", "/stats", "/metrics"):
                    with self.subTest(role=role.name, host=host, path=path):
                        answer = harness.http(role.url + path, headers={"Host": host})
                        self.assertEqual(answer.status, status, answer.text[:200])
            answer = harness.http(role.url + "/", headers={"Host": "attacker.example"})
            self.assertIn("web.allowed_hosts", answer.json()["error"])

    def test_pages_of_others_change_and_send_nothing(self):
        server = self.start_server().wait_healthy()
        agent = self.start_agent(server.rpc).wait_healthy()
        probe = f"{agent.url}/probe?module=tcp&target={server.page}"
        asked = [(f"{server.url}/-/reload", "POST"), (f"{agent.url}/-/reload", "POST"),
                 (f"{server.url}/api/v1/agents/r-a/127.0.0.1", "DELETE"), (probe, "GET"),
                 (f"http://{server.rpc}/rpc/Server.Leave", "POST")]
        for url, method in asked:
            for headers in FOREIGN:
                with self.subTest(url=url, headers=headers):
                    answer = harness.http(url, method, headers=headers)
                    self.assertEqual(answer.status, 403, answer.text[:200])
        self.assertEqual(agent.stats()["probe_requests"]["started"], 0)
        # A name that was made to lead to the agents' port makes a page one of its own.
        for headers in ({"Host": "attacker.example", "Origin": "http://attacker.example"},
                        {"Sec-Fetch-Site": "same-origin"}):
            answer = harness.http(f"http://{server.rpc}/rpc/Server.Leave", "POST", b"{}",
                                  {"Content-Type": "application/json", **headers})
            self.assertEqual(answer.status, 403, answer.text)
        for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
                        {"Origin": agent.url}):
            with self.subTest(headers=headers):
                self.assertEqual(harness.http(probe, headers=headers).status, 200)
                self.assertEqual(
                    harness.http(f"{agent.url}/-/reload", "POST", headers=headers).status, 200)

    def test_every_answer_says_what_not_to_do_with_it(self):
        server = self.start_server().wait_healthy()
        agent = self.start_agent(server.rpc).wait_healthy()
        for url in (server.url + "/", server.url + "/stats", server.url + "/api/v1/targets", server.url + "/no",
                    agent.url + "/", agent.url + "/metrics", agent.url + "/targets/0", f"http://{server.rpc}/"):
            with self.subTest(url=url):
                headers = harness.http(url).headers
                self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertIn(headers["Cache-Control"], ("no-store", "private, no-cache"))
                self.assertNotIn("Access-Control-Allow-Origin", headers)

    def test_errors_are_shown_as_pages(self):
        server = self.start_server().wait_healthy()
        agent = self.start_agent(server.rpc).wait_healthy()
        looks = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        for url, host, status in ((server.url + "/no", None, 404), (server.url + "/status", None, 404),
                                  (agent.url + "/no", None, 404), (server.url + "/", "attacker.example", 421)):
            with self.subTest(url=url, host=host):
                hosts = {"Host": host} if host else {}
                answer = harness.http(url, headers={**looks, **hosts})
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
                for part in ("default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'"):
                    self.assertIn(part, answer.headers["Content-Security-Policy"])
                self.assertEqual((answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]),
                                 ("nosniff", "no-store"))
                sentence = harness.http(url, headers=hosts).json()["error"]
                self.assertIn(sentence[1:].split(":")[0], answer.text)
                self.assertEqual('<a href="/">' in answer.text, status == 404)
        self.assertIn("error", harness.http(server.url + "/api/v1/no", headers=looks).json())


if __name__ == "__main__":
    harness.main()
