"""Servers from the field that begin TLS inside of their own protocols, as few processes as do: exim,
Dovecot, vsftpd, PostgreSQL and OpenLDAP, with nginx for TLS from the beginning. Root runs them as
nobody, everybody else as oneself; all that they write is in the test's folder."""

import contextlib
import ctypes
import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket

import harness
import servers

PAST = ("20200101000000Z", "20200201000000Z")

# By the name that `starttls` has for the protocol: the program, and Debian's package of it.
PROGRAMS = {
    "smtp": ("exim4", "exim4-daemon-light"),
    "imap": ("/usr/lib/dovecot/imap-login", "dovecot-imapd"),
    "pop3": ("/usr/lib/dovecot/pop3-login", "dovecot-pop3d"),
    "ftp": ("vsftpd", "vsftpd"),
    "postgres": ("/usr/lib/postgresql/15/bin/postgres", "postgresql-15"),
    "ldap": ("slapd", "slapd"),
    "none": ("nginx", "nginx-light"),
}

# The same daemon with three ports: its certificate, none, one that has expired.
EXIM = """
primary_hostname = localhost
exim_user = {user}
exim_group = {group}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {good} : {plain} : {expired}
spool_directory = {folder}/exim
log_file_path = {folder}/exim-%slog
pid_file_path = {folder}/exim.pid
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = ${{if eq{{$received_port}}{{{plain}}}{{}}{{*}}}}
tls_certificate = {folder}/${{if eq{{$received_port}}{{{expired}}}{{expired}}{{good}}}}.pem
tls_privatekey = {folder}/${{if eq{{$received_port}}{{{expired}}}{{expired}}{{good}}}}.key
"""
# The same master for both protocols, each with two addresses: TLS at one, none at the other.
DOVECOT = """
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = /dev/stderr
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
protocols = {protocols}
listen = 127.0.0.1, 127.0.0.2
ssl = yes
ssl_cert = <{folder}/good.pem
ssl_key = <{folder}/good.key
local 127.0.0.2 {{
  ssl = no
}}
passdb {{
  driver = static
  args = nopassword=y
}}
service anvil {{
  chroot =
}}
"""
DOVECOT_LISTENER = """
service {protocol}-login {{
  chroot =
  inet_listener {protocol} {{
    port = {port}
  }}
  inet_listener {protocol}s {{
    port = 0
  }}
}}
"""
VSFTPD = """
listen=YES
background=NO
listen_address=127.0.0.1
listen_port={port}
run_as_launching_user=YES
local_enable=YES
anonymous_enable=NO
xferlog_enable=NO
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
ssl_enable={ssl}
ssl_ciphers=HIGH
rsa_cert_file={folder}/good.pem
rsa_private_key_file={folder}/good.key
"""
# Shared memory is a file of its folder; what else it takes of the machine goes when it ends well.
POSTGRES = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
shared_buffers = 1MB
fsync = off
autovacuum = off
max_wal_senders = 0
ssl = {ssl}
ssl_cert_file = '{folder}/good.pem'
ssl_key_file = '{folder}/good.key'
"""
SLAPD = """
pidfile {folder}/slapd-{port}.pid
{tls}
"""
SLAPD_TLS = "TLSCertificateFile {folder}/good.pem\nTLSCertificateKeyFile {folder}/good.key"
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
  }}
}}
"""


_PR_SET_CHILD_SUBREAPER = 36


def missing(protocol):
    """Why this protocol's server cannot be had; "" where it can."""
    program, package = PROGRAMS[protocol]
    return "" if shutil.which(program) else f"{package} is not installed ({program})"


def here():
    """The protocols whose servers can be had."""
    return [protocol for protocol in PROGRAMS if not missing(protocol)]


def needs(protocol):
    return harness.unittest.skipIf(missing(protocol), missing(protocol))


