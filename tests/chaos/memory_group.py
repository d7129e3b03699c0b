"""A control group with a limit of memory, of cgroup v2 or v1."""

import contextlib
import os
import pathlib

ROOT = pathlib.Path("/sys/fs/cgroup")


def _home():
    """(the folder of this process's own group, its file for the limit); None where there is none that has
    limits of memory."""
    for line in pathlib.Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return ROOT / "memory" / path.lstrip("/"), "memory.limit_in_bytes"
        if not controllers and (ROOT / "cgroup.controllers").exists():
            # A group with processes can have none with limits below it: only its neighbours can.
            folder = (ROOT / path.lstrip("/")).parent if path != "/" else ROOT
            if "memory" in (folder / "cgroup.subtree_control").read_text(encoding="ascii").split():
                return folder, "memory.max"
    return None


class MemoryGroup:
    """Until the test ends. `launcher`: what a process is started with to be in it."""

    def __init__(self, test, name):
        folder, self._limit_file = _home()
        self.folder = folder / f"xprober-chaos-{os.getpid()}-{name}"
        self.folder.mkdir()
        test.addCleanup(self._remove)
        self.launcher = ["sh", "-c", f'echo $$ > {self.folder}/cgroup.procs && exec "$@"', "sh"]

    def limit(self, size):
        """So many bytes for all that is in it; None: as many as there are."""
        file = self.folder / self._limit_file
        none = "max" if self._limit_file == "memory.max" else "-1"
        file.write_text(none if size is None else str(size), encoding="ascii")

    def used(self):
        name = "memory.current" if self._limit_file == "memory.max" else "memory.usage_in_bytes"
        return int((self.folder / name).read_text(encoding="ascii"))

    def _remove(self):
        """What is still in it ends with the test, before."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def missing():
    """Why there can be none here; "" where there can."""
    try:
        home = _home()
        if home is None:
            return "no control group here has limits of memory"
        trial = home[0] / f"xprober-chaos-{os.getpid()}-try"
        trial.mkdir()
        there = (trial / home[1]).exists()
        trial.rmdir()
        return "" if there else "no control group here has limits of memory"
    except OSError as error:
        return f"control groups cannot be made here: {error}"
