"""Whom an agent may be made to probe, by lists and at /probe, who gets its credentials, and that no
secret of a URL is shown. In a network of this file's own where that is allowed."""

import base64
import json
import pathlib
import signal
import urllib.parse

import harness
import servers

PRIVATE = harness.enter_private_network()
DENIED = "127.0.0.2"
METADATA = "169.254.169.254"
SECRETS = ("url-secret", "query-secret", "sd-secret", "rw-secret", "set-secret")


class Allowed(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.denied = self.serve(servers.WebServer(lambda r: servers.reply(r), DENIED))
        port = self.denied.port

        def respond(request):
            away = [("Location", f"http://{DENIED}:{port}/away")]
            servers.reply(request, 302 if request.path == "/" else 200, headers=away)

        self.web = self.serve(servers.WebServer(respond))
        self.names = self.serve(servers.DnsServer(
            {"denied.test": DENIED, "good.test": "127.0.0.1"}, port=0))

    def write_agent(self, denied):
        return self.write("agent.yaml", f"denied_targets: {denied}\nicmp: {{count: 1}}\n"
                          f"resolver: {{servers: ['127.0.0.1:{self.names.port}']}}\n")

    def lines(self, agent, wanted):
        found = {(line["probe_type"], line["target"]): line for line in agent.targets()["targets"]}
        missing = [key for key in wanted if key not in found or not found[key]["last"]]
        if missing:
            raise harness.NotYet(f"no result of {missing}")
        return found

    def test_a_denied_target_is_not_probed_and_no_failure(self):
        port = self.denied.port
        denied = {
            "icmp": [DENIED, "denied.test", METADATA],
            "http": [f"http://{DENIED}:{port}/", f"http://denied.test:{port}/",
                     f"{self.web.url}/", f"http://{METADATA}/latest/meta-data/"],
            "tcp": [f"{DENIED}:{port}", f"denied.test:{port}"],
            "tls": [f"denied.test:{port}"],
            "dns": [f"a.test@{DENIED}:{port}", f"good.test@denied.test:{self.names.port}"]}
        good = {"icmp": ["127.0.0.1"], "http": [f"{self.web.url}/page"],
                "tcp": [f"good.test:{self.web.port}"],
                "dns": [f"good.test@127.0.0.1:{self.names.port}", "good.test"]}
        server = self.start_server("".join(
            harness.target_text(kind, "r-b", denied[kind] + good.get(kind, [])) for kind in denied),
            {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, config=self.write_agent(f"[{DENIED}/32, link_local]"))
        agent.wait_ready()
        refused = [(kind, target) for kind in denied for target in denied[kind]]
        probed = [(kind, target) for kind in good for target in good[kind]]
        found = self.wait("every target has a result",
                          lambda: self.lines(agent, refused + probed), 20)
        for key in refused:
            line = found[key]
            with self.subTest(target=key):
                self.assertEqual((line["state"], line["last"]["error"]),
                                 ("prober_fault", "not_allowed"), line)
                self.assertIn("denied by denied_targets (", line["last"]["detail"])
        self.assertIn(f"redirected to http://{DENIED}:{port}/away: ",
                      found["http", f"{self.web.url}/"]["last"]["detail"])
        self.assertEqual(found["icmp", METADATA]["last"]["detail"],
                         f"{METADATA} is denied by denied_targets (link_local)")
        for key in probed:
            with self.subTest(target=key):
                self.assertEqual(found[key]["state"], "ok", found[key])
        self.assertEqual(self.denied.requests, [])

        def told():
            rows = {(row["probe_type"], row["target"]): row
                    for row in harness.get_json(f"{server.url}/api/v1/targets")["targets"]}
            return all(rows[key]["state"] == "prober_fault" and rows[key]["reason"] == "not_allowed"
                       and "denied by denied_targets (" in rows[key]["detail"] for key in refused)

        self.wait("the server tells why", told, 15)

        # A reload counts for targets that run.
        self.write_agent("[link_local]")
        agent.signal(signal.SIGHUP)

        def probed_now():
            found = self.lines(agent, refused)
            return (found["http", f"http://{DENIED}:{port}/"]["state"] == "ok"
                    and found["tcp", f"denied.test:{port}"]["state"] == "ok"
                    and found["http", f"{self.web.url}/"]["state"] == "ok"
                    and found["http", f"http://{METADATA}/latest/meta-data/"]["last"]["error"]
                    == "not_allowed")

        self.wait("what was denied is probed", probed_now, 15)
        self.assertIn("/away", [path for path, _ in self.denied.requests])

    def test_the_metadata_service_is_denied_unless_somebody_allows_it(self):
        server = self.start_server(
            harness.target_text("http", "r-b", [f"http://{METADATA}/"]) +
            harness.target_text("icmp", "r-b", ["127.0.0.1", METADATA]),
            {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc).wait_ready()
        keys = [("http", f"http://{METADATA}/"), ("icmp", METADATA), ("icmp", "127.0.0.1")]
        found = self.wait("every target has a result", lambda: self.lines(agent, keys), 20)
        for key in keys[:2]:
            self.assertEqual(found[key]["last"]["detail"],
                             f"{METADATA} is denied by denied_targets (link_local)")
        self.assertNotEqual(found[keys[2]]["last"]["error"], "not_allowed")

    def test_a_wrong_entry_is_named_with_its_line(self):
        file = self.write("wrong.yaml", "region: r-a\ndenied_targets:\n  - linklocal\n")
        done = harness.xprober("check-config", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{file}:3: denied_targets: 'linklocal' is not allowed; allowed are ",
                      done.stderr)
        self.assertIn("link_local, private", done.stderr)

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_strangers_at_probe(self):
        def configure(endpoint):
            return self.write("open.yaml", f"{endpoint}\nicmp: {{count: 1}}\nmodules:\n"
                              "  login: {prober: http, http: {basic_auth: "
                              "{username: me, password: set-secret}}}\n"
                              "  named: {prober: http, secret_hosts: [127.0.0.1], http: {basic_auth: "
                              "{username: me, password: set-secret}}}\n")

        port = harness.free_port("0.0.0.0")
        agent = self.keep(harness.Role(self, "agent", configure(""), {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": f"0.0.0.0:{port}", "insecure": "true",
            "rpc_server_addr": "127.0.0.1:1", "state_dir": ""}, f"127.0.0.1:{port}"))
        agent.wait_healthy()

        def ask(target, module):
            return harness.http(f"{agent.url}/probe?" + urllib.parse.urlencode(
                {"target": target, "module": module}), timeout=20)

        answer = ask("127.0.0.1", "icmp")
        self.assertEqual(answer.status, 404)
        self.assertIn("probe_endpoint.enabled", answer.text)
        configure("probe_endpoint: {enabled: true, allowed_targets: [127.0.0.1, 127.0.0.2]}\n"
                  f"denied_targets: [{DENIED}]")
        agent.signal(signal.SIGHUP)
        self.wait("/probe is there", lambda: ask("127.0.0.1", "icmp").status == 200, 10)
        answer = ask("127.0.0.3", "icmp")
        self.assertEqual(answer.status, 403)
        self.assertIn("127.0.0.3 is not in probe_endpoint.allowed_targets", answer.text)
        answer = ask(self.denied.url, "http")
        self.assertEqual(answer.status, 403)
        self.assertIn(f"{DENIED} is denied by denied_targets", answer.text)
        answer = ask(self.web.url, "login")
        self.assertEqual(answer.status, 403)
        self.assertIn("secret_hosts", answer.text)
        self.assertEqual(self.web.requests, [])
        answer = ask(f"{self.web.url}/page", "named")
        self.assertEqual(answer.status, 200)
        self.assertIn("\nprobe_success 1\n", answer.text)
        self.assertEqual([headers.get("Authorization") for _, headers in self.web.requests],
                         ["Basic " + base64.b64encode(b"me:set-secret").decode()])


class Secrets(harness.SystemTest):
    def test_no_secret_of_a_url_is_shown(self):
        targets = []

        def respond(request):
            request.rfile.read(int(request.headers.get("Content-Length") or 0))
            if request.path.startswith("/list"):
                groups = [{"targets": targets, "labels": {"region": "r-b", "prober_type": "http"}}]
                servers.reply(request, 200, json.dumps(groups).encode(),
                              [("Content-Type", "application/json")])
            elif request.path.startswith("/moved"):
                to = f"https://{place}{request.path}"
                servers.reply(request, 301, f'<a href="{to}">Moved</a>'.encode(), [("Location", to)])
            else:
                servers.reply(request)

        web = self.serve(servers.WebServer(respond))
        place = f"127.0.0.1:{web.port}"
        closed = f"http://127.0.0.1:{harness.free_port()}/"
        targets += [f"http://me:url-secret@{place}/page?api_key=query-secret&x=1",
                    f"http://{place}/plain", f"{closed}?token=query-secret"]
        shown = f"http://{place}/page?api_key=***&x=1"
        config = self.write("server.yaml", (
            f"target_urls: ['http://{place}/list?token=sd-secret', 'http://{place}/moved?token=sd-secret']\n"
            f"remote_write: [{{url: 'http://{place}/write?token=rw-secret'}}, "
            f"{{url: 'http://{place}/moved/write?token=rw-secret'}}]\n"
            "mesh: false\nmetrics_per_target: true\n"))
        server = self.start_server(config=config, settings={
            "state_dir": self.folder / "state"}).wait_healthy()
        password = self.write("password", "set-secret\n")
        agent = self.start_agent(server.rpc, settings={
            "metrics_per_target": "true", "http.basic_auth.username": "me",
            "http.basic_auth.password": f"@{password}"}).wait_ready()
        self.wait("the server has the result", lambda: server.metrics().has(
            "http_interface_success", addr=shown), 20)
        self.wait("a failure is told", lambda: any(
            row["target"] == f"{closed}?token=***" and row["state"] == "failing" and row["detail"]
            for row in harness.get_json(f"{server.url}/api/v1/targets")["targets"]), 15)
        self.wait("all is sent", lambda: {path for path, _ in web.requests} >= {
            "/page?api_key=query-secret&x=1", "/plain", "/list?token=sd-secret",
            "/write?token=rw-secret", "/moved?token=sd-secret", "/moved/write?token=rw-secret"}, 15)
        self.wait("where it has moved to is told", lambda: any(
            f"(to https://{place}/moved?token=***," in source["last_error"]
            for source in server.stats()["discovery"]), 15)
        given = {path: headers.get("Authorization") for path, headers in web.requests}
        self.assertEqual(given["/page?api_key=query-secret&x=1"],
                         "Basic " + base64.b64encode(b"me:url-secret").decode())
        self.assertEqual(given["/plain"], "Basic " + base64.b64encode(b"me:set-secret").decode())
        self.assertIn("token=***", json.dumps(server.stats()["discovery"]))

        seen = {"the agent's log": agent.text(), "the server's log": server.text(),
                "the agent's command line": pathlib.Path(f"/proc/{agent.pid}/cmdline").read_text()}
        for role, paths in ((agent, ("/targets",)), (server, (
                "/api/v1/targets", "/api/v1/agents", "/api/v1/incidents", "/api/v1/regions",
                "/api/v1/matrix?metric=http_interface_success"))):
            for path in ("/", "/metrics", "/stats", *paths):
                seen[f"{role.name} {path}"] = harness.http(f"{role.url}{path}").text
        seen["the target's story"] = json.dumps(agent.target(shown))
        for module in ("http", "http_2xx"):
            for target in targets:
                query = urllib.parse.urlencode(
                    {"target": target, "module": module, "debug": "true"})
                seen[f"/probe {target}"] = harness.http(f"{agent.url}/probe?{query}").text
        for where, text in seen.items():
            for secret in SECRETS:
                self.assertNotIn(secret, text, where)


if __name__ == "__main__":
    harness.main()
