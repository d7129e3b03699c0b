"""The process itself: signals from its first moment on, standard descriptors that are closed, and
output that cannot be written."""

import fcntl
import os
import pathlib
import random
import select
import signal
import threading
import time

import harness
import servers

MOMENTS = 25  # starts that are met at random within the first 50 ms


def is_held_or_taken(pid, number):
    """Whether this signal no longer does what it does by default (proc(5): SigBlk, SigCgt)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    masks = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Sig"))
    bits = int(masks["SigBlk"], 16) | int(masks["SigCgt"], 16)
    return bool(bits & 1 << (number - 1))


class Signals(harness.SystemTest):
    def server_at_a_random_moment(self, number):
        """A server that got this signal within 50 ms; before its first instruction there is nobody to
        take it."""
        server = self.start_server()
        deadline = time.monotonic() + harness.scaled(5)
        while not is_held_or_taken(server.pid, number):
            self.assertLess(time.monotonic(), deadline, server.err())
        time.sleep(random.random() * 0.05)
        server.signal(number)
        return server

    def test_a_hangup_while_it_starts_is_a_reload_after_the_start(self):
        for _ in range(MOMENTS):
            server = self.server_at_a_random_moment(signal.SIGHUP).wait_healthy()
            self.wait("a reload", lambda s=server: "configuration read again" in s.err(), 20)
            self.assertEqual(server.err().count("configuration read again"), 1)
            self.assertEqual(server.stop(), 0)

    def test_an_end_while_it_starts_ends_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for _ in range(MOMENTS // 2):
                self.assertEqual(self.server_at_a_random_moment(number).wait(10), 0)

    def agent_that_asks_for_its_region(self):
        """An agent, whether it has asked, and what lets it have the answer."""
        asked, answer = threading.Event(), threading.Event()

        def respond(request):
            asked.set()
            answer.wait(10)
            servers.reply(request, 200, b"eu-test-1b")

        web = self.serve(servers.WebServer(respond))
        agent = self.start_agent(f"127.0.0.1:{harness.free_port()}", region="",
                                 settings={"metadata_url": web.url})
        self.assertTrue(asked.wait(harness.scaled(10)), agent.err())
        self.addCleanup(answer.set)
        return agent, answer

    def test_a_hangup_while_the_metadata_service_is_asked(self):
        agent, answer = self.agent_that_asks_for_its_region()
        agent.signal(signal.SIGHUP)
        answer.set()
        agent.wait_healthy()
        self.wait("a reload", lambda: "configuration read again" in agent.err(), 20)
        self.assertEqual(agent.stop(), 0)

    def test_an_end_while_the_metadata_service_is_asked(self):
        agent, _ = self.agent_that_asks_for_its_region()
        began = time.monotonic()
        agent.signal(signal.SIGTERM)
        self.assertEqual(agent.wait(10), 0)
        self.assertLess(time.monotonic() - began, harness.scaled(1.8))


class Descriptors(harness.SystemTest):
    def closed(self, places, *arguments):
        """A command that begins with these closed."""
        closing = " ".join({0: "0<&-", 1: "1>&-", 2: "2>&-"}[place] for place in places)
        return ["bash", "-c", f'exec "$@" {closing}', "bash", *arguments]

    def test_null_is_in_the_place_of_those_that_are_closed(self):
        for places in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(places=places):
                server = self.start_server(launcher=self.closed(places)).wait_healthy()
                for place in places:
                    self.assertEqual(os.readlink(f"/proc/{server.pid}/fd/{place}"), "/dev/null")
                self.assertEqual(server.stop(), 0)
                self.assertEqual("server runs" in server.err(), 2 not in places)

    def test_a_command_runs_without_any(self):
        done = harness.run(self.closed((0, 1, 2), harness.PROGRAM, "ping", "-c", "1", "127.0.0.1"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Output(harness.SystemTest):
    def commands(self):
        web = self.serve(servers.WebServer(servers.reply))
        config = self.write("right.yaml", "region: a\n")
        return [["--version"], ["--help"], ["http", "--help"], ["check-config", config],
                ["ping", "-c", "1", "127.0.0.1"], ["ping", "-c", "1", "--json", "127.0.0.1"],
                ["http", f"{web.url}/"], ["http", "--json", f"{web.url}/"], ["tcp", f"127.0.0.1:{web.port}"],
                ["tls", "--json", f"127.0.0.1:{web.port}"], ["dns", "-W", "200", f"a.test@127.0.0.1:{web.port}"]]

    def check(self, arguments, stdout, reason):
        with self.subTest(arguments=arguments):
            done = harness.subprocess.run(
                [harness.PROGRAM, *map(str, arguments)], stdin=harness.subprocess.DEVNULL,
                stdout=stdout, stderr=harness.subprocess.PIPE, text=True, check=False,
                timeout=harness.scaled(20))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(f"xprober: standard output cannot be written: {reason}\n", done.stderr)

    def closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        return writer

    def standalone(self):
        """Its arguments; one second later there is a table."""
        ports = {key: f"127.0.0.1:{harness.free_port()}" for key in (
            "server.rpc_listen_addr", "server.metrics_listen_addr", "agent.http_addr")}
        arguments = ["standalone"]
        for key, value in {**ports, "agent.rpc_server_addr": ports["server.rpc_listen_addr"],
                           "agent.region": "r-a", "agent.local_ip": "127.0.0.1",
                           "agent.state_dir": "", "server.state_dir": ""}.items():
            arguments += ["--set", f"{key}={value}"]
        return arguments

    def test_a_full_disk_is_said(self):
        with open("/dev/full", "wb", buffering=0) as full:
            for arguments in [*self.commands(), self.standalone()]:
                self.check(arguments, full, "No space left on device")

    def test_a_pipe_that_nobody_reads_is_said(self):
        for arguments in [*self.commands(), self.standalone()]:
            self.check(arguments, self.closed_pipe(), "Broken pipe")

    def test_what_nobody_can_read_is_not_asked_for_any_longer(self):
        web = self.serve(servers.WebServer(servers.reply))
        self.check(["http", "--json", "-n", "1000000", f"{web.url}/"], self.closed_pipe(),
                   "Broken pipe")
        self.assertLess(len(web.requests), 1000)

    def full_pipe(self):
        """(what a command has as its output, whether that is full)"""
        reader, writer = os.pipe()
        for end in (reader, writer):
            self.addCleanup(os.close, end)
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        return writer, lambda: not select.select([], [writer], [], 0)[1]

    def start_into(self, writer, *arguments):
        return self.start("unread", "bash", "-c", f'exec "$@" >&{writer}', "bash", harness.PROGRAM,
                          *arguments, pass_fds=[writer])

    def check_end(self, process, is_full, number):
        """Ends by a signal what waits for room in its output."""
        self.wait("the pipe is full", is_full, 20)
        time.sleep(harness.scaled(2))  # what is printed next waits for room, which nobody sees
        process.signal(number)
        self.assertEqual(process.wait(10), 1)
        self.assertIn("xprober: standard output cannot be written: nobody was reading it when the "
                      "signal came\n", process.err())

    def test_a_signal_ends_a_table_that_nobody_reads(self):
        writer, is_full = self.full_pipe()
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        config = self.write("both.yaml", harness.json.dumps({
            "server": {"rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "state_dir": "",
                       "mesh": False, "prober_targets": [{
                           "prober_type": "icmp", "region": "r-b",
                           "target": [f"127.0.1.{i}" for i in range(1, 200)]}]},
            "agent": {"region": "r-a", "local_ip": "127.0.0.1", "rpc_server_addr": rpc,
                      "http_addr": pages[1], "state_dir": "",
                      "probe_interval": "1s", "sync_interval": "300ms", "icmp": {"count": 1}}}))
        process = self.start_into(writer, "standalone", "--config", config)
        self.wait("there is much to print", lambda: harness.get_json(
            f"http://{pages[1]}/targets")["ok"] == 199, 20)
        self.check_end(process, is_full, signal.SIGTERM)
        self.said(process, "stopping")

    def test_a_signal_ends_a_command_that_nobody_reads(self):
        writer, is_full = self.full_pipe()
        process = self.start_into(writer, "ping", "--json", "-c", "1", "127.0.1.0/24")
        self.check_end(process, is_full, signal.SIGINT)


class TargetFiles(harness.SystemTest):
    """-f of the commands that probe."""

    def json_of(self, command, file, **options):
        done = harness.subprocess.run(
            [harness.PROGRAM, command, "--json", "-f", file], capture_output=True, check=False,
            timeout=harness.scaled(20), **options)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(done.returncode, 0)
        return [harness.json.loads(line) for line in done.stdout.splitlines()]

    def test_a_byte_order_mark_and_line_ends_of_others(self):
        text = "\ufeff127.0.0.5\r\n# \ufeff\r\n\r\n  127.0.0.6\t# another\r\n127.0.0.7"
        file = self.write("targets.txt", text)
        wanted = ["127.0.0.5", "127.0.0.6", "127.0.0.7"]
        self.assertEqual(sorted(line["target"] for line in self.json_of("ping", file)), wanted)
        lines = self.json_of("ping", "-", input=text.encode())
        self.assertEqual(sorted(line["target"] for line in lines), wanted)
        web = self.serve(servers.WebServer(servers.reply))
        file = self.write("urls.txt", f"\ufeff{web.url}/a\r\n{web.url}/b\r\n")
        self.assertEqual({line["url"] for line in self.json_of("http", file)},
                         {f"{web.url}/a", f"{web.url}/b"})

    def refused(self, command, file, stdin=""):
        done = harness.subprocess.run(
            [harness.PROGRAM, command, "-f", str(file)], input=stdin, capture_output=True, text=True,
            check=False, timeout=harness.scaled(20))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        return done.stderr

    def test_a_wrong_line_is_named(self):
        for command, right, wrong in (
                ("ping", "127.0.0.1", "300.1.1.0/99"), ("ping", "127.0.0.1", "http://127.0.0.1/"),
                ("http", "http://127.0.0.1/", "http://:80/"), ("http", "127.0.0.1", "ftp://h/"),
                ("tcp", "127.0.0.1:1", "127.0.0.1"), ("tls", "127.0.0.1:1", "127.0.0.1:99999"),
                ("dns", "a.test@127.0.0.1", "a b"), ("ping", "127.0.0.1", "127.0.0.1\x07")):
            with self.subTest(command=command, wrong=wrong):
                file = self.write("targets.txt", f"# some\n{right}\n\n{wrong}\n{wrong}\n")
                text = self.refused(command, file)
                self.assertIn(f"{file}:4: ", text)
                self.assertIn(f"{file}:5: ", text)
                self.assertIn(" is not a target for ", text)
                self.assertNotIn(f"{file}:2: ", text)
        self.assertIn("standard input:2: ", self.refused("tcp", "-", "127.0.0.1:1\nnonsense\n"))
        many = self.write("many.txt", "nonsense:port\n" * 50)
        text = self.refused("tcp", many)
        self.assertIn(f"{many}:10: ", text)
        self.assertIn("and 40 more", text)

    def test_a_password_in_a_wrong_line_is_not_shown(self):
        file = self.write("urls.txt", "http://user:se@cret@:80/\n")
        text = self.refused("http", file)
        self.assertIn(f"{file}:1: ", text)
        self.assertNotIn("cret", text)

    def test_files_that_cannot_be_read(self):
        text = self.refused("ping", "/no/such/file")
        self.assertIn("/no/such/file: cannot be opened: No such file or directory", text)
        self.assertIn(f"{self.folder}: cannot be read: Is a directory",
                      self.refused("ping", self.folder))
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        done = harness.subprocess.run(
            [harness.PROGRAM, "ping", "-f", "-"], stdin=folder, capture_output=True, text=True,
            check=False, timeout=harness.scaled(20))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("standard input: cannot be read: Is a directory", done.stderr)
        long = self.write("long.txt", "127.0.0.1\n" + "a" * 100_000 + "\n")
        self.assertIn(f"{long}:2: the line is longer than", self.refused("ping", long))
        empty = self.write("empty.txt", "\ufeff# nothing\n")
        self.assertIn("no target", self.refused("ping", empty))


if __name__ == "__main__":
    harness.main()
