"""The Debian package: what is in it, what its judges say, and installing, running, upgrading and purging it
on Debian machines of the test's own."""

import functools
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import debian_machine
import harness

MISSING = [tool for tool in ("dh", "dpkg-buildpackage", "dpkg-deb") if not shutil.which(tool)]

FILES = {
    "./usr/bin/xprober": "-rwxr-xr-x",
    "./etc/xprober/agent.yaml": "-rw-r--r--",
    "./etc/xprober/server.yaml": "-rw-r--r--",
    "./lib/systemd/system/xprober-agent.service": "-rw-r--r--",
    "./lib/systemd/system/xprober-server.service": "-rw-r--r--",
    "./usr/lib/sysusers.d/xprober.conf": "-rw-r--r--",
    "./usr/share/bash-completion/completions/xprober": "-rw-r--r--",
    "./usr/share/zsh/vendor-completions/_xprober": "-rw-r--r--",
    "./usr/share/fish/vendor_completions.d/xprober.fish": "-rw-r--r--",
    "./usr/share/man/man1/xprober.1.gz": "-rw-r--r--",
    "./usr/share/man/man1/xprober-agent.1.gz": "-rw-r--r--",
    "./usr/share/man/man1/xprober-server.1.gz": "-rw-r--r--",
    "./usr/share/doc/xprober/copyright": "-rw-r--r--",
    "./usr/share/doc/xprober/changelog.Debian.gz": "-rw-r--r--",
    "./usr/share/doc/xprober/README.Debian": "-rw-r--r--",
    "./usr/share/doc/xprober/SECURITY.md": "-rw-r--r--",
}