class Peers:
    """The servers that are here, each started by `test` and ended with it.

    `targets`: (protocol, kind) → HOST:PORT, where kind is "good", "plain" (TLS is not offered) or
    "expired". `authority` has signed their certificates, `stranger` has not.
    """

    def __init__(self, test):
        self.test = test
        self.folder = test.folder
        self.targets = {}
        self.root = os.geteuid() == 0
        self.user = "nobody" if self.root else pwd.getpwuid(os.geteuid()).pw_name
        self.group = "nogroup" if self.root else grp.getgrgid(os.getegid()).gr_name
        # With no group beside it.
        self.options = {"user": self.user, "group": self.group, "extra_groups": []} if self.root else {}
        self.authority = servers.make_authority(self.folder)
        servers.make_certificate(self.folder, "good", "DNS:localhost", days=1)
        servers.make_odd_certificate(self.folder, "expired", "DNS:localhost", start=PAST[0], end=PAST[1])
        (self.folder / "elsewhere").mkdir()
        self.stranger = servers.make_authority(self.folder / "elsewhere")
        # Theirs from here on; what root still writes there they may read.
        for path in (self.folder, *self.folder.iterdir()):
            self.give(path)
        self.here = here()
        # What a server leaves behind when it ends is waited for, too.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        starters = {"smtp": self.exim, "imap": self.dovecot, "pop3": self.dovecot, "ftp": self.vsftpd,
                    "postgres": self.postgres, "ldap": self.slapd, "none": self.nginx}
        started = [start() for start in dict.fromkeys(starters[name] for name in self.here)]
        for protocol, kind in self.targets:
            self.wait_listening(protocol, kind, sum(started, []))

    def give(self, path):
        if self.root:
            shutil.chown(path, self.user, self.group)

    def text(self, template, **values):
        return template.format(folder=self.folder, user=self.user, group=self.group, **values)

    def write(self, name, template, **values):
        path = self.test.write(name, self.text(template, **values))
        self.give(path)
        return path

    def target(self, protocol, kind="good", host="localhost", port=None):
        """A target of this protocol at a free port, which is given back."""
        port = port or harness.free_port(host.replace("localhost", "127.0.0.1"))
        self.targets[protocol, kind] = f"{host}:{port}"
        return port

    def start(self, name, *arguments, end=signal.SIGTERM):
        """`end`: the signal that ends it at once, and with it all that it has started."""
        # A program that is root's by its file's mode stays as it was started.
        process = self.test.start(name, "setpriv", "--no-new-privs", *arguments, cwd=self.folder,
                                  **self.options)

        def stop():
            try:
                process.signal(end)
                process.wait(20)
            finally:
                process.close()
                with contextlib.suppress(ChildProcessError):
                    while True:
                        os.waitpid(-process.pid, 0)

        self.test.addCleanup(stop)
        return process

    def wait_listening(self, protocol, kind, processes):
        host, _, port = self.targets[protocol, kind].rpartition(":")

        def listens():
            with socket.create_connection((host.replace("localhost", "127.0.0.1"), int(port)), 1):
                return True

        self.test.wait(f"the server of {protocol} ({kind}) listens", listens, 20, processes)

    def exim(self):
        ports = {kind: self.target("smtp", kind) for kind in ("good", "plain", "expired")}
        return [self.start("exim", "exim4", "-C", self.write("exim.conf", EXIM, **ports), "-bdf")]

    def dovecot(self):
        protocols = [name for name in ("imap", "pop3") if name in self.here]
        config = self.text(DOVECOT, protocols=" ".join(protocols))
        for protocol in protocols:
            port = self.target(protocol)
            self.target(protocol, "plain", "127.0.0.2", port)
            config += self.text(DOVECOT_LISTENER, protocol=protocol, port=port)
        path = self.test.write("dovecot.conf", config)
        return [self.start("dovecot", "dovecot", "-F", "-c", path)]

    def vsftpd(self):
        started = []
        for kind, ssl in (("good", "YES"), ("plain", "NO")):
            config = self.write(f"vsftpd-{kind}.conf", VSFTPD, port=self.target("ftp", kind), ssl=ssl)
            started.append(self.start(f"vsftpd-{kind}", "vsftpd", config))
        return started

    def postgres(self):
        program = pathlib.Path(PROGRAMS["postgres"][0])
        started = []
        for kind, ssl in (("good", "on"), ("plain", "off")):
            data = self.folder / f"postgres-{kind}"
            done = harness.run([program.parent / "initdb", "-D", data, "--no-sync", "--auth=trust",
                                "--locale=C"], 60, cwd=self.folder, **self.options)
            if done.returncode != 0:
                raise AssertionError(f"initdb: {done.stdout}{done.stderr}")
            self.write(f"{data.name}/postgresql.conf", POSTGRES, port=self.target("postgres", kind),
                       ssl=ssl)
            # It ends well, too, when the test is killed.
            started.append(self.start(data.name, "setpriv", "--pdeathsig", "INT", program, "-D", data,
                                      end=signal.SIGINT))
        return started

    def slapd(self):
        started = []
        for kind, tls in (("good", self.text(SLAPD_TLS)), ("plain", "")):
            port = self.target("ldap", kind)
            config = self.write(f"slapd-{kind}.conf", SLAPD, port=port, tls=tls)
            started.append(self.start(f"slapd-{kind}", "slapd", "-d", "0", "-f", config, "-h",
                                      f"ldap://127.0.0.1:{port}"))
        return started

    def nginx(self):
        config = self.write("nginx.conf", NGINX, port=self.target("none"))
        return [self.start("nginx", "nginx", "-e", "stderr", "-p", self.folder, "-c", config)]
