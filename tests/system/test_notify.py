"""People are told of an incident, once: webhooks that fail, hang, refuse and come back get every notice
in order, signed, and none twice once they have taken it; a real Alertmanager shows one alert for one
open incident, also after it or the server was started again, and none when it is closed."""

import hashlib
import hmac
import json
import re
import shutil
import signal
import threading
import time

import harness
import servers

SECRET = "a secret that signs"
PATH = "/hook/not-for-everybody"


class Target:
    """A web server whose page /sick fails while it is told to."""

    def __init__(self):
        self.sick = False
        self._server = servers.WebServer(self._respond)
        self.url = self._server.url

    def _respond(self, request):
        failing = self.sick and request.path == "/sick"
        servers.reply_steadily(request, 503 if failing else 200)

    def start(self):
        self._server.start()

    def close(self):
        self._server.close()


class Hook:
    """A webhook that does with each request what `script` says: a status, or "hang". When it is empty,
    200. `attempts` has every request, `notices` those that were taken."""

    def __init__(self, port=0, script=()):
        self.script = list(script)
        self.attempts = []
        self.notices = []
        self.problems = []
        self._closing = threading.Event()
        self._server = servers.WebServer(self._respond, port=port)
        self.port = self._server.port
        self.url = self._server.url + PATH

    def _respond(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        action = self.script.pop(0) if self.script else 200
        notice = {"key": request.headers["Idempotency-Key"], "at": time.monotonic(),
                  "action": action, "body": json.loads(body)}
        self._check(request, body)
        self.attempts.append(notice)
        if action == "hang":
            self._closing.wait(60)
            return
        if action == 200:
            self.notices.append(notice)
        servers.reply(request, action, b"so be it")

    def _check(self, request, body):
        if request.path != PATH:
            self.problems.append(f"path {request.path}")
        if request.headers["Content-Type"] != "application/json":
            self.problems.append(f"type {request.headers['Content-Type']}")
        match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", request.headers["X-Xprober-Signature"] or "")
        if not match:
            self.problems.append(f"signature {request.headers['X-Xprober-Signature']}")
            return
        wanted = hmac.new(SECRET.encode(), match.group(1).encode() + b"." + body, hashlib.sha256)
        if match.group(2) != wanted.hexdigest() or abs(time.time() - int(match.group(1))) > 60:
            self.problems.append(f"signature {match.group(0)}")

    def events(self):
        return [notice["body"]["event"] for notice in self.notices]

    def start(self):
        self._server.start()

    def close(self):
        self._closing.set()
        self._server.close()


class Notify(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.target = self.serve(Target())
        self.secret = self.write("hook.secret", SECRET + "\n")
        self.rpc_port = harness.free_port()

    def config_text(self, webhooks=(), alertmanagers=()):
        urls = [f"{self.target.url}/{page}" for page in ("sick", "a", "b", "c")]
        lines = ["alerts:", "  for: 3", "  external_url: http://xprober.example",
                 "  labels: {site: here}", f"  alertmanagers: {json.dumps(list(alertmanagers))}",
                 "  webhooks:" + ("" if webhooks else " []")]
        lines += [f"    - {{url: \"{url}\", secret_file: {self.secret}}}" for url in webhooks]
        return harness.server_text(harness.target_text("http", "r-b", urls)) + "\n".join(lines) + "\n"

    def launch(self, **receivers):
        config = self.write("server.yaml", self.config_text(**receivers))
        return self.restart(config)

    def restart(self, config):
        return self.start_server(config=config, rpc_port=self.rpc_port, settings={
            "mesh": "false", "state_dir": self.folder / "state"}).wait_healthy()

    def probe(self, server):
        return self.start_agent(server.rpc, settings={"probe_interval": "500ms"}).wait_healthy()

    def wait_probed(self, server):
        """Every target has a good result: what fails from now on is news."""
        def all_succeed():
            targets = harness.get_json(f"{server.url}/api/v1/targets")["targets"]
            return len(targets) == 4 and all(target["state"] == "ok" for target in targets)
        self.wait("all targets are probed", all_succeed, 30)

    @staticmethod
    def receivers(server):
        return server.stats()["notify"]

    def receiver(self, server):
        line, = self.receivers(server)
        return line

    def wait_events(self, hook, events, timeout=60):
        self.wait(f"the hook was told {events}", lambda: hook.events() == events, timeout)
        self.assertEqual(hook.problems, [])

    def test_each_notice_comes_once_through_failures(self):
        hook = self.serve(Hook(script=[500, 429, 503]))
        server = self.launch(webhooks=[hook.url])
        self.probe(server)
        self.wait_probed(server)
        self.assertEqual(hook.attempts, [])
        self.target.sick = True
        self.wait_events(hook, ["opened"])
        self.assertEqual([attempt["action"] for attempt in hook.attempts], [500, 429, 503, 200])
        self.assertEqual(len({attempt["key"] for attempt in hook.attempts}), 1)
        self.target.sick = False
        self.wait_events(hook, ["opened", "closed"])
        opened, closed = hook.notices
        for notice in hook.notices:
            body = notice["body"]
            self.assertEqual(body["version"], 1)
            self.assertEqual(notice["key"], f"{body['id']}-{body['sequence']}")
            self.assertEqual(body["incident"]["id"], body["id"])
            self.assertEqual(body["external_url"], "http://xprober.example")
            self.assertEqual(body["incident"]["labels"]["site"], "here")
            self.assertEqual(body["incident"]["probe_type"], "http")
        self.assertEqual(opened["body"]["id"], closed["body"]["id"])
        self.assertLess(opened["body"]["sequence"], closed["body"]["sequence"])
        self.assertIsNone(opened["body"]["incident"]["closed_unix"])
        self.assertGreaterEqual(closed["body"]["incident"]["closed_unix"],
                                closed["body"]["incident"]["opened_unix"])
        line = self.wait("all of it is counted", lambda: (
            line := self.receiver(server))["told"] == 2 and line, 10)
        self.assertEqual((line["failed"], line["retried"], line["pending"], line["last_error"]),
                         (0, 3, 0, ""))
        self.assertNotIn(PATH, json.dumps(self.receivers(server)) + server.text())
        self.assertEqual(server.metrics().value("xprober_notify_told_total", name=line["name"]), 2)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(hook.events(), ["opened", "closed"])

    def test_a_hook_that_hangs_is_given_ten_seconds_and_another_one_is_not_held_up(self):
        slow, quick = self.serve(Hook(script=["hang"])), self.serve(Hook())
        server = self.launch(webhooks=[slow.url, quick.url])
        self.probe(server)
        self.wait_probed(server)
        self.target.sick = True
        self.wait_events(quick, ["opened"])
        self.assertEqual(slow.notices, [])
        self.wait_events(slow, ["opened"])
        first, second = slow.attempts
        self.assertEqual(first["key"], second["key"])
        self.assertGreater(second["at"] - first["at"], 9)
        self.assertEqual(len(quick.attempts), 1)

    def test_what_a_hook_was_not_told_waits_on_disk(self):
        hook = Hook()
        hook.start()
        port, url = hook.port, hook.url
        hook.close()
        server = self.launch(webhooks=[url])
        self.probe(server)
        self.wait_probed(server)
        self.target.sick = True
        line = self.wait("the hook is tried", lambda: (
            line := self.receiver(server))["retried"] >= 2 and line, 60)
        self.assertGreater(line["pending"], 0)
        self.assertNotEqual(line["last_error"], "")
        server.kill()
        server = self.restart(server.config)
        again = self.serve(Hook(port=port))
        self.wait_events(again, ["opened"])
        self.target.sick = False
        self.wait_events(again, ["opened", "closed"])
        self.assertEqual(len(again.attempts), 2)
        # What was told once, and noted, is not told again after another kill.
        self.wait("that it was told is noted", lambda: (
            line := self.receiver(server))["told"] == 2 and line["pending"] == 0, 10)
        server.kill()
        server = self.restart(server.config)
        self.wait_probed(server)
        self.wait("the queue was asked for", lambda: self.receiver(server)["pending"] == 0, 20)
        self.assertEqual(again.events(), ["opened", "closed"])

    def test_a_refusal_is_final_and_counted(self):
        hook = self.serve(Hook(script=[404]))
        server = self.launch(webhooks=[hook.url])
        self.probe(server)
        self.wait_probed(server)
        self.target.sick = True
        line = self.wait("the refusal is counted", lambda: (
            line := self.receiver(server))["failed"] == 1 and line, 60)
        self.assertIn("HTTP 404: so be it", line["last_error"])
        self.said(server, "so be it")
        self.target.sick = False
        self.wait_events(hook, ["closed"])

    def test_receivers_come_and_go_with_a_reload(self):
        hook = self.serve(Hook())
        server = self.launch()
        self.probe(server)
        self.wait_probed(server)
        self.assertEqual(self.receivers(server), [])
        self.write("server.yaml", self.config_text(webhooks=[hook.url]))
        server.signal(signal.SIGHUP)
        self.wait("the hook is known", lambda: len(self.receivers(server)) == 1, 20)
        self.target.sick = True
        self.wait_events(hook, ["opened"])
        text = self.config_text(webhooks=[hook.url]).replace(str(self.secret), "/nonexistent")
        self.write("server.yaml", text)
        answer = harness.http(f"{server.url}/-/reload", "POST")
        self.assertNotEqual(answer.status, 200)
        self.assertIn("alerts.webhooks", answer.text)
        self.assertEqual(len(self.receivers(server)), 1)
        self.write("server.yaml", self.config_text())
        self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)
        self.wait("the hook is gone", lambda: self.receivers(server) == [], 20)

    # -- Alertmanager -------------------------------------------------------------------------------

    def start_alertmanager(self, port):
        program = shutil.which("prometheus-alertmanager")
        if not program:
            self.skipTest("prometheus-alertmanager is not installed")
        config = self.write("alertmanager.yml",
                            "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
        # Without memory of an earlier one.
        storage = self.folder / f"alertmanager-{len(self.processes)}"
        manager = self.start("alertmanager", program, f"--config.file={config}",
                             f"--storage.path={storage}",
                             f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=")
        url = f"http://127.0.0.1:{port}"
        self.wait("Alertmanager is ready", lambda: harness.http(url + "/-/ready").status == 200, 30)
        return manager

    def wait_alert(self, url, timeout):
        """The one alert of our own."""
        found = self.wait("there is an alert", lambda: self.alerts(url), timeout)
        self.assertEqual(len(found), 1, found)
        return found[0]

    @staticmethod
    def alerts(url):
        """Those of targets: a machine that is busy makes the agent's own overload one, too, by right."""
        return [alert for alert in harness.get_json(f"{url}/api/v2/alerts")
                if alert["labels"]["alertname"] != "XproberProber"]

    def test_alertmanager_shows_one_alert_for_one_open_incident(self):
        port = harness.free_port()
        url = f"http://127.0.0.1:{port}"
        manager = self.start_alertmanager(port)
        server = self.launch(alertmanagers=[url])
        self.probe(server)
        self.wait_probed(server)
        self.assertEqual(self.alerts(url), [])
        self.target.sick = True
        alert = self.wait_alert(url, 60)
        labels = alert["labels"]
        self.assertRegex(labels["alertname"], r"^Xprober(Target|Source|Path)$")
        self.assertEqual((labels["probe_type"], labels["site"]), ("http", "here"))
        self.assertIn(self.target.url + "/sick", labels["target"])
        self.assertIn(labels["severity"], ("warning", "critical"))
        self.assertNotEqual(alert["annotations"]["summary"], "")
        self.assertEqual(alert["generatorURL"],
                         f"http://xprober.example/incident/{labels['incident']}")
        # Both are started anew: the alert is there at once.
        server.kill()
        manager.kill()
        manager = self.start_alertmanager(port)
        server = self.restart(server.config)
        self.assertEqual(self.wait_alert(url, 20)["labels"], labels)
        # An Alertmanager alone: with the next minute.
        manager.kill()
        manager = self.start_alertmanager(port)
        self.assertEqual(self.wait_alert(url, 100)["labels"], labels)
        self.target.sick = False
        self.wait("the alert is gone", lambda: self.alerts(url) == [], 60)
        self.assertEqual(self.receiver(server)["failed"], 0)
        self.assertEqual(server.stop(), 0)

    def test_each_alertmanager_is_told_whatever_becomes_of_the_other(self):
        ports = [harness.free_port(), harness.free_port()]
        first, second = [f"http://127.0.0.1:{port}" for port in ports]
        manager = self.start_alertmanager(ports[0])
        self.start_alertmanager(ports[1])
        server = self.launch(alertmanagers=[first, second])
        self.probe(server)
        self.wait_probed(server)
        manager.kill()
        self.target.sick = True
        labels = self.wait_alert(second, 60)["labels"]
        self.start_alertmanager(ports[0])
        self.assertEqual(self.wait_alert(first, 100)["labels"], labels)
        self.target.sick = False
        for url in (first, second):
            self.wait(f"the alert is gone from {url}", lambda u=url: self.alerts(u) == [], 60)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
