"""What a target may be and which host it means: one answer for commands, lists, /probe and
redirects; names as the system's resolver finds them. In a network of this file's own."""

import json
import pathlib
import socket
import struct
import subprocess
import threading
import urllib.parse

import harness
import servers

if not harness.enter_private_network():
    print(f"SKIPPED: {harness.NEEDS_NAMESPACE}")
    raise SystemExit(0)

ZONE = "fe80::77"  # of this end of a cable, v0


def setUpModule():
    for command in (["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
                    ["ip", "address", "add", f"{ZONE}/64", "dev", "v0", "nodad"],
                    ["ip", "link", "set", "v0", "up"], ["ip", "link", "set", "v1", "up"]):
        subprocess.run(command, check=True)


def resolv_conf(folder, text):
    """Makes this text resolv.conf until the next call."""
    file = pathlib.Path(folder, "resolv.conf")
    file.write_text(text, encoding="ascii")
    subprocess.run(["umount", "-q", "/etc/resolv.conf"], check=False)
    subprocess.run(["mount", "--bind", str(file), "/etc/resolv.conf"], check=True)


class RawDns:
    """Answers each query with what `respond(name, type, query)` gives: bytes, or None for silence."""

    def __init__(self, respond, address="127.0.0.1", port=53):
        self.respond, self.asked = respond, []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while True:
            try:
                query, peer = self._socket.recvfrom(4096)
                if peer is None or len(query) < 13:
                    return
                at, labels = 12, []
                while query[at]:
                    labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
                    at += 1 + query[at]
                name, kind = ".".join(labels), struct.unpack("!H", query[at + 1:at + 3])[0]
                self.asked.append(name)
                answer = self.respond(name, kind, query[:at + 5])
                if answer is not None:
                    self._socket.sendto(answer, peer)
            except OSError:
                return

    def start(self):
        self._thread.start()
        return self

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # an unconnected socket says so, and wakes its reader all the same
        self._socket.close()
        self._thread.join()


def dns_answer(query, flags, addresses=(), kind=1):
    records = b""
    for address in addresses:
        data = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
        records += struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data
    return struct.pack("!2sHHHHH", query[:2], flags, 1, len(addresses), 0, 0) + query[12:] + records


def hosts(table):
    """A responder that knows these names (a list of addresses each) and no others."""
    def respond(name, kind, query):
        if name not in table:
            return dns_answer(query, 0x8183)
        wanted = [a for a in table[name] if (":" in a) == (kind == 28)]
        return dns_answer(query, 0x8180, wanted, kind)
    return respond


class Names(harness.SystemTest):
    def lines(self, *arguments, status=0):
        done = harness.xprober(*arguments, "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ping(self, *arguments, status=0):
        return self.lines("ping", "-c", "1", "-W", "500", *arguments, status=status)

    def dns(self, table, **options):
        return self.serve(RawDns(hosts(table) if isinstance(table, dict) else table, **options))

    def test_the_root_is_a_domain_to_search(self):
        self.dns({"db": ["127.0.0.5"]})
        for text in ("search .\nnameserver 127.0.0.1\n",
                     "search . corp.test\nnameserver 127.0.0.1\n",
                     f"search {'.'.join(['x' * 60] * 4)} .\nnameserver 127.0.0.1\n"):
            with self.subTest(text=text[:30]):
                resolv_conf(self.folder, text)
                (line,) = self.ping("db")
                self.assertEqual(line["address"], "127.0.0.5")
                (line,) = self.ping("nosuch", status=1)
                self.assertIn("nosuch: no such name", line["error"])

    def test_a_server_that_is_not_there_costs_nothing(self):
        good = self.dns({"db.test": ["127.0.0.5"]})
        resolv_conf(self.folder, "nameserver 127.0.0.9\nnameserver 127.0.0.1\n")
        line, = self.lines("http", f"http://db.test:{harness.free_port()}/", status=1)
        self.assertIn("refused", line["error"])
        self.assertLess(line["phases_ms"]["resolve"], 700)  # a try at one server takes 833
        self.assertIn("db.test", good.asked)

    def test_localhost_is_this_machine_without_dns(self):
        dns = self.dns({"localhost": ["192.0.2.1"]})
        resolv_conf(self.folder, "nameserver 127.0.0.1\n")
        web = self.serve(servers.WebServer(lambda r: servers.reply(r)))
        for name in ("localhost.", "app.localhost", "a.b.LOCALHOST."):
            with self.subTest(name=name):
                (line,) = self.ping(name)
                self.assertEqual(line["address"], "127.0.0.1")
                self.lines("http", f"http://{name}:{web.port}/")
        self.assertEqual(dns.asked, [])

    def test_any_response_code_is_told(self):
        self.dns(lambda name, kind, query: dns_answer(query, 0x8180 | int(name[1:-5])))
        resolv_conf(self.folder, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        for rcode in (1, 6, 9, 15):
            (line,) = self.ping(f"r{rcode}.test", status=1)
            self.assertIn("resolve_failed", line["error"])
            self.assertNotIn("no address", line["error"])
            self.assertRegex(line["error"], "FORMERR" if rcode == 1 else rf"\(RCODE {rcode}\)")

    def test_truncated_answers_whose_tcp_side_resets_end_nothing(self):
        self.dns(lambda name, kind, query: dns_answer(query, 0x8380))

        def reset(connection, _):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        self.serve(servers.TcpServer(reset, port=53))
        resolv_conf(self.folder, "nameserver 127.0.0.1\n")
        names = [f"n{i}.test" for i in range(300)]
        lines = self.ping(*names, status=1)
        self.assertEqual(len(lines), len(names))
        for line in lines:
            self.assertIn("resolve_", line["error"])

    def test_the_unspecified_address_is_no_host(self):
        web = self.serve(servers.WebServer(lambda r: servers.reply(r)))
        self.dns({"zero.test": ["0.0.0.0", "::"], "part.test": ["0.0.0.0", "127.0.0.1"]})
        resolv_conf(self.folder, "nameserver 127.0.0.1\n")
        for command, target in (("http", f"http://zero.test:{web.port}/"),
                                ("tcp", f"zero.test:{web.port}"), ("ping", "zero.test")):
            with self.subTest(command=command):
                (line,) = self.lines(command, target, status=1)
                self.assertIn("resolve_no_address", line["error"])
                self.assertIn("the unspecified address", line["error"] + line.get("detail", ""))
        self.assertEqual(web.requests, [])
        self.lines("http", f"http://part.test:{web.port}/")
        self.ping("part.test")

    def test_a_redirect_to_no_host_is_refused(self):
        target = {}
        web = self.serve(servers.WebServer(
            lambda r: servers.reply(r, 302, headers=[("Location", target["to"])])
            if r.path == "/" else servers.reply(r)))
        for to in (f"http://0.0.0.0:{web.port}/x", f"//[::]:{web.port}/x", "http://[fe80::1]/x"):
            target["to"] = to
            (line,) = self.lines("http", f"{web.url}/", status=1)
            self.assertIn("bad_redirect", line["error"])
        self.assertEqual([path for path in web.requests if "/x" in str(path)], [])

    def test_all_addresses_of_a_name_are_tried(self):
        web = self.serve(servers.WebServer(lambda r: servers.reply(r)))
        self.dns({"many.test": [f"127.0.0.{i}" for i in range(20, 31)] + ["127.0.0.1"]})
        resolv_conf(self.folder, "nameserver 127.0.0.1\n")
        self.lines("http", f"http://many.test:{web.port}/")
        (line,) = self.lines("http", f"http://many.test:{harness.free_port()}/", status=1)
        self.assertIn("12 of 12 addresses were tried", line["error"])
        # A question over UDP is refused as a connection is.
        (line,) = self.lines("dns", "many.test@many.test")
        self.assertEqual((line["address"], line["answers"]), ("127.0.0.1", 12))
        (line,) = self.lines("dns", f"a.test@many.test:{harness.free_port()}", status=1)
        self.assertEqual(line["error"], "refused")
        self.assertIn("12 of 12 addresses were tried", line["detail"])

    def test_a_zone_is_dialled_and_not_told(self):
        seen = []

        def respond(request):
            seen.append(request.headers["Host"])
            servers.reply(request, 302, headers=[
                ("Location", f"http://{request.headers['Host']}/there")]) \
                if request.path == "/" else servers.reply(request)

        port = self.serve(servers.WebServer(respond, f"{ZONE}%v0")).port
        (line,) = self.lines("http", f"http://[{ZONE}%25v0]:{port}/")
        self.assertEqual((line["status"], line["redirects"]), (200, 1))
        self.assertEqual(seen, [f"[{ZONE}]:{port}"] * 2)
        self.lines("http", f"http://[{ZONE}%v0]:{port}/there")
        self.lines("tcp", f"[{ZONE}%v0]:{port}")
        self.ping(f"{ZONE}%v0", f"[{ZONE}%v0]")
        for command, target in (("http", f"http://[{ZONE}]:{port}/"), ("tcp", f"[{ZONE}]:{port}"),
                                ("tls", f"[{ZONE}]:{port}"), ("dns", f"a.test@{ZONE}"),
                                ("ping", ZONE), ("ping", f"[{ZONE}]")):
            with self.subTest(command=command, target=target):
                done = harness.xprober(command, target)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn("zone is missing", done.stderr)
                self.assertIn("%eth0", done.stderr)
        (line,) = self.ping("fe80::1%nosuch", status=1)
        self.assertIn("bad_target", line["error"])
        self.assertIn("no interface 'nosuch'", line["error"])

    def test_the_other_family_is_taken_where_there_is_no_way_to_the_first(self):
        """A machine with IPv6 alone and a name with both: ICMP falls back as HTTP does."""
        subprocess.run(["ip", "-6", "address", "add", "2001:db8::5/128", "dev", "lo", "nodad"],
                       check=True)
        self.addCleanup(subprocess.run,
                        ["ip", "-6", "address", "del", "2001:db8::5/128", "dev", "lo"], check=True)
        self.dns({"both.test": ["198.51.100.7", "2001:db8::5"]})
        resolv_conf(self.folder, "nameserver 127.0.0.1\n")
        (line,) = self.ping("both.test")
        self.assertEqual(line["address"], "2001:db8::5")


class Targets(harness.SystemTest):
    """One definition: what one way takes all take, what one refuses all refuse."""

    def test_usable_and_unusable_targets_are_the_same_everywhere(self):
        web = self.serve(servers.WebServer(lambda r: servers.reply(r)))
        port = web.port
        good = {"icmp": ["127.0.0.41", "[::1]", f"[{ZONE}%v0]", f"{ZONE}%v0", "localhost."],
                "http": [f"127.0.0.1:{port}/login?next=http://127.0.0.1/home",
                         f"http://u:p@ss@127.0.0.1:{port}/user", f"http://127.0.0.1:{port}/a b"],
                "tcp": [f"127.0.0.1:{port}"]}
        bad = {"icmp": ["0.0.0.0", "fe80::1", "224.0.0.1", "http://me:sec@ret/", "10.0.0"],
               "http": ["http://0.0.0.0/", "http://me:sec/ret@127.0.0.1/", "http://[fe80::1]/"],
               "tcp": ["127.0.0.1", "0.0.0.0:1", "http://127.0.0.1:1"]}
        commands = {"icmp": ["ping", "-c", "1"], "http": ["http"], "tcp": ["tcp"]}
        groups = []
        for kind in good:
            for target in good[kind]:
                with self.subTest("command", target=target):
                    done = harness.xprober(*commands[kind], target)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for target in bad[kind]:
                with self.subTest("command", target=target):
                    done = harness.xprober(*commands[kind], target)
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.assertIn(f"is not a target for {kind}: ", done.stderr)
                    self.assertNotIn("sec", done.stderr)
                with self.subTest("configuration", target=target):
                    file = self.write("s.yaml", f"prober_targets:\n  - prober_type: {kind}\n"
                                      f"    region: r\n    target:\n      - {json.dumps(target)}\n")
                    done = harness.xprober("check-config", file)
                    self.assertEqual(done.returncode, 2)
                    self.assertTrue(done.stderr.startswith(f"{file}:5: prober_targets[0].target: "),
                                    done.stderr)
                    self.assertNotIn("sec", done.stderr)
            groups.append({"targets": bad[kind] + good[kind],
                           "labels": {"region": "r-b", "prober_type": kind}})
        found = self.write("found.json", json.dumps(groups))
        server = self.start_server(settings={"mesh": "false", "target_files": f"[{found}]"})
        server.wait_ready()
        agent = self.start_agent(server.rpc, settings={"denied_targets": "[]"}).wait_ready()
        wanted = sum(len(targets) for targets in good.values())
        self.wait("what is good is probed",
                  lambda: len([t for t in agent.targets("ok")["targets"]]) == wanted, 20)
        left_out = sum(len(targets) for targets in bad.values())
        stats = server.stats()["targets"]
        self.assertEqual(stats["bad"], left_out)
        self.assertEqual(len(stats["bad_first"]), 5)
        self.assertIn(f"{found}:1: target '0.0.0.0' is not a target for icmp: ",
                      stats["bad_first"][0])
        self.assertEqual(server.metrics().value("xprober_targets_bad"), left_out)
        for kind in good:
            for target in good[kind] + bad[kind]:
                with self.subTest("/probe", target=target):
                    answer = harness.http(agent.url + "/probe?" + urllib.parse.urlencode(
                        {"target": target, "module": kind, "debug": "true"}))
                    self.assertEqual(answer.status, 200)
                    text = answer.body.decode()
                    self.assertIn(f"\nprobe_success {int(target in good[kind])}\n", text)
                    if target in bad[kind]:
                        self.assertIn("bad_target", text)
                    for secret in ("sec@ret", "sec/ret", "p@ss"):
                        self.assertNotIn(secret, text)
        for process in (server, agent):
            for place in ("/", "/stats", "/metrics"):
                text = harness.http(process.url + place).body.decode()
                for secret in ("sec@ret", "sec/ret", "p@ss"):
                    self.assertNotIn(secret, text)
            self.assertNotIn("p@ss", process.text())
            self.assertNotIn("me:sec", process.text())


if __name__ == "__main__":
    harness.main()
