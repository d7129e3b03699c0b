"""What is shipped for those who alert and draw with Prometheus and Grafana: the rules pass their own tests,
and every expression of rules and dashboards finds series of a real server and a real agent."""

import json
import re
import shutil
import sys
import time
import unittest
import urllib.parse

import harness
import promql
import servers

PROMETHEUS = harness.SOURCE / "packaging" / "prometheus"
GRAFANA = harness.SOURCE / "packaging" / "grafana"
RULES = PROMETHEUS / "xprober-rules.yaml"
RULE_TESTS = [PROMETHEUS / "xprober-rules.test.yaml", PROMETHEUS / "xprober-rules.week.test.yaml"]
BOARDS = [GRAFANA / "xprober-overview.json", GRAFANA / "xprober-prober.json"]
SEVERITIES = {"info", "warning", "critical"}

MISSING = [tool for tool in ("prometheus", "promtool") if not shutil.which(tool)]
needs_prometheus = unittest.skipIf(
    MISSING, f"{' and '.join(MISSING)} not installed (./dev deps test)")


def read(path):
    return path.read_text(encoding="utf-8")


# -- rules --------------------------------------------------------------------------------------------


def alerts_of_rules():
    """[(name, severity or None where the series has it)] of all alert rules."""
    found = []
    for rule in re.split(r"(?m)^      - (?=alert: |record: )", read(RULES)):
        if rule.startswith("alert: "):
            severity = re.search(r"severity: (\w+)", rule.partition("annotations:")[0])
            found.append((re.match(r"alert: (\w+)", rule)[1], severity and severity[1]))
    return found


def tested_alerts():
    """({(name, severity)} that some test wants to fire, {name} that some wants to be silent)."""
    fires, silent = set(), set()
    for path in RULE_TESTS:
        for part in read(path).split("alertname: ")[1:]:
            name = re.match(r"\w+", part)[0]
            if re.match(r"\w+, eval_time: \w+, exp_alerts: \[\]\}", part):
                silent.add(name)
            else:
                fires |= {(name, severity) for severity in
                          re.findall(r"exp_labels: \{[^\n]*severity: (\w+)", part)}
    return fires, silent


