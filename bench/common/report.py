"""Tables, limits, the machine's description, and the block of docs/benchmarks.md."""

import os
import pathlib
import platform
import re
import shlex
import subprocess
import time


# Options with a path, which say nothing of what was measured.
PLACES = ("--json", "--write", "--keep", "--program", "--programs", "--floor", "--engine", "--agent", "--fill",
          "--once", "--late")


def marks(name):
    """The lines of a document between which the tables of a benchmark stand."""
    return (f"<!-- written by ./dev bench {name} --write; do not edit between these marks -->",
            f"<!-- end of what ./dev bench {name} --write wrote -->")


class Limit:
    """A figure and the most it may be. One that was not measured (None) breaks nothing, and `why` says
    the reason. One with a `key` is a claim (claims.py)."""

    def __init__(self, what, measured, most, unit="", *, key="", why=""):
        self.what = what
        self.measured = measured
        self.most = most
        self.unit = unit
        self.key = key
        self.why = why

    @property
    def holds(self):
        return None if self.measured is None else self.measured <= self.most

    def row(self):
        unit = f" {self.unit}" if self.unit else ""
        verdict = {None: "not measured", True: "yes", False: "**no**"}[self.holds]
        return [self.what, f"≤ {number(self.most)}{unit}",
                "" if self.measured is None else number(self.measured) + unit, verdict]

    def as_json(self):
        return {"what": self.what, "measured": self.measured, "most": self.most,
                "unit": self.unit, "holds": self.holds, "key": self.key, "why": self.why}


def number(value):
    """A number for people: integers with separators, others with three significant digits."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(title, head, rows):
    """A Markdown table that also reads well as it is. Columns of numbers stand to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    right = [all(re.fullmatch(r"-?[\d.,]*", row[i]) for row in rows) for i in range(len(head))]

    def line(cells):
        return "| " + " | ".join(cell.rjust(width) if is_right else cell.ljust(width)
                                 for cell, width, is_right in zip(cells, widths, right)) + " |"

    ruler = "|" + "|".join("-" * (width + 1) + (":" if is_right else "-")
                           for width, is_right in zip(widths, right)) + "|"
    return "\n".join([f"**{title}**", "", line(head), ruler, *map(line, rows)])


def _field(path, pattern):
    found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else "unknown"


def machine():
    """What a reader needs to know of the machine to judge the figures."""
    memory = int(_field("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")) / 1024 / 1024
    virtual = " hypervisor " in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8") + " "
    return {"cpu": _field("/proc/cpuinfo", r"^model name\s*:\s*(.*)$"),
            "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory, 1),
            "virtual": virtual, "kernel": re.match(r"[\d.]*\d", platform.release()).group(0),
            "load_before": round(os.getloadavg()[0], 2)}


def commit(source):
    """The commit that was measured, marked where the tree differs from it; empty outside git."""
    git = subprocess.run(["git", "-C", source, "describe", "--always", "--dirty", "--exclude=*"],
                         capture_output=True, text=True, check=False)
    return git.stdout.strip()


def command_line(bench, arguments):
    """The command as a reader would repeat it, without what only says where results go."""
    kept = []
    skip = False
    for argument in arguments:
        is_path = skip and not argument.startswith("--")
        if not is_path and argument.partition("=")[0] not in PLACES:
            kept.append(argument)
        skip = argument in PLACES
    return shlex.join(["./dev", "bench", bench, *kept])


def heading(facts):
    host = facts["machine"]
    kind = "virtual machine" if host["virtual"] else "machine"
    return (f"`{facts['command']}` on {facts['date']}, {facts['version']}"
            f"{' (commit ' + facts['commit'] + ')' if facts['commit'] else ''}, took "
            f"{facts['minutes']:.0f} min. A {kind} with {host['cores']} cores of {host['cpu']}, "
            f"{host['memory_gib']:g} GiB, Linux {host['kernel']}; load average before the start "
            f"{host['load_before']:g}.")


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def limit_table(limits):
    return table("Limits", ["what", "limit", "measured", "holds"], [l.row() for l in limits])


def write_block(path, bench, text):
    """Puts `text` between a benchmark's marks in a document, and leaves the rest of it alone."""
    first, last = marks(bench)
    path = pathlib.Path(path)
    document = path.read_text(encoding="utf-8")
    before, begin, rest = document.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise RuntimeError(f"{path} lacks the lines\n{first}\n{last}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
