"""Targets from files and URLs: they are followed, whatever is wrong with a source keeps its last good
list, and their labels go with their series."""

import base64
import http.server
import json
import os
import signal
import threading

import harness
import servers

# Of a machine that is busy: a change is there within a second otherwise.
SOON = 15


def group(*targets, **labels):
    return {"targets": list(targets), "labels": labels}


class ListServer:
    """An http_sd server that answers as it is told to: see `answer`."""

    def __init__(self, port=0, context=None):
        self.requests = []
        self.say([])
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(dict(self.headers))
                outer.answer(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}/sd"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def say(self, groups, status=200, kind="application/json"):
        self.say_text(json.dumps(groups), status, kind)

    def say_text(self, text, status=200, kind="application/json"):
        def answer(request):
            body = text.encode()
            request.send_response(status)
            request.send_header("Content-Type", kind)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        self.answer = answer

    def hang(self):
        self.answer = lambda request: self._closing.wait(60)

    def start(self):
        self._thread.start()

    def close(self):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Discovery(harness.SystemTest):
    def begin(self, text, settings=None, **options):
        """A server with this configuration, and what an agent of another region would probe."""
        config = self.write("server.yaml", text)
        return self.start_server(
            config=config, settings={"mesh": "false", **(settings or {})}, **options).wait_healthy()

    def listed(self, server, region="elsewhere"):
        """{target: group} of what the server has agents of a region probe."""
        answer = harness.http(
            f"http://{server.rpc}/rpc/Server.GetProberTargets", "POST",
            json.dumps({"localRegion": region, "localIp": "127.0.0.9"}).encode(),
            {"Content-Type": "application/json", "Accept": "application/json"})
        if answer.status != 200:
            raise harness.NotYet(f"{answer.status}: {answer.text[:200]}")
        return {target: entry for entry in answer.json()["targets"] or []
                for target in entry["target"]}

    def wait_listed(self, server, *targets, timeout=SOON):
        return self.wait(f"the targets are {targets}",
                         lambda: (found := self.listed(server)).keys() == set(targets) and [found],
                         timeout)[0]

    def row(self, server, source):
        for line in server.stats()["discovery"]:
            if line["source"] == str(source):
                return line
        raise harness.NotYet(f"no source {source}")

    def wait_error(self, server, source, text, timeout=SOON):
        def failing():
            line = self.row(server, source)
            if text not in line["last_error"]:
                raise harness.NotYet(line["last_error"])
            return line
        return self.wait(f"the error of {source} names {text!r}", failing, timeout)

    def replace(self, name, text):
        """As a program that takes care does: a new file in the place of the old."""
        fresh = self.write(name + ".tmp", text)
        os.replace(fresh, self.folder / name)
        return self.folder / name

    def test_files_are_followed(self):
        one = self.write("one.json", json.dumps([group("10.1.0.1", region="r-1")]))
        two = self.write("two.yml", "- targets: [http://127.0.0.1:1/, 10.1.0.2]\n"
                                    "  labels: {region: r-2, source_regions: 'elsewhere, x'}\n")
        server = self.begin("prober_targets:\n"
                            "  - {prober_type: icmp, region: r-0, target: 10.0.0.1}\n"
                            "target_files: ['*.json', two.yml]\n")
        found = self.wait_listed(server, "10.0.0.1", "10.1.0.1", "10.1.0.2", "http://127.0.0.1:1/")
        self.assertEqual(found["http://127.0.0.1:1/"]["proberType"], "http")
        self.assertEqual(found["10.1.0.2"]["proberType"], "icmp")
        self.assertEqual(found["10.1.0.2"]["region"], "r-2")
        self.assertNotIn("10.1.0.2", self.listed(server, "y"))
        # Atomic replace, writing in place, and a new file.
        self.replace("one.json", json.dumps([group("10.1.0.3", region="r-1")]))
        self.wait_listed(server, "10.0.0.1", "10.1.0.3", "10.1.0.2", "http://127.0.0.1:1/")
        two.write_text("- {targets: [10.1.0.4], labels: {region: r-2}}\n", encoding="ascii")
        self.wait_listed(server, "10.0.0.1", "10.1.0.3", "10.1.0.4")
        self.write("three.json", json.dumps([group("10.1.0.5", region="r-1")]))
        self.wait_listed(server, "10.0.0.1", "10.1.0.3", "10.1.0.4", "10.1.0.5")
        # A wrong one, one that is cut short, and none at all: its last good targets stay, and the
        # others go on.
        self.replace("one.json", '[\n {"targets": ["10.1.0.9"],\n  "lables": {}}\n]')
        line = self.wait_error(server, one, f"{one}:3: 'lables' is not a key of a group")
        self.assertEqual(line["targets"], 1)
        self.replace("one.json", '[\n {"targets": ["10.1.0.9')
        self.wait_error(server, one, f"{one}:2: this is not valid JSON")
        one.write_text("", encoding="ascii")
        self.wait_error(server, one, f"{one}:1: this is empty")
        one.unlink()
        self.wait_error(server, one, f"{one}: cannot be read: No such file")
        self.replace("two.yml", "- targets: [10.1.0.6]\n  labels:\n    region: r-2\n    a-b: c\n")
        self.wait_listed(server, "10.0.0.1", "10.1.0.3", "10.1.0.5", "10.1.0.6")
        line = self.row(server, two)
        self.assertEqual(line["left_out"], 1)
        self.assertIn(f'{two}:4: "a-b" is not a label\'s name', line["first_left_out"])
        self.said(server, line["first_left_out"].replace('"', '\\"'))
        self.replace("two.yml", "- targets: 10.1.0.7\n")
        self.wait_error(server, two, f"{two}:1: targets is a single value")
        self.write("three.json", "[]")
        self.wait_listed(server, "10.0.0.1", "10.1.0.3", "10.1.0.6")
        self.assertEqual(self.row(server, one)["targets"], 1)
        self.said(server, f"{one}:3: 'lables' is not a key")
        # A reload forgets what is gone from a pattern.
        self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)
        self.wait_listed(server, "10.0.0.1", "10.1.0.6")
        metrics = server.metrics()
        self.assertEqual(metrics.value("xprober_discovery_up", source=str(two)), 0)
        self.assertEqual(metrics.value("xprober_discovery_targets", source=str(two)), 1)

    def swap(self, to, name):
        """As deployments do it: `ln -s TO new; mv -T new NAME`."""
        (self.folder / "new").symlink_to(to)
        os.rename(self.folder / "new", self.folder / name)

    def test_links_are_followed_wherever_they_change(self):
        def release(folder, address):
            place = self.folder / folder
            place.mkdir(parents=True, exist_ok=True)
            (place / "t.json").write_text(json.dumps([group(address, region="r")]), "ascii")

        release("releases/1", "10.1.0.1")
        release("elsewhere/deep", "10.2.0.1")
        release("map/..1", "10.3.0.1")
        self.swap("releases/1", "current")
        self.swap("elsewhere/deep/t.json", "file.json")
        self.swap("..1", "map/..data")
        self.swap("..data/t.json", "map/t.json")
        server = self.begin("prober_targets: []\ntarget_files:\n  - files: [current/t.json, "
                            "file.json, 'map/*.json', later/on/t.json]\n    refresh_interval: 1h\n")
        self.wait_listed(server, "10.1.0.1", "10.2.0.1", "10.3.0.1")
        release("releases/2", "10.1.0.2")
        self.swap("releases/2", "current")
        self.wait_listed(server, "10.1.0.2", "10.2.0.1", "10.3.0.1")
        release("elsewhere/deep", "10.2.0.2")
        self.wait_listed(server, "10.1.0.2", "10.2.0.2", "10.3.0.1")
        release("map/..2", "10.3.0.2")
        self.swap("..2", "map/..data")
        self.wait_listed(server, "10.1.0.2", "10.2.0.2", "10.3.0.2")
        release("releases/2", "10.1.0.3")
        release("map/..2", "10.3.0.3")
        release("later/on", "10.4.0.1")
        self.wait_listed(server, "10.1.0.3", "10.2.0.2", "10.3.0.3", "10.4.0.1")
        os.rename(self.folder / "releases", self.folder / "old")
        self.wait_error(server, self.folder / "current/t.json", "No such file")
        release("releases/2", "10.1.0.4")
        self.wait_listed(server, "10.1.0.4", "10.2.0.2", "10.3.0.3", "10.4.0.1")

    def test_a_source_that_is_too_large_disturbs_nobody(self):
        self.write("a.json", json.dumps([group("10.1.0.1", region="r")]))
        b = self.write("b.json", json.dumps([group("10.2.0.1", region="r")]))
        server = self.begin("prober_targets: []\ntarget_files: ['*.json']\nmax_targets: 5\n")
        self.wait_listed(server, "10.1.0.1", "10.2.0.1")
        self.replace("b.json", json.dumps([group("10.2.0.0/29", region="r")]))
        self.wait_error(server, b, "makes them 9 in all; max_targets allows 5")
        self.replace("a.json", json.dumps([group("10.1.0.2", region="r")]))
        self.wait_listed(server, "10.1.0.2", "10.2.0.1")

    def test_a_url_is_followed_and_lies_change_nothing(self):
        lists = self.serve(ListServer())
        lists.say([group("10.1.0.1", team="a"), group("10.1.0.2")])
        password = self.write("password", "open sesame\n")
        server = self.begin(
            "prober_targets: []\ntarget_urls:\n"
            f"  - {{url: '{lists.url}', refresh_interval: 200ms, timeout: 1s, max_body: 10KiB,\n"
            f"     region: r, basic_auth: {{username: u, password_file: '{password}'}}}}\n")
        self.wait_listed(server, "10.1.0.1", "10.1.0.2")
        headers = lists.requests[0]
        self.assertEqual(headers["X-Prometheus-Refresh-Interval-Seconds"], "0.2")
        self.assertEqual(headers["Authorization"],
                         "Basic " + base64.b64encode(b"u:open sesame").decode())
        for say, error in (
                (lambda: lists.say([], status=500), "the status is 500; wanted is 200"),
                (lambda: lists.say([], kind="text/html"), "the Content-Type is text/html"),
                (lambda: lists.say_text("<html>"), f"{lists.url}:1: this is not valid JSON"),
                (lambda: lists.say_text('[\n{"targets": [[]]}]'),
                 f"{lists.url}:2: a target is a list"),
                (lambda: lists.say_text(" " * 20000), "larger than 10240 bytes"),
                (lambda: lists.say_text("{}"), f"{lists.url}:1: this is an object"),
                (lambda: lists.say([group("10.1.0.300")]), f"{lists.url}:1: target"),
                (lists.hang, "in time")):
            say()
            line = self.wait_error(server, lists.url, error)
            self.assertEqual(line["targets"], 2)
            self.assertEqual(self.listed(server).keys(), {"10.1.0.1", "10.1.0.2"})
        lists.say([group("10.1.0.3")])
        self.wait_listed(server, "10.1.0.3")
        self.assertEqual(self.row(server, lists.url)["last_error"], "")
        lists.say([])  # a good server's empty list is obeyed
        self.wait_listed(server)

    def test_the_last_list_outlives_a_restart(self):
        lists = ListServer()
        lists.start()
        lists.say([group("10.1.0.1", "10.1.0.2")])
        text = (f"prober_targets: []\ntarget_urls:\n  - {{url: '{lists.url}', region: r, "
                "refresh_interval: 300ms}\n")
        state = {"state_dir": str(self.folder / "state")}
        server = self.begin(text, state)
        self.wait_listed(server, "10.1.0.1", "10.1.0.2")
        self.assertEqual(server.stop(), 0)
        lists.close()
        again = self.begin(text, state, name="again")
        # At once: the first answer, not one after a while.
        self.assertEqual(self.listed(again).keys(), {"10.1.0.1", "10.1.0.2"})
        line = self.wait_error(again, lists.url, "Connection refused")
        self.assertTrue(line["kept_list"])
        back = self.serve(ListServer(lists.port))
        back.say([group("10.1.0.3")])
        self.wait_listed(again, "10.1.0.3")
        self.assertFalse(self.row(again, lists.url)["kept_list"])

    def test_an_https_server_is_verified(self):
        authority = servers.make_authority(self.folder)
        lists = self.serve(ListServer(
            context=servers.make_certificate(self.folder, "server", "IP:127.0.0.1")))
        lists.say([group("10.1.0.1")])
        token = self.write("token", "abc\n")
        entry = f"url: '{lists.url}', region: r, refresh_interval: 200ms"
        server = self.begin(f"prober_targets: []\ntarget_urls: [{{{entry}}}]\n")
        self.wait_error(server, lists.url, "certificate not accepted")
        self.write("server.yaml", "prober_targets: []\ntarget_urls: "
                   f"[{{{entry}, ca_file: '{authority}', bearer_token_file: '{token}'}}]\n")
        server.signal(signal.SIGHUP)
        self.wait_listed(server, "10.1.0.1")
        self.assertEqual(lists.requests[-1]["Authorization"], "Bearer abc")

    def test_sources_come_and_go_with_a_reload(self):
        self.write("a.json", json.dumps([group("10.1.0.1", region="r")]))
        lists = self.serve(ListServer())
        lists.say([group("10.2.0.1", region="r")])
        server = self.begin("prober_targets: []\ntarget_files: ['*.json']\n")
        self.wait_listed(server, "10.1.0.1")
        self.write("server.yaml", f"prober_targets: []\ntarget_urls: ['{lists.url}']\n")
        self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)
        self.wait_listed(server, "10.2.0.1")
        self.write("server.yaml", "prober_targets: []\ntarget_files: [a.txt]\n")
        answer = harness.http(f"{server.url}/-/reload", "POST")
        self.assertNotEqual(answer.status, 200)
        self.assertIn("server.yaml:2: target_files[0]: 'a.txt' is not a path of lists", answer.text)
        self.assertEqual(self.listed(server).keys(), {"10.2.0.1"})

    def test_labels_go_with_the_series(self):
        # "team" of the second group comes too late: the first that names a target decides.
        self.write("a.json", json.dumps([
            group("127.0.0.41", region="r-1", team="a \"quoted\" ä", target="own"),
            group("127.0.0.41", region="r-1", team="b"),
            group("127.0.0.42", region="r-1")]))
        server = self.begin("prober_targets: []\ntarget_files: [a.json]\nmetrics_per_target: true\n")
        self.start_agent(server.rpc, settings={"icmp.count": "2"})
        wanted = {"team": "a \"quoted\" ä", "exported_target": "own"}

        def measured():
            metrics = server.metrics()
            return metrics.value("probe_success", target="127.0.0.41", **wanted) == 1 and \
                metrics.value("probe_success", target="127.0.0.42") == 1 and metrics
        metrics = self.wait("both targets have results", measured, 30)
        metrics.value("probe_icmp_duration_seconds", target="127.0.0.41", phase="rtt", **wanted)
        self.assertNotIn("team", metrics.series("probe_success", target="127.0.0.42")[0][0])
        self.assertEqual(metrics.value("xprober_target_label_conflicts"), 1)
        found = {line["target"]: line["labels"]
                 for line in harness.get_json(f"{server.url}/api/v1/targets")["targets"]}
        self.assertEqual(found, {"127.0.0.41": wanted, "127.0.0.42": {}})
        # New labels, the same targets: nobody has to probe anew.
        self.replace("a.json", json.dumps([group("127.0.0.41", "127.0.0.42", region="r-1", team="c")]))
        self.wait("the series have the new labels", lambda: len(
            (m := server.metrics()).series("probe_success", team="c")) == 2
            and m.value("xprober_target_label_conflicts") == 0, SOON)

    def test_odd_labels_cost_nobody_else_anything(self):
        """In JSON, YAML, a file and a URL alike."""
        odd = [{"targets": ["10.1.0.1"], "labels": None},
               {"targets": None},
               {"targets": ["10.1.0.2"], "labels": {
                   "note": "a\tb\nc\u0085", "empty": None, "rack": 12, "a-b": "c",
                   "region": "r-2", **{f"__meta_x_{i}": "y" for i in range(70)}, "__meta_/": "z"}},
               {"targets": ["10.1.0.3"], "labels": {"region": "r\u0085"}},
               {"targets": ["10.1.0.4"], "labels": {}}]
        lists = self.serve(ListServer())
        lists.say(odd)
        self.write("a.json", json.dumps(odd).replace("10.1.0", "10.2.0"))
        self.write("b.yml", json.dumps(odd).replace("10.1.0", "10.3.0"))
        server = self.begin("prober_targets: []\n"
                            "target_files: [{files: [a.json, b.yml], region: r}]\n"
                            f"target_urls: [{{url: '{lists.url}', region: r, refresh_interval: 1s}}]\n")
        found = self.wait_listed(server, *(f"10.{n}.0.{i}" for n in (1, 2, 3) for i in (1, 2, 4)))
        for n in (1, 2, 3):
            self.assertEqual(found[f"10.{n}.0.2"]["region"], "r-2")
        for source in (lists.url, self.folder / "a.json", self.folder / "b.yml"):
            line = self.wait(f"{source} is counted", lambda s=source: (
                row := self.row(server, s))["targets"] == 3 and row, SOON)
            self.assertEqual((line["left_out"], line["last_error"]), (2, ""))
            self.assertIn(f'{source}:1: "a-b" is not a label\'s name', line["first_left_out"])
            self.assertEqual(server.metrics().value("xprober_discovery_left_out",
                                                    source=str(source)), 2)
        lists.say(odd[:1])
        self.wait_listed(server, "10.1.0.1", *(f"10.{n}.0.{i}" for n in (2, 3) for i in (1, 2, 4)))

    def test_check_config_reads_the_files(self):
        self.write("a.json", json.dumps([group("10.1.0.1", region="r")]))
        config = self.write("server.yaml", "prober_targets: []\ntarget_files: ['*.json', none.yml]\n")
        self.assertEqual(harness.xprober("check-config", config).returncode, 0)
        bad = self.write("b.json", '[\n{"targets": ["10.1.0.1"]}]')
        done = harness.xprober("check-config", config)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{bad}:2: the group has no region", done.stderr)

    def test_check_config_refuses_no_more_than_the_server(self):
        bad = self.write("a.json", json.dumps([
            group("10.1.0.1", "10.1.0.300", region="r"),
            group("10.1.0.2", region="r", source_regions=["us", "ap"])]))
        text = "prober_targets: []\ntarget_files: ['*.json']\n"
        done = harness.xprober("check-config", self.write("server.yaml", text))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{bad}:1: warning: label source_regions is a list", done.stderr)
        self.assertIn(f"{bad}:1: warning: target '10.1.0.300' is not a target", done.stderr)
        server = self.begin(text)
        self.wait_listed(server, "10.1.0.1")
        self.assertEqual(self.row(server, bad)["left_out"], 2)


if __name__ == "__main__":
    harness.main()
