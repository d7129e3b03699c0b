"""Who may name a kind of probe, for check_architecture.py: its engine, the table, and few others."""

import pathlib
import re
import tempfile

from source_text import INCLUDE, code_only, page_code, without_comments

# Who may name a kind of probe: its engine, the table, its section of the configuration, its command, and
# the one list of engines. For everybody else what differs is a field of the table or of a presenter.
MAY_NAME_KINDS = re.compile(
    r"(?:src|include/xprober)/(?:probes/|domain/kind_table\.|config/kind_)"
    r"|src/app/(?:probers|kind_command|ping_command|echo_printer|url_printer)\.cpp$")
# Nor do pages, but for the command that repeats a probe: what differs is in the answers.
MAY_NAME_KINDS_ON_PAGES = {"web/src/lib/command.ts"}
# Names that are also those of something else there.
OTHER_MEANING = {
    ("src/web/stats_json.cpp", "dns"): "the section of /stats with what the resolvers count",
    ("src/app/url_printer.cpp", "tls"): "a key of the command's JSON",
    ("src/config/tls_section.cpp", "tls"): "TLS of kinds that can speak it",
    ("web/src/lib/phases.ts", "tls"): "a phase of several kinds",
}
KIND_TABLE = pathlib.Path("include/xprober/domain/kind_table.hpp")
# PromQL takes the rate of one name at a time, so the dashboard names the kinds whose counters it adds up.
DASHBOARD = pathlib.Path("packaging/grafana/source/prober.py")
STREAM_ENGINE = '#include "xprober/probes/stream/engine.hpp"'
KIND_DECLARED = re.compile(r"^const probe_kind& (\w+)\(\) noexcept;", re.MULTILINE)
KIND_CALLED = re.compile(r"\bkinds::(\w+)")
# Settings of a kind, as a member: module.http, config->icmp, settings().tls, &kind_settings::dns. Of a kind
# whose name is a word for other things, too, only where what it is a member of is called settings.
SETTINGS_OF_KIND = r"\b\w*(?:module|config|settings)\w*(?:\(\))?(?:\.|->|::)({kinds})\b(?!\()"
MEMBER_OF_KIND = r"(?:\.|->)({kinds})\b(?!\()"
OTHER_MEMBERS = {"tls", "dns"}
# A scheme of a URL, and the component of a line of the log.
NO_KIND = re.compile(r'(?:scheme\s*[!=]=\s*|log::\w+\()"\w+"')
# So many files outside its own folder name one kind: the table (2), its settings, its section and the
# list of these (3), its command's options, the list of engines.
MAX_KIND_FILES = 9


def kind_names(root):
    """The names of the kinds in the table; those of a self-test where there is none."""
    table = root / KIND_TABLE
    names = KIND_DECLARED.findall(table.read_text(encoding="utf-8")) if table.is_file() else []
    return [name for name in names if name != "mesh_kind"] or ["icmp", "http"]


def check_kinds(path, text, kinds):
    """Yields (line, what) where a file names a kind that has no business with it."""
    if MAY_NAME_KINDS.match(path.as_posix()):
        return
    literal = re.compile('"(' + "|".join(kinds) + ')"')
    members = [re.compile(SETTINGS_OF_KIND.format(kinds="|".join(kinds))), re.compile(
        MEMBER_OF_KIND.format(kinds="|".join(kind for kind in kinds if kind not in OTHER_MEMBERS)))]
    lines = zip(without_comments(text).split("\n"), code_only(text).split("\n"))
    for number, (line, code) in enumerate(lines, 1):
        names = KIND_CALLED.findall(line)
        if not INCLUDE.match(line):
            names += literal.findall(NO_KIND.sub("", line))
            names += {name for pattern in members for name in pattern.findall(code)}
        for name in names:
            if (path.as_posix(), name) not in OTHER_MEANING:
                yield number, f"names the kind {name}: what differs is a field of the table or of a presenter"


def check_pages(root, kinds):
    """A line for each kind that a page names, and the number of files read."""
    named = re.compile(r"""(["'`])(""" + "|".join(kinds) + r")\1")
    found = []
    files = sorted(file for ending in ("*.ts", "*.tsx") for file in (root / "web/src").rglob(ending))
    for file in files:
        path = file.relative_to(root).as_posix()
        code = "" if path in MAY_NAME_KINDS_ON_PAGES else page_code(file.read_text(encoding="utf-8"))
        for number, line in enumerate(code.split("\n"), 1):
            found += [f"{path}:{number}: names the kind {name}: what differs is in the answers"
                      for _, name in named.findall(line) if (path, name) not in OTHER_MEANING]
    return found, len(files)


def check_kind_files(texts, kinds):
    """Yields a line for each kind that too many files outside its folder name; `texts` by path."""
    for kind in kinds:
        named = re.compile(
            rf'kinds::{kind}\b|"{kind}"|\b{kind}_(?:config|section)\b|probes/{kind}/|make_{kind}\(')
        files = [path.as_posix() for path, text in texts.items()
                 if not re.match(rf"(?:src|include/xprober)/probes/|src/config/kind_(?!section|{kind}\.)",
                                 path.as_posix())
                 and (path.as_posix(), kind) not in OTHER_MEANING
                 and named.search(NO_KIND.sub("", without_comments(text)))]
        if len(files) > MAX_KIND_FILES:
            yield f"{KIND_TABLE}:1: {len(files)} files name the kind {kind}, more than {MAX_KIND_FILES}: " + \
                ", ".join(files)


def check_dashboard(root, kinds):
    """Yields a line where the dashboard of the prober itself does not count each kind over connections once."""
    file = root / DASHBOARD
    named = re.search(r"^STREAMS = \((.*?)\)", file.read_text(encoding="utf-8"), re.M | re.S) \
        if file.is_file() else None
    if named is None:
        return
    engines = {kind: root / f"include/xprober/probes/{kind}/engine.hpp" for kind in kinds}
    streams = sorted(kind for kind, engine in engines.items()
                     if engine.is_file() and STREAM_ENGINE in engine.read_text(encoding="utf-8"))
    if sorted(re.findall(r'"(\w+)"', named.group(1))) != streams:
        yield f"{DASHBOARD}:1: STREAMS are not the kinds over connections: {', '.join(streams)}"


def self_test():
    """Yields what does not hold of the rules over many files."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in (("include/xprober/probes/http/engine.hpp", STREAM_ENGINE),
                           (DASHBOARD, 'STREAMS = ("http",)')):
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text, encoding="utf-8")
        right = not list(check_dashboard(root, ["icmp", "http"]))
        (root / DASHBOARD).write_text("STREAMS = ()", encoding="utf-8")
        if not right or not list(check_dashboard(root, ["icmp", "http"])):
            yield "a dashboard without a kind over connections is not noticed, or a whole one is"
    crowd = {pathlib.Path(f"src/web/kind_{i}.cpp"): "x = kinds::icmp();\n" for i in range(MAX_KIND_FILES + 1)}
    if not list(check_kind_files(crowd, ["icmp"])) or list(check_kind_files(crowd, ["http"])):
        yield "a kind that too many files name is not found, or another is"
