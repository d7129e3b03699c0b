"""Debian machines of a test's own: a root in memory, systemd as its first process, and namespaces for
processes, mounts, the network, the host's name and control groups, so that nothing of this machine is touched
and nothing is left of them. As root."""

import hashlib
import itertools
import json
import os
import pathlib
import shutil
import signal

import harness

# A root to use: a tar archive. Else one is made, once for what the package depends on.
GIVEN = os.environ.get("XPROBER_DEB_ROOT", "")
# To make a root takes minutes. "": only one that is there is used; "try": one is made where that can be done;
# anything else: the test has to run, and what is missing is a failure.
ASKED = os.environ.get("XPROBER_DEB_TEST", "")
WANTED = ASKED not in ("", "try")
MAKER = harness.SOURCE / "scripts" / "make_debian_root.sh"
TOOLS = ("unshare", "nsenter", "setpriv", "pivot_root", "ip", "tar", "curl")

# What a container is given, as systemd says (https://systemd.io/CONTAINER_INTERFACE): /proc/sys and /sys to look
# at, few devices, and no rights over this machine's clock, modules and devices.
BOOT = """
set -e
mount --make-rprivate /
ip link set lo up
# An agent wants an address that is not of loopback.
if [ -n "$4" ]; then
  ip link add eth0 type veth peer name eth1
  ip address add "$4" dev eth0
  ip link set eth0 up
  ip link set eth1 up
fi
mount -t tmpfs -o mode=0755 tmpfs "$1"
cd "$1"
tar -xf "$2"
echo "$3" >etc/hostname
hostname "$3"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for place in run tmp dev; do mount -t tmpfs tmpfs $place; done
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mkdir dev/shm dev/pts old
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
pivot_root . old
exec env -i container=xprober-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
  setpriv --inh-caps -all --bounding-set -sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog,-sys_pacct \\
  chroot . sh -c 'umount -l /old && rmdir /old && exec /lib/systemd/systemd --system'
"""

_numbers = itertools.count()


def missing():
    """Why no machine can be started here, "" where one can."""
    if os.geteuid() != 0:
        return "only root can start a machine of its own"
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    if absent:
        return f"these programs are missing: {', '.join(absent)}"
    if _groups() is None:
        return "no cgroup2 is mounted here"
    return ""


def _groups():
    """Where the control groups of version 2 are."""
    for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2" and os.access(place, os.W_OK):
            return pathlib.Path(place)
    return None


def root_for(package):
    """(a root in which all is at hand that the package depends on, ""), or (None, why there is none)."""
    if GIVEN:
        return pathlib.Path(GIVEN), ""
    depends = harness.run(["dpkg-deb", "-f", package, "Depends", "Recommends"]).stdout
    key = hashlib.sha256(depends.encode() + MAKER.read_bytes()).hexdigest()[:12]
    kept = harness.BUILD / f"debian-root-{key}.tar"
    if kept.exists():
        return kept, ""
    if not ASKED:
        return None, "it takes minutes to make a Debian root: ./dev deb --test does, and XPROBER_DEB_TEST=try ./dev test"
    for old in harness.BUILD.glob("debian-root-*.tar*"):
        old.unlink()
    # All that it has started ends with it: a download that went on would disturb other tests.
    done = harness.run(["timeout", "--kill-after=10", "500", MAKER, package, kept], timeout=530)
    if done.returncode in (124, 128 + signal.SIGKILL):
        return None, "the mirror of this machine's apt took too long for a Debian root"
    if done.returncode == 3:
        return None, done.stderr.strip().splitlines()[-1]
    if done.returncode != 0:
        raise AssertionError(f"{MAKER} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return kept, ""


class Machine:
    """A machine that runs until the test ends. `beside`: another one, whose network this one is in, too; else
    it has one of its own, with the address ADDRESS."""

    ADDRESS = "192.0.2.1"

    def __init__(self, test, root, name, beside=None):
        self.name = name
        number = f"{os.getpid()}-{next(_numbers)}"
        self._group = _groups() / f"xprober-test-{number}"
        self._group.mkdir()
        test.addCleanup(self._forget_group)
        place = test.folder / f"machine-{number}"
        place.mkdir()
        network = ["nsenter", f"--net=/proc/{beside.pid}/ns/net"] if beside else []
        own = [] if beside else ["--net"]
        self._process = test.start(
            name, "sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', self._group, *network,
            "unshare", "--mount", "--pid", *own, "--uts", "--ipc", "--cgroup", "--fork", "--kill-child",
            "sh", "-c", BOOT, "boot", place, root, name, "" if beside else f"{self.ADDRESS}/24")
        test.wait(f"{name} has booted", self._booted, 60)

    def _forget_group(self):
        """A group goes when its last process has."""
        def gone():
            for folder, _, _ in os.walk(self._group, topdown=False):
                os.rmdir(folder)
            return not self._group.exists()

        harness.wait_until(f"nothing runs on {self.name} any more", gone, 20)

    def _booted(self):
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self.pid = int(children.read_text(encoding="ascii").split()[0])
        if pathlib.Path(f"/proc/{self.pid}/comm").read_text(encoding="ascii") != "systemd\n":
            raise harness.NotYet("its first process is not systemd yet")
        state = self.enter("systemctl", "is-system-running").stdout.strip()
        if state not in ("running", "degraded"):
            raise harness.NotYet(f"it is {state}")
        return True

    def enter(self, *command, timeout=120):
        """Runs a command of root's there: CompletedProcess with text."""
        return harness.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup",
             "--root", "--wd", "sh", "-c", 'cd /root && exec "$@"', "sh", *command], timeout=timeout,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root",
                 "DEBIAN_FRONTEND": "noninteractive"})

    def path(self, name):
        """A file of the machine, as it is reached from here."""
        return pathlib.Path(f"/proc/{self.pid}/root{name}")

    def run(self, *command, status=0, timeout=120):
        """What a command of root's says on standard output; both outputs where it is to fail."""
        done = self.enter(*command, timeout=timeout)
        if done.returncode != status:
            raise AssertionError(f"{self.name}: {command} ended with {done.returncode}:\n"
                                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}\n{self.journal()}")
        return done.stdout if status == 0 else done.stdout + done.stderr

    def journal(self):
        return self.enter("journalctl", "--no-pager", "--lines=60", "--unit=xprober*").stdout

    def unit(self, name, key):
        """A property that systemd has of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={key}", name).strip()

    def get(self, url, token, ca):
        """JSON behind an https:// URL, as it is reached within the machine's network."""
        done = harness.run(["nsenter", f"--target={self.pid}", "--net", "curl", "--silent", "--show-error",
                            "--fail", "--max-time", "20", "--cacert", ca, "--header",
                            f"Authorization: Bearer {token}", url])
        if done.returncode != 0:
            raise harness.NotYet(done.stderr.strip())
        return json.loads(done.stdout)
