"""The wire as Go's net/rpc with ugorji's MessagePack codec speaks it: our agent against a Go server,
a Go client against our server."""

import fcntl
import json
import os
import shutil
import time

import harness

GO_ENVIRONMENT = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                  "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}


def go_program(name):
    """Builds tests/system/NAME with Debian's Go and its packages; the path of the program."""
    out = harness.BUILD / "go"
    out.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **GO_ENVIRONMENT, "GOCACHE": str(out / "cache")}
    # Another test run may build the same at this moment.
    with open(out / "building", "w", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        done = harness.run(["go", "build", "-o", out / name, "."], 240,
                           cwd=harness.SOURCE / "tests" / "system" / name, env=environment)
    if done.returncode != 0:
        raise AssertionError(f"go build {name}: {done.stdout}{done.stderr}")
    return out / name


def missing_go():
    if not shutil.which("go"):
        return "go is not installed (Debian's golang-go)"
    if not os.path.isdir("/usr/share/gocode/src/github.com/ugorji/go/codec"):
        return "golang-github-ugorji-go-codec-dev is not installed"
    return None


@harness.unittest.skipIf(missing_go(), missing_go() or "")
class GoPeers(harness.SystemTest):
    def start_go_server(self, targets, port=None):
        file = self.write("targets.json", json.dumps(targets))
        peer = self.start("go_server", go_program("go_server"),
                          f"127.0.0.1:{port or harness.free_port()}", file)
        self.wait("the Go server listens", lambda: "listening " in peer.out(), 10)
        peer.rpc = peer.out().split()[1]
        return peer

    @staticmethod
    def results(peer):
        return [json.loads(line) for line in peer.out().splitlines() if line.startswith("{")
                and line.endswith("}")]

    def test_our_agent_and_a_go_server(self):
        url = f"http://127.0.0.1:{harness.free_port()}/refused"
        peer = self.start_go_server([
            {"proberType": "icmp", "region": "r-go", "target": ["127.0.0.51", "127.0.0.52"]},
            {"proberType": "http", "region": "r-go", "target": [url]}])
        agent = self.start_agent(peer.rpc, "r-cpp", "127.0.0.9", {"icmp.count": "5"})
        agent.wait_ready()

        def of(target):
            return [r for r in self.results(peer) if r["targetAddr"] == target]

        for target in ("127.0.0.51", "127.0.0.52"):
            self.wait(f"three values of {target}", lambda t=target: len(of(t)) >= 3, 20)
            values = {r["metricName"]: r["value"] for r in of(target)[:3]}
            self.assertEqual(values["ping_target_success"], 1)
            self.assertEqual(values["ping_packageDrop_rate"], 0)
            self.assertGreater(values["ping_latency_millonseconds"], 0)
            self.assertLess(values["ping_latency_millonseconds"], 100)
            first = of(target)[0]
            self.assertEqual((first["workerName"], first["sourceRegion"], first["targetRegion"],
                              first["probeType"]), ("127.0.0.9", "r-cpp", "r-go", "icmp"))
            self.assertAlmostEqual(first["timeStamp"], time.time(), delta=60)
        self.wait("the refused URL", lambda: of(url), 20)
        self.assertEqual({r["value"] for r in of(url)
                          if r["metricName"] == "http_interface_success"}, {0})
        self.assertTrue(all(r["probeType"] == "http" for r in of(url)))
        self.check_list_changes(peer, agent)
        self.assertEqual(agent.stats()["sync"]["revision"], "")
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        self.assertEqual(agent.stop(), 0)

    def check_list_changes(self, peer, agent):
        """A changed list is obeyed; an empty one is not, since this server knows no revisions."""
        self.write("targets.json", json.dumps(
            [{"proberType": "icmp", "region": "r-go", "target": ["127.0.0.53"]}]))
        self.wait("the changed list is in force", lambda: [
            line["target"] for line in agent.targets()["targets"]] == ["127.0.0.53"], 10)
        self.write("targets.json", "[]")
        asked = agent.stats()["sync"]["ok"]
        self.wait("the empty list was seen", lambda: agent.stats()["sync"]["ok"] >= asked + 3, 20)
        self.assertEqual(agent.stats()["targets"]["icmp"], 1)
        self.assertIsNone(peer.poll())

    def test_our_agent_survives_a_go_servers_restart(self):
        port = harness.free_port()
        targets = [{"proberType": "icmp", "region": "r-go", "target": ["127.0.0.51"]}]
        peer = self.start_go_server(targets, port)
        agent = self.start_agent(peer.rpc, settings={"icmp.count": "1"}).wait_ready()
        self.wait("results", lambda: self.results(peer), 20)
        peer.kill()
        self.wait("results wait", lambda: agent.stats()["push"]["pending"] >= 2, 20, [agent])
        again = self.start_go_server(targets, port)
        self.wait("results arrive again", lambda: self.results(again), 20, [agent, again])
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)

    def test_a_go_client_and_our_server(self):
        server = self.start_server(
            harness.target_text("icmp", "r-b", ["10.1.2.3", "10.4.0.0/30"])
            + harness.target_text("http", "r-b", ["http://web.example/"])
            + harness.target_text("icmp", "go-region", ["10.9.9.9"])
            + harness.target_text("icmp", "r-c", ["10.8.8.8"], ["elsewhere"]),
            {"mesh": "false", "limits.listed_targets_only": "false"}).wait_healthy()
        done = harness.run([go_program("go_client"), "-region", "go-region", "-ip", "127.0.0.9",
                            "-n", "30", "-repeat", "3", "-parallel", "20", server.rpc])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        pushed = [a["pushed"] for a in answers if "pushed" in a]
        lists = [a["targets"] for a in answers if "targets" in a]
        self.assertEqual(pushed, [30, 30, 30])
        self.assertEqual(len(lists), 3 * 20)
        for answer in lists:
            self.assertEqual({(t["proberType"], t["region"], tuple(sorted(t["target"])))
                              for t in answer}, {
                ("icmp", "r-b", ("10.1.2.3", "10.4.0.0", "10.4.0.1", "10.4.0.2", "10.4.0.3")),
                ("http", "r-b", ("http://web.example/",))})
        metrics = server.metrics()
        pair = {"source_region": "go-region", "target_region": "go-target-region"}
        self.assertEqual(metrics.value("ping_latency_millonseconds", **pair), 0.25)
        self.assertEqual(metrics.value("ping_packageDrop_rate", **pair), 0)
        self.assertEqual(metrics.value("ping_target_success", **pair), 1)
        results = self.wait("the counters have arrived", lambda: (
            r := server.stats()["results"])["received"] == 90 and r, 5)
        self.assertEqual((results["accepted"], results["rejected"]), (90, 0))

    def test_a_go_client_gets_errors_as_errors(self):
        server = self.start_server().wait_healthy()
        done = harness.run([go_program("go_client"), "-method", "Server.Nothing", server.rpc])
        self.assertEqual(done.returncode, 1)
        self.assertIn("Server.Nothing", json.loads(done.stdout)["error"])
        done = harness.run([go_program("go_client"), server.rpc])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('"targets":', done.stdout)

    def test_a_large_push_and_a_large_list(self):
        server = self.start_server(
            harness.target_text("icmp", "r-b", ["10.0.0.0/16"]),
            {"mesh": "false", "limits.listed_targets_only": "false"}).wait_healthy()
        done = harness.run([go_program("go_client"), "-n", "60000", server.rpc], 60)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers[0]["targets"][0]["target"]), 65536)
        self.assertEqual(answers[1]["pushed"], 60000)


if __name__ == "__main__":
    harness.main()
