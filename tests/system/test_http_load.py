"""HTTP probes of an agent that is short of something: places held by targets that hang, and files that
it may not open. What it lacks is never the fault of a target."""

import resource
import socket
import time

import harness
import servers


def hanging_listener(test):
    """The port of a listener whose connections stand, in its backlog, and are never answered."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    test.addCleanup(listener.close)
    return listener.getsockname()[1]


def paths(port, count):
    return [f"http://127.0.0.1:{port}/{i}" for i in range(count)]


class Load(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.web = self.serve(servers.WebServer(servers.reply))

    def run_agent(self, urls, settings, **options):
        server = self.start_server(harness.target_text("http", "r-web", urls)).wait_healthy()
        agent = self.start_agent(server.rpc, settings=settings, **options)
        self.wait("every target has its actor", lambda: agent.stats()["actors"]["target"]["running"]
                  == len(urls), 20)
        return agent

    def check_nothing_was_lacking(self, http):
        """Of a machine that is busy the engine's thread may have stood still: what it was late with is given up,
        and told. Nothing else keeps a probe from being made."""
        lacks = {name: http[name] for name in ("no_descriptor", "no_port", "no_memory", "neighbours_full")}
        self.assertEqual(lacks, dict.fromkeys(lacks, 0))
        if http["stalled_ms"] == 0:
            self.assertEqual(http["local_errors"], 0)

    def test_targets_that_hang_do_not_starve_the_others(self):
        # 400 that hang want 2,000 places; there are 100.
        hanging = paths(hanging_listener(self), 400)
        quick = paths(self.web.port, 50)
        agent = self.run_agent(hanging + quick, {"http.timeout": "5s", "http.max_in_flight": "100"})

        def known():
            """Once those that hang are known, the slow ones alone wait."""
            stats = agent.stats()
            queued = stats["http"]["queued_slow"]
            return queued >= 300 and stats["probes"]["http"]["queued"] == queued and stats

        self.wait("those that hang are known", known, 30)

        def probes():
            rows = {url: agent.target(url)["counters"] for url in (quick[0], quick[25], quick[49])}
            return agent.stats(), rows

        stats, rows = probes()
        done = stats["probes"]["http"]["succeeded"]
        self.wait("ten seconds of probes of the quick ones",
                  lambda: agent.stats()["probes"]["http"]["succeeded"] >= done + 500, 14)
        after, now = probes()
        for url, counts in now.items():
            self.assertGreaterEqual(counts["succeeded"] - rows[url]["succeeded"], 8, url)
            self.assertEqual(counts["failed"], 0, url)
        self.check_nothing_was_lacking(after["http"])
        self.assertEqual(after["http"]["places"], 100)
        self.assertLessEqual(after["probes"]["http"]["in_flight"], 100)
        self.assertGreater(after["http"]["yielded"], 0)
        failing = agent.targets("failing")["targets"]
        self.assertTrue(failing, "those that hang get their verdict as well")
        self.assertTrue(all(row["target"] in hanging for row in failing))
        last = agent.target(failing[0]["target"])["last"]
        self.assertEqual(last["error"], "deadline")
        resident, _ = agent.usage()
        print(f"{resident >> 20} MiB resident")
        if not harness.SANITIZED:
            self.assertLess(resident, 64 << 20)

    def test_few_open_files_are_few_probes_at_a_time(self):
        urls = paths(hanging_listener(self), 100) + paths(self.web.port, 20)
        agent = self.run_agent(urls, {"http.timeout": "2s"},
                               launcher=("prlimit", "--nofile=96:96"))
        self.wait("all have been probed", lambda: (
            listing := agent.targets(), listing["ok"] == 20 and listing["failing"] == 100)[1], 30)
        stats = agent.stats()
        # 48 are for files and 16 for the page; of 32 the four engines are sure of 2 each.
        self.assertEqual(stats["http"]["places"], 26)
        self.check_nothing_was_lacking(stats["http"])
        self.assertLess(stats["process"]["open_fds"], 96)
        self.said(agent, "fewer probes at a time than http.max_in_flight")

    def test_all_kinds_together_open_no_more_files_than_there_may_be(self):
        port = hanging_listener(self)
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        names = [f"n{i}.test@127.0.0.1:{silent.getsockname()[1]}" for i in range(60)]
        listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self.addCleanup(listener.close)
        with_tls = [f"127.0.1.{i}:{listener.getsockname()[1]}" for i in range(1, 61)]
        urls = paths(port, 60)
        server = self.start_server(harness.target_text("http", "r-x", urls)
                                   + harness.target_text("tls", "r-x", with_tls)
                                   + harness.target_text("dns", "r-x", names)).wait_healthy()
        agent = self.start_agent(server.rpc, settings={
            "http.timeout": "2s", "tls.timeout": "2s", "dns.timeout": "2s"},
            launcher=("prlimit", "--nofile=96:96"))
        most = [0]

        def all_failing():
            stats = agent.stats()
            most[0] = max(most[0], stats["process"]["open_fds"])
            return agent.targets()["failing"] == 180 and stats

        stats = self.wait("all have been probed", all_failing, 90)
        for kind in ("http", "tls", "dns"):
            self.check_nothing_was_lacking(stats[kind])
            self.assertGreaterEqual(stats["probes"][kind]["failed"], 60, kind)
        self.assertLess(most[0], 96)

    def test_files_that_run_out_are_no_fault_of_the_target(self):
        url = self.web.url + "/"
        agent = self.run_agent([url], {})
        story = self.wait("the target answers",
                          lambda: (s := agent.target(url))["counters"]["succeeded"] > 0 and s, 20)
        soft, hard = resource.prlimit(agent.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, (5, hard))
        seen = [0, 0.0]

        def unasked():
            """The target was not asked for longer than two periods."""
            if seen[0] != len(self.web.requests):
                seen[:] = len(self.web.requests), time.monotonic()
            return time.monotonic() - seen[1] > 2.5

        self.wait("no probe can be made", unasked, 20)
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, (soft, hard))
        before = story["counters"]["succeeded"]
        after = self.wait("it answers again", lambda: (s := agent.target(url))["last"]["success"]
                          and s["counters"]["succeeded"] > before and s, 20)
        self.assertGreater(after["counters"]["local_errors"], 0)
        self.assertEqual(after["counters"]["failed"], 0)
        counts = self.wait("the engine tells that all places are there again",
                           lambda: (s := agent.stats())["http"]["places"] == 1000 and s, 10)
        self.assertGreater(counts["http"]["no_descriptor"], 0)
        self.assertEqual(counts["probes"]["http"]["failed"], 0)
        self.assertGreater(agent.metrics().value("xprober_http_no_descriptor_total"), 0)


if __name__ == "__main__":
    harness.main()
