#!/usr/bin/env python3
"""Checks the rules of CONTRIBUTING.md that a compiler does not: the direction of dependencies, no
locks, no co_await where the compiler gets it wrong, files of readable length, no unfinished work.

usage: check_architecture.py [--self-test | --graph] [ROOT]

Prints one line FILE:LINE: RULE for each violation and exits 1 if there is any. --self-test breaks
every rule once in a tree of its own and exits 1 unless each is noticed. --graph prints the rooms with
their sizes and arrows as docs/architecture.md has them.
"""

import pathlib
import re
import sys
import tempfile

from class_rules import check_classes
from class_rules import self_test as self_test_classes
from kind_rules import check_dashboard, check_kind_files, check_kinds, check_pages, kind_names
from kind_rules import self_test as self_test_kinds
from source_text import INCLUDE, code_only

MAX_LINES = 450

# What each room may include besides itself. domain <- probes <- actors <- rpc, web <- app. A folder in
# a room is a room of its own where it stands here ("actors/agent"), and else a part of the one above.
BELOW_ACTORS = {"domain", "base", "probes", "resolver", "storage", "store", "verdict"}
MAY_INCLUDE = {
    "domain": set(),
    "domain/targets": {"domain", "domain/wire"},
    "domain/wire": {"domain"},
    "domain/history": {"domain", "domain/wire"},
    "base": {"domain"},
    "config": {"domain", "base"},
    "net": {"domain", "base", "resolver"},
    "resolver": {"domain", "base"},
    "probes": {"domain", "base", "resolver"},
    "storage": {"domain", "base", "verdict"},
    "store": {"domain", "base"},
    "verdict": {"domain"},
    "discovery": {"domain", "base", "config", "net", "resolver", "storage"},
    "actors": BELOW_ACTORS,
    "actors/agent": BELOW_ACTORS | {"actors"},
    "actors/server": BELOW_ACTORS | {"actors"},
    "bridge": BELOW_ACTORS | {"actors"},
    "remote_write": {"domain", "base", "net", "resolver", "actors", "bridge"},
    "notify": {"domain", "base", "net", "resolver", "storage", "verdict", "actors", "bridge"},
    "rpc": {"domain", "base", "net", "resolver", "actors", "bridge"},
    "web": {"domain", "base", "net", "probes", "store", "verdict", "actors", "bridge", "notify",
            "rpc"},
    "top": {"domain", "base", "net", "resolver"},
    "app": {"domain", "base", "config", "net", "resolver", "probes", "storage", "store", "verdict",
            "discovery", "actors", "actors/agent", "actors/server", "bridge", "remote_write", "notify", "rpc",
            "web", "top"},
}

# Libraries that a room must not know.
FOREIGN = {
    "domain": ("caf/", "boost/", "openssl/", "spdlog/", "ares"),
    "base": ("caf/", "boost/"),
    "config": ("caf/", "boost/", "openssl/"),
    "net": ("caf/",),
    "resolver": ("caf/",),
    "probes": ("caf/",),
    "storage": ("caf/", "boost/"),
    "store": ("caf/", "boost/"),
    "verdict": ("caf/", "boost/", "openssl/", "spdlog/"),
    "discovery": ("caf/",),
    "top": ("caf/",),
    "actors": ("boost/asio", "boost/beast", "openssl/"),
}

LOCKS = re.compile(
    r"\b(?:recursive_|timed_|recursive_timed_|shared_|shared_timed_)?mutex\b"
    r"|\b(?:lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable(?:_any)?"
    r"|call_once|once_flag|counting_semaphore|binary_semaphore"
    r"|pthread_(?:mutex|cond|rwlock|spin)\w*|sem_wait)\b"
    r"|#\s*include\s*<(?:semaphore|latch|barrier)>"
)
DETACHED = re.compile(r"\.\s*detach\s*\(\s*\)")
# g++ 12 destroys the wrong temporaries there. A declaration or an init-statement is no such place.
AWAIT_IN_CONDITION = re.compile(
    r"\b(?:if|while)\s*\((?:(?![;={]|\)\s*\{).)*\bco_await\b|(?:&&|\|\||\?)\s*!?\s*co_await\b"
)
# A braced temporary among the arguments was destroyed twice there (seen as "free(): invalid pointer").
AWAIT_WITH_BRACES = re.compile(
    r"\bco_await\s+[\w.:>-]+(?:<[^;()]*>)?\((?:[^;]*,)?\s*(?:[a-z]\w*)?\{")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
