"""What the server knows of the certificates that targets show: beside a real nginx with a chain of three,
one whose intermediate is missing, one in the wrong order, and one that shows two sources two certificates."""

import shutil
import signal

import harness
import servers

HOST = """
  server {{
    listen {address}:{port} ssl;
    ssl_certificate {folder}/{chain}; ssl_certificate_key {folder}/{key}.key;
    return 204;
  }}
"""
CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{hosts}
}}
"""
DAY = 86_400


@harness.unittest.skipUnless(shutil.which("nginx"), "nginx is not installed (Debian's nginx-light)")
class Certificates(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        # The one in the middle ends before those that it has signed.
        servers.make_intermediate(self.folder, "middle", days=1)
        for name in ("whole", "lonely", "mixed", "renewed"):
            servers.make_certificate(self.folder, name, "IP:127.0.0.1", days=30, issuer="middle")
        text = lambda name: (self.folder / f"{name}.pem").read_text(encoding="ascii")
        self.write("whole.chain", text("whole") + text("middle") + text("ca"))
        self.write("renewed.chain", text("renewed") + text("middle") + text("ca"))
        self.write("lonely.chain", text("lonely"))
        self.write("mixed.chain", text("mixed") + text("ca") + text("middle"))
        self.folder.chmod(0o755)
        self.ports = {name: harness.free_port() for name in ("whole", "lonely", "mixed")}
        hosts = "".join(HOST.format(folder=self.folder, address="127.0.0.1", port=port,
                                    chain=f"{name}.chain", key=name)
                        for name, port in self.ports.items())
        self.nginx_config = self.write("nginx.conf", CONFIG.format(folder=self.folder, hosts=hosts))
        self.nginx = self.start("nginx", "nginx", "-e", "stderr", "-p", self.folder, "-c", self.nginx_config)

    def target(self, name):
        return f"127.0.0.1:{self.ports[name]}"

    def asked(self, server, parameters=""):
        return harness.get_json(f"{server.url}/api/v1/certificates?targets=100{parameters}")

    def by_target(self, server):
        """The rows by the first target that shows each, once all bytes have come."""
        rows = self.asked(server)["certificates"]
        if any(link["subject"] is None for row in rows for link in row["chain"]):
            raise harness.NotYet("some bytes are missing")
        return {row["shown"][0]["target"]: row for row in rows}

    def all_three(self, server):
        found = self.by_target(server)
        if len(found) < 3:
            raise harness.NotYet(f"{len(found)} of 3")
        return found

    def test_chains_reach_the_server_and_outlive_its_end(self):
        targets = harness.target_text("tls", "r-shop", [self.target(name) for name in self.ports])
        server = self.start_server(targets, {"mesh": "false"}).wait_healthy()
        settings = {"tls.tls_config.ca_file": self.authority}
        self.start_agent(server.rpc, "r-a", "127.0.0.1", settings)
        self.start_agent(server.rpc, "r-b", "127.0.0.2", settings, name="second")
        found = self.wait("two sources see three certificates", lambda: (
            (f := self.all_three(server)) and all(len(row["sources"]) == 2 for row in f.values()) and f), 60)

        whole = found[self.target("whole")]
        self.assertEqual([link["subject"] for link in whole["chain"]],
                         ["CN=whole", "CN=middle", "CN=test authority"])
        self.assertEqual([link["issuer"] for link in whole["chain"]],
                         ["CN=middle", "CN=test authority", "CN=test authority"])
        self.assertEqual((whole["chain_state"], whole["dns_names"], whole["key"]),
                         ("complete", ["127.0.0.1"], "EC 256"))
        self.assertEqual((whole["targets"], whole["differing"], whole["refused"]), (1, 0, 0))
        self.assertEqual(whole["sources"], ["r-a", "r-b"])
        self.assertEqual([seen["verdict"] for seen in whole["shown"][0]["seen"]], ["accepted"] * 2)
        self.assertEqual(len(whole["fingerprint_sha256"]), 64)
        self.assertEqual((whole["ends_first"]["subject"], whole["ends_first"]["own"]), ("CN=middle", False))
        self.assertGreater(whole["not_after_unix"] - whole["ends_first"]["not_after_unix"], 20 * DAY)

        lonely = found[self.target("lonely")]
        self.assertEqual((lonely["chain_state"], len(lonely["chain"]), lonely["refused"]), ("incomplete", 1, 2))
        self.assertEqual(lonely["shown"][0]["seen"][0]["verdict"], "tls_unknown_issuer")
        self.assertEqual((lonely["refusals"], lonely["shown"][0]["seen_by"]), (["tls_unknown_issuer"], 2))
        self.assertEqual(found[self.target("mixed")]["chain_state"], "wrong_order")

        rows = self.asked(server, "&ends_within=7d")["certificates"]
        self.assertEqual({row["subject"] for row in rows}, {"CN=whole", "CN=mixed"})
        uid = whole["shown"][0]["uid"]
        self.assertEqual([row["subject"] for row in self.asked(server, f"&uid={uid}")["certificates"]], ["CN=whole"])
        self.assertEqual(self.asked(server, "&q=LONELY")["matching"], 1)

        # The incident says whose end it is, and is one for all who show it.
        both = {self.target("whole"), self.target("mixed")}
        incident = self.wait("the end of the one in the middle is told", lambda: next(
            (one for one in harness.get_json(f"{server.url}/api/v1/incidents")["incidents"]
             if one["certificate"] and both <= set(one["targets"]["names"])), None), 150)
        self.assertIn("CN=middle", incident["summary"])

        # A new server on the same port knows nothing, and is told all anew.
        port = int(server.rpc.rsplit(":", 1)[1])
        server.kill()
        server = self.start_server(targets, {"mesh": "false"}, rpc_port=port).wait_healthy()
        again = self.wait("they are told anew", lambda: self.all_three(server), 60)
        self.assertEqual(again[self.target("whole")]["fingerprint_sha256"], whole["fingerprint_sha256"])

    def test_sources_that_see_another_certificate_stand_out(self):
        targets = harness.target_text("tls", "r-shop", [self.target("whole")])
        server = self.start_server(targets, {"mesh": "false"}).wait_healthy()
        settings = {"tls.tls_config.ca_file": self.authority}
        first = self.start_agent(server.rpc, "r-a", "127.0.0.1", settings)
        old = self.wait("one source sees it", lambda: self.by_target(server).get(self.target("whole")), 60)
        # It stands still with what it saw, while the certificate is renewed and another agent begins.
        first.signal(signal.SIGSTOP)
        shutil.copy(self.folder / "renewed.chain", self.folder / "whole.chain")
        shutil.copy(self.folder / "renewed.key", self.folder / "whole.key")
        self.nginx.signal(signal.SIGHUP)
        self.start_agent(server.rpc, "r-b", "127.0.0.2", settings, name="second")
        rows = self.wait("two certificates at one target", lambda: (
            (r := self.asked(server, "&differing=true")["certificates"]) and len(r) == 2 and r), 60)
        for row in rows:
            self.assertEqual(row["differing"], 1)
            seen = {one["source_region"]: one["fingerprint_sha256"] for one in row["shown"][0]["seen"]}
            self.assertEqual(seen["r-a"], old["fingerprint_sha256"])
            self.assertNotEqual(seen["r-b"], seen["r-a"])
        first.signal(signal.SIGCONT)
        self.wait("both see the new one", lambda: (
            (r := self.asked(server)["certificates"]) and len(r) == 1 and r[0]["subject"] == "CN=renewed"), 60)


if __name__ == "__main__":
    harness.main()
