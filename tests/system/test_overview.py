"""What is seen of everything at once: the map of a moment, labels of regions, states by a label, what waits in
agents, and the status that everybody may read."""

import json
import time

import batches
import harness
import incident_world as world

INSTANCE = bytes(range(16))
TOKEN = "operators-token-0123456789"
SETTINGS = {"probe_interval": "500ms", "push_interval": "150ms", "sync_interval": "300ms"}

CONFIG = """
prober_targets:
  - {{prober_type: http, region: r-web, target: {urls}, labels: {{team: shop}}}}
region_labels:
  r-a: {{continent: europe, cloud: "1"}}
limits: {{listed_targets_only: false}}
mesh: false
web: {{token_file: {folder}/token}}
status:
  enabled: {enabled}
  title: Our services
  groups:
    - {{name: Shop, match: {{label.team: shop}}}}
    - {{name: Nobody, match: {{region: nowhere}}}}
"""


class Overview(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.write("token", TOKEN + "\n")
        self.pages = self.serve(world.Pages(3))

    def configure(self, enabled):
        return self.write("server.yaml", CONFIG.format(
            urls=json.dumps(list(self.pages.urls)), folder=self.folder, enabled=str(enabled).lower()))

    def ask(self, path, signed_in=True):
        headers = {"Authorization": f"Bearer {TOKEN}"} if signed_in else {}
        return harness.http(self.server.url + path, headers=headers)

    def get(self, path):
        answer = self.ask(path)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json()

    def test_overview(self):
        self.server = self.start_server(config=self.configure(True))
        self.wait("the server is healthy", lambda: self.ask("/-/healthy").status == 200, 20)
        self.start_agent(self.server.rpc, "r-a", settings=SETTINGS)
        self.check_past()
        self.check_agents()
        self.check_states_and_status()

    def check_past(self):
        """A pair that failed two hours ago and is well now; another one the other way round."""
        now = int(time.time())
        then = now - 7200
        rows = [batches.icmp(region, "10.9.0.1", at * 1000, mean) for region, at, mean in (
            ("r-b", then, None), ("r-b", now, 12.5), ("r-c", then, 40.0), ("r-c", now, None))]
        answer = batches.push(self.server.rpc, batches.batch(INSTANCE, 1, now * 1000, rows))
        self.assertEqual(answer["accepted"], 4)

        def cells(path):
            matrix = self.get(path)
            names = matrix["regions"]
            row = matrix["values"][names.index("r-a")] if "r-a" in names else []
            return {name: value for name, value in zip(names, row) if value is not None}

        def past(metric):
            return cells(f"/api/v1/matrix?metric={metric}&at={then}")

        self.wait("the history has all", lambda: past("state") == {"r-b": "failing", "r-c": "ok"}, 20)
        self.wait("the present is another", lambda: cells("/api/v1/matrix?metric=state") == {
            "r-b": "ok", "r-c": "failing"}, 20)
        self.assertEqual(past("latency"), {"r-c": 40.0})
        self.assertEqual(past("success"), {"r-b": 0.0, "r-c": 1.0})
        whole = self.get(f"/api/v1/matrix?metric=state&at={then}")
        self.assertTrue(whole["from_unix"] <= then < whole["to_unix"], whole)
        self.assertEqual(whole["level"], "15s")
        self.assertEqual(self.ask(f"/api/v1/matrix?at={now + 86400}").status, 400)
        tagged = self.ask(f"/api/v1/matrix?metric=state&at={then}")
        again = harness.http(f"{self.server.url}/api/v1/matrix?metric=state&at={then}", headers={
            "Authorization": f"Bearer {TOKEN}", "If-None-Match": tagged.headers["ETag"]})
        self.assertEqual(again.status, 304, again.text)
        labels = {region["region"]: region["labels"] for region in self.get("/api/v1/regions")["regions"]}
        self.assertEqual(labels["r-a"], {"continent": "europe", "cloud": "1"})
        self.assertEqual(labels["r-b"], {})

    def check_agents(self):
        """A real one tells what there is, another one what it likes."""
        asked = harness.http(f"http://{self.server.rpc}/rpc/Server.GetProberTargets", "POST", json.dumps({
            "localRegion": "r-a", "localIp": "127.0.0.9", "version": "x", "httpAddr": ":8087",
            "spoolBatches": 7, "spoolBytes": 12345, "spoolOldestUnix": 1700000000, "lagMs": 33}).encode(),
            {"Content-Type": "application/json"})
        self.assertEqual(asked.status, 200, asked.text)

        def look():
            agents = {agent["local_ip"]: agent for agent in self.get("/api/v1/agents")["agents"]}
            if len(agents) < 2:
                raise harness.NotYet(agents)
            return agents

        agents = self.wait("both are there", look, 20)
        told = agents["127.0.0.9"]
        self.assertEqual(told["backlog"], {"batches": 7, "bytes": 12345, "oldest_unix": 1700000000}, told)
        self.assertEqual((told["lag_ms"], told["shard"], told["link"]),
                         (33, {"place": 2, "of": 2}, "http://127.0.0.9:8087/"), told)
        real = agents["127.0.0.1"]
        self.assertIsNotNone(real["backlog"], real)
        self.assertEqual(real["shard"], {"place": 1, "of": 2}, real)
        self.assertIsNotNone(real["lag_ms"], real)

    def check_states_and_status(self):
        self.pages.down(self.pages.urls[0])

        def states():
            found = {group["name"]: group["states"]
                     for group in self.get("/api/v1/states?by=label.team&probe_type=http")["groups"]}
            shop = found.get("shop", {})
            if (shop.get("failing"), shop.get("ok")) != (1, 2):
                raise harness.NotYet(found)
            return shop

        self.wait("one of three fails", states, 20)
        self.wait("it is an incident", lambda: [
            one for one in self.get("/api/v1/incidents?state=open")["incidents"] if one["probe_type"] == "http"], 20)

        def status():
            answer = self.ask("/api/v1/status", signed_in=False)
            self.assertEqual(answer.status, 200, answer.text)
            groups = {group["name"]: group for group in answer.json()["groups"]}
            shop = groups["Shop"]
            if shop["checks"] != {"failing": 1, "of": 3} or not shop["incidents"]:
                raise harness.NotYet(shop)
            return answer.text, groups

        text, groups = self.wait("everybody may read of it", status, 30)
        shop = groups["Shop"]
        self.assertEqual((shop["state"], shop["words"]), ("degraded", "works in part"))
        self.assertEqual(shop["incidents"][0]["since_unix"], shop["since_unix"])
        self.assertEqual(groups["Nobody"]["state"], "unknown")
        # What was before the start is not known, and nothing of who has no targets.
        known = shop["days"]["known_seconds"]
        self.assertEqual((len(known), sum(known[:-2])), (90, 0), known)
        self.assertGreater(known[-1], 0)
        self.assertTrue(shop["known_24h"])
        self.assertEqual((sum(groups["Nobody"]["days"]["known_seconds"]), groups["Nobody"]["known_24h"]), (0, []))
        for hidden in ("127.0.0", "http:", "r-web", "r-a"):
            self.assertNotIn(hidden, text)
        self.assertEqual(self.ask("/status", signed_in=False).status, 200)
        for path in ("/api/v1/states", "/stats", "/status?group=region=r-web", "/map"):
            self.assertEqual(self.ask(path, signed_in=False).status, 401, path)

        self.configure(False)
        reloaded = harness.http(f"{self.server.url}/-/reload", "POST", b"",
                                {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual(reloaded.status, 200, reloaded.text)
        for path in ("/status", "/api/v1/status"):
            answer = self.ask(path, signed_in=False)
            self.assertEqual(answer.status, 404, path)
            self.assertIn("status.enabled is false", answer.text)


if __name__ == "__main__":
    harness.main()
