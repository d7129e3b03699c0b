"""Wrong configurations, wrong peers, wrong bytes: each is refused with words that help, and what
runs goes on."""

import contextlib
import os
import re
import socket
import struct
import time

import harness
import servers
import wire

# What is wrong, and the line and key that must be named. {role}: the file is for this role.
WRONG_FILES = [
    ("agent", "broken YAML", "region: a\nicmp: {count: 1\n", r"[123]", None),
    ("agent", "unknown key", "region: a\n\nprobe_intervall: 5s\n", "3", "probe_intervall"),
    ("agent", "wrong type", "region: a\nicmp:\n  count: many\n", "3", "icmp.count"),
    ("agent", "negative interval", "region: a\nprobe_interval: -5s\n", "2", "probe_interval"),
    ("agent", "a number without its unit", "sync_interval: 5\n", "1", "sync_interval"),
    ("agent", "a list for a section", "region: a\nhttp: [1, 2]\n", "2", "http"),
    ("agent", "out of range", "icmp:\n  size: 5\n  count: 1\n", "2", "icmp.size"),
    ("agent", "a key twice", "region: a\nregion: b\n", "2", "region"),
    ("agent", "a server's key", "rpc_listen_addr: 127.0.0.1:1\n", "1", "rpc_listen_addr"),
    ("server", "broken YAML", "prober_targets: [\n", r"[12]", None),
    ("server", "unknown key", "mesh: true\nmash: true\n", "2", "mash"),
    ("server", "wrong type", "mesh: perhaps\n", "1", "mesh"),
    ("server", "negative interval", "mesh_lease: -1s\n", "1", "mesh_lease"),
    ("server", "a target without a region",
     "prober_targets:\n  - prober_type: icmp\n    target: [127.0.0.1]\n", "2",
     "prober_targets[0].region"),
    ("server", "what can be no type of probe",
     "prober_targets:\n  - region: a\n    prober_type: carrier pigeon\n    target: [x]\n", "3",
     "prober_targets[0].prober_type"),
    ("server", "a block that is too large",
     "max_targets: 10\nprober_targets:\n  - prober_type: icmp\n    region: a\n"
     "    target: [127.0.0.0/8]\n", "3", "prober_targets[0]"),
    ("server", "an address that is none", "rpc_listen_addr: nowhere\n", "1", "rpc_listen_addr"),
]


