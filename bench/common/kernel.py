"""What the kernel counts of processes and of the machine, from /proc and wait4."""

import contextlib
import os
import pathlib
import re
import select
import signal
import time

TICK = 1 / os.sysconf("SC_CLK_TCK")


def _stat_seconds(path):
    """User and system time in a `stat` file of a process or thread (proc(5): fields 14 and 15)."""
    fields = pathlib.Path(path).read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def cpu_seconds(pid):
    """User and system time of a running process, all threads, also those that have ended."""
    return _stat_seconds(f"/proc/{pid}/stat")


def _thread_seconds(task):
    """The scheduler's own count in nanoseconds, where it keeps one."""
    with contextlib.suppress(FileNotFoundError):
        return int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    return _stat_seconds(task / "stat")


def thread_seconds(pid):
    """User and system time of the threads that run now, summed by thread name."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            name = (task / "comm").read_text(encoding="utf-8", errors="replace").strip()
            seconds[name] = seconds.get(name, 0) + _thread_seconds(task)
    return seconds


def memory(pid):
    """(resident bytes now, the most they ever were)."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    now, most = (int(re.search(rf"^{key}:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024
                 for key in ("VmRSS", "VmHWM"))
    return now, most


def machine_seconds():
    """(seconds that any CPU of the machine worked, seconds that the hypervisor took away)."""
    line = pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq) * TICK, steal * TICK


class Ended:
    """A command that has ended: its exit status, what it took, what it wrote."""

    def __init__(self, status, usage, wall, out, err):
        self.status = status
        self.cpu = usage.ru_utime + usage.ru_stime
        self.wall = wall
        self.out = out
        self.err = err


def run(command, folder, timeout):
    """Runs a command to its end, in a process group that ends with it.

    Its CPU time is wait4's: its own and that of its children it has waited for. It is started by
    posix_spawn, because after a fork the copy of this interpreter would be counted as well.
    """
    out, err = folder / "out", folder / "err"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    began = time.monotonic()
    pid = os.posix_spawnp(
        command[0], [str(a) for a in command], os.environ, setsid=True,
        file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                      (os.POSIX_SPAWN_OPEN, 1, str(out), flags, 0o600),
                      (os.POSIX_SPAWN_OPEN, 2, str(err), flags, 0o600)])
    handle = os.pidfd_open(pid)
    waited = False
    try:
        if not select.select([handle], [], [], timeout)[0]:
            raise TimeoutError(f"{' '.join(map(str, command))}: not done within {timeout} s")
        wall = time.monotonic() - began
        _, status, usage = os.wait4(pid, 0)
        waited = True
    finally:
        os.close(handle)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if not waited:
            os.waitpid(pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), usage, wall,
                 out.read_text(encoding="utf-8", errors="replace"),
                 err.read_text(encoding="utf-8", errors="replace"))
