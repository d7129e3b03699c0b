"""The Debian package: what is in it, what its judges say, and installing, upgrading and purging it in
a root of its own. Nothing is started, and nothing of this machine is touched."""

import os
import re
import shutil
import subprocess

import harness

MISSING = [tool for tool in ("dh", "dpkg-buildpackage", "dpkg-deb") if not shutil.which(tool)]
# A Debian 12 root that debootstrap has made; XPROBER_DEB_ROOT names one, or a mirror is asked where
# XPROBER_DEB_MIRROR names it.
ROOT = os.environ.get("XPROBER_DEB_ROOT", "")
MIRROR = os.environ.get("XPROBER_DEB_MIRROR", "")

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


def build(folder):
    """The package of the program that is tested."""
    done = harness.run([harness.SOURCE / "scripts" / "make_deb.sh", harness.PROGRAM], timeout=240, env={
        **os.environ, "XPROBER_DEB_DIR": str(folder), "XPROBER_DEB_COMPRESSION": "gzip"})
    if done.returncode != 0:
        raise AssertionError(f"no package was made:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    package, = folder.glob("xprober_*.deb")
    return package


@harness.unittest.skipIf(MISSING, f"these programs are missing: {', '.join(MISSING)}")
@harness.unittest.skipIf(harness.SANITIZED, "what is packaged is the optimised program")
class Package(harness.SystemTest):
    package = None

    @classmethod
    def setUpClass(cls):
        cls.made = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="xprober-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.made, ignore_errors=True)
        cls.package = build(cls.made)

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

    @harness.unittest.skipUnless(shutil.which("lintian"), "lintian is missing")
    def test_lintian_has_nothing_to_say(self):
        done = harness.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.package],
                           timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @harness.unittest.skipUnless(os.geteuid() == 0, "only root can enter another root")
    @harness.unittest.skipUnless(ROOT or MIRROR, "no Debian root is named (XPROBER_DEB_ROOT), and no "
                                 "mirror to make one from (XPROBER_DEB_MIRROR)")
    def test_install_upgrade_and_purge_in_a_root_of_its_own(self):
        root = self.root()
        self.in_root(root, "apt-get", "update", "-q")
        shutil.copy(self.package, root / "tmp" / "xprober.deb")
        # Nothing is started in a chroot; this says so to those who ask.
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        (root / "usr/sbin/policy-rc.d").chmod(0o755)
        install = ("apt-get", "install", "-q", "-y", "--no-install-recommends", "--reinstall",
                   "-o", "Dpkg::Options::=--force-confold", "/tmp/xprober.deb")
        self.in_root(root, *install)
        self.assertIn("xprober ", self.in_root(root, "xprober", "--version"))
        for group in ("xprober", "xprober-keys"):
            self.assertIn(group, self.in_root(root, "getent", "group", group))
        self.in_root(root, "xprober", "server", "init", "--dir", "/etc/xprober", "--name", "a.example")
        self.assertEqual(self.in_root(root, "stat", "-c", "%a %U %G", "/etc/xprober/ca.key").strip(),
                         "640 root xprober-keys")
        self.assertEqual(self.in_root(root, "systemctl", "is-enabled", "xprober-agent", status=1).strip(),
                         "disabled")
        changed = root / "etc/xprober/agent.yaml"
        changed.write_text("region: mine\n", encoding="utf-8")
        self.in_root(root, *install)
        self.assertEqual(changed.read_text(encoding="utf-8"), "region: mine\n")
        state = root / "var/lib/private/xprober"
        state.mkdir(parents=True)
        self.in_root(root, "apt-get", "remove", "-q", "-y", "xprober")
        self.assertTrue(changed.exists() and state.exists())
        self.in_root(root, "apt-get", "purge", "-q", "-y", "xprober")
        self.assertFalse((root / "etc/xprober").exists() or state.exists())

    def root(self):
        root = self.folder / "chroot"
        if ROOT:
            done = harness.run(["cp", "-a", "--reflink=auto", ROOT, root], timeout=300)
        else:
            done = harness.run(["debootstrap", "--variant=minbase", "--include=systemd,ca-certificates",
                                "bookworm", root, MIRROR], timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        return root

    def in_root(self, root, *command, status=0):
        done = subprocess.run(["chroot", root, *command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=harness.scaled(300), check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                                   "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"})
        self.assertEqual(done.returncode, status, f"{command}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout


if __name__ == "__main__":
    harness.main()
