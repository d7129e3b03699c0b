"""`xprober top` and the other commands that write to a terminal: a person at a pseudo terminal."""

import re
import signal

import harness
import servers
from terminal import Terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*[34][0-9](?:;[0-9;]*)?m")


class Top(harness.SystemTest):
    """A server with an agent, two targets that fail and one that does not."""

    def setUp(self):
        super().setUp()
        web = self.serve(servers.WebServer(servers.reply))
        self.dead = f"http://127.0.0.1:{harness.free_port()}/shop"
        self.other = f"http://127.0.0.1:{harness.free_port()}/bank"
        self.well = f"{web.url}/"
        self.server = self.start_server(
            harness.target_text("http", "r-b", [self.dead, self.other, self.well]),
            settings={"alerts.for": "20"}).wait_healthy()
        self.agent = self.start_agent(self.server.rpc, settings={"probe_interval": "5s"}).wait_ready()
        self.wait("both fail on the server", lambda: harness.get_json(
            f"{self.server.url}/api/v1/targets?state=failing&limit=1")["matching"] == 2, 30)

    def top(self, *arguments, **options):
        return Terminal(self, ["top", *arguments], **options)

    def test_keys(self):
        top = self.top(self.server.url)
        text = top.wait_for(lambda t: "2 targets fail of 3" in t and re.search("▸ [12] region", t)
                            and "\nq end " in t)
        self.assertIn(f"xprober top  {self.server.url}  server", text)
        self.assertRegex(text, "/(shop|bank)  http in r-b from r-a")
        self.assertRegex(text, r"http in r-b from r-a +\d+ s  █+\n +refused: ")
        self.assertNotIn(self.well, text)
        self.assertRegex(top.raw, COLOUR)
        top.keys("/SHO")
        top.wait_for(lambda t: "/SHO_" in t and "/shop" in t and "/bank" not in t)
        top.keys("\r")
        top.wait_for(r"1 failing target with \"SHO\", worst first")
        top.keys("s")
        top.wait_for("newest first")
        top.keys("\x1b")
        top.wait_for(r"2 failing targets, newest first")
        top.keys("\t\t")
        top.wait_for(r"▾ 3 targets,(?s:.*)  ok  " + re.escape(self.well) + r"  http in r-b from r-a +[\d.]+ ms")
        top.keys("/bank\r")
        top.wait_for("1 target with \"bank\"")
        top.keys("\x1b[H\x1b[B\x1b[B\r")
        top.wait_for(r"failing  from r-a \(127\.0\.0\.1\), \d+ results(?s:.*)refused: ")
        top.keys("\x1b")
        top.wait_for("1 target with \"bank\"")
        top.keys("?")
        top.wait_for("filter by a part of the target")
        # Any size, down to one in which next to nothing has room.
        top.keys("j")
        top.resize(5, 20)
        top.wait_for(lambda t: "2 targets fail of 3" in t and "▾" in t)
        self.assertEqual(len(top.screen.text().splitlines()), 5)
        top.resize(30, 120)
        top.wait_for(r"q end  / filter(?s:.*)")
        top.keys("\x03")
        self.assertEqual(top.wait_end(), 0)
        self.assertTrue(top.is_given_back(), top.raw[-300:])

    def test_an_agent_and_no_colour(self):
        top = self.top(self.agent.url, NO_COLOR="1")
        text = top.wait_for(r"2 targets fail of 3(?s:.*)█(?s:.*)\nq end ")
        self.assertIn(f"{self.agent.url}  agent", text)
        self.assertNotIn("region", text.replace("r-b", ""))
        self.assertNotRegex(top.raw, COLOUR)
        top.keys("\x1c")
        self.assertEqual(top.wait_end(), -signal.SIGQUIT)
        self.assertTrue(top.is_given_back(), top.raw[-300:])

    def test_a_server_that_goes(self):
        top = self.top(self.server.url)
        top.wait_for("2 targets fail of 3")
        self.agent.kill()
        self.server.kill()
        text = top.wait_for(r"OLD, of \d\d:\d\d:\d\d UTC; no answer for \d+ s: ")
        self.assertIn("/shop", text)
        # Whatever ends the process, the terminal is as it was. A sanitizer has its own end for SIGSEGV.
        fatal = signal.SIGABRT if harness.SANITIZED else signal.SIGSEGV
        top.process.send_signal(fatal)
        self.assertEqual(top.wait_end(), -fatal)
        self.assertTrue(top.is_given_back(), top.raw[-300:])

    def test_stopped_and_gone_on(self):
        top = self.top(self.server.url)
        top.wait_for("2 targets fail of 3")
        top.keys("\x1a")
        self.wait("it has stopped", lambda: top.state() == "T", 20)
        top.pump()
        self.assertTrue(top.is_given_back(), top.raw[-300:])
        top.screen.resize(24, 100)
        top.process.send_signal(signal.SIGCONT)
        top.wait_for("2 targets fail of 3")
        top.process.send_signal(signal.SIGTERM)
        self.assertEqual(top.wait_end(), 0)
        self.assertTrue(top.is_given_back(), top.raw[-300:])

    def test_lines(self):
        for url in (self.server.url, self.agent.url):
            done = harness.xprober("top", url)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            lines = done.stdout.splitlines()
            self.assertEqual(len([line for line in lines if " incident " not in line]), 3, done.stdout)
            self.assertRegex(lines[0], r"^\S+Z " + re.escape(url) + ": 2 targets fail of 3")
            self.assertRegex(done.stdout, r"(?m)^\S+Z failing \S+/shop  http in r-b.*: refused: ")
            self.assertNotIn("\x1b", done.stdout)
        # A terminal that cannot be written to at any place.
        top = self.top(self.server.url, term="dumb")
        self.assertEqual(top.wait_end(), 0)
        self.assertIn("2 targets fail of 3", top.raw)
        self.assertNotIn("\x1b", top.raw)
        gone = f"http://127.0.0.1:{harness.free_port()}"
        done = harness.xprober("top", gone)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{gone}: no answer: ", done.stdout)
        for wrong in (["ftp://127.0.0.1/"], ["http://a:b@127.0.0.1/"], ["--every", "0"],
                      ["--token-file", "/no/such/file"]):
            done = harness.xprober("top", *wrong)
            self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
        every = self.start("top", harness.PROGRAM, "top", "--every", "1", self.server.url)
        self.wait("it says so again", lambda: every.out().count("2 targets fail of 3") > 1, 20)
        every.signal(signal.SIGINT)
        self.assertEqual(every.wait(10), 0)


