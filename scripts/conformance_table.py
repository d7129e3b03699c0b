#!/usr/bin/env python3
"""Writes the table of meant differences in docs/operations.md from tests/system/conformance.

Without arguments it writes; with --check it says whether the table is up to date.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "operations.md"
BEGIN = "<!-- from tests/system/conformance: scripts/conformance_table.py -->\n"
END = "<!-- end -->\n"

sys.path.insert(0, str(ROOT / "tests" / "system"))
sys.dont_write_bytecode = True
import conformance_names  # noqa: E402 (their folder is known only now)
import conformance_proxies  # noqa: E402
import conformance_world  # noqa: E402

WORLDS = (conformance_world, conformance_proxies, conformance_names)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def code(text):
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def said(case, who):
    """What one of the three makes of a case."""
    own = who == "xprober"
    if not own and who not in case.peers:
        return ""
    verdict = case.right if own else case.peers[who]
    text = "ok" if verdict == "ok" else f"`{case.right}`" if own else \
        "varies" if verdict == "varies" else "fails"
    asks = case.asks[who]
    differ = any(case.asks[peer] != case.asks["xprober"] for peer in case.peers)
    return f"{text}, asks for {code(asks[-1])}" if differ and asks else text


def table(cases):
    """One row for each reason and what the three say."""
    rows = {}
    for case in cases:
        if case.why is not None:
            key = (case.why, *(said(case, who) for who in (*conformance_world.PEERS, "xprober")))
            rows.setdefault(key, {}).setdefault(case.topic.replace("_", " "), []).append(case.name)
    lines = ["| what a server says | curl 7.88 | blackbox_exporter 0.23 | agent | why |",
             "| --- | --- | --- | --- | --- |"]
    for (why, *words), topics in rows.items():
        what = "; ".join(f"{topic}: {', '.join(names)}" for topic, names in topics.items())
        lines.append("| " + " | ".join(cell(text) for text in (what, *words, why)) + " |")
    return "\n".join(lines) + "\n"


def document(text, cases):
    """The document with the table in its place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT} has no place for the table: {BEGIN.strip()} … {END.strip()}")
    return before + begin + "\n" + table(cases) + "\n" + end + after


def main():
    text = DOCUMENT.read_text(encoding="utf-8")
    made = document(text, [case for world in WORLDS for case in world.load()])
    if sys.argv[1:] == ["--check"]:
        if made != text:
            sys.exit(f"{DOCUMENT}: the table of differences is out of date: "
                     "run scripts/conformance_table.py")
    else:
        DOCUMENT.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
