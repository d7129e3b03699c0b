"""A person at the server has an agent probe a target now, and reads what it remembers: with a real
agent, with one that is too old or speaks for another, and with one that is lost."""

import concurrent.futures
import json

import harness
import servers

DENIED = "127.0.0.2"
JSON = {"Content-Type": "application/json"}


def post(url, path, body, headers=None):
    return harness.http(f"{url}{path}", "POST", json.dumps(body).encode(), {**JSON, **(headers or {})},
                        timeout=60)


class ProbeNow(harness.SystemTest):
    def row(self, server, address):
        """The first row of a target that is reported."""
        found = harness.get_json(f"{server.url}/api/v1/targets?limit=100")["targets"]
        for row in found:
            if row["target"] == address and row["state"] != "never":
                return row
        raise harness.NotYet(f"no result of {address} among {len(found)}")

    def agents(self, server):
        listed = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
        return {agent["region"]: agent for agent in listed}

    def test_an_agent_is_asked(self):
        servers.make_authority(self.folder)
        context = servers.make_certificate(self.folder, "shop", "IP:127.0.0.1")
        away = [("Location", "/home")]
        shop = self.serve(servers.WebServer(
            lambda r: servers.reply(r, 302 if r.path == "/" else 200,
                                    headers=away if r.path == "/" else []), context=context))
        broken = self.serve(servers.WebServer(lambda r: servers.reply(r, 500)))
        denied = self.serve(servers.WebServer(lambda r: servers.reply(r), DENIED))
        urls = [f"https://127.0.0.1:{shop.port}/", f"{broken.url}/", f"http://{DENIED}:{denied.port}/"]
        server = self.start_server(harness.target_text("http", "r-b", urls, ["r-a"]),
                                   {"mesh": "false", "mesh_lease": f"{int(harness.scaled(4) * 1000)}ms"}).wait_healthy()
        settings = {"http.ca_file": self.folder / "ca.pem", "denied_targets": f"[{DENIED}/32]",
                    "probe_endpoint.enabled": "false"}
        agent = self.start_agent(server.rpc, settings=settings)
        self.start_agent(server.rpc, "r-c", "127.0.0.3", settings, name="other")
        good, bad, forbidden = [self.wait(f"{url} is reported", lambda u=url: self.row(server, u), 30)
                                for url in urls]
        self.wait("both can be asked", lambda: all(
            self.agents(server).get(region, {}).get("answers_questions") for region in ("r-a", "r-c")), 20)

        answer = post(server.url, "/api/v1/probe", {"uid": good["uid"], "region": "r-a"})
        self.assertEqual(answer.status, 200, answer.text)
        told = answer.json()
        self.assertEqual(told["agent"]["local_ip"], "127.0.0.1")
        probe = told["answer"]
        self.assertTrue(probe["listed"] and probe["result"]["success"], probe)
        self.assertEqual(probe["result"]["http"]["redirects"], 1)
        self.assertIn("302", [step["fields"].get("status_code") for step in probe["steps"]])
        chain = probe["result"]["http"]["tls"]["chain"]
        self.assertEqual((chain[0]["subject"], chain[0]["issuer"], chain[0]["key"]),
                         ("CN=shop", "CN=test authority", "EC 256"))
        self.assertEqual(chain[0]["dns_names"], ["127.0.0.1"])
        self.assertLess(chain[0]["not_before_unix"], chain[0]["not_after_unix"])

        answer = post(server.url, "/api/v1/probe",
                      {"target": urls[0], "probe_type": "http", "region": "r-c", "local_ip": "127.0.0.3"})
        self.assertEqual(answer.status, 200, answer.text)
        probe = answer.json()["answer"]
        self.assertTrue(probe["result"]["success"] and not probe["listed"], probe)

        answer = post(server.url, "/api/v1/probe", {"uid": forbidden["uid"], "region": "r-a"})
        self.assertEqual(answer.json()["answer"]["result"]["error"], "not_allowed", answer.text)
        self.assertEqual(denied.requests, [])
        answer = post(server.url, "/api/v1/probe", {"uid": good["uid"], "region": "r-a", "module": "none"})
        self.assertEqual(answer.status, 409, answer.text)
        self.assertIn("Unknown module", answer.json()["error"])
        answer = post(server.url, "/api/v1/probe", {"uid": good["uid"], "region": "r-a"},
                      {"Origin": "http://elsewhere.example"})
        self.assertEqual(answer.status, 403, answer.text)
        self.said(server, "a probe was asked for")

        story = f"{server.url}/api/v1/target/{bad['uid']}/story?region=r-a"
        told = harness.get_json(story)
        self.assertIsNone(told["problem"])
        self.assertEqual(told["story"]["failures"][0]["error"], "bad_status")
        self.assertEqual(told["source"]["failures"][0]["reason"], "bad_status")
        agent.kill()
        self.wait("it is lost", lambda: self.agents(server)["r-a"]["state"] == "lost", 30,
                  [server])
        told = harness.get_json(story)
        self.assertIsNone(told["story"])
        self.assertIn("is lost", told["problem"])
        self.assertGreaterEqual(told["source"]["failures"][0]["results"], 1)
        self.assertEqual(told["source"]["failures"][0]["reason"], "bad_status")
        answer = post(server.url, "/api/v1/probe", {"uid": good["uid"], "region": "r-a"})
        self.assertEqual(answer.status, 409, answer.text)

    def test_nobody_answers_for_another_agent(self):
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.9"]),
                                   {"mesh": "false"}).wait_healthy()
        agent = {"localRegion": "r-z", "localIp": "127.0.0.8", "process": "1" * 32}

        def call(method, **more):
            answer = post(f"http://{server.rpc}", f"/rpc/Server.{method}", {**agent, **more})
            self.assertEqual(answer.status, 200, answer.text)
            return answer.json()

        self.assertNotIn("questions", call("GetProberTargets"))
        uid = self.wait("the target is wanted", lambda: [
            row["uid"] for row in harness.get_json(f"{server.url}/api/v1/targets")["targets"]
            if row["target"] == "127.0.0.9"], 20)[0]
        question = {"uid": uid, "region": "r-z"}
        answer = post(server.url, "/api/v1/probe", question)
        self.assertEqual(answer.status, 409)
        self.assertIn("too old", answer.json()["error"])
        list_of = call("GetProberTargets", answersQuestions=True, syncIntervalMs=100)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(post, server.url, "/api/v1/probe", question)
            self.wait("the agent hears of it", lambda: call(
                "GetProberTargets", answersQuestions=True, revision=list_of["revision"]).get("questions"), 20)
            self.assertEqual(call("Questions", localIp="127.0.0.7")["questions"], [])
            taken = call("Questions")["questions"]
            self.assertEqual([(q["what"], q["target"], q["uid"]) for q in taken], [("probe", "127.0.0.9", uid)])
            reply = {"id": taken[0]["id"], "body": '{"result": "of another"}'}
            call("Questions", process="2" * 32, replies=[reply])
            call("Questions", localIp="127.0.0.7", replies=[reply])
            self.assertFalse(waiting.done())
            call("Questions", replies=[{"id": taken[0]["id"], "body": '{"result": "mine"}'}])
            self.assertEqual(waiting.result(60).json()["answer"], {"result": "mine"})


if __name__ == "__main__":
    harness.main()