DOCUMENT = pathlib.Path("docs/architecture.md")
DOCUMENT_ALLOWS = 0.1  # of a room's lines, before its size has to be written down anew
AS_IT_IS = "check_architecture.py --graph prints it as it is"


def room_of(folders):
    """The room of a file below `folders`: ["actors", "agent"] is "actors/agent"; None for main.cpp."""
    if not folders:
        return None
    inner = "/".join(folders[:2])
    return inner if inner in MAY_INCLUDE else folders[0]


def may_include(room, other):
    """Who may include a room may include the folders in it, but not where the actors are concerned:
    there the two roles stay apart."""
    allowed = MAY_INCLUDE.get(room, set())
    outer = other.split("/")[0]
    return other in allowed or (outer in allowed and outer != "actors" and outer != room.split("/")[0])


def check_include(room, name):
    if name.startswith("xprober/"):
        other = room_of(name.split("/")[1:-1])
        if other != room and not may_include(room, other):
            return f"{room} must not include {other} ({name})"
    for prefix in FOREIGN.get(room, FOREIGN.get(room.split("/")[0], ())):
        if name.startswith(prefix):
            return f"{room} must not know {name}"
    return None


def check_file(path, text):
    """Yields (line, what) for each violation in the file `path`, relative to the root."""
    room = room_of_file(path)
    if room is not None and room not in MAY_INCLUDE:
        yield 1, f"unknown room '{room}': say in MAY_INCLUDE what it may include"
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield lines, f"{lines} lines, more than {MAX_LINES}: it has two jobs"
    for number, line in enumerate(text.split("\n"), 1):
        include = INCLUDE.match(line)
        what = check_include(room, include.group(1)) if include and room else None
        if what:
            yield number, what
        if UNFINISHED.search(line):
            yield number, "unfinished work"
    for number, line in enumerate(code_only(text).split("\n"), 1):
        if LOCKS.search(line):
            yield number, "a lock: state belongs to one actor or one thread"
        if DETACHED.search(line):
            yield number, "a detached thread: somebody must own its end"
        if AWAIT_IN_CONDITION.search(line):
            yield number, "co_await in a condition: give its answer a name first"
        if AWAIT_WITH_BRACES.search(line):
            yield number, "a braced temporary in co_await: give it a name first"


def room_of_file(path):
    """The room of a file that is given relative to the root; None for main.cpp."""
    return room_of(path.parts[2 if path.parts[0] == "include" else 1:-1])


def sources(root):
    """(path relative to the root, text) of every source and header of the program."""
    for top in ("include", "src"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".hpp", ".cpp", ".h") and file.is_file():
                yield file.relative_to(root), file.read_text(encoding="utf-8", errors="replace")


def graph_of(root):
    """{room: (files, lines, rooms that it includes)}"""
    rooms = {}
    for path, text in sources(root):
        room = room_of_file(path)
        if room is None:
            continue
        files, lines, arrows = rooms.get(room, (0, 0, set()))
        for line in text.split("\n"):
            include = INCLUDE.match(line)
            if include and include.group(1).startswith("xprober/"):
                arrows.add(room_of(include.group(1).split("/")[1:-1]))
        rooms[room] = (files + 1, lines + text.count("\n"), arrows - {room, None})
    return rooms


def circle_in(arrows):
    """Some rooms that include each other in a circle, as a list; empty where there are none."""
    done = set()

    def walk(room, way):
        if room in way:
            return way[way.index(room):] + [room]
        if room in done:
            return []
        for other in sorted(arrows.get(room, ())):
            found = walk(other, way + [room])
            if found:
                return found
        done.add(room)
        return []

    for room in sorted(arrows):
        found = walk(room, [])
        if found:
            return found
    return []