class Standalone(harness.SystemTest):
    def start_standalone(self, *arguments, **options):
        settings = {"server.rpc_listen_addr": f"127.0.0.1:{harness.free_port()}",
                    "server.metrics_listen_addr": f"127.0.0.1:{harness.free_port()}",
                    "agent.http_addr": f"127.0.0.1:{harness.free_port()}",
                    "agent.probe_interval": "500ms"}
        sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        return Terminal(self, ["standalone", "--config", harness.SOURCE / "config" / "standalone.yaml",
                               *sets, *arguments], **options)

    def test_full_screen(self):
        one = self.start_standalone()
        text = one.wait_for(r"▾ \d+ targets, (?s:.*)ok  127\.0\.0\.1  icmp in \S+ from \S+ +\d+\.\d+ ms")
        self.assertIn("server", text)
        # Lines of the log spoil nothing, and are there at the end.
        self.assertNotIn(" info ", text[:-200])
        one.keys("q")
        self.assertEqual(one.wait_end(), 0)
        self.assertTrue(one.is_given_back(), one.raw[-300:])
        after = one.raw[one.raw.rindex("\x1b[?1049l"):]
        self.assertIn(" info  main: stopping", after)

    def test_plain(self):
        one = self.start_standalone("--plain")
        one.wait_for(r"TARGET +TYPE +REGION +STATE(?s:.*)127\.0\.0\.1 +icmp .* ok")
        self.assertNotIn("\x1b[?1049h", one.raw)
        one.keys("\x03")
        self.assertEqual(one.wait_end(), 0)


class Results(harness.SystemTest):
    """Commands that probe, on a terminal: results as they come, then a summary."""

    def shown(self, *arguments):
        one = Terminal(self, arguments, rows=50, columns=200)
        status = one.wait_end()
        return status, one.raw.replace("\r\n", "\n")

    def test_ping(self):
        status, text = self.shown("ping", "-c", "3", "-s", "56", "127.0.0.1", "localhost")
        self.assertEqual(status, 0, text)
        for number in (1, 2, 3):
            self.assertRegex(text, rf"(?m)^64 bytes from 127\.0\.0\.1: seq={number} ttl=64 time=\d+\.\d\d\d ms$")
            self.assertRegex(text, rf"(?m)^64 bytes from localhost \(127\.0\.0\.1\): seq={number} ")
        self.assertRegex(text, r"\n--- localhost ---\n3 echoes sent, 3 answered, 0\.0% lost; "
                               r"rtt min/avg/p99/max/stddev = [\d./]+ ms\n")
        self.assertTrue(text.endswith("\n2 probes of 2 targets: 2 succeeded, 0 did not\n"), text)
        # So many that nobody would read each echo.
        status, text = self.shown("ping", "-c", "2", "127.0.0.0/27")
        self.assertEqual(status, 0, text)
        self.assertEqual(len(re.findall(r"(?m)^127\.0\.0\.\d+: 2 echoes sent, 2 answered", text)), 32)
        self.assertNotIn(" bytes from ", text)

    def test_an_interrupted_ping(self):
        one = Terminal(self, ["ping", "-c", "100", "-i", "200", "127.0.0.1"], rows=50, columns=200)
        one.wait_for("seq=3 ")
        one.keys("\x03")
        self.assertEqual(one.wait_end(), 1)
        text = one.raw.replace("\r\n", "\n")
        shown = len(re.findall(r"(?m) bytes from 127\.0\.0\.1: seq=", text))
        self.assertRegex(text, rf"\n--- 127\.0\.0\.1 ---\n{shown} echoes sent, {shown} answered, 0\.0% lost; "
                               r"rtt min/avg/p99/max/stddev = [\d./]+ ms; shutdown: ")

    def test_http(self):
        web = self.serve(servers.WebServer(servers.reply))
        gone = f"http://127.0.0.1:{harness.free_port()}/"
        status, text = self.shown("http", "-n", "2", f"{web.url}/", gone)
        self.assertEqual(status, 1, text)
        self.assertEqual(len(re.findall(
            rf"(?m)^{re.escape(web.url)}/ \(127\.0\.0\.1\): status 200; resolve [\d.]+ ms, connect [\d.]+ ms, "
            r".*total [\d.]+ ms$", text)), 2, text)
        self.assertEqual(len(re.findall(rf"(?m)^{re.escape(gone)}.*: refused: ", text)), 2, text)
        self.assertRegex(text, rf"--- {re.escape(web.url)}/ ---\n2 probes, 2 succeeded, 0\.0% failed; "
                               r"total min/avg/max = [\d./]+ ms\n")
        self.assertIn("2 probes, 0 succeeded, 100.0% failed\n", text)
        # JSON is what it is everywhere.
        status, text = self.shown("tcp", "--json", gone[7:-1])
        self.assertEqual(status, 1)
        self.assertTrue(text.startswith('{"target":'), text)


if __name__ == "__main__":
    harness.main()
