"""A reload that takes an agent to another server: the old one hears a goodbye, the new one has all that
comes after it, nothing is lost and nothing counts twice."""

import json
import signal
import sqlite3

import harness

SHARED = ["127.0.0.41", "127.0.0.42"]
OLD, NEW = "127.0.0.43", "127.0.0.44"
LOAD = {"probe_interval": "300ms", "push_interval": "200ms", "sync_interval": "300ms",
        "icmp.count": "1", "icmp.timeout": "300ms"}


class OtherServer(harness.SystemTest):
    def launch_server(self, name, addresses=(), settings=None, **options):
        return self.start_server(
            harness.target_text("icmp", "r-b", [*SHARED, *addresses]), {
                "mesh": "false", "state_dir": self.folder / name, **(settings or {})},
            name=name, **options).wait_healthy()

    def launch_agent(self, servers, state_dir="agent", **keys):
        self.page = f"127.0.0.1:{harness.free_port()}"
        self.config = self.folder / "agent.yaml"
        self.write_agent(servers, **keys)
        return self.keep(harness.Role(self, "agent", self.config, {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": self.page,
            "state_dir": state_dir and self.folder / state_dir, **LOAD}, self.page))

    def write_agent(self, servers, **keys):
        # One key a line: what is wrong is named with its line.
        lines = {"rpc_server_addr": servers, **keys}
        self.write("agent.yaml", "".join(f"{key}: {json.dumps(value)}\n" for key, value in lines.items()))

    def reload(self, agent, servers, **keys):
        self.write_agent(servers, **keys)
        answer = harness.http(f"{agent.url}/-/reload", "POST")
        self.assertEqual(answer.status, 200, answer.text)

    @staticmethod
    def state(server):
        lines = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
        if not lines:
            raise harness.NotYet("no agent")
        return lines[0]["state"]

    def wait_state(self, server, state):
        self.wait(f"the agent is {state} at {server.name}", lambda: self.state(server) == state, 20)

    def wait_results(self, server, more=5):
        count = server.stats()["journal"]["total"]["results"]
        self.wait(f"{server.name} gets results", lambda: server.stats()["journal"]["total"][
            "results"] >= count + more, 30)

    def wait_asked(self, agent, times=3):
        asked = agent.stats()["sync"]["ok"]
        self.wait("the server has been asked", lambda: agent.stats()["sync"]["ok"] >= asked + times, 20)

    def check_left(self, server):
        self.wait_state(server, "left")
        incidents = harness.get_json(f"{server.url}/api/v1/incidents")["incidents"]
        # A busy machine may well make an agent tell of its load, which is another thing.
        self.assertEqual([one for one in incidents if one["reason"] == "lost"], [])
        self.assertNotIn("agent lost", server.err())

    def check_exact(self, agent, *servers):
        """Every result that was acknowledged is with one server, and none with two."""
        self.assertEqual(agent.stop(), 0)
        connection = sqlite3.connect(self.folder / "agent" / "spool.db")
        try:
            spooled, acked, dropped = connection.execute(
                "SELECT results_spooled, results_acked, results_dropped FROM state").fetchone()
            waiting, = connection.execute("SELECT coalesce(sum(results), 0) FROM batches").fetchone()
        finally:
            connection.close()
        journals = [server.stats()["journal"] for server in servers]
        print(f"spooled {spooled}, acknowledged {acked}, dropped {dropped}, waiting {waiting}; {journals}")
        self.assertEqual((spooled, dropped, waiting), (acked, 0, 0))
        self.assertEqual(sum(journal["total"]["results"] for journal in journals), acked)
        for journal in journals:
            self.assertEqual(journal["total"]["missing_batches"], 0)
            self.assertEqual(journal["duplicate_batches"], 0)

    def test_it_goes_from_one_to_the_other_and_back(self):
        first, second = self.launch_server("first"), self.launch_server("second")
        agent = self.launch_agent(first.rpc)
        self.wait_results(first)
        self.wait_state(first, "ok")
        self.reload(agent, second.rpc)
        self.check_left(first)
        self.wait_state(second, "ok")
        self.wait_results(second)
        # What is with the first is all that it ever gets.
        before = first.stats()["journal"]["total"]["results"]
        self.wait_results(second)
        self.assertEqual(first.stats()["journal"]["total"]["results"], before)

        self.write_agent(first.rpc)
        agent.signal(signal.SIGHUP)
        self.check_left(second)
        self.wait_state(first, "ok")
        self.wait_results(first)
        self.assertNotIn("need a restart", agent.err())
        self.check_exact(agent, first, second)
        self.check_left(first)

    def test_the_new_list_is_the_new_servers(self):
        first, second = self.launch_server("first", [OLD]), self.launch_server("second", [NEW])
        agent = self.launch_agent(first.rpc, state_dir="")

        def probed():
            return {line["target"] for line in agent.targets()["targets"]}

        self.wait("the first list is probed", lambda: probed() == {*SHARED, OLD}, 20)
        counts = agent.stats()["actors"]["target"]
        self.reload(agent, second.rpc)
        self.wait("the second list is probed", lambda: probed() == {*SHARED, NEW}, 20)
        self.wait("those of both lists have gone on", lambda: (
            row := agent.stats()["actors"]["target"])["spawned"] == counts["spawned"] + 1 and row, 20)
        self.wait("their results are there", lambda: {
            line["target"] for line in harness.get_json(f"{second.url}/api/v1/targets")["targets"]
            if line["state"] in ("ok", "degraded")} == {*SHARED, NEW}, 20)

    def test_one_that_stays_in_the_list_is_not_left(self):
        first, second = self.launch_server("first"), self.launch_server("second")
        agent = self.launch_agent([first.rpc])
        self.wait_results(first)
        whole = agent.stats()["sync"]["full"]
        self.reload(agent, [second.rpc, first.rpc])
        self.wait_asked(agent)
        self.wait_results(first)
        self.assertEqual(self.state(first), "ok")
        self.assertNotIn("agent left", first.err())
        self.assertEqual(agent.stats()["sync"]["full"], whole)
        self.assertEqual(second.stats()["agents"], 0)
        self.reload(agent, [second.rpc])
        self.check_left(first)
        self.wait_results(second)
        self.check_exact(agent, first, second)

    def test_one_that_is_down_gets_all_of_it_later(self):
        first = self.launch_server("first")
        agent = self.launch_agent(first.rpc)
        self.wait_results(first)
        port = harness.free_port()
        self.reload(agent, f"127.0.0.1:{port}")
        self.check_left(first)
        started = agent.stats()["probes"]["icmp"]["started"]
        self.wait("it goes on probing", lambda: agent.stats()["probes"]["icmp"][
            "started"] >= started + 6, 20)
        self.wait("results wait", lambda: agent.stats()["push"]["spool_batches"] >= 4, 20)
        second = self.launch_server("second", rpc_port=port)
        self.wait_state(second, "ok")
        self.wait("they have been pushed", lambda: (p := agent.stats()["push"])["spool_batches"] <= 1
                  and p["last_error"] == "", 30)
        self.check_exact(agent, first, second)

    def test_one_that_is_dead_holds_up_no_reload(self):
        first, second = self.launch_server("first"), self.launch_server("second")
        agent = self.launch_agent(first.rpc)
        self.wait_results(first)
        first.signal(signal.SIGSTOP)
        try:
            self.reload(agent, second.rpc)
            self.wait_results(second)
        finally:
            first.signal(signal.SIGCONT)
        self.assertEqual(agent.stop(), 0)

    def test_a_wrong_new_server_leaves_the_old_one_in_force(self):
        first = self.launch_server("first")
        agent = self.launch_agent(first.rpc)
        self.wait_results(first)
        missing = str(self.folder / "missing")
        for servers, keys, said in (
                ("ftp://127.0.0.1:1", {}, "agent.yaml:1: rpc_server_addr"),
                ([], {}, "agent.yaml:1: rpc_server_addr"),
                (f"http://{first.rpc}", {"rpc": {"token_file": missing}}, "token_file"),
                (f"https://{first.rpc}", {"rpc": {"ca_file": missing}}, "ca_file")):
            self.write_agent(servers, **keys)
            answer = harness.http(f"{agent.url}/-/reload", "POST")
            self.assertIn(answer.status, (400, 500), answer.text)
            self.assertIn(said, answer.text)
            self.assertIn("the old configuration stays in force", answer.text)
        self.wait_asked(agent)
        self.wait_results(first)
        self.assertEqual(self.state(first), "ok")
        self.assertNotIn("agent left", first.err())
        self.check_exact(agent, first)

    def test_a_token_is_read_again(self):
        token = self.write("token", "right-0123456789\n")
        first = self.launch_server("first", settings={
            "rpc.token_file": self.write("server-token", "right-0123456789\n")})
        keys = {"rpc": {"token_file": str(token)}}
        servers = f"http://{first.rpc}"
        agent = self.launch_agent(servers, **keys)
        self.wait_results(first)
        token.write_text("wrong-0123456789\n", "utf-8")
        self.reload(agent, servers, **keys)
        self.wait("the server refuses it", lambda: "401" in agent.stats()["sync"]["last_error"], 20)
        token.write_text("right-0123456789\n", "utf-8")
        self.reload(agent, servers, **keys)
        self.wait("it is taken again", lambda: agent.stats()["sync"]["last_error"] == "", 20)
        self.wait_results(first)
        self.assertNotIn("agent left", first.err())
        self.check_exact(agent, first)

    def test_standalone_stays_with_its_own_server(self):
        rpc, page, agents_page = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        agent, server = f"http://{agents_page}", f"http://{page}"

        def text(rpc_address):
            return json.dumps({
                "server": {"rpc_listen_addr": rpc_address, "metrics_listen_addr": page, "mesh": False,
                           "prober_targets": [{"prober_type": "icmp", "region": "r-b",
                                               "target": SHARED}]},
                "agent": {"region": "r-a", "local_ip": "127.0.0.1", "http_addr": agents_page,
                          "sync_interval": "300ms", "push_interval": "300ms",
                          "probe_interval": "300ms"}})

        config = self.write("both.yaml", text(rpc))
        process = self.start("standalone", harness.PROGRAM, "standalone", "--config", config)

        def asked():
            return harness.get_json(f"{agent}/stats")["sync"]["ok"]

        self.wait("the server has been asked", lambda: asked() > 1, 20)
        self.write("both.yaml", text(f"127.0.0.1:{harness.free_port()}"))
        self.assertEqual(harness.http(f"{server}/-/reload", "POST").status, 200)
        count = asked()
        self.wait("it is asked on", lambda: asked() >= count + 3, 20)
        self.wait("the log says which keys need a restart",
                  lambda: "rpc_listen_addr" in process.err() and "rpc_server_addr" in process.err(), 20)
        self.assertEqual(process.stop(), 0)


if __name__ == "__main__":
    harness.main()
