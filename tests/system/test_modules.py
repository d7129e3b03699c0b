"""Modules: two on one address are two targets, each probed and shown by its name, and a hangup
replaces them."""

import signal

import harness
import servers

ADDRESS = "127.0.0.1"


class Modules(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.methods = []

        def respond(request):
            self.methods.append(request.command)
            servers.reply(request, 404 if request.command == "HEAD" else 200, b"")

        self.server = self.serve(servers.WebServer(respond))
        self.page = self.server.port

    def agent_text(self, modules):
        return "probe_interval: 300ms\nicmp: {count: 2}\nmodules:\n" + modules

    def start_agent_with(self, server, modules):
        self.config = self.write("agent.yaml", self.agent_text(modules))
        page = f"127.0.0.1:{harness.free_port()}"
        agent = self.keep(harness.Role(self, "agent", self.config, {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": page, "state_dir": "",
            "rpc_server_addr": server.rpc, "sync_interval": "300ms", "push_interval": "300ms"}, page))
        return agent.wait_ready()

    def lines(self, agent):
        return {(line["probe_type"], line["target"]): line for line in agent.targets()["targets"]}

    def test_modules_have_targets_settings_and_results_of_their_own(self):
        url = f"http://127.0.0.1:{self.page}/"
        server = self.start_server(
            harness.target_text("icmp", "r-b", [ADDRESS]) +
            harness.target_text("once", "r-b", [ADDRESS]) +
            harness.target_text("http_head", "r-b", [url]) +
            harness.target_text("http", "r-b", [url]) +
            harness.target_text("unknown", "r-b", [url]), {"mesh": "false"}).wait_healthy()
        agent = self.start_agent_with(
            server, "  once: {prober: icmp, icmp: {count: 1}}\n"
                    "  http_head: {prober: http, http: {method: HEAD, valid_status_codes: [404]}}\n")

        def results():
            lines = self.lines(agent)
            return len(lines) == 4 and all(line["last"] for line in lines.values()) and lines

        lines = self.wait("every target has a result", results, 15)
        self.assertEqual(lines["icmp", ADDRESS]["last"]["icmp"]["sent"], 2)
        self.assertEqual(lines["once", ADDRESS]["last"]["icmp"]["sent"], 1)
        self.assertEqual(lines["http", url]["last"]["http"]["status"], 200)
        self.assertEqual(lines["http_head", url]["last"]["http"]["status"], 404)
        self.assertTrue(all(line["state"] == "ok" for line in lines.values()))
        self.assertEqual(len({line["uid"] for line in lines.values()}), 4)
        self.assertEqual(agent.stats()["targets"]["unknown_type"], 1)
        self.assertEqual(agent.err().count("unknown type"), 1)

        def stored():
            rows = harness.get_json(f"{server.url}/api/v1/targets")["targets"]
            return sorted((row["state"] == "never", row["probe_type"]) for row in rows) == [
                (False, "http"), (False, "http_head"), (False, "icmp"), (False, "once"),
                (True, "unknown")]

        self.wait("the server has them by the names of their modules", stored, 10)
        self.assertEqual(server.stats()["targets"]["of_modules"], 3)
        self.assertEqual(server.metrics().value(
            "ping_target_success", source_region="r-a", target_region="r-b"), 1)

        # A hangup replaces the modules: one changes, one comes, one goes.
        self.write("agent.yaml", self.agent_text(
            "  http_head: {prober: http, http: {method: HEAD}}\n"
            "  unknown: {prober: http, http: {method: OPTIONS}}\n"))
        agent.signal(signal.SIGHUP)

        def replaced():
            lines = self.lines(agent)
            return (sorted(name for name, _ in lines) == ["http", "http_head", "icmp", "unknown"]
                    and lines["http_head", url]["state"] == "failing"
                    and lines["unknown", url]["last"] and "OPTIONS" in self.methods)

        self.wait("the new modules are in force", replaced, 10)
        self.assertEqual(agent.stats()["actors"]["target"]["failed"], 0)

    def test_the_user_of_a_url_is_sent_and_shown_nowhere(self):
        plain = f"http://127.0.0.1:{self.page}/in"
        server = self.start_server(
            harness.target_text("http", "r-b", [plain.replace("//", "//Aladdin:open%20sesame@")]),
            {"mesh": "false", "metrics_per_target": "true"}).wait_healthy()
        agent = self.start_agent_with(server, "  unused: {prober: icmp}\n")
        self.wait("the server has a result", lambda: server.metrics().has(
            "http_interface_success", addr=plain), 15)
        story = agent.target(plain)
        self.assertEqual(story["last"]["http"]["status"], 200)
        shown = [agent.err(), server.err(), str(story)]
        for role in (agent, server):
            shown += [harness.http(f"{role.url}{path}").text for path in ("/", "/metrics", "/stats")]
        shown.append(harness.http(f"{agent.url}/targets").text)
        shown.append(harness.http(f"{server.url}/api/v1/targets").text)
        for text in shown:
            self.assertNotIn("sesame", text)
        self.assertEqual({headers.get("Authorization") for path, headers in self.server.requests
                          if path == "/in"}, {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})
        # A target that goes is forgotten by the address that its results have.
        self.write(server.config.name, harness.server_text(""))
        server.signal(signal.SIGHUP)
        self.wait("its series are gone", lambda: not server.metrics().has(
            "http_interface_success", addr=plain), 5)


if __name__ == "__main__":
    harness.main()
