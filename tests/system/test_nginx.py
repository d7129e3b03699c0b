"""HTTP probes of a web server from the field: nginx with TLS, HTTP/2 on offer, redirects, chunked
bodies and name-based hosts. What curl sees is what the probe sees."""

import json
import shutil

import harness
import servers

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
  server {{
    listen 127.0.0.1:{plain};
    server_name localhost;
    location / {{ return 301 https://localhost:{secure}$request_uri; }}
    location /large {{ root {folder}/files; }}
    location /chunked {{ proxy_pass http://127.0.0.1:{plain}/large; proxy_buffering off; gzip off; }}
    location /empty {{ return 204; }}
    location /teapot {{ return 418; }}
    location /drop {{ return 444; }}
  }}
  server {{
    listen 127.0.0.1:{secure} ssl http2 default_server;
    server_name other.test;
    ssl_certificate {folder}/other.pem; ssl_certificate_key {folder}/other.key;
    return 421;
  }}
  server {{
    listen 127.0.0.1:{secure} ssl http2;
    server_name localhost;
    ssl_certificate {folder}/localhost.pem; ssl_certificate_key {folder}/localhost.key;
    location / {{ return 200 "$server_protocol $ssl_server_name\\n"; }}
  }}
}}
"""
LARGE = 3_000_000


@harness.unittest.skipUnless(shutil.which("nginx"), "nginx is not installed (Debian's nginx-light)")
class Nginx(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.authority = servers.make_authority(self.folder)
        servers.make_certificate(self.folder, "localhost", "DNS:localhost")
        servers.make_certificate(self.folder, "other", "DNS:other.test")
        (self.folder / "files").mkdir()
        (self.folder / "files" / "large").write_bytes(b"x" * LARGE)
        # The workers of root's nginx are another user.
        self.folder.chmod(0o755)
        self.plain, self.secure = harness.free_port(), harness.free_port()
        config = self.write("nginx.conf", CONFIG.format(
            folder=self.folder, plain=self.plain, secure=self.secure))
        nginx = self.start("nginx", "nginx", "-e", "stderr", "-p", self.folder, "-c", config)
        self.wait("nginx answers", lambda: harness.http(self.url("/empty")).status == 204, 10, [nginx])

    def url(self, path):
        return f"http://127.0.0.1:{self.plain}{path}"

    def probe(self, url, status=0):
        done = harness.xprober("http", "--json", "--ca-file", self.authority, url)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def curl(self, url):
        """(status, number of redirects, TLS verified) as curl follows them."""
        done = harness.run(["curl", "-q", "-s", "-L", "--http1.1", "--cacert", self.authority, "-o",
                            self.folder / "curl.out", "-w", "%{http_code} %{num_redirects} %{size_download}",
                            url])
        status, redirects, size = done.stdout.split()
        return int(status), int(redirects), int(size)

    def test_statuses_and_bodies_as_curl_sees_them(self):
        for path, good in (("/empty", True), ("/large", True), ("/chunked", True),
                           ("/teapot", False)):
            with self.subTest(path=path):
                status, redirects, _ = self.curl(self.url(path))
                line = self.probe(self.url(path), 0 if good else 1)
                self.assertEqual((line["status"], line["redirects"], line["success"]),
                                 (status, redirects, good))
                self.assertTrue(all(ms is not None for ms in line["phases_ms"].values()), line)

    def test_a_redirect_to_tls_and_its_name(self):
        # From an address to a name: nginx tells its hosts apart by the name it is asked for.
        url = self.url("/somewhere")
        self.assertEqual(self.curl(url)[:2], (200, 1))
        line = self.probe(url)
        self.assertEqual((line["status"], line["redirects"], line["error"]), (200, 1, None))
        self.assertGreater(line["phases_ms"]["tls"], 0)

    def test_the_right_host_is_asked_for_by_name(self):
        line = self.probe(f"https://localhost:{self.secure}/")
        self.assertEqual(line["status"], 200)
        # By its address it is another host, whose certificate is for another name.
        line = self.probe(f"https://127.0.0.1:{self.secure}/", 1)
        self.assertIn("tls_wrong_name", line["error"])

    def test_a_connection_closed_without_an_answer(self):
        line = self.probe(self.url("/drop"), 1)
        self.assertIn("http_early_close", line["error"])
        self.assertIsNone(line["phases_ms"]["processing"])
        self.assertIsNotNone(line["phases_ms"]["connect"])

    def test_an_agent_counts_what_it_read(self):
        urls = [self.url("/large"), f"http://localhost:{self.plain}/somewhere"]
        server = self.start_server(harness.target_text("http", "r-web", urls)).wait_healthy()
        agent = self.start_agent(server.rpc, settings={"http.ca_file": self.authority})
        story = self.wait("a result of the large page",
                          lambda: (s := agent.target(self.url("/large")))["last"] and s, 20)
        self.assertEqual(story["last"]["http"]["body_bytes"], LARGE)
        self.wait("both succeed on the server", lambda: all(
            server.metrics().value("http_interface_success", addr=url) == 1 for url in urls), 20)


if __name__ == "__main__":
    harness.main()
