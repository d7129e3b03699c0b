"""As a service: what the service manager is told, when its watchdog is fed, the units' sandbox, files
that others can touch, the manual and the shells' completions."""

import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import stat
import threading

import harness

UNITS = harness.SOURCE / "packaging" / "systemd"
SAFE = 2.0  # the exposure that systemd-analyze gives, from 0 to 10


def limit_of(pid, name):
    """A limit that the kernel has for a process: proc(5), /proc/PID/limits."""
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
    return re.search(rf"^{name}\s+(\S+)", limits, re.MULTILINE).group(1)


class Told(harness.SystemTest):
    """A service manager: a socket that the service is given the name of."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.told = []
        # At all times, as a service waits for who does not read.
        reader = threading.Thread(target=self.read)
        reader.start()
        self.addCleanup(self.socket.close)
        self.addCleanup(reader.join)
        self.addCleanup(self.end_reading)

    def read(self):
        while (datagram := self.socket.recv(4096)) != b"end":
            self.told += datagram.decode().splitlines()

    def end_reading(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"end", str(self.path))

    def environment(self, **more):
        return {**os.environ, "NOTIFY_SOCKET": str(self.path), **more}

    def hears(self, line):
        """This line was told since the one that was heard before."""
        if line not in self.told:
            raise harness.NotYet(f"told was {self.told}")
        del self.told[:self.told.index(line) + 1]
        return True

    def wait_to_hear(self, line, processes=None):
        self.wait(f"the manager is told {line}", lambda: self.hears(line), 20, processes)

    def test_start_reload_and_end_of_both_roles(self):
        server = self.start_server(env=self.environment())
        self.wait_to_hear("READY=1")
        server.signal(signal.SIGHUP)
        self.wait_to_hear("RELOADING=1")
        self.wait_to_hear("READY=1")
        agent = self.start_agent(server.rpc, env=self.environment())
        self.wait_to_hear("READY=1")
        for role in (agent, server):
            self.assertEqual(role.stop(), 0)
            self.wait_to_hear("STOPPING=1", [])

    def test_the_watchdog_is_fed_while_it_runs(self):
        server = self.start_server(env=self.environment(WATCHDOG_USEC="300000"))
        self.wait_to_hear("READY=1")
        for _ in range(3):
            self.wait_to_hear("WATCHDOG=1")
        self.assertEqual(server.stop(), 0)
        self.wait_to_hear("STOPPING=1", [])
        agent = self.start_agent("127.0.0.1:1", env=self.environment(WATCHDOG_USEC="300000"))
        for _ in range(3):
            self.wait_to_hear("WATCHDOG=1")
        self.assertEqual(agent.stop(), 0)

    def test_both_roles_in_one_process_answer_together(self):
        rpc = f"127.0.0.1:{harness.free_port()}"
        config = self.write("both.yaml", (
            f"server: {{rpc_listen_addr: '{rpc}', metrics_listen_addr: '127.0.0.1:0', state_dir: ''}}\n"
            f"agent: {{rpc_server_addr: '{rpc}', region: r-a, local_ip: 127.0.0.1, "
            "http_addr: '127.0.0.1:0', state_dir: ''}\n"))
        both = self.start("standalone", harness.PROGRAM, "standalone", "--config", config,
                          env=self.environment(WATCHDOG_USEC="300000"))
        for _ in range(3):
            self.wait_to_hear("WATCHDOG=1")
        self.assertEqual(both.stop(), 0)

    def test_without_a_watchdog_nothing_is_fed(self):
        server = self.start_server(env=self.environment())
        self.wait_to_hear("READY=1")
        server.wait_healthy()
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("WATCHDOG=1", self.told)


class Units(harness.SystemTest):
    def settings(self, role):
        """(key, value) of the lines of a unit."""
        text = (UNITS / f"xprober-{role}.service").read_text(encoding="utf-8")
        return re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)

    def test_what_users_and_other_programs_rely_on(self):
        for role, state in (("agent", "xprober"), ("server", "xprober-server")):
            unit = dict(self.settings(role))
            self.assertEqual(unit["Type"], "notify")
            self.assertEqual(unit["ExecStart"],
                             f"/usr/bin/xprober {role} --config /etc/xprober/{role}.yaml")
            self.assertEqual(unit["DynamicUser"], "yes")
            self.assertEqual(unit["StateDirectory"], state)
            # Where the shipped file has it.
            self.assertIn(f"\nstate_dir: /var/lib/{state}\n", (
                harness.SOURCE / "config" / f"{role}.yaml").read_text(encoding="utf-8"))
            rights = "CAP_NET_RAW" if role == "agent" else ""
            self.assertEqual((unit["AmbientCapabilities"], unit["CapabilityBoundingSet"]),
                             (rights, rights))
            # 0 keeps no handler of core_pattern away, and the program could not raise it.
            self.assertEqual(unit["LimitCORE"], "1")

    def test_they_run_what_every_machine_has(self):
        """The smallest Debian has no /bin/kill, which is in procps."""
        for role in ("agent", "server"):
            programs = {value.split()[0] for key, value in self.settings(role) if key.startswith("Exec")}
            self.assertLessEqual(programs, {"/usr/bin/xprober", "/bin/sh"})

    @harness.unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is missing")
    def test_the_sandbox_is_closed(self):
        for role in ("agent", "server"):
            done = harness.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                                UNITS / f"xprober-{role}.service"])
            found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
            if not found:
                self.skipTest(f"this systemd-analyze cannot judge a file: {done.stderr.strip()}")
            self.assertLess(float(found.group(1)), SAFE, done.stdout)


class Files(harness.SystemTest):
    def mode(self, path):
        return stat.S_IMODE(path.stat().st_mode)

    def test_state_is_for_its_owner_alone(self):
        state = self.folder / "state"
        agents = self.folder / "agents"
        agents.mkdir(0o755)
        before = os.umask(0o002)  # 0 would let everybody write to the configuration, too
        try:
            server = self.start_server(settings={"state_dir": state}).wait_healthy()
            agent = self.start_agent(server.rpc, settings={"state_dir": agents}).wait_healthy()
        finally:
            os.umask(before)
        for folder in (state, agents):
            self.assertEqual(self.mode(folder), 0o700, folder)
            for file in folder.iterdir():
                self.assertEqual(self.mode(file), 0o600, file)
        self.said(agent, "others could look into the state directory")
        self.assertNotIn("others could look", server.err())

    def test_a_link_in_the_place_of_a_file_is_refused(self):
        state = self.folder / "state"
        state.mkdir(0o700)
        elsewhere = self.write("elsewhere", "kept")
        (state / "journal.db").symlink_to(elsewhere)
        server = self.start_server(settings={"state_dir": state})
        self.assertEqual(server.wait(20), 1)
        self.said(server, "journal.db in it is a link")
        self.assertEqual(elsewhere.read_text(encoding="utf-8"), "kept")

    def test_a_configuration_that_everybody_can_write_is_refused(self):
        config = self.write("agent.yaml", "region: a\n")
        config.chmod(0o666)
        for arguments in (["agent", "--config", config], ["check-config", config]):
            done = harness.xprober(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{config}: everybody on this machine can write to it", done.stderr)

    def test_a_secret_that_everybody_can_read_is_warned_of(self):
        secret = self.write("hook.secret", "secret")
        config = self.write("server.yaml", "alerts: {webhooks: [{url: 'http://127.0.0.1:1/', "
                                           f"secret_file: {secret}}}]}}\n")
        for mode, warned in ((0o644, True), (0o640, False)):
            secret.chmod(mode)
            done = harness.xprober("check-config", config)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(f"everybody on this machine can read {secret}" in done.stderr, warned)

    def test_a_service_leaves_no_core_dump(self):
        server = self.start_server().wait_healthy()
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        self.assertEqual(limit_of(server.pid, "Max core file size"), "0" if most == 0 else "1")


class Documents(harness.SystemTest):
    """What is made from the definition of the command line."""

    def commands(self):
        """Every command with the options that its --help names."""
        found = {}
        waiting = [()]
        while waiting:
            command = waiting.pop()
            text = harness.xprober(*command, "--help").stdout
            found[command] = set(re.findall(r"^  (-\w)(?:,| |$)", text, re.MULTILINE)) | set(
                re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE))
            below = text.partition("Subcommands:\n")[2]
            waiting += [(*command, name) for name in re.findall(r"^  (\w[\w-]*)", below, re.MULTILINE)]
        self.assertIn(("http",), found)
        self.assertIn("--json", found[("http",)])
        return found

    def test_the_manual_has_every_option(self):
        pages = self.folder / "man"
        pages.mkdir()
        self.assertEqual(harness.xprober("man", "--directory", pages).returncode, 0)
        for command, options in self.commands().items():
            page = (pages / ("-".join(("xprober", *command)) + ".1")).read_text(encoding="utf-8")
            for option in options:
                self.assertIn("\\fB" + option.replace("-", "\\-") + "\\fR", page, command)
        if shutil.which("mandoc"):
            done = harness.run(["mandoc", "-T", "lint", "-W", "error", *sorted(pages.iterdir())])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(harness.xprober("man").stdout,
                         (pages / "xprober.1").read_text(encoding="utf-8"))
        self.assertEqual(harness.xprober("man", "--directory", self.folder / "none").returncode, 1)

    def test_each_shell_has_every_option(self):
        commands = self.commands()
        for shell in ("bash", "zsh", "fish"):
            script = harness.xprober("completion", shell).stdout
            for command, options in commands.items():
                for name in command:
                    self.assertIn(name, script)
                for option in options:
                    wanted = option if shell != "fish" else (
                        f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}")
                    self.assertIn(wanted, script, (shell, command))
            if shutil.which(shell):
                done = harness.run([shell, "-n", self.write(f"script.{shell}", script)])
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)
        self.assertEqual(harness.xprober("completion", "tcsh").returncode, 2)

    @harness.unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_bash_completes(self):
        script = self.write("xprober.bash", harness.xprober("completion", "bash").stdout)
        self.write("there.yaml", "")
        for words, wanted in ((["xprober", "stand"], ["standalone"]),
                              (["xprober", "http", "--js"], ["--json"]),
                              (["xprober", "tls", "--starttls", "sm"], ["smtp"]),
                              (["xprober", "agent", "--config", "ther"], ["there.yaml"]),
                              (["xprober", "check-config", "ther"], ["there.yaml"]),
                              (["xprober", "completion", "z"], ["zsh"])):
            line = " ".join(f"'{word}'" for word in words)
            done = harness.run(["bash", "-c", f"compopt() {{ :; }}; . '{script}'; "
                                f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _xprober; "
                                "printf '%s\\n' \"${COMPREPLY[@]}\""], cwd=self.folder)
            self.assertEqual(done.stdout.split(), wanted, (words, done.stderr))


if __name__ == "__main__":
    harness.main()
