"""How target lists come to an agent: as a whole, as differences over either transport, kept over a
restart, and held when they take away too much at once."""

import json
import signal

import harness
import test_go_peers

COUNT = 60


def addresses(numbers):
    return [f"127.0.3.{n}" for n in numbers]


def one_group(numbers):
    return harness.target_text("icmp", "r-b", addresses(numbers))


class Sync(harness.SystemTest):
    def start_pair(self, numbers, scheme="", settings=None):
        server = self.start_server(one_group(numbers), {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(scheme + server.rpc, settings={"icmp.count": "1", **(settings or {})})
        self.wait_targets(agent, numbers)
        return server, agent

    def change(self, server, numbers):
        text = one_group(numbers) if numbers else ""
        self.write(server.config.name, harness.server_text(text))
        server.signal(signal.SIGHUP)

    @staticmethod
    def probed(agent):
        listing = harness.get_json(f"{agent.url}/targets?limit=1000")
        return sorted(line["target"] for line in listing["targets"])

    def wait_targets(self, agent, numbers, timeout=20):
        wanted = sorted(addresses(numbers))
        self.wait(f"{len(wanted)} targets are probed", lambda: self.probed(agent) == wanted, timeout)

    def wait_actors(self, agent, **wanted):
        """Of the targets' actors; what the threads count comes in parts."""
        self.wait(f"actors {wanted}", lambda: wanted.items() <= agent.stats()["actors"]["target"].items(), 10)

    def wait_sync(self, what, agent, condition, timeout=20):
        return self.wait(what, lambda: condition(s := agent.stats()["sync"]) and s, timeout)

    def check_differences(self, scheme):
        state = str(self.folder / "agent-state")
        server, agent = self.start_pair(range(COUNT), scheme, {"state_dir": state})
        first = self.wait_sync("the first list is counted", agent, lambda s: s["full"] == 1)
        self.assertEqual(first["differences"], 0)
        self.change(server, range(2, COUNT + 3))
        sync = self.wait_sync("a difference", agent, lambda s: s["differences"] == 1)
        self.wait_targets(agent, range(2, COUNT + 3))
        self.assertEqual((sync["full"], sync["mismatches"], sync["held"]), (1, 0, 0))
        self.wait_actors(agent, spawned=COUNT + 3, stopped=2, running=COUNT + 1)
        # And the next one goes from there.
        self.change(server, range(3, COUNT + 3))
        self.wait_sync("another difference", agent, lambda s: s["differences"] == 2)
        self.wait_targets(agent, range(3, COUNT + 3))
        self.assertEqual(agent.stats()["sync"]["mismatches"], 0)
        self.check_kept(server, agent, scheme, state)

    def check_kept(self, server, agent, scheme, state):
        """Differences are in the list that an agent without its server begins with; a server that
        was started anew recognises that list."""
        port = server.rpc.rpartition(":")[2]
        revision = agent.stats()["sync"]["revision"]
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(server.stop(), 0)
        agent = self.start_agent(scheme + server.rpc, settings={"icmp.count": "1", "state_dir": state})
        self.wait_targets(agent, range(3, COUNT + 3))
        sync = self.wait_sync("the kept list is in force", agent, lambda s: s["kept_list"])
        self.assertEqual(sync["revision"], revision)
        again = self.start_server(settings={"mesh": "false"}, config=server.config, rpc_port=port)
        sync = self.wait_sync("the server is there again", agent, lambda s: s["unchanged"] > 0)
        self.assertEqual((sync["full"], sync["revision"]), (0, revision))
        self.change(again, range(4, COUNT + 3))
        self.wait_sync("a difference of the new server", agent, lambda s: s["differences"] == 1)
        self.wait_targets(agent, range(4, COUNT + 3))

    def test_differences_over_messagepack_rpc(self):
        self.check_differences("")

    def test_differences_over_http(self):
        self.check_differences("http://")

    def test_only_who_asks_for_differences_gets_them(self):
        server = self.start_server(one_group(range(10)), {"mesh": "false"}).wait_healthy()

        def ask(**fields):
            answer = harness.http(f"http://{server.rpc}/rpc/Server.GetProberTargets", "POST",
                                  json.dumps({"localRegion": "r-a", "localIp": "127.0.0.1",
                                              **fields}).encode(),
                                  {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 200, answer.text)
            return answer.json()

        first = ask()
        self.change(server, range(1, 11))
        self.wait("the change", lambda: ask()["revision"] != first["revision"], 10)
        whole = ask(revision=first["revision"])
        self.assertNotIn("base_revision", whole)
        self.assertEqual(len(whole["targets"][0]["target"]), 10)
        part = ask(revision=first["revision"], differences=True)
        self.assertEqual(part, {
            "targets": [], "revision": whole["revision"], "base_revision": first["revision"],
            "added": [{"proberType": "icmp", "region": "r-b", "target": ["127.0.3.10"]}],
            "removed": [{"proberType": "icmp", "region": "r-b", "target": ["127.0.3.0"]}],
            "batch_version": 2})
        self.assertIn("targets", ask(revision="0123456789abcdef", differences=True))
        self.assertTrue(ask(revision=whole["revision"], differences=True)["unchanged"])

    def test_a_list_that_takes_away_too_much_is_held_until_it_comes_again(self):
        server, agent = self.start_pair(range(COUNT), settings={"sync_interval": "2s"})
        self.change(server, range(5))
        held = self.wait_sync("the list is held", agent, lambda s: s["held"] == 1)
        self.assertEqual(held["held_removals"], COUNT - 5)
        self.wait_actors(agent, running=COUNT, stopped=0)
        self.said(agent, "takes away too many targets")
        self.wait_targets(agent, range(5))
        self.assertEqual(agent.stats()["sync"]["held"], 1)
        # An empty one, however few targets there are.
        self.change(server, [])
        self.wait_sync("the empty list is held", agent, lambda s: s["held"] == 2)
        self.wait_actors(agent, running=5)
        self.wait_targets(agent, [])
        self.change(server, range(COUNT))
        self.wait_targets(agent, range(COUNT))

    def test_a_broken_source_that_recovers_costs_nothing(self):
        server, agent = self.start_pair(range(COUNT), settings={"sync_interval": "2s"})
        self.change(server, range(5))
        self.wait_sync("the list is held", agent, lambda s: s["held"] == 1)
        self.change(server, range(COUNT))
        self.wait_sync("it is held no more", agent, lambda s: s["held_removals"] == 0)
        self.wait_actors(agent, running=COUNT, spawned=COUNT)
        self.wait_targets(agent, range(COUNT))

    def test_the_limit_is_configuration(self):
        server, agent = self.start_pair(range(COUNT), settings={"max_removal_percent": "100"})
        self.change(server, range(5))
        self.wait_targets(agent, range(5))
        self.change(server, [])
        self.wait_targets(agent, [])
        self.assertEqual(agent.stats()["sync"]["held"], 0)

    @harness.unittest.skipIf(test_go_peers.missing_go(), test_go_peers.missing_go() or "")
    def test_the_list_of_a_go_server_is_protected_too(self):
        def listed(numbers):
            return json.dumps([{"proberType": "icmp", "region": "r-go",
                                "target": addresses(numbers)}])

        file = self.write("targets.json", listed(range(COUNT)))
        peer = self.start("go_server", test_go_peers.go_program("go_server"),
                          f"127.0.0.1:{harness.free_port()}", file)
        self.wait("the Go server listens", lambda: "listening " in peer.out(), 10)
        agent = self.start_agent(peer.out().split()[1], settings={
            "icmp.count": "1", "sync_interval": "2s"})
        self.wait_targets(agent, range(COUNT))
        self.write("targets.json", listed(range(5)))
        self.wait_sync("the list is held", agent, lambda s: s["held"] == 1)
        self.wait_actors(agent, running=COUNT, stopped=0)
        self.wait_targets(agent, range(5))
        self.write("targets.json", "[]")
        asked = agent.stats()["sync"]["ok"]
        self.wait_sync("the empty list was seen", agent, lambda s: s["ok"] >= asked + 3)
        self.assertEqual(agent.stats()["targets"]["icmp"], 5)
        self.assertEqual(agent.stats()["sync"]["held"], 1)


if __name__ == "__main__":
    harness.main()
