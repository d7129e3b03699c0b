#!/usr/bin/env python3
"""Tries what is embedded where the pages cannot be made: a plain page that says why, and links to the API.

Runs cmake/embed_site.cmake without node, and with an npm that fails, each into a folder of its own.
usage: check_plain_page.py [CMAKE]
"""

import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
ALWAYS = ["/stats", "/metrics"]
LINKS = {
    "server": ["/api/v1/incidents", "/api/v1/targets", "/api/v1/agents", "/api/v1/matrix?metric=state", *ALWAYS],
    "agent": ["/targets", *ALWAYS],
}


class Page(html.parser.HTMLParser):
    """What a document says, where it leads to, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.said, self.links, self.loads = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"])
        if tag in ("script", "style", "link", "img") or "style" in values:
            self.loads.append(tag)

    def handle_data(self, data):
        self.said.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())


def embedded(source, name):
    """The bytes of an array in the source that is made."""
    body = re.search(rf"constexpr char {name}\[\] = {{(.*?)}};", source, re.DOTALL)
    return bytes(int(byte, 16) for byte in re.findall(r"'\\x([0-9a-f]{2})'", body[1])).decode()


def faults(cmake, tools, why):
    """What is wrong with what is embedded by these tools, as lines of text."""
    with tempfile.TemporaryDirectory() as folder:
        work, out = pathlib.Path(folder, "work"), pathlib.Path(folder, "site.cpp")
        made = subprocess.run(
            [cmake, *tools, "-DTESTS=OFF", f"-DWEB={WEB}", f"-DWORK={work}", f"-DOUT={out}",
             "-P", str(ROOT / "cmake" / "embed_site.cmake")],
            capture_output=True, text=True, check=False)
        if made.returncode != 0:
            yield f"cmake has failed: {made.stderr}"
            return
        if why not in made.stderr:
            yield f"the build does not say that {why}: {made.stderr}"
        if (work / "site.stamp").exists():
            yield "there is a site.stamp, so nobody tries again"
        source = out.read_text(encoding="utf-8")
    for role, links in LINKS.items():
        page = embedded(source, f"{role}_page")
        read = Page(page)
        if f"This program was built without its pages: {why}." not in read.text:
            yield f"the {role}'s page does not say why: {read.text}"
        if read.links != links:
            yield f"the {role}'s page leads to {read.links}, and not to {links}"
        if f"xprober {role}" not in read.text or "@" in page:
            yield f"the {role}'s page is not filled: {page}"
        if read.loads:
            yield f"the {role}'s page has {read.loads}, which are not there or not allowed"
    for name in ("sign_in", "error"):
        page = embedded(source, f"{name}_page")
        if Page(page).loads or "@STYLE@" in page:
            yield f"{name} has a style, which its policy does not allow"


def main():
    cmake = sys.argv[1] if len(sys.argv) > 1 else "cmake"
    cases = [(["-DNODE=", "-DNPM="], "node and npm were missing"),
             (["-DNODE=/bin/false", "-DNPM=/bin/false"], "npm ci has failed")]
    found = [f"{why}: {fault}" for tools, why in cases for fault in faults(cmake, tools, why)]
    print("\n".join(found) if found else "the plain page says why, and leads to the API")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
