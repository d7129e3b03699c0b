"""The web server that everything here probes: nginx, on every loopback address, plain and TLS."""

import subprocess

import harness

CONFIG = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 16384; multi_accept on; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  ssl_session_tickets off; ssl_session_cache off;
  server {{
    listen {plain} backlog=65535;
    listen {secure} ssl backlog=65535;
    ssl_certificate {folder}/web.pem; ssl_certificate_key {folder}/web.key;
    location / {{ return 200 "It answers with a hundred bytes or so, as a page of a service's health would do it.\\n"; }}
  }}
}}
"""


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)


def make_certificates(folder):
    """An authority `ca.pem` and a certificate of it for 127.0.0.1, `web.pem`, both RSA-2048, which
    most of the web has."""
    key = ("-newkey", "rsa:2048", "-nodes")
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
             "-subj", "/CN=authority of the benchmark",
             "-addext", "basicConstraints=critical,CA:TRUE")
    _openssl(folder, "req", *key, "-keyout", "web.key", "-out", "web.csr", "-subj", "/CN=web")
    (folder / "web.ext").write_text("subjectAltName=IP:127.0.0.1\n", encoding="ascii")
    _openssl(folder, "x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-out", "web.pem", "-days", "2", "-extfile", "web.ext")


class Web:
    """A running nginx with one worker."""

    def __init__(self, folder, stack):
        self.folder = folder
        self.plain, self.secure = harness.free_port(), harness.free_port()
        make_certificates(folder)
        folder.chmod(0o755)  # the worker of root's nginx is another user
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, plain=self.plain, secure=self.secure),
                          encoding="utf-8")
        self.process = harness.Process(
            "nginx", ["nginx", "-e", "stderr", "-p", folder, "-c", config], folder)
        stack.callback(self.process.close)
        harness.wait_until("nginx answers", lambda: harness.http(self.url("plain")).status == 200,
                           20, [self.process])
        self.authority = folder / "ca.pem"

    def url(self, kind, address="127.0.0.1"):
        scheme, port = ("http", self.plain) if kind == "plain" else ("https", self.secure)
        return f"{scheme}://{address}:{port}/"

    def pids(self):
        """Of the master and its worker."""
        master = self.process.pid
        path = f"/proc/{master}/task/{master}/children"
        with open(path, encoding="ascii") as file:
            return [master, *map(int, file.read().split())]