@functools.cache
def made_package():
    """The package of the program that is tested, made once."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xprober-package-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    done = harness.run([harness.SOURCE / "scripts" / "make_deb.sh", harness.PROGRAM], timeout=240, env={
        **os.environ, "XPROBER_DEB_DIR": str(folder), "XPROBER_DEB_COMPRESSION": "gzip"})
    if done.returncode != 0:
        raise AssertionError(f"no package was made:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    package, = folder.glob("xprober_*.deb")
    return package


@unittest.skipIf(MISSING, f"these programs are missing: {', '.join(MISSING)}")
@unittest.skipIf(harness.SANITIZED, "what is packaged is the optimised program")
class Package(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.package = made_package()

    def control(self, *arguments):
        done = harness.run(["dpkg-deb", *arguments])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def unpacked_control(self):
        folder = self.folder / "control"
        self.control("-e", self.package, folder)
        return folder

    def test_it_holds_what_it_should(self):
        modes = {}
        for line in self.control("-c", self.package).splitlines():
            mode, owner, *_, path = line.split()
            modes[path] = mode
            self.assertEqual(owner, "root/root", line)
        for path, mode in FILES.items():
            self.assertEqual(modes.get(path), mode, path)

    def test_its_fields(self):
        version = harness.xprober("--version").stdout.split()[1]
        field = lambda name: self.control("-f", self.package, name).strip()
        self.assertEqual(field("Package"), "xprober")
        self.assertEqual(field("Version"), f"{version}-1")
        for library in ("libc6", "libssl3", "libsqlite3-0", "libsystemd0", "ca-certificates"):
            self.assertRegex(field("Depends"), rf"(^|[ ,]){re.escape(library)}([ ,]|$)")

    def test_configuration_is_kept_and_services_are_restarted(self):
        control = self.unpacked_control()
        self.assertEqual((control / "conffiles").read_text(encoding="utf-8").split(),
                         ["/etc/xprober/agent.yaml", "/etc/xprober/server.yaml"])
        after = (control / "postinst").read_text(encoding="utf-8")
        for role in ("agent", "server"):
            self.assertIn(f"xprober-{role}.service", after)
        self.assertIn("deb-systemd-invoke", after)
        self.assertIn("sysusers", after)
        for script in ("postinst", "postrm", "prerm"):
            done = harness.run(["sh", "-n", control / script])
            self.assertEqual((done.returncode, done.stderr), (0, ""), script)

    def test_the_units_and_configurations_are_those_of_the_source(self):
        root = self.folder / "root"
        self.control("-x", self.package, root)
        for packed, source in (
                ("lib/systemd/system/xprober-agent.service", "packaging/systemd/xprober-agent.service"),
                ("lib/systemd/system/xprober-server.service", "packaging/systemd/xprober-server.service"),
                ("etc/xprober/agent.yaml", "config/agent.yaml"),
                ("etc/xprober/server.yaml", "config/server.yaml")):
            self.assertEqual((root / packed).read_bytes(), (harness.SOURCE / source).read_bytes())
        for name in ("agent", "server"):
            done = harness.run([root / "usr/bin/xprober", "check-config", root / f"etc/xprober/{name}.yaml"])
            self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is missing")
    def test_lintian_has_nothing_to_say(self):
        done = harness.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.package],
                           timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@unittest.skipIf(MISSING, f"these programs are missing: {', '.join(MISSING)}")
@unittest.skipIf(harness.SANITIZED, "what is packaged is the optimised program")
class Installed(harness.SystemTest):
    """On Debian machines of the test's own, from `apt install` to `apt purge`, with systemd."""

    @classmethod
    def setUpClass(cls):
        why = debian_machine.missing()
        if not why:
            cls.package = made_package()
            cls.root, why = debian_machine.root_for(cls.package)
        if why and debian_machine.WANTED:
            raise AssertionError(why)
        if why:
            raise unittest.SkipTest(why)

    def install(self, machine, package):
        """`apt install ./xprober_*.deb`, as a person would who wants changed files kept."""
        name = f"/root/{package.name}"
        shutil.copy(package, machine.path(name))
        said = machine.run("apt-get", "install", "--quiet", "--yes", "-o", "Dpkg::Options::=--force-confold",
                           f".{name.removeprefix('/root')}", timeout=200)
        self.assertNotIn("dpkg: warning", said)
        return said

    def newer(self):
        """The next version: another shipped configuration, for which dpkg has to ask."""
        tree = self.folder / "newer"
        self.assertEqual(harness.run(["dpkg-deb", "-R", self.package, tree]).returncode, 0)
        control = tree / "DEBIAN" / "control"
        control.write_text(re.sub(r"(?m)^Version: .*$", r"\g<0>.1", control.read_text(encoding="utf-8")),
                           encoding="utf-8")
        with (tree / "etc/xprober/agent.yaml").open("a", encoding="utf-8") as shipped:
            shipped.write("# The next version's.\n")
        made = self.folder / "xprober_next.deb"
        done = harness.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made])
        self.assertEqual(done.returncode, 0, done.stderr)
        return made

    def identities(self, machine, unit):
        """(user, groups, capabilities) of the process of a unit, as the kernel has them."""
        pid = machine.unit(unit, "MainPID")
        status = machine.run("cat", f"/proc/{pid}/status")
        value = lambda key: re.search(rf"(?m)^{key}:\s*(.*)$", status).group(1).split()
        return int(value("Uid")[0]), {int(group) for group in value("Groups")}, int(value("CapEff")[0], 16)

    def group(self, machine, name):
        return int(machine.run("getent", "group", name).split(":")[2])

    def test_from_install_to_purge(self):
        hub = debian_machine.Machine(self, self.root, "hub")
        edge = debian_machine.Machine(self, self.root, "edge", beside=hub)
        for machine in (hub, edge):
            self.install(machine, self.package)
        self.judge_the_units(hub)
        token = self.set_up(hub, edge)
        self.judge_the_services(hub, edge)
        self.judge_a_second_agent(hub, token)
        self.judge_an_upgrade(hub, edge)
        self.judge_the_end(hub, edge)

    def judge_the_units(self, machine):
        for role in ("agent", "server"):
            self.assertEqual(machine.run("systemctl", "is-enabled", f"xprober-{role}", status=1).strip(),
                             "disabled")
            self.assertEqual(machine.unit(f"xprober-{role}", "ActiveState"), "inactive")
        self.assertEqual(machine.enter("systemd-analyze", "verify", "--man=no", "xprober-agent.service",
                                       "xprober-server.service").stderr, "")
        self.assertEqual(machine.run("stat", "-c", "%U %G %a", "/etc/xprober", "/etc/xprober/agent.yaml"),
                         "root root 755\nroot root 644\n")

    def set_up(self, hub, edge):
        """Two commands on each machine, as README.Debian has them; the token that was used."""
        said = hub.run("xprober", "server", "init", "--dir", "/etc/xprober", "--name", hub.ADDRESS,
                       "--region", "r-edge")
        token, = re.findall(r"--token (xpj1_\S+)", said)
        self.assertEqual(hub.run("stat", "-c", "%U %G %a", "/etc/xprober/ca.key").strip(),
                         "root xprober-keys 640")
        hub.run("systemctl", "enable", "--now", "xprober-server")
        edge.run("xprober", "agent", "join", "--server", f"https://{hub.ADDRESS}:6001", "--token", token)
        edge.run("systemctl", "enable", "--now", "xprober-agent")
        return token

    def stats(self, hub):
        return hub.get(f"https://{hub.ADDRESS}:6002/stats",
                       hub.path("/etc/xprober/readers.token").read_text(encoding="ascii").strip(),
                       hub.path("/etc/xprober/ca.pem"))

    def results_arrive(self, hub, after=0):
        self.wait("results of the agent are taken",
                  lambda: self.stats(hub)["results"]["accepted"] > after, 60)

    def judge_the_services(self, hub, edge):
        self.results_arrive(hub)
        for machine, role, groups, rights in ((hub, "server", ("xprober", "xprober-keys"), 0),
                                              (edge, "agent", ("xprober",), 1 << 13)): # CAP_NET_RAW
            user, have, capabilities = self.identities(machine, f"xprober-{role}")
            self.assertNotEqual(user, 0)
            self.assertLessEqual({self.group(machine, name) for name in groups}, have)
            self.assertEqual(capabilities, rights, role)
            state = "/var/lib/private/xprober" + ("-server" if role == "server" else "")
            self.assertEqual(machine.run("stat", "-c", "%u %a", state).split(), [str(user), "700"])
            self.assertEqual(machine.run("systemctl", "--failed", "--quiet", "--no-legend"), "")
        self.assertNotIn(self.group(edge, "xprober-keys"), self.identities(edge, "xprober-agent")[1])
        before = hub.unit("xprober-server", "MainPID")
        hub.run("systemctl", "reload", "xprober-server")
        self.assertEqual(hub.unit("xprober-server", "MainPID"), before)

    def judge_a_second_agent(self, hub, token):
        said = hub.run("xprober", "agent", "join", "--server", f"https://{hub.ADDRESS}:6001", "--token",
                       token, status=1)
        self.assertRegex(said, r"the join token was used by edge-[0-9a-f]{8} at ")
        self.assertFalse(hub.path("/var/lib/xprober/agent.pem").exists())

    def judge_an_upgrade(self, hub, edge):
        newer = self.newer()
        for machine, role in ((edge, "agent"), (hub, "server")):
            changed = machine.path(f"/etc/xprober/{role}.yaml")
            text = changed.read_text(encoding="utf-8")
            before = machine.unit(f"xprober-{role}", "MainPID")
            self.install(machine, newer)
            self.assertEqual(changed.read_text(encoding="utf-8"), text)
            self.assertEqual(machine.unit(f"xprober-{role}", "ActiveState"), "active")
            self.assertNotEqual(machine.unit(f"xprober-{role}", "MainPID"), before)
        self.assertTrue(edge.path("/etc/xprober/agent.yaml.dpkg-dist").exists())
        self.assertEqual(hub.unit("xprober-agent", "ActiveState"), "inactive")
        # Of both that began anew: the agent is known, with what it kept.
        self.results_arrive(hub)

    def judge_the_end(self, hub, edge):
        for machine, state in ((edge, "xprober"), (hub, "xprober-server")):
            machine.run("apt-get", "remove", "--quiet", "--yes", "xprober")
            self.assertTrue(machine.path("/etc/xprober/agent.yaml").exists())
            self.assertTrue(machine.path(f"/var/lib/private/{state}").exists())
            self.assertEqual(machine.run("sh", "-c", "cat /proc/[0-9]*/comm | grep -c '^xprober' || true").strip(),
                             "0")
            machine.run("apt-get", "purge", "--quiet", "--yes", "xprober")
            left = machine.run("find", "/", "-xdev", "-name", "*xprober*", "-not", "-name", "*.deb")
            self.assertEqual(left, "")
            for group in ("xprober", "xprober-keys"):
                machine.run("getent", "group", group, status=2)


if __name__ == "__main__":
    harness.main()