def floors_of(arrows):
    """{room: its floor}: 0 for a room that includes no other, else one above the highest of those."""
    floors = {}

    def floor(room):
        if room not in floors:
            floors[room] = 1 + max((floor(other) for other in arrows.get(room, ())), default=-1)
        return floors[room]

    for room in arrows:
        floor(room)
    return floors


def reduced(arrows):
    """Without the arrows that lead where others lead, too: a -> c goes where a -> b -> c are."""

    def reachable(room):
        found = set()
        for other in arrows.get(room, ()):
            found |= {other} | reachable(other)
        return found

    return {room: {other for other in others
                   if not any(other in reachable(between) for between in others)}
            for room, others in arrows.items()}


def arrows_between(rooms):
    """The arrows that are drawn, as lines."""
    arrows = {room: others for room, (_, _, others) in rooms.items()}
    return [f'{room.replace("/", "_")} --> {other.replace("/", "_")}'
            for room, others in sorted(reduced(arrows).items()) for other in sorted(others)]


def check_document(root):
    """Yields a line for each room and arrow of which docs/architecture.md tells something else. Of the size of a
    room nobody has to write down each change."""
    document = root / DOCUMENT
    if not document.is_file():
        return
    text = document.read_text(encoding="utf-8")
    rooms = graph_of(root)
    drawn = text.split("```")[1] if "```" in text else ""
    told = set(re.findall(r"^  (\w+ --> \w+)$", drawn, re.MULTILINE))
    for arrow in sorted(told ^ set(arrows_between(rooms))):
        yield f"{DOCUMENT}:1: the arrow {arrow} is {'drawn, and none' if arrow in told else 'not drawn'}; {AS_IT_IS}"
    sizes = {room: int(lines) for room, lines in
             re.findall(r'^  \w+\["([\w/]+)<br>(\d+) lines"\]$', drawn, re.MULTILINE)}
    for room in sorted(set(sizes) | set(rooms)):
        lines = rooms[room][1] if room in rooms else 0
        if abs(lines - sizes.get(room, 0)) > max(lines * DOCUMENT_ALLOWS, 1):
            yield f"{DOCUMENT}:1: {room} has {lines} lines and not {sizes.get(room, 0)}; {AS_IT_IS}"


def print_graph(root):
    rooms = graph_of(root)
    arrows = {room: others for room, (_, _, others) in rooms.items()}
    floors = floors_of(arrows)
    order = sorted(rooms, key=lambda r: (-floors[r], r))
    print("```mermaid\ngraph TD")
    for room in order:
        print(f'  {room.replace("/", "_")}["{room}<br>{rooms[room][1]} lines"]')
    for arrow in arrows_between(rooms):
        print(f"  {arrow}")
    print("```\n")
    print("| floor | room | files | lines | includes |")
    print("| --- | --- | --- | --- | --- |")
    for room in order:
        files, lines, others = rooms[room]
        print(f"| {floors[room]} | `{room}` | {files} | {lines} | {', '.join(sorted(others)) or '-'} |")


def check_tree(root):
    """All violations below src/, include/ and web/src/ as lines of text, and the number of files read."""
    found = []
    texts = dict(sources(root))
    kinds = kind_names(root)
    for path, text in texts.items():
        found += [f"{path}:{line}: {what}" for line, what in check_file(path, text)]
        found += [f"{path}:{line}: {what}" for line, what in check_kinds(path, text, kinds)]
    circle = circle_in({room: others for room, (_, _, others) in graph_of(root).items()})
    if circle:
        found.append(f"src:1: rooms include each other: {' -> '.join(circle)}")
    found += check_kind_files(texts, kinds)
    found += check_classes(texts)
    found += check_document(root)
    on_pages, pages = check_pages(root, kinds)
    return found + on_pages + list(check_dashboard(root, kinds)), len(texts) + pages