@needs_prometheus
class Rules(unittest.TestCase):
    def promtool(self, *arguments):
        done = harness.run(["promtool", *arguments], timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_promtool_accepts_the_rules_and_the_example(self):
        self.assertIn("SUCCESS", self.promtool("check", "rules", RULES))
        self.promtool("check", "config", PROMETHEUS / "prometheus.yaml")

    def test_the_rules_pass_their_own_tests(self):
        for path in RULE_TESTS:
            self.assertIn("SUCCESS", self.promtool("test", "rules", path))

    def test_every_alert_is_tested_to_fire_and_to_be_silent(self):
        alerts = alerts_of_rules()
        fires, silent = tested_alerts()
        self.assertGreater(len(alerts), 40)
        names = {name for name, _ in alerts}
        self.assertEqual(silent, names)
        self.assertEqual({name for name, _ in fires}, names)
        for name, severity in alerts:
            if severity is not None:
                self.assertIn(severity, SEVERITIES, name)
                self.assertIn((name, severity), fires)

    def test_every_alert_waits_and_says_what_it_is(self):
        for rule in re.split(r"(?m)^      - (?=alert: |record: )", read(RULES)):
            if rule.startswith("alert: "):
                for key in ("for: ", "annotations:", "summary: ", "description: "):
                    self.assertIn(key, rule)

    def test_the_example_has_the_jobs_that_the_rules_name(self):
        jobs = set(re.findall(r"(?m)^  - job_name: (\S+)$", read(PROMETHEUS / "prometheus.yaml")))
        self.assertEqual(jobs, set(re.findall(r'job="([^"]+)"', read(RULES))))


# -- dashboards ---------------------------------------------------------------------------------------


def queries_of(board):
    """[(panel's title, expression)] of a dashboard."""
    return [(panel["title"], target["expr"])
            for panel in board["panels"] for target in panel.get("targets", [])]


def lists_of(board):
    """[(variable's name, (selector, label))] of the variables that have the values of a label."""
    found = []
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            text = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
            found.append((variable["name"], (text[1], text[2])))
    return found


def things_called(name, value):
    """Everything that stands under the key `name`, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from things_called(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things_called(name, inner)


@needs_prometheus
class Dashboards(unittest.TestCase):
    def setUp(self):
        self.boards = {path.name: json.loads(read(path)) for path in BOARDS}

    def test_they_are_what_their_sources_make(self):
        done = harness.run([sys.executable, "-B", GRAFANA / "source", "--check"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_refers_to_another_data_source_than_the_one_that_is_chosen(self):
        for name, board in self.boards.items():
            found = list(things_called("datasource", board))
            self.assertGreater(len(found), 20, name)
            for datasource in found:
                self.assertEqual(datasource, {"type": "prometheus", "uid": "${datasource}"}, name)
            panels = [panel for panel in board["panels"] if panel["type"] != "row"]
            for panel in panels:
                for part in (panel, *panel["targets"]):
                    self.assertIn("datasource", part, f"{name}: {panel['title']}")

    def test_panels_have_ids_and_places_of_their_own(self):
        for name, board in self.boards.items():
            panels = board["panels"]
            ids = [panel["id"] for panel in panels]
            self.assertEqual(len(ids), len(set(ids)), name)
            taken = {}
            for panel in panels:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24, f"{name}: {panel['title']}")
                for x in range(at["x"], at["x"] + at["w"]):
                    for y in range(at["y"], at["y"] + at["h"]):
                        other = taken.setdefault((x, y), panel["title"])
                        self.assertIs(other, panel["title"], f"{name}: one covers the other")
                letters = [target["refId"] for target in panel.get("targets", [])]
                self.assertEqual(len(letters), len(set(letters)), panel["title"])

    def test_variables_that_are_used_are_there(self):
        self.assertEqual(len({board["uid"] for board in self.boards.values()}), len(self.boards))
        for name, board in self.boards.items():
            own = {variable["name"] for variable in board["templating"]["list"]}
            self.assertIn("datasource", own)
            texts = [expr for _, expr in queries_of(board)]
            texts += [selector for _, (selector, _) in lists_of(board)]
            used = {one for text in texts for one in promql.variables(text) if not one.startswith("__")}
            self.assertEqual(used, own - {"datasource"}, name)

    def test_selectors_are_told_from_the_rest_of_an_expression(self):
        for expr, found in {
            'max without (instance, job) (a{b=~"x}y"} > bool 0)': ['a{b=~"x}y"}'],
            "rate(a:b[5m] offset 7d) / 3.5e1 and on (c) d": ["a:b", "d"],
            'label_replace({__name__=~"a|b"}, "d", "$1", "e", "(f).*")': ['{__name__=~"a|b"}'],
            "topk(3, sum by (a) (b)) or vector(0) unless time() - c > 21 * 86400": ["b", "c"],
            "sum(a) by (b) + count without (c) (d) * on (e) group_left (f) g": ["a", "d", "g"],
            "a and a": ["a"],
        }.items():
            self.assertEqual(promql.selectors(expr), found, expr)


# -- all of it against a real server and a real agent -------------------------------------------------

# What cannot find a series within a minute, and why. Their selectors are looked for all the same.
TOO_YOUNG = {
    "offset 6d12h": "the median of a day of last week, written as Prometheus writes 156h",
    "offset 7d": "the same hour of last week",
}
# Series that there are not yet: what is recorded from last week.
NOT_YET = {"pair:xprober_rtt_seconds:usual"}
# One of many states: where nothing is in it, the series with another one must be there.
STATE = re.compile(r',?state="\w+"')

# What the system of this test has wrong, on purpose: one URL refuses.
WRONG_ON_PURPOSE = {"XproberIncidentOpen", "XproberEndpointFailing", "XproberErrorBudgetBurn"}
# What a machine that does other work beside a test may do to the prober.
MACHINE_IS_BUSY = {"XproberTicksLate", "XproberTicksSkipped", "XproberReceiveOverflow"}


def take_all(request):
    """A receiver of alerts that is content with everything."""
    request.rfile.read(int(request.headers.get("Content-Length", 0)))
    servers.reply(request)


@needs_prometheus
class RealSeries(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.port = harness.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.found = set()

    def start_probing(self):
        """A server and an agent that has something to do of each kind, all well but for one URL."""
        authority = servers.make_authority(self.folder)
        context = servers.make_certificate(self.folder, "web", "IP:127.0.0.1", days=60)
        page = self.serve(servers.WebServer(servers.reply))
        secure = self.serve(servers.WebServer(servers.reply, context=context))
        told = self.serve(servers.WebServer(take_all))
        refused = f"http://127.0.0.1:{harness.free_port()}/"
        targets = (
            harness.target_text("icmp", "r-b", ["127.0.7.1", "127.0.7.2"])
            + harness.target_text("http", "r-web", [page.url + "/", secure.url + "/", refused])
            + harness.target_text("tcp", "r-web", [f"127.0.0.1:{page.port}"])
            + harness.target_text("tls", "r-web", [f"127.0.0.1:{secure.port}"]))
        self.write("list.json", json.dumps([{
            "targets": ["127.0.7.3"], "labels": {"prober_type": "icmp", "region": "r-c", "team": "net"}}]))
        # Remote write into the same Prometheus: series of the same names that must not be mixed up.
        config = self.write("server.yaml", harness.server_text(targets) + (
            f"target_files: [{self.folder / 'list.json'}]\n"
            f"remote_write:\n  - {{url: {self.url}/api/v1/write, conventional_names: true}}\n"
            f"alerts: {{webhooks: [{told.url}/hook]}}\n"))
        server = self.start_server(config=config, settings={
            "mesh": "false", "metrics_per_target": "true", "state_dir": self.folder / "server"})
        server.wait_healthy()
        agent = self.start_agent(server.rpc, settings={
            "icmp.count": "2", "metrics_per_target": "true", "state_dir": self.folder / "agent",
            "http.ca_file": authority, "tls.tls_config.ca_file": authority})
        return server, agent.wait_healthy()

    def start_prometheus(self, server, agent):
        """It asks often, and works out rules as often that have an interval of their own."""
        self.write("rules.yaml", re.sub(r"(?m)^    interval: \w+$", "    interval: 1s", read(RULES)))
        config = self.write("prometheus.yaml", f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yaml]
scrape_configs:
  - job_name: xprober-server
    static_configs: [{{targets: ["{server.page}"]}}]
  - job_name: xprober-agent
    static_configs: [{{targets: ["{agent.page}"], labels: {{region: r-a}}}}]
""")
        self.start("prometheus", "prometheus", f"--config.file={config}",
                   f"--storage.tsdb.path={self.folder / 'prometheus'}",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-remote-write-receiver")
        self.wait("Prometheus is ready", lambda: harness.http(self.url + "/-/ready").status == 200, 30)

    def ask(self, path, **parameters):
        answer = harness.http(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        self.assertEqual(answer.status, 200, f"{parameters}: {answer.text[:1000]}")
        return answer.json()["data"]

    def finds(self, expr):
        """Whether the answer has a series; an expression that is none fails the test."""
        data = self.ask("query", query=expr)
        return data["resultType"] == "scalar" or bool(data["result"])

    def finds_selector(self, selector):
        if selector in self.found or selector in NOT_YET:
            return True
        without_state = STATE.sub("", selector)
        if self.finds(selector) or (without_state != selector and self.finds(without_state)):
            self.found.add(selector)
            return True
        return False

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def expressions(self):
        """[(where it stands, expression, whether it must find something)] of rules and dashboards."""
        found = [(rule["name"], rule["query"], rule["type"] == "recording") for rule in self.rules()]
        for path in BOARDS:
            found += [(f"{path.name}: {title}", promql.with_all_chosen(expr), True)
                      for title, expr in queries_of(json.loads(read(path)))]
        return [(where, expr, must and not any(text in expr for text in TOO_YOUNG))
                for where, expr, must in found]

    def check_found(self, waiting):
        """Takes out of `waiting` what finds series by now."""
        for where, expr, must in list(waiting):
            lacking = [one for one in promql.selectors(expr) if not self.finds_selector(one)]
            if not lacking and (self.finds(expr) or not must):
                waiting.remove((where, expr, must))
        if waiting:
            raise harness.NotYet("\n".join(
                f"{where}: {expr} (lacks {sorted(set(promql.selectors(expr)) - self.found)})"
                for where, expr, _ in waiting))
        return True

    def test_every_expression_finds_series_and_nothing_is_alerted_on_that_is_well(self):
        server, agent = self.start_probing()
        self.start_prometheus(server, agent)
        began = time.monotonic()
        waiting = self.expressions()
        self.assertGreater(len(waiting), 150)
        number = len(waiting)
        self.wait("every expression finds series", lambda: self.check_found(waiting), 60)
        print(f"{number} expressions found series after {time.monotonic() - began:.1f} s")
        self.check_variables()
        for rule in self.rules():
            self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""), rule["name"])
        self.wait("only what is wrong has alerts", self.only_expected_alerts, 30)
        self.check_that_names_are_not_mixed_up()

    def check_variables(self):
        for path in BOARDS:
            for name, (selector, label) in lists_of(json.loads(read(path))):
                values = self.ask(f"label/{label}/values", **{"match[]": promql.with_all_chosen(selector)})
                self.assertTrue(values, f"{path.name}: ${name}")

    def only_expected_alerts(self):
        """Whether conditions hold of nothing else; none can fire yet, as each waits for a minute or more."""
        active = {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"]}
        odd = active - WRONG_ON_PURPOSE - MACHINE_IS_BUSY
        if odd or not active >= WRONG_ON_PURPOSE:
            raise harness.NotYet(f"alerts: {sorted(active)}")
        return True

    def check_that_names_are_not_mixed_up(self):
        """Remote write and the agent's own page have the same names as the server's page."""
        def labels(expr):
            return sorted(json.dumps(one["metric"], sort_keys=True)
                          for one in self.ask("query", query=expr)["result"])

        self.assertTrue(self.finds('ping_target_success{target!=""}'), "no remote write")
        self.assertTrue(self.finds('probe_success{agent="",job="xprober-agent"}'), "no agent's own")
        self.assertEqual(len(labels("pair:xprober_success:max")), 2)
        self.assertEqual(len(labels("endpoint:xprober_success:max")), 5)
        self.assertEqual(len(labels("target:xprober_certificate_left_seconds:min")), 2)


if __name__ == "__main__":
    harness.main()