class WrongConfiguration(harness.SystemTest):
    def check(self, done, file, line, key):
        self.assertEqual(done.returncode, 2, done.stderr)
        where = rf"^{re.escape(str(file))}:{line}: " + (rf"{re.escape(key)}: " if key else "")
        self.assertRegex(done.stderr, re.compile(where + r"\S.{10,}", re.MULTILINE))
        self.assertEqual(done.stdout, "")

    def test_files_are_refused_with_line_and_key(self):
        for number, (role, what, text, line, key) in enumerate(WRONG_FILES):
            file = self.write(f"wrong-{number}.yaml", text)
            for command in ([role, "--config", file], ["check-config", file]):
                with self.subTest(what=what, command=str(command[0])):
                    # The file's kind is told by its keys: what could be either is not judged here.
                    if command[0] == "check-config" and key is not None and what == "a server's key":
                        continue
                    self.check(harness.xprober(*command), file, line, key)

    def test_overrides_are_refused_with_their_key(self):
        file = self.write("agent.yaml", "region: a\n")
        for override, key in (("icmp.count=0", "icmp.count"), ("nonsense=1", "nonsense"),
                              ("icmp.count", "icmp.count")):
            with self.subTest(override=override):
                done = harness.xprober("agent", "--config", file, "--set", override)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--set", done.stderr)
                self.assertIn(key, done.stderr)

    def test_a_file_that_is_not_there(self):
        missing = self.folder / "missing.yaml"
        for command in (["agent", "--config", missing], ["server", "--config", missing],
                        ["check-config", missing], ["check-config", self.folder]):
            with self.subTest(command=str(command[0])):
                done = harness.xprober(*command)
                self.assertEqual(done.returncode, 2)
                self.assertIn(str(command[-1]), done.stderr)

    def test_shipped_files_are_right(self):
        for name in ("agent.yaml", "server.yaml", "standalone.yaml"):
            done = harness.xprober("check-config", harness.SOURCE / "config" / name)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_a_port_in_use_is_named(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = harness.xprober("server", "--config", self.write("server.yaml", ""),
                               "--set", f"rpc_listen_addr={address}", "--set", "state_dir=",
                               "--set", "metrics_listen_addr=127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn(address, done.stderr)
        self.assertIn("rpc_listen_addr", done.stderr)


class UnreachableServer(harness.SystemTest):
    def test_an_agent_without_a_server_says_so_and_goes_on(self):
        address = f"127.0.0.1:{harness.free_port()}"
        agent = self.start_agent(address).wait_healthy()
        self.wait("the log names the server", lambda: address in agent.err(), 15)
        self.assertEqual(harness.http(f"{agent.url}/-/ready").status, 503)
        self.assertGreater(self.wait("failed syncs are counted",
                                     lambda: agent.stats()["sync"]["failed"], 10), 0)
        self.assertIn(address, agent.stats()["sync"]["last_error"])
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.41"]),
                                   rpc_port=int(address.rpartition(":")[2]))
        server.wait_healthy()
        agent.wait_ready()
        self.assertEqual(agent.stop(), 0)

    def test_the_next_server_of_the_list_is_asked(self):
        server = self.start_server(harness.target_text("icmp", "r-b", ["127.0.0.41"]))
        server.wait_healthy()
        dead = f"127.0.0.1:{harness.free_port()}"
        agent = self.start_agent(f"[{dead}, {server.rpc}]")
        agent.wait_ready()
        self.wait("results arrive", lambda: server.stats()["results"]["accepted"] > 0, 20)


class WrongClients(harness.SystemTest):
    """Whatever comes to the server's port, it goes on serving."""

    def setUp(self):
        super().setUp()
        self.server = self.start_server(
            harness.target_text("icmp", "r-b", ["127.0.0.41", "127.0.0.42"]),
            {"mesh": "false", "limits.listed_targets_only": "false"})
        self.server.wait_healthy()

    def connect(self):
        host, _, port = self.server.rpc.rpartition(":")
        connection = socket.create_connection((host, int(port)), harness.scaled(15))
        self.addCleanup(connection.close)
        return connection

    def send_and_read(self, data, half_close=True):
        """What the server says to these bytes until it ends the connection."""
        connection = self.connect()
        answer = b""
        try:
            connection.sendall(data)
            if half_close:
                with contextlib.suppress(OSError):  # the server may have closed first
                    connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                answer += more
        except ConnectionError:
            pass
        connection.close()
        return answer

    def check_serves(self):
        self.assertIsNone(self.server.poll(), "the server has ended")
        self.assertTrue(self.server.healthy())
        with wire.Client(self.server.rpc) as client:
            error, result = client.call("Server.GetProberTargets",
                                        {"localRegion": "r-a", "localIp": "127.0.0.1"})
        self.assertIsNone(error)
        self.assertEqual([t["target"] for t in result["targets"]], [["127.0.0.41", "127.0.0.42"]])

    def test_a_right_client_is_served(self):
        self.check_serves()
        with wire.Client(self.server.rpc) as client:
            values = [wire.value("ping_target_success", 1, "127.0.0.41", "r-a", "r-b",
                                 stamp=int(time.time())),
                      wire.value("ping_latency_millonseconds", 12.5, "127.0.0.41", "r-a", "r-b",
                                 stamp=int(time.time()))]
            error, result = client.call("Server.PushProberResults", {"prober_results": values})
            self.assertEqual((error, result["success_num"]), (None, 2))
            error, result = client.call("Server.PushProberResults", {"prober_results": None})
            self.assertEqual((error, result["success_num"]), (None, 0))
        self.assertEqual(self.server.metrics().value(
            "ping_latency_millonseconds", source_region="r-a", target_region="r-b"), 12.5)

    def test_unknown_methods_and_arguments_are_answered_with_an_error(self):
        with wire.Client(self.server.rpc) as client:
            for method, argument in (("Server.Nothing", {}), ("", {}), ("Server.GetProberTargets", 5),
                                     ("Server.PushProberResults", {"prober_results": "x"}),
                                     ("Server.PushProberResults", {"prober_results": [{"value": {}}]}),
                                     ("x" * 3000, {})):
                with self.subTest(method=method[:30], argument=argument):
                    error, _ = client.call(method, argument)
                    self.assertTrue(error and isinstance(error, str), error)
            # The connection is still good.
            error, _ = client.call("Server.GetProberTargets", {"localRegion": "r-a", "localIp": ""})
            self.assertIsNone(error)
        self.check_serves()

    def test_values_that_cannot_be_are_not_stored(self):
        now = int(time.time())
        strange = [wire.value("ping_latency_millonseconds", float(n), "127.0.0.41", "r-a", "r-b",
                              stamp=now) for n in ("nan", "inf", "-inf")]
        strange.append(wire.value("no_such_metric", 1, "127.0.0.41", "r-a", "r-b", stamp=now))
        with wire.Client(self.server.rpc) as client:
            client.call("Server.PushProberResults", {"prober_results": strange})
            long_name = wire.value("ping_target_success", 1, "t" * 100_000, "r-a", "r-b", stamp=now)
            client.call("Server.PushProberResults", {"prober_results": [long_name]})
        text = self.server.metrics().text
        self.assertNotRegex(text, r"(?m)^ping_latency_millonseconds.* (NaN|[+-]Inf)$")
        self.assertNotIn("no_such_metric", text)
        self.check_serves()

    def test_malformed_messages_end_their_connection_alone(self):
        good = wire.pack([0, 1, "Server.GetProberTargets",
                          [{"localRegion": "r-a", "localIp": "127.0.0.1"}]])
        nested = b"\x94\x00\x01\xa1x" + b"\x91" * 200_000
        cases = {
            "cut in the middle": good[:len(good) // 2],
            "a notification": wire.pack([2, "Server.GetProberTargets", [{}]]),
            "a response": wire.pack([1, 7, None, {}]),
            "too few parts": b"\x93\x00\x01\xa1x",
            "too many parts": b"\x95\x00\x01\xa1x\x90\xc0",
            "a sequence that is text": wire.pack([0, "one", "Server.GetProberTargets", [{}]]),
            "no parameters": wire.pack([0, 1, "Server.GetProberTargets", []]),
            "two parameters": wire.pack([0, 1, "Server.GetProberTargets", [{}, {}]]),
            "an array of 4 billion": b"\x94\x00\x01\xa1x\xdd\xff\xff\xff\xff",
            "a map of 4 billion": b"\x94\x00\x01\xa1x\x91\xdf\xff\xff\xff\xff",
            "a text of 4 GB": b"\x94\x00\x01\xdb\xff\xff\xff\xff" + b"x" * 1000,
            "deeply nested": nested,
            "the byte that is never used": b"\x94\x00\x01\xc1",
            "TLS hello": bytes.fromhex("16030100c8010000c40303") + os.urandom(200),
            "a line of text": b"hello there\r\n\r\n",
            "zeros": b"\0" * 4096,
            "ones": b"\xff" * 4096,
            "HTTP without end": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000,
            "HTTP with a wrong length": b"POST /rpc/Server.GetProberTargets HTTP/1.1\r\nHost: x\r\n"
                                        b"Content-Length: 99999999999999999999\r\n\r\n",
            "HTTP body that is no JSON": b"POST /rpc/Server.GetProberTargets HTTP/1.1\r\nHost: x\r\n"
                                         b"Content-Type: application/json\r\nContent-Length: 3\r\n"
                                         b"Connection: close\r\n\r\n{{{",
        }
        for what, data in cases.items():
            with self.subTest(what=what):
                began = time.monotonic()
                self.send_and_read(data)
                self.assertLess(time.monotonic() - began, harness.scaled(12))
                self.assertIsNone(self.server.poll(), f"ended at: {what}")
        self.check_serves()
        complaints = [line for line in self.server.err().splitlines()
                      if " warn " in line or " error " in line]
        self.assertTrue(complaints, "nothing in the log about any of them")
        self.assertLess(len(complaints), 5 * len(cases))
        for line in complaints:
            self.assertLess(len(line), 2500, "a peer's bytes must not flood the log")

    def test_the_log_says_what_came(self):
        """Each on a server of its own: many such lines are not all written."""
        for data, words in ((bytes.fromhex("16030100c8010000c40303"), ("TLS", "rpc.cert_file")),
                            (b"\0\0\0\0", ("neither of MessagePack-RPC nor of HTTP",)),
                            (wire.pack([2, "Server.GetProberTargets", [{}]]), ("notification",)),
                            (b"\x94\x00\x01\xa9Server.Ge", ("ended in a message",))):
            with self.subTest(words=words):
                self.server = self.start_server().wait_healthy()
                self.send_and_read(data)
                line = self.wait("a warning", lambda: next(
                    (x for x in self.server.err().splitlines() if " warn " in x), None), 10)
                for word in (*words, "peer=127.0.0.1:"):
                    self.assertIn(word, line)

    def test_random_bytes_do_not_grow_the_server(self):
        seed = int(os.environ.get("XPROBER_TEST_SEED", time.time_ns() % 2**32))
        print(f"seed {seed} (XPROBER_TEST_SEED)")
        numbers = harness.random.Random(seed)
        good = wire.pack([0, 1, "Server.PushProberResults", [{"prober_results": [
            wire.value("ping_target_success", 1, f"t{i}", stamp=1) for i in range(20)]}]])
        self.check_serves()
        for _ in range(50):
            self.send_and_read(numbers.randbytes(2000))
        before, _ = self.server.usage()
        for _ in range(300):
            data = bytearray(good)
            for _ in range(numbers.randrange(1, 20)):
                data[numbers.randrange(len(data))] = numbers.randrange(256)
            self.send_and_read(bytes(data) if numbers.random() < 0.5
                               else b"\x94" + numbers.randbytes(numbers.randrange(1, 3000)))
        after, _ = self.server.usage()
        print(f"resident {before >> 20} MiB -> {after >> 20} MiB")
        if not harness.SANITIZED:  # a sanitizer keeps freed memory back
            self.assertLess(after - before, 32 << 20)
        self.check_serves()

    def test_a_message_above_the_limit_is_refused(self):
        connection = self.connect()
        head = (b"\x94\x00\x01" + wire.pack("Server.PushProberResults") + b"\x91\x81"
                + wire.pack("prober_results") + b"\xdd" + struct.pack(">I", 100_000_000))
        item = wire.pack(wire.value("ping_target_success", 1, "t" * 1000, stamp=1)) * 100
        before, _ = self.server.usage()
        sent = 0
        answer = None
        try:
            connection.sendall(head)
            while sent < (1 << 30):
                connection.sendall(item)
                sent += len(item)
        except OSError as error:
            answer = error
        print(f"refused after {sent >> 20} MiB: {answer}")
        self.assertIsNotNone(answer, "a gigabyte was taken as one message")
        peak, _ = self.server.usage()
        self.assertLess(peak - before, 512 << 20)
        connection.close()
        self.check_serves()

    def test_slow_clients_hold_nobody_up(self):
        good = wire.pack([0, 1, "Server.GetProberTargets",
                          [{"localRegion": "r-a", "localIp": "127.0.0.1"}]])
        slow = [self.connect() for _ in range(50)]
        for connection in slow:
            connection.sendall(good[:3])
        began = time.monotonic()
        self.check_serves()
        self.assertLess(time.monotonic() - began, harness.scaled(2))
        # One byte at a time is a right message all the same.
        for byte in good[3:]:
            slow[0].sendall(bytes([byte]))
        self.assertIsNone(wire.Reader(slow[0]).message()[2])
        # A client that asks much and reads nothing.
        greedy = self.connect()
        greedy.settimeout(harness.scaled(2))
        try:
            for _ in range(20_000):
                greedy.sendall(good)
        except OSError:
            pass  # the server stopped reading, or ended the connection: both are right
        self.check_serves()
        resident, _ = self.server.usage()
        self.assertLess(resident, (2000 if harness.SANITIZED else 400) << 20)


class LyingServers(harness.SystemTest):
    """An agent whose server does not keep to the protocol."""

    def lie(self, answer):
        """An agent, and a server that answers each request with `answer(sequence, method)`."""

        def serve(connection, _):
            reader = wire.Reader(connection)
            while (message := reader.message()) is not None:
                connection.sendall(answer(message[1], message[2]))

        liar = self.serve(servers.TcpServer(serve))
        return self.start_agent(liar.address).wait_healthy(), liar

    def test_lies_are_failures_with_words(self):
        targets = {"targets": [{"proberType": "icmp", "region": "r-b", "target": ["127.0.0.41"]}]}
        lies = {
            "a reply to no request": lambda seq, _: wire.pack([1, seq + 1000, None, targets]),
            "a request instead of a reply": lambda seq, _: wire.pack([0, seq, "X.Y", [{}]]),
            "a result that is no map": lambda seq, _: wire.pack([1, seq, None, 42]),
            "no result and no error": lambda seq, _: wire.pack([1, seq, None, None]),
            "targets that are a number": lambda seq, _: wire.pack([1, seq, None, {"targets": 3}]),
            "an error": lambda seq, _: wire.pack([1, seq, "no luck today", None]),
            "noise": lambda *_: b"\xc1" * 100,
            "HTTP": lambda *_: b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "a length of 4 GB": lambda seq, _: b"\x94\x01" + wire.pack(seq) + b"\xc0\xdb\xff\xff\xff\xff",
        }
        for what, answer in lies.items():
            with self.subTest(what=what):
                agent, liar = self.lie(answer)
                if what == "no result and no error":
                    # A missing result is an empty list, which is no list to obey.
                    self.wait("the agent has asked again", lambda a=agent: sum(
                        a.stats()["sync"][how] for how in ("ok", "failed")) >= 3, 20)
                else:
                    self.wait(f"a failed sync: {what}",
                              lambda a=agent: a.stats()["sync"]["failed"] > 0, 40, [agent])
                    error = agent.stats()["sync"]["last_error"]
                    print(f"{what}: {error}")
                    self.assertTrue(error)
                self.assertEqual(agent.stats()["targets"]["icmp"], 0)
                self.assertEqual(agent.stop(), 0)

    def test_a_list_that_is_cut_changes_nothing(self):
        targets = {"targets": [{"proberType": "icmp", "region": "r-b", "target": ["127.0.0.41"]}]}
        state = {"cut": False}

        def serve(connection, _):
            reader = wire.Reader(connection)
            while (message := reader.message()) is not None:
                result = targets if "Get" in message[2] else {"success_num": 3}
                answer = wire.pack([1, message[1], None, result])
                if state["cut"]:
                    connection.sendall(answer[:-5])
                    return
                connection.sendall(answer)

        liar = self.serve(servers.TcpServer(serve))
        agent = self.start_agent(liar.address).wait_ready()
        state["cut"] = True
        failed = agent.stats()["sync"]["failed"]
        self.wait("syncs fail", lambda: agent.stats()["sync"]["failed"] > failed, 20)
        stats = agent.stats()
        self.assertEqual((stats["targets"]["icmp"], stats["actors"]["target"]["running"]), (1, 1))

    def test_strange_targets_are_skipped(self):
        recorder = self.serve(wire.RecordingServer([
            {"proberType": "icmp", "region": "r-b", "target": ["127.0.0.41", "", "a b", "x" * 5000]},
            {"proberType": "http", "region": "r-b", "target": ["not a url", "http://", "ftp://x/"]},
            {"proberType": "unheard", "region": "r-b", "target": ["127.0.0.1"]},
            {"proberType": "icmp", "region": "r-b", "target": None},
            {"proberType": "icmp", "region": "r-b", "target": ["127.0.0.41"]},
            {"unknown": 5, "proberType": "icmp", "region": "bad \x1b[31m\n\"name", "target": ["127.0.0.42"]},
        ]))
        agent = self.start_agent(recorder.address, settings={"icmp.count": "1"}).wait_ready()
        self.wait("the right ones are probed", lambda: recorder.of("127.0.0.41")
                  and recorder.of("127.0.0.42"), 20)
        stats = agent.stats()
        self.assertEqual(stats["targets"]["unknown_type"], 1)
        self.assertEqual(stats["targets"]["duplicates"], 1)
        self.assertEqual(stats["actors"]["target"]["failed"], 0)
        self.assertNotIn("\x1b", agent.text())
        self.assertTrue(agent.metrics().samples)
        self.assertEqual(harness.http(f"{agent.url}/").status, 200)
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    harness.main()
