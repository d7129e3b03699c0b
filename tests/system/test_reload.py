"""Configurations that change while the program runs: a removed target goes everywhere, and one that is
refused, by whomever, changes nothing."""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import threading
import time

import harness

KEPT = "127.0.0.31"
REMOVED = "127.0.0.32"
ADDED = "127.0.0.33"

READ_AGAIN = "configuration read again"


def region_of(address):
    return "r-" + address.rpartition(".")[2]


def targets(*addresses):
    """Each in a region of its own, so that it has series of its own."""
    return "".join(harness.target_text("icmp", region_of(a), [a]) for a in addresses)


class Reload(harness.SystemTest):
    def start_pair(self, **options):
        server = self.start_server(targets(KEPT, REMOVED), {"mesh": "false"}).wait_healthy()
        agent = self.start_agent(server.rpc, settings={"icmp.count": "2"}, **options)
        for address in (KEPT, REMOVED):
            self.wait(f"series of {address}", lambda a=address: self.has_series(server, a), 30)
        return server, agent

    @staticmethod
    def has_series(server, address):
        metrics = server.metrics()
        return metrics.has("ping_target_success", target_region=region_of(address))

    def wait_actors(self, agent, **wanted):
        """Of the targets' actors, none of which failed; what the threads count comes in parts."""
        wanted["failed"] = 0
        return self.wait(f"actors {wanted}", lambda: wanted.items() <= (
            row := agent.stats()["actors"]["target"]).items() and row, 20)

    def check_change(self, server, agent, reload):
        """REMOVED goes and ADDED comes within two syncs of `reload`."""
        before = self.wait_actors(agent, running=2)
        self.write(server.config.name, harness.server_text(targets(KEPT, ADDED)))
        read = server.err().count(READ_AGAIN)
        reload()
        self.wait("the server has read it", lambda: server.err().count(READ_AGAIN) > read, 20)
        begun = asked = agent.stats()["sync"]["ok"]

        def dead():
            nonlocal asked
            before = agent.stats()["sync"]["ok"]
            if sorted(line["target"] for line in agent.targets()["targets"]) == [KEPT, ADDED]:
                return True
            asked = before
            return False

        self.wait("the removed target is dead", dead, 20)
        # Two, and those of the second in which the agent counts them.
        self.assertLessEqual(asked - begun, 5)
        self.wait_actors(agent, running=2, spawned=before["spawned"] + 1, stopped=before["stopped"] + 1)
        self.wait("its series are gone", lambda: not self.has_series(server, REMOVED), 20)
        self.wait("the new target's series are there", lambda: self.has_series(server, ADDED), 20)
        self.assertTrue(self.has_series(server, KEPT))
        # A straggler must not bring it back: what was under way has been pushed after so many.
        pushed = agent.stats()["push"]["batches_ok"]
        self.wait("results go on", lambda: agent.stats()["push"]["batches_ok"] >= pushed + 4, 20)
        self.assertNotIn(region_of(REMOVED), server.metrics().text)
        self.assertEqual(harness.http(f"{agent.url}/targets/0123456789abcdef").status, 404)

    def test_a_removed_target_goes_after_a_hangup(self):
        server, agent = self.start_pair()
        self.wait_actors(agent, running=2, stopped=0)
        self.write(server.config.name, harness.server_text(targets(KEPT)))
        server.signal(signal.SIGHUP)
        self.wait_actors(agent, running=1, spawned=2, stopped=1)
        self.wait("its series are gone", lambda: not self.has_series(server, REMOVED), 20)
        self.wait("they stay away", lambda: agent.stats()["push"]["batches_ok"] > 5, 20)
        self.assertFalse(self.has_series(server, REMOVED))
        self.assertTrue(self.has_series(server, KEPT))

    def test_a_removed_target_goes_after_a_post(self):
        server, agent = self.start_pair()
        self.assertEqual(harness.http(f"{server.url}/-/reload").status, 405)

        def reload():
            self.assertEqual(harness.http(f"{server.url}/-/reload", "POST").status, 200)

        self.check_change(server, agent, reload)

    def test_a_wrong_new_server_file_changes_nothing(self):
        server, agent = self.start_pair()
        name = server.config.name
        wrong = harness.server_text(targets(KEPT)) + "mesh_lease: -5s\n"
        line = wrong.count("\n")
        self.write(name, wrong)
        answer = harness.http(f"{server.url}/-/reload", "POST")
        self.assertIn(answer.status, (400, 500))
        self.assertIn(f"{name}:{line}: mesh_lease:", answer.text)
        self.wait("the log names file, line and key",
                  lambda: f"{name}:{line}: mesh_lease:" in server.err(), 20)
        self.write(name, "prober_targets: [\n")
        seen = len(server.err())
        server.signal(signal.SIGHUP)
        self.wait("the log names file and line",
                  lambda: f"{name}:" in server.err()[seen:], 20)
        asked = agent.stats()["sync"]["ok"]
        self.wait("the agent has asked for its targets again",
                  lambda: agent.stats()["sync"]["ok"] >= asked + 3, 20)
        self.assertEqual(agent.stats()["actors"]["target"]["running"], 2)
        self.assertTrue(self.has_series(server, KEPT) and self.has_series(server, REMOVED))
        # And a right one is obeyed after that.
        self.check_change(server, agent, lambda: server.signal(signal.SIGHUP))

    def test_nothing_but_a_file_with_keys_is_obeyed(self):
        settings = self.write("agent.yaml", "probe_interval: 15s\n")
        server, agent = self.start_pair(config=settings)
        for role, place in ((server, server.config), (agent, settings)):
            good = place.read_text("utf-8")

            def refused(said, role=role):
                answer = harness.http(f"{role.url}/-/reload", "POST")
                self.assertIn(answer.status, (400, 500))
                self.assertIn(said, answer.text)
                seen = len(role.err())
                role.signal(signal.SIGHUP)
                self.wait("the log says so", lambda: said in role.err()[seen:], 20)

            for text in ("", "\n", "# region: r\n", "---\n"):
                place.write_text(text, "utf-8")
                refused(f"{place}: is empty, or has nothing but comments")
            for make, said in ((os.mkfifo, "a pipe"), (os.mkdir, "a directory"), (
                    lambda path: self.bind(path), "a socket"), (
                    lambda path: os.symlink("/dev/zero", path), "a device")):
                place.unlink(missing_ok=True)
                make(place)
                refused(f"{place}: is {said}, not a regular file")
                if place.is_dir():
                    place.rmdir()
            place.unlink()
            refused(f"{place}: cannot be read: No such file or directory")
            place.write_text(good, "utf-8")
            self.assertEqual(harness.http(f"{role.url}/-/reload", "POST").status, 200)
        self.assertTrue(self.has_series(server, KEPT) and self.has_series(server, REMOVED))
        self.assertEqual(agent.stats()["actors"]["target"]["running"], 2)

    def bind(self, path):
        place = socket.socket(socket.AF_UNIX)
        self.addCleanup(place.close)
        place.bind(str(path))

    def test_signals_work_while_the_file_is_a_pipe(self):
        server, _ = self.start_pair()
        place = self.folder / server.config.name
        place.unlink()
        os.mkfifo(place)
        for _ in range(3):
            server.signal(signal.SIGHUP)
        self.wait("it was refused", lambda: "is a pipe" in server.err(), 20)
        self.assertEqual(harness.http(f"{server.url}/-/healthy").status, 200)
        self.assertEqual(server.stop(), 0)

    def test_an_agent_reads_its_file_again(self):
        config = self.write("agent.yaml", "probe_interval: 1h\nicmp: {count: 2}\n")
        server = self.start_server(targets(KEPT), {"mesh": "false"}).wait_healthy()
        page = f"127.0.0.1:{harness.free_port()}"
        agent = self.keep(harness.Role(self, "agent", config, {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": page, "state_dir": "",
            "rpc_server_addr": server.rpc, "sync_interval": "300ms"}, page))
        agent.wait_ready()
        self.write("agent.yaml", "probe_interval: 0s\n")
        answer = harness.http(f"{agent.url}/-/reload", "POST")
        self.assertIn(answer.status, (400, 500))
        self.assertIn("agent.yaml:1: probe_interval:", answer.text)
        started = agent.stats()["probes"]["icmp"]["started"]
        self.assertLessEqual(started, 1)
        self.write("agent.yaml", "probe_interval: 200ms\nicmp: {count: 2}\n")
        self.assertEqual(harness.http(f"{agent.url}/-/reload", "POST").status, 200)
        self.wait("the new period is in force",
                  lambda: agent.stats()["probes"]["icmp"]["started"] > started + 5, 15)


    def standalone_text(self, address, module, receiver):
        """A configuration of both roles in which all of these are new when they are others."""
        return json.dumps({
            "server": {
                "rpc_listen_addr": self.rpc, "metrics_listen_addr": self.pages[0], "mesh": False,
                "state_dir": str(self.folder / "state"),
                "prober_targets": [{"prober_type": "icmp", "region": region_of(address),
                                    "target": [address]}],
                "remote_write": [{"url": f"http://127.0.0.1:9/{receiver}"}]},
            "agent": {
                "region": "r-a", "local_ip": "127.0.0.1", "http_addr": self.pages[1], "state_dir": "",
                "rpc_server_addr": self.rpc, "sync_interval": "300ms", "push_interval": "300ms",
                "probe_interval": "1s", "modules": {module: {"prober": "icmp"}}}})

    def in_force(self, server, agent):
        """(addresses probed, known of the modules "old" and "new", receivers of remote write)"""
        probed = [line["target"] for line in harness.get_json(f"{agent}/targets")["targets"]]
        modules = [name for name in ("old", "new") if harness.http(
            f"{agent}/probe?target=127.0.0.1&module={name}").status == 200]
        queues = [queue["url"] for queue in harness.get_json(f"{server}/stats")["remote_write"]]
        return probed, modules, [url.rpartition("/")[2] for url in queues]

    @contextlib.contextmanager
    def full_disk(self, process):
        """Meanwhile no file of the process can grow, as on a full disk."""
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
        try:
            yield
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)

    def test_what_the_journal_refuses_changes_nothing_in_either_role(self):
        self.rpc, *self.pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        server, agent = (f"http://{page}" for page in self.pages)
        self.write("both.yaml", self.standalone_text(KEPT, "old", "first"))
        # SIGXFSZ stays ignored, as Python has it: files that cannot grow are errors.
        process = self.start("standalone", harness.PROGRAM, "standalone", "--config",
                             self.folder / "both.yaml", restore_signals=False)
        old = ([KEPT], ["old"], ["first"])
        self.wait("the first configuration is in force", lambda: self.in_force(server, agent) == old, 20)
        self.write("both.yaml", self.standalone_text(ADDED, "new", "second"))
        with self.full_disk(process):
            for _ in range(2):
                answer = harness.http(f"{server}/-/reload", "POST")
                self.assertEqual(answer.status, 500, answer.text)
                self.assertIn("remote_write: the journal cannot keep", answer.text)
            asked = harness.get_json(f"{agent}/stats")["sync"]["ok"]
            self.wait("the agent has asked for its targets again", lambda: harness.get_json(
                f"{agent}/stats")["sync"]["ok"] >= asked + 3, 20)
            self.assertEqual(self.in_force(server, agent), old)
        process.signal(signal.SIGHUP)
        self.wait("with room on the disk all of it is in force", lambda: self.in_force(
            server, agent) == ([ADDED], ["new"], ["second"]), 20)
        # The agent refuses: nothing of the server's part is in force either.
        text = json.loads(self.standalone_text(KEPT, "old", "first"))
        text["agent"]["http"] = {"ca_file": str(self.write("ca.pem", "no certificate"))}
        self.write("both.yaml", json.dumps(text))
        answer = harness.http(f"{server}/-/reload", "POST")
        self.assertEqual(answer.status, 500, answer.text)
        self.assertIn("ca_file", answer.text)
        self.assertEqual(self.in_force(server, agent), ([ADDED], ["new"], ["second"]))
        self.assertEqual(process.stop(), 0)

    def test_two_thousand_hangups_hold_up_nobody(self):
        """Of a file that takes a while to read: what comes during a reload is one more."""
        many = "".join(harness.target_text("icmp", f"r-{i}", [f"10.1.{i // 250}.{i % 250}"])
                       for i in range(500))
        server = self.start_server(many, {"mesh": "false"}).wait_healthy()
        slowest = 0

        def is_pending():
            status = pathlib.Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
            pending, = re.findall(r"^ShdPnd:\s*([0-9a-f]+)$", status, re.MULTILINE)
            return int(pending, 16) >> (signal.SIGHUP - 1) & 1

        def hang_up():
            for _ in range(2000):
                server.signal(signal.SIGHUP)
                until = time.monotonic() + harness.scaled(1)
                while is_pending() and time.monotonic() < until:
                    os.sched_yield()  # one that is pending would swallow the next

        sender = threading.Thread(target=hang_up)
        sender.start()
        while sender.is_alive():
            began = time.monotonic()
            self.assertTrue(server.healthy())
            slowest = max(slowest, time.monotonic() - began)
        sender.join()
        def reads():
            return server.err().count(READ_AGAIN)

        before = reads()
        print(f"health answered within {slowest * 1000:.0f} ms; {before} reloads")
        self.assertLess(slowest, harness.scaled(2))
        # The last word counts.
        server.config.write_text(harness.server_text(targets(KEPT)), encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.wait("the last file is in force", lambda: harness.get_json(
            f"{server.url}/stats")["targets"]["icmp"] == 1, 20)
        # One was under way, one waited, one was this one.
        self.assertLessEqual(reads() - before, 4)


if __name__ == "__main__":
    harness.main()