# One file for each rule, and a part of the message it must cause; None: it must be accepted.
SELF_TEST = [
    ("src/domain/a.cpp", '#include "xprober/actors/actors.hpp"\n', "domain must not include actors"),
    ("src/probes/icmp/a.cpp", '#include "xprober/actors/actors.hpp"\n', "probes must not include"),
    ("src/actors/a.cpp", '#include "xprober/rpc/client.hpp"\n', "actors must not include rpc"),
    ("src/rpc/a.cpp", '#include "xprober/web/text.hpp"\n', "rpc must not include web"),
    ("src/web/a.cpp", '#include "xprober/app/agent.hpp"\n', "web must not include app"),
    ("src/storage/a.cpp", '#include "xprober/actors/actors.hpp"\n', "storage must not include"),
    ("src/discovery/a.cpp", '#include "xprober/actors/actors.hpp"\n', "discovery must not include"),
    ("src/net/a.cpp", '#include "xprober/actors/actors.hpp"\n', "net must not include actors"),
    ("include/xprober/base/a.hpp", '#include "xprober/net/tls.hpp"\n', "base must not include net"),
    ("src/domain/wire/a.cpp", '#include "xprober/domain/history/rollup.hpp"\n',
     "domain/wire must not include domain/history"),
    ("src/actors/agent/a.cpp", '#include "xprober/actors/server/store.hpp"\n',
     "actors/agent must not include actors/server"),
    ("src/actors/server/a.cpp", '#include "xprober/actors/agent/ticker.hpp"\n',
     "actors/server must not include actors/agent"),
    ("src/actors/c.cpp", '#include "xprober/actors/agent/ticker.hpp"\n',
     "actors must not include actors/agent"),
    ("src/rpc/j.cpp", '#include "xprober/actors/server/store.hpp"\n',
     "rpc must not include actors/server"),
    ("src/actors/server/b.cpp", "#include <boost/asio.hpp>\n", "must not know boost/asio"),
    ("src/probes/http/a.cpp", '#include "xprober/domain/wire/batch.hpp"\n', None),
    ("src/actors/agent/b.cpp", '#include "xprober/probes/icmp/packet.hpp"\n', None),
    ("src/other/a.cpp", "int x;\n", "unknown room"),
    ("src/domain/b.cpp", "#include <caf/all.hpp>\n", "domain must not know caf"),
    ("src/actors/b.cpp", "#include <boost/asio.hpp>\n", "actors must not know boost/asio"),
    ("src/web/b.cpp", "#include <mutex>\n", "a lock"),
    ("src/web/c.cpp", "std::shared_mutex m;\n", "a lock"),
    ("src/web/d.cpp", "std::condition_variable ready;\n", "a lock"),
    ("src/web/e.cpp", 'auto x = "/*"; std::lock_guard g{m};\n', "a lock"),
    ("src/web/f.cpp", "std::thread(work).detach();\n", "a detached thread"),
    ("src/rpc/c.cpp", "while (!done && co_await step()) {\n", "co_await in a condition"),
    ("src/rpc/d.cpp", "x = y ? co_await a() : b();\n", "co_await in a condition"),
    ("src/rpc/e.cpp", "if (!co_await a())\n", "co_await in a condition"),
    ("src/rpc/f.cpp", "if (const auto [e] = co_await a(); e) { co_await b(); }\n", None),
    ("src/rpc/g.cpp", "co_await c.open(url, {host, true});\n", "a braced temporary in co_await"),
    ("src/rpc/i.cpp", "co_await ask<x>(a, b, read{name, 1});\n", "a braced temporary in co_await"),
    ("src/rpc/h.cpp", "co_await drive([this] { return f({1}); });\n", None),
    ("src/web/g.cpp", "int x;\n" * (MAX_LINES + 1), "lines, more than"),
    ("src/web/h.cpp", "// TO" + "DO: later\n", "unfinished work"),
    ("src/app/a.cpp", '#include "xprober/web/text.hpp"\n#include <caf/all.hpp>\n', None),
    ("src/web/i.cpp", '// no mutex here\nauto p = weak.lock(); auto s = "std::mutex";\n', None),
    ("src/web/j.cpp", "using sink = base_sink<spdlog::details::null_mutex>;\n", None),
    ("src/web/k.cpp", "int x;\n" * MAX_LINES, None),
    ("src/web/l.cpp", "if (&kind == &kinds::icmp()) {}\n", "names the kind icmp"),
    ("src/web/m.cpp", "values.set(kinds::http_column::status, 1);\n", "names the kind http_column"),
    ("src/actors/agent/c.cpp", 'if (type == "icmp") {}\n', "names the kind icmp"),
    ("src/web/o.cpp", "const auto& headers = module.http.headers;\n", "names the kind http"),
    ("src/web/p.cpp", "count = config.icmp.count + module.config->icmp.count;\n", "names the kind icmp"),
    ("src/web/q.cpp", "const auto& own = all.icmp;\n", "names the kind icmp"),
    ("src/web/r.cpp", "const auto section = &kind_settings::http;\n", "names the kind http"),
    ("src/web/s.cpp", 'auto x = "module.http"; auto y = config.http_addr + session.http();\n', None),
    ("src/domain/kind_table.cpp", "module.icmp.count = 1;\n", None),
    ("src/net/b.cpp", 'if (url->scheme != "http") { log::error("http", "text"); }\n', None),
    ("src/web/n.cpp", '// not "icmp"\nauto x = "icmp, http";\n#include "http"\n', None),
    ("src/app/probers.cpp", "add(kinds::icmp());\n", None),
    ("src/config/kind_icmp.cpp", 'auto x = "icmp";\n', None),
    ("web/src/views/a.tsx", 'const kind = asked ?? "icmp";\n', "web/src/views/a.tsx:1: names the kind icmp"),
    ("web/src/lib/b.ts", "const url = `http://x`; const kinds = ['dns', `http`];\n", "names the kind http"),
    ("web/src/lib/c.ts", '// not "icmp"\nconst x = "icmp, http"; /* nor\n"http" */\n', None),
    ("web/src/lib/command.ts", 'const commands = { "icmp": "ping" };\n', None),
    ("web/src/lib/phases.ts", 'const usual = ["tls", "http"];\n', "names the kind http"),
]


