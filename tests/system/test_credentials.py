"""Who may look and who may change something: TLS, tokens, sign-in and client certificates at the pages'
port of both roles, and what is refused to listen beyond loopback."""

import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import urllib.parse

import harness

OPERATOR = "operators-token-0123456789"
READER = "readers-token-0123456789"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# A proxy that knows its users, from an address of its own.
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  auth_basic people;
  auth_basic_user_file {folder}/people;
  proxy_bind 127.0.0.5;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-User $remote_user;
  server {{ listen {server}; location / {{ proxy_pass http://{server_page}; }} }}
  server {{ listen {agent}; location / {{ proxy_pass http://{agent_page}; }} }}
}}
"""


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Credentials(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.write("operator", OPERATOR + "\n")
        self.write("reader", READER + "\n")
        self.settings = {"web.token_file": self.folder / "operator",
                         "web.read_token_file": self.folder / "reader"}

    def openssl(self, *arguments):
        done = harness.run(["openssl", *arguments], cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)

    def certificate(self, name, **issuer):
        """NAME.pem and NAME.key, for 127.0.0.1: of its own, or of an issuer that was made before."""
        signed = ["-CA", f"{issuer['by']}.pem", "-CAkey", f"{issuer['by']}.key"] if issuer else []
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key.new", "-out", f"{name}.pem.new", "-subj", f"/CN={name}", "-days",
                     "2", "-addext", "subjectAltName=IP:127.0.0.1", *signed)
        for kind in ("key", "pem"):
            os.replace(self.folder / f"{name}.{kind}.new", self.folder / f"{name}.{kind}")

    def ask(self, role, path, method="GET", headers=None, body=None, trust=None, shows=None):
        """One request, without following a redirect: the answer. `trust`: over TLS, with a certificate
        of this name; `shows`: with a client certificate of this name."""
        host, _, port = role.page.rpartition(":")
        if trust:
            context = ssl.create_default_context(cafile=self.folder / f"{trust}.pem")
            if shows:
                context.load_cert_chain(self.folder / f"{shows}.pem", self.folder / f"{shows}.key")
            connection = http.client.HTTPSConnection(host, int(port), context=context,
                                                     timeout=harness.scaled(10))
        else:
            connection = http.client.HTTPConnection(host, int(port), timeout=harness.scaled(10))
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return harness.Answer(answer.status, answer.headers, answer.read())

    def wait_healthy(self, role, **options):
        self.wait(f"{role.name} is healthy",
                  lambda: self.ask(role, "/-/healthy", **options).status == 200, 20, [role])
        return role

    def start_both(self):
        server = self.wait_healthy(self.start_server(settings=self.settings))
        agent = self.wait_healthy(self.start_agent(
            server.rpc, settings={**self.settings, "probe_endpoint.enabled": "true"}))
        return server, agent

    def test_each_token_is_for_what_it_is_for(self):
        server, agent = self.start_both()
        probe = f"/probe?module=tcp&target={server.page}"
        cases = [(server, path, "GET", 200) for path in ("/", "/stats", "/metrics", "/api/v1/targets")]
        cases += [(agent, path, "GET", 200) for path in ("/", "/stats", "/metrics", "/targets")]
        cases += [(agent, probe, "GET", 403), (agent, "/-/reload", "POST", 403),
                  (server, "/-/reload", "POST", 403),
                  (server, "/api/v1/agents/r-z/127.0.0.9", "DELETE", 403),
                  (server, "/api/v1/mutes/9", "DELETE", 403),
                  (server, "/api/v1/mutes", "POST", 403),
                  (server, "/api/v1/incidents/9/acknowledge", "POST", 403)]
        lacking = ("/api/v1/mutes", "/api/v1/incidents/9/acknowledge")  # without a body
        for role, path, method, to_reader in cases:
            with self.subTest(role=role.name, path=path):
                for headers in ({}, bearer("somebody-elses-0123456789"), {"Authorization": "Basic eDp5"}):
                    answer = self.ask(role, path, method, headers)
                    self.assertEqual(answer.status, 401, answer.text)
                    self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
                    self.assertIn("error", answer.json())
                answer = self.ask(role, path, method, bearer(READER))
                self.assertEqual(answer.status, to_reader, answer.text[:200])
                answer = self.ask(role, path, method, bearer(OPERATOR))
                self.assertIn(answer.status, (415,) if path in lacking else (200, 404), answer.text[:200])
        self.assertEqual(self.ask(server, "/-/ready").status, 200)

    def test_a_browser_signs_in_and_out(self):
        server, _ = self.start_both()
        answer = self.ask(server, "/api/v1/regions", headers={"Accept": "text/html"})
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (401, "application/json"))
        answer = self.ask(server, "/?a=b", headers={"Accept": "text/html,*/*;q=0.8"})
        self.assertEqual(answer.status, 401)
        self.assertIn('action="/sign-in"', answer.text)
        self.assertIn('value="/?a=b"', answer.text)

        def sign_in(token, **headers):
            form = urllib.parse.urlencode({"token": token, "to": "/?a=b"})
            return self.ask(server, "/sign-in", "POST", {**FORM, **headers}, form)

        self.assertEqual(sign_in(READER, Origin="http://attacker.example").status, 403)
        answer = sign_in("wrong")
        self.assertEqual(answer.status, 401)
        self.assertIn("not known", answer.text)
        answer = sign_in(READER)
        self.assertEqual((answer.status, answer.headers["Location"]), (303, "/?a=b"))
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
            self.assertIn(part, answer.headers["Set-Cookie"])
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        self.assertNotIn(READER, cookie["Cookie"])
        self.assertEqual(self.ask(server, "/", headers=cookie).status, 200)
        self.assertEqual(self.ask(server, "/-/reload", "POST", cookie).status, 403)
        self.assertEqual(self.ask(server, "/sign-out", "POST", cookie).status, 303)
        self.assertEqual(self.ask(server, "/", headers=cookie).status, 401)

    def test_a_script_signs_in_and_guesses_are_few(self):
        server, agent = self.start_both()

        def sign_in(role, token):
            return self.ask(role, "/api/v1/sign-in", "POST", {"Content-Type": "application/json"},
                            json.dumps({"token": token}))

        answer = sign_in(server, OPERATOR)
        self.assertEqual((answer.status, answer.json()["role"]), (200, "operator"))
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        self.assertEqual(self.ask(server, "/-/reload", "POST", cookie).status, 200)
        self.assertEqual(self.ask(agent, "/stats", headers=cookie).status, 401)
        answer = self.ask(server, "/api/v1/sign-out", "POST", cookie)
        self.assertEqual(answer.status, 204)
        self.assertEqual(self.ask(server, "/stats", headers=cookie).status, 401)
        self.assertEqual(self.ask(server, "/api/v1/sign-in", "POST", {}, "{").status, 400)
        # The minute in which guesses are counted may end among them.
        answers = [sign_in(agent, "wrong") for _ in range(25)]
        self.assertEqual({answer.status for answer in answers}, {401, 429})
        late = next(answer for answer in answers if answer.status == 429)
        self.assertEqual(late.headers["Retry-After"], "60")
        self.assertEqual(self.ask(agent, "/stats", headers=bearer(OPERATOR)).status, 200)

    @harness.unittest.skipUnless(shutil.which("nginx"), "nginx is not installed (Debian's nginx-light)")
    def test_a_proxy_says_who_asks(self):
        settings = {"web.proxy_header": "X-Forwarded-User", "web.proxy_networks": "[127.0.0.5]",
                    "web.proxy_operators": "[alice]", "web.token_file": self.folder / "operator"}
        server = self.wait_healthy(self.start_server(settings=settings))
        agent = self.wait_healthy(self.start_agent(server.rpc, settings=settings))
        fronts = {role: f"127.0.0.1:{harness.free_port()}" for role in (server, agent)}
        # The workers of root's nginx are another user.
        self.folder.chmod(0o755)
        self.write("people", "alice:{PLAIN}a\nbob:{PLAIN}b\n").chmod(0o644)
        config = self.write("nginx.conf", NGINX.format(
            folder=self.folder, server=fronts[server], server_page=server.page, agent=fronts[agent],
            agent_page=agent.page))
        nginx = self.start("nginx", "nginx", "-e", "stderr", "-p", self.folder, "-c", config)

        def through(role, user, path, method="GET", **headers):
            basic = base64.b64encode(f"{user}:{user[0]}".encode()).decode()
            return harness.http(f"http://{fronts[role]}{path}", method,
                                headers={"Authorization": f"Basic {basic}", **headers})

        for role in (server, agent):
            with self.subTest(role=role.name):
                self.wait("nginx hands on", lambda: through(role, "bob", "/stats").status == 200, 10,
                          [nginx])
                self.assertEqual(through(role, "mallory", "/stats").status, 401)
                self.assertEqual(through(role, "bob", "/-/reload", "POST").status, 403)
                own = {"Origin": f"http://{fronts[role]}"}
                self.assertEqual(through(role, "alice", "/-/reload", "POST", **own).status, 200)
                foreign = {"Origin": "http://attacker.example"}
                self.assertEqual(through(role, "alice", "/-/reload", "POST", **foreign).status, 403)
                # Nobody else names anybody: neither through the proxy nor beside it.
                claim = {"X-Forwarded-User": "alice"}
                self.assertEqual(through(role, "bob", "/-/reload", "POST", **claim).status, 403)
                self.assertEqual(self.ask(role, "/stats", headers=claim).status, 401)
                answer = self.ask(role, "/stats", headers={**claim, **bearer(OPERATOR)})
                self.assertEqual(answer.status, 200)
                self.wait("it is counted", lambda: any(
                    line["foreign_users"] >= 2 for line in through(role, "bob", "/stats").json()["ports"]),
                          10)
                self.wait("the log names the key",
                          lambda: "is not of a proxy in web.proxy_networks" in role.err(), 10)

    def test_a_reload_brings_another_token(self):
        server, _ = self.start_both()
        form = urllib.parse.urlencode({"token": OPERATOR})
        cookie = {"Cookie": self.ask(server, "/sign-in", "POST", FORM, form)
                  .headers["Set-Cookie"].partition(";")[0]}
        self.write("operator", "short\n")
        answer = self.ask(server, "/-/reload", "POST", cookie)
        self.assertEqual(answer.status, 500)
        self.assertIn("web.token_file", answer.text)
        self.assertEqual(self.ask(server, "/stats", headers=cookie).status, 200)
        self.write("operator", "another-token-0123456789\n")
        server.signal(signal.SIGHUP)
        self.wait("the token is another one", lambda: self.ask(
            server, "/stats", headers=bearer("another-token-0123456789")).status == 200, 10)
        self.assertEqual(self.ask(server, "/stats", headers=bearer(OPERATOR)).status, 401)
        self.assertEqual(self.ask(server, "/stats", headers=cookie).status, 401)
        self.assertEqual(self.ask(server, "/stats", headers=bearer(READER)).status, 200)

    def test_tls_certificates_of_clients_and_renewed_ones(self):
        self.certificate("old")
        self.certificate("people")
        self.certificate("alice", by="people")
        self.certificate("mallory")
        for name in ("pem", "key"):
            os.link(self.folder / f"old.{name}", self.folder / f"server.{name}")
        settings = {"web.cert_file": self.folder / "server.pem", "web.key_file": self.folder / "server.key",
                    "web.client_ca_file": self.folder / "people.pem", **self.settings}
        server = self.start_server(settings=settings)
        self.wait_healthy(server, trust="old")
        self.wait("the log says https", lambda: f"https://{server.page}/" in server.err(), 10)
        self.assertEqual(self.ask(server, "/stats", trust="old").status, 401)
        self.assertEqual(self.ask(server, "/stats", headers=bearer(READER), trust="old").status, 200)
        self.assertEqual(
            self.ask(server, "/-/reload", "POST", trust="old", shows="alice").status, 200)
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.ask(server, "/stats", headers=bearer(READER), trust="old", shows="mallory")
        answer = self.ask(server, "/stats", headers=bearer(READER))
        self.assertEqual(answer.status, 400)
        self.assertIn("https://", answer.text)
        form = urllib.parse.urlencode({"token": READER})
        answer = self.ask(server, "/sign-in", "POST", FORM, form, trust="old")
        self.assertIn("; Secure", answer.headers["Set-Cookie"])
        # A certificate without its key changes nothing; with it both are used.
        self.certificate("new")
        os.replace(self.folder / "new.pem", self.folder / "server.pem")
        answer = self.ask(server, "/-/reload", "POST", bearer(OPERATOR), trust="old")
        self.assertEqual(answer.status, 500)
        self.assertIn("web.key_file", answer.text)
        os.replace(self.folder / "new.key", self.folder / "server.key")
        answer = self.ask(server, "/-/reload", "POST", bearer(OPERATOR), trust="old")
        self.assertEqual(answer.status, 200, answer.text)
        with self.assertRaises(ssl.SSLError):
            self.ask(server, "/-/healthy", trust="old")
        self.assertEqual(self.ask(server, "/-/healthy", trust="server").status, 200)

    def test_agents_speak_for_themselves_alone(self):
        self.certificate("server")
        for region in ("r-a", "r-b"):
            self.write(f"{region}.token", f"token-of-{region}-0123456789\n")
        entries = [{"token_file": str(self.folder / f"{region}.token"), "regions": [region]}
                   for region in ("r-a", "r-b")]
        server = self.start_server(harness.target_text("icmp", "r-z", ["127.0.0.9"]), settings={
            "rpc.cert_file": self.folder / "server.pem", "rpc.key_file": self.folder / "server.key",
            "access": json.dumps(entries)}).wait_healthy()

        def join(region, shows):
            return self.start_agent(f"https://{server.rpc}", region, name=f"{region}-with-{shows}", settings={
                "rpc.ca_file": self.folder / "server.pem", "icmp.count": "1",
                "rpc.token_file": self.folder / f"{shows}.token"}).wait_healthy()

        good = join("r-a", "r-a")
        self.wait("its results are taken", lambda: server.stats()["results"]["accepted"] > 0, 30)
        liar = join("r-b", "r-a")
        self.wait("it is refused", lambda: server.stats()["rpc"]["refused"] > 0, 20)
        self.wait("the log says why", lambda: "does not speak for the region" in server.err(), 10)
        listed = harness.get_json(f"{server.url}/api/v1/agents")["agents"]
        self.assertEqual([line["region"] for line in listed], ["r-a"])
        self.assertEqual(harness.http(f"{liar.url}/-/ready").status, 503)
        good.wait_ready()

    @harness.unittest.skipUnless(os.geteuid() == 0, "only root can show another list of groups")
    def test_the_key_of_an_authority_is_for_its_owner_and_the_servers_service(self):
        groups = self.folder / "group"
        init = 'mount --bind "$0" /etc/group && umask 022 && exec "$@"'
        for made, listed, mode, group in (("alone", "root:x:0:\nxprober:x:4711:\n", 0o600, 0),
                                          ("packaged", "root:x:0:\nxprober:x:4711:\nxprober-keys:x:4712:\n",
                                           0o640, 4712)):
            groups.write_text(listed, encoding="ascii")
            done = harness.run(["unshare", "-m", "sh", "-c", init, groups, harness.PROGRAM, "server", "init",
                                "--dir", self.folder / made, "--name", "server.example"])
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in ("ca.key", "server.key", "operators.token"):
                is_now = (self.folder / made / name).stat()
                self.assertEqual((is_now.st_mode & 0o777, is_now.st_uid, is_now.st_gid), (mode, 0, group), name)

    def test_the_first_deployment_is_a_safe_one(self):
        init = harness.xprober("server", "init", "--dir", self.folder / "made", "--name", "server.example")
        self.assertEqual(init.returncode, 0, init.stderr)
        self.assertIn("https://server.example:6001", init.stdout)
        made = {file.name: file.read_bytes() for file in (self.folder / "made").iterdir()}
        self.assertEqual(sorted(made), sorted((
            "ca.key", "ca.pem", "server.key", "server.pem", "server.yaml", "operators.token",
            "readers.token")))
        for name in made:  # 0640 for root where the package's group is
            self.assertEqual((self.folder / "made" / name).stat().st_mode & 0o737, 0o600, name)
            os.link(self.folder / "made" / name, self.folder / f"made-{name}")
        again = harness.xprober("server", "init", "--dir", self.folder / "made")
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)
        self.assertEqual(made, {file.name: file.read_bytes() for file in (self.folder / "made").iterdir()})
        config = self.folder / "made" / "server.yaml"
        done = harness.xprober("check-config", config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.openssl("verify", "-CAfile", "made-ca.pem", "-verify_hostname", "server.example",
                     "made-server.pem")
        server = self.wait_healthy(
            self.start_server(config=config, settings={"state_dir": self.folder / "state"}), trust="made-ca")
        self.assertEqual(self.ask(server, "/stats", trust="made-ca").status, 401)
        operator = bearer(made["operators.token"].decode().strip())
        token, = re.findall(r"--region REGION --token (xpj1_\S+)", init.stdout)
        joined = harness.xprober("agent", "join", "--server", f"https://{server.rpc}", "--token", token,
                                 "--region", "r-a", "--config", self.folder / "agent.yaml", "--dir",
                                 self.folder / "agent")
        self.assertEqual(joined.returncode, 0, joined.stderr)
        self.start_agent(f"https://{server.rpc}", config=self.folder / "agent.yaml")
        self.wait("the agent has joined", lambda: [line["region"] for line in self.ask(
            server, "/api/v1/agents", headers=operator, trust="made-ca").json()["agents"]] == ["r-a"], 20)
        # A file that is there, as the package's, keeps its text but for the keys that are this command's.
        (self.folder / "packaged").mkdir()
        config = self.folder / "packaged" / "server.yaml"
        config.write_text((harness.SOURCE / "config" / "server.yaml").read_text(encoding="utf-8"),
                          encoding="utf-8")
        done = harness.xprober("server", "init", "--dir", self.folder / "packaged", "--name", "server.example")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(harness.xprober("check-config", config).returncode, 0)
        text = config.read_text(encoding="utf-8")
        self.assertIn("\n# rpc_listen_addr: 127.0.0.1:6001\n", text)
        self.assertIn("\nrpc_listen_addr: :6001\n", text)
        for wrong in (["--name", "a b"], ["--name", "a:1"], ["--dri", "x"]):
            self.assertEqual(harness.xprober("server", "init", *wrong).returncode, 2)

    def test_nothing_listens_beyond_loopback_unprotected(self):
        file = self.write("server.yaml", "rpc_listen_addr: :6001\nmetrics_listen_addr: 0.0.0.0:6002\n"
                                         "state_dir: ''\n")
        for command in (("server", "--config", file), ("check-config", file)):
            done = harness.xprober(*command)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f"{file}:1: rpc_listen_addr: ':6001' is reached by other machines", done.stderr)
            self.assertIn(f"{file}:2: metrics_listen_addr: '0.0.0.0:6002' is reached by", done.stderr)
            self.assertIn("web.cert_file and web.key_file with web.token_file", done.stderr)
            self.assertIn("insecure: true", done.stderr)
        file = self.write("agent.yaml", "region: r-a\nstate_dir: ''\nhttp_addr: :8087\n")
        done = harness.xprober("agent", "--config", file)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(f"{file}:3: http_addr: ':8087' is reached by other machines", done.stderr)

    def test_insecure_is_said_as_long_as_it_is(self):
        config = self.write("server.yaml", "insecure: true\nprober_targets: []\n")
        server = self.start_server(config=config).wait_healthy()
        line, = server.stats()["warnings"]
        self.assertTrue(line.startswith(f"{config}:1: warning: insecure: is true"), line)
        self.said(server, "insecure: is true")


if __name__ == "__main__":
    harness.main()
