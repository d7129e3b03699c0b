"""Sources in batches for clang-tidy: several that are compiled alike, one behind the other in one text,
so that what they all include is read once. With includes as large as those of CAF, Boost and JSON that
takes a quarter of the time. A batch tells which sources to look at alone; what is said of these counts."""

import json
import os
import pathlib
import re
import shlex

MOST = 12  # sources of a batch: clang-tidy takes up to 2 GB for them
INCLUDE = re.compile(r'^(\s*#\s*include\s*)"([^"]+)"')


class Batch:
    """Sources, as paths relative to `root`, and how they are compiled: `arguments` in `folder`."""

    def __init__(self, root, sources, folder, arguments):
        self.root, self.sources = pathlib.Path(root), sources
        self.folder, self.arguments = folder, arguments
        self.lines, self.places = [], []
        for source in sources:
            self._add(source)

    def _add(self, source):
        """A text has no folder of its own: headers beside a source are named in full."""
        file = self.root / source
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            found = INCLUDE.match(line)
            if found and (file.parent / found.group(2)).is_file():
                line = f'{found.group(1)}"{file.parent / found.group(2)}"'
            self.lines.append(line)
            self.places.append(source)

    def text(self):
        return "\n".join(self.lines) + "\n"

    def suspects(self, findings, name):
        """Of findings in the text, which lies in the file `name`: the sources that they are in, and those
        findings that are in none of them."""
        place = re.compile(re.escape(str(name)) + r":(\d+):")
        sources, others = {}, []
        for finding in findings:
            found = place.match(finding)
            if found:
                sources[self.places[min(int(found.group(1)), len(self.places)) - 1]] = None
            else:
                others.append(finding)
        return list(sources), others


def compiled_alike(root, build):
    """How each source is compiled by compile_commands.json: {source: (folder, arguments)}; a file that
    does not exist tells of none."""
    file = pathlib.Path(build) / "compile_commands.json"
    if not file.is_file():
        return {}
    found = {}
    for entry in json.loads(file.read_text(encoding="utf-8")):
        words = entry.get("arguments") or shlex.split(entry["command"])
        source = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        arguments, skip = [], False
        for word in words[1:]:
            if skip or word in ("-c", entry["file"]):
                skip = False
            elif word == "-o":
                skip = True
            else:
                arguments.append(word)
        found[source] = (entry["directory"], tuple(arguments))
    return found


def in_batches(root, build, sources):
    """The sources in batches, in the order in which they come; those of which nothing is known stand in a
    list of their own, behind: (batches, others)."""
    known = compiled_alike(root, build)
    groups, others = {}, []
    for source in sources:
        if source in known:
            groups.setdefault((known[source], os.path.dirname(source)), []).append(source)
        else:
            others.append(source)
    batches = []
    for ((folder, arguments), _), group in groups.items():
        for first in range(0, len(group), MOST):
            batches.append(Batch(root, group[first:first + MOST], folder, arguments))
    return batches, others