def self_test_document():
    """Yields what does not hold of the rule over the drawing."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in (("src/base/a.cpp", '#include "xprober/domain/b.hpp"\n' * 20),
                           ("src/domain/b.cpp", "int b;\n" * 20)):
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text, encoding="utf-8")
        (root / DOCUMENT).parent.mkdir()
        rooms = '  base["base<br>21 lines"]\n  domain["domain<br>20 lines"]\n'
        for drawn, right in ((rooms + "  base --> domain\n", True), (rooms, False),
                             (rooms + "  base --> domain\n  domain --> base\n", False),
                             (rooms.replace("21", "30") + "  base --> domain\n", False)):
            (root / DOCUMENT).write_text(f"```mermaid\ngraph TD\n{drawn}```\n", encoding="utf-8")
            if right != (not list(check_document(root))):
                yield f"of this drawing it says {list(check_document(root))}: {drawn}"


def self_test():
    failures = 0
    for problem in self_test_document():
        failures += 1
        print(problem)
    if circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) != ["a", "b", "c", "a"] or circle_in(
            {"a": {"b", "c"}, "b": {"c"}, "c": set()}):
        failures += 1
        print("a circle of rooms is not noticed, or one is where none is")
    for problem in [*self_test_kinds(), *self_test_classes()]:
        failures += 1
        print(problem)
    for name, text, wanted in SELF_TEST:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, name)
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            found, _ = check_tree(pathlib.Path(folder))
        right = any(wanted in line for line in found) if wanted else not found
        if not right:
            failures += 1
            print(f"{name}: expected {wanted!r}, found {found}")
    print(f"{len(SELF_TEST) + 5 - failures} rules hold, {failures} do not")
    return failures == 0


def main(arguments):
    if "--self-test" in arguments:
        return 0 if self_test() else 1
    names = [argument for argument in arguments if not argument.startswith("--")]
    root = pathlib.Path(names[0] if names else pathlib.Path(__file__).parent.parent)
    if "--graph" in arguments:
        print_graph(root)
        return 0
    found, count = check_tree(root)
    for line in found:
        print(line)
    print(f"{count} files read, {len(found)} violations")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
