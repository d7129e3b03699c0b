"""Agents join with one-time tokens, get certificates of their own, renew them, and are revoked."""

import contextlib
import hashlib
import http.client
import json
import re
import signal
import ssl
import time

import harness
import servers

LIFE = int(12 * harness.scaled(1))  # of certificates, in seconds


class Joining(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.made = self.folder / "made"
        done = harness.xprober("server", "init", "--dir", self.made, "--name", "server.example",
                               "--region", "r-a")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.first_token, = re.findall(r"--token (xpj1_\S+)", done.stdout)
        self.state = self.folder / "server-state"
        self.settings = {"state_dir": self.state, "rpc.certificate_life": f"{LIFE}s"}
        # The page is plain and on loopback, for the harness; the rest is as it was made.
        text = (self.made / "server.yaml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^web:\n(?:  .*\n)*", "", text)
        text = text.replace("metrics_listen_addr: :6002", "metrics_listen_addr: 127.0.0.1:0")
        targets = "prober_targets:\n" + harness.target_text("icmp", "r-z", ["127.0.0.9"])
        self.config = self.write("server.yaml", text.replace("prober_targets: []\n", targets)
                                 + f'state_dir: "{self.state}"\n')

    def server(self, rpc_port=None, **settings):
        return self.start_server(config=self.config, rpc_port=rpc_port,
                                 settings={**self.settings, **settings}).wait_healthy()

    def token(self, *options):
        done = harness.xprober("server", "token", "--config", self.config, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def join(self, server, token, name, *options):
        """`agent join` into a file and a directory of this name."""
        return harness.xprober("agent", "join", "--server", f"https://{server.rpc}", "--token", token,
                               "--name", name, "--config", self.folder / f"{name}.yaml", "--dir",
                               self.folder / name, *options)

    def joined(self, server, token, name, *options):
        """The name of a certificate that was given."""
        done = self.join(server, token, name, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.search(rf"has joined as ({name}-[0-9a-f]{{8}});", done.stdout).group(1)

    def agent(self, server, name, **settings):
        """The agent that has joined, with its own file, which says region, server and credentials."""
        page = f"127.0.0.1:{harness.free_port()}"
        return self.keep(harness.Role(self, "agent", self.folder / f"{name}.yaml", {
            "local_ip": "127.0.0.1", "http_addr": page, "state_dir": "", "icmp.count": "1",
            **harness.FAST_AGENT, **settings}, page, name=f"agent-{name}"))

    def ask(self, server, path, method="GET", body=None, shows=None):
        """One request at the agents' port, with the certificate of the agent with this name."""
        context = ssl.create_default_context(cafile=self.made / "ca.pem")
        if shows:
            context.load_cert_chain(self.folder / shows / "agent.pem")
        host, _, port = server.rpc.rpartition(":")
        connection = http.client.HTTPSConnection(host, int(port), context=context,
                                                 timeout=harness.scaled(10))
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            return harness.Answer(answer.status, answer.headers, answer.read())

    def test_a_token_is_for_one_agent_which_probes_and_pushes(self):
        server = self.server()
        self.joined(server, self.first_token, "one")
        for file, mode in (("agent.pem", 0o600), ("ca.pem", 0o600)):
            self.assertEqual((self.folder / "one" / file).stat().st_mode & 0o777, mode)
        self.assertEqual(sorted(file.name for file in (self.folder / "one").iterdir()),
                         ["agent.pem", "ca.pem"])
        self.assertIn("region: \"r-a\"", (self.folder / "one.yaml").read_text(encoding="utf-8"))
        agent = self.agent(server, "one").wait_healthy()
        self.wait("its results are taken", lambda: server.stats()["results"]["accepted"] > 0, 30)
        agent.wait_ready()
        # Another one with its token is refused, and both ends say so.
        done = self.join(server, self.first_token, "two")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"the join token was used by one-[0-9a-f]{8} at ")
        self.wait("the server's log says so", lambda: "the join token was used by" in server.err(), 10)
        self.assertFalse((self.folder / "two" / "agent.pem").exists())
        self.assertFalse((self.folder / "two.yaml").exists())
        # So it is after the server was killed; and the first is known.
        server.kill()
        server = self.server(rpc_port=int(server.rpc.rpartition(":")[2]))
        self.assertIn("was used by", self.join(server, self.first_token, "two").stderr)
        self.wait("results are taken again", lambda: server.stats()["results"]["accepted"] > 0, 40)
        # One over MessagePack-RPC, which joined with a token that was made meanwhile, from a file.
        (self.folder / "second.token").write_text(self.token("--region", "r-b") + "\n", encoding="ascii")
        self.joined(server, f"@{self.folder / 'second.token'}", "three")
        other = self.agent(server, "three", rpc_server_addr=f"msgpacks://{server.rpc}").wait_ready()
        self.wait("both are known", lambda: {line["region"] for line in harness.get_json(
            f"{server.url}/api/v1/agents")["agents"]} == {"r-a", "r-b"}, 20)
        # In the name of another region it is told nothing.
        other.stop()
        liar = self.agent(server, "three", region="r-a", local_ip="127.0.0.9").wait_healthy()
        self.wait("it is refused", lambda: "does not speak for the region" in server.err(), 20)
        self.said(server, "the token that it joined with")
        liar.stop()
        self.assertEqual(self.ask(server, "/rpc/Server.GetProberTargets", "POST", "{}").status, 401)

    def test_what_is_no_good_token_is_refused(self):
        server = self.server()
        short = self.token("--region", "r-a", "--ttl", "1s")
        made = time.time()
        for token, options, why in (
                (self.token("--region", "r-b"), ("--region", "r-a"), "not for the region"),
                (self.token(), (), "--region"),
                (self.first_token, ("--ca-fingerprint", "sha256:" + "0" * 64), "--ca-fingerprint is sha256:0000"),
                (self.first_token[:-3], (), "join token"),
                ("nothing", (), "--token")):
            with self.subTest(why=why):
                done = self.join(server, token, "one", *options)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(why, done.stderr)
        self.wait("the time of the short one is over", lambda: time.time() > made + 2, 10)
        self.assertIn("has expired", self.join(server, short, "one").stderr)
        self.assertEqual(self.join(server, "x", "one", "--dri", "y").returncode, 2)
        done = harness.xprober("agent", "join", "--server", "http://127.0.0.1:1", "--token", "x")
        self.assertEqual(done.returncode, 2)
        self.assertIn("over TLS alone", done.stderr)
        # Another server, with an authority of its own, is found out before it is told the token.
        done = harness.xprober("server", "init", "--dir", self.folder / "other")
        self.assertEqual(done.returncode, 0, done.stderr)
        impostor = self.start_server(settings={
            "state_dir": self.folder / "impostors", "rpc.cert_file": self.folder / "other" / "server.pem",
            "rpc.key_file": self.folder / "other" / "server.key",
            "rpc.join_ca_file": self.folder / "other" / "ca.pem",
            "rpc.join_key_file": self.folder / "other" / "ca.key"}, name="impostor").wait_healthy()
        done = self.join(impostor, self.first_token, "one")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not the server of this token", done.stderr)
        self.assertNotIn("may not join", impostor.err())
        # So is one who shows the right authority, and its own behind it; nobody it then speaks for
        # writes into the terminal.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "other" / "server.pem", self.folder / "other" / "server.key")
        both = b"".join((folder / "ca.pem").read_bytes() for folder in (self.made, self.folder / "other"))
        said = []

        def between(request):
            is_first = request.command == "GET" and not said
            servers.reply(request, 200 if is_first else 503,
                          both if is_first else json.dumps({"error": "\x1b[31mred"}).encode())

        liar = servers.WebServer(between, context=context).start()
        self.addCleanup(liar.close)
        for expected in (f"https://127.0.0.1:{liar.port}: ", "\\[31mred"):
            done = harness.xprober("agent", "join", "--server", f"https://127.0.0.1:{liar.port}", "--token",
                                   self.first_token, "--config", self.folder / "liar.yaml", "--dir",
                                   self.folder / "liar")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, expected)
            self.assertNotIn("\x1b", done.stderr)
            said.append(done)
        self.assertEqual([path for path, _ in liar.requests], ["/rpc/Server.Authority"] * 2)
        # None of all that has used up the first; who fails too often waits.
        self.joined(server, self.first_token, "one")
        body = json.dumps({"token": "x", "request": "y"})
        answers = [self.ask(server, "/rpc/Server.Join", "POST", body).status for _ in range(25)]
        self.assertEqual(set(answers), {403, 429})

    def test_certificates_are_renewed_and_revoked(self):
        server = self.server()
        name = self.joined(server, self.first_token, "one")
        file = self.folder / "one" / "agent.pem"

        def content():
            return hashlib.sha256(file.read_bytes()).hexdigest()

        before = content()
        state = self.folder / "agent-state"
        agent = self.agent(server, "one", state_dir=state).wait_ready()
        seen = {before}

        def renewed(times):
            seen.add(content())
            return len(seen) > times

        self.wait("it was renewed twice", lambda: renewed(2), 4 * LIFE)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.said(agent, "the certificate of this agent was renewed")
        count = server.stats()["results"]["accepted"]
        self.wait("it pushes on", lambda: server.stats()["results"]["accepted"] > count, 30)
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        # Another name than that of the certificate is not to be had.
        answer = self.ask(server, "/rpc/Server.RenewCertificate", "POST", json.dumps({"request": "x"}),
                          shows="one")
        self.assertEqual(answer.status, 403)
        self.assertEqual(self.ask(server, "/rpc/Server.RenewCertificate", "POST",
                                  json.dumps({"request": "x"})).status, 403)
        # Revoked while it runs: it is refused, and says itself that its end comes.
        done = harness.xprober("server", "revoke", "--config", self.config, name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.wait("it is refused", lambda: "is not known here, or was revoked" in server.err(), 20)
        self.wait("it says so itself", lambda: "certificate_ends" in json.dumps(agent.stats()), 4 * LIFE)
        self.said(agent, "was revoked at")
        done = harness.xprober("server", "joined", "--config", self.config)
        self.assertRegex(done.stdout, rf"{name} +r-a +any +\S+Z +\S+Z")
        done = harness.xprober("server", "revoke", "--config", self.config, "nobody")
        self.assertEqual(done.returncode, 1)
        # With another token it is another agent, whose batches are taken.
        agent.stop()
        self.assertIn("--again", self.join(server, self.token("--region", "r-a"), "one").stderr)
        self.joined(server, self.token("--region", "r-a"), "one", "--again")
        count = server.stats()["results"]["accepted"]
        self.agent(server, "one", state_dir=state).wait_ready()
        self.wait("results are taken again", lambda: server.stats()["results"]["accepted"] > count, 30)
        # Who asks for many certificates waits.
        answers = [self.ask(server, "/rpc/Server.RenewCertificate", "POST", json.dumps({"request": "x"}),
                            shows="one").status for _ in range(65)]
        self.assertEqual(set(answers), {403, 429})

    def test_an_explicit_entry_goes_first(self):
        server = self.server()
        name = self.joined(server, self.first_token, "one")
        with open(self.config, "a", encoding="utf-8") as out:
            out.write("access:\n  - {certificate: " + name + ", regions: [r-z]}\n")
        server.signal(signal.SIGHUP)
        self.wait("it is read", lambda: "configuration read again" in server.err(), 20)
        self.agent(server, "one").wait_healthy()
        self.wait("the entry counts", lambda: "access of the server's file says" in server.err(), 20)


if __name__ == "__main__":
    harness.main()
