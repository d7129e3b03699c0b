"""Classes whose methods stand in several sources, for check_architecture.py: a class of two jobs is cut, not its
file."""

import pathlib
import re

from source_text import code_only

# Where a method of a class is defined: a line of a namespace's own, so not indented.
METHOD = re.compile(r"^(?![ \t#}])[^\n;={]*?\b((?:[a-z]\w*::)*[a-z]\w*)::(?:~?[a-z]\w*|operator[^\n(]+)\(", re.MULTILINE)
NAMESPACE = re.compile(r"^(?:inline )?namespace ?([\w:]*) ?\{$|^(\})", re.MULTILINE)
# Classes that are cut over several files and not yet into parts, each with the jobs it has. To be cut
# when they are worked on next; nobody joins them.
SPREAD_CLASSES = {
    "xprober::incident_board": "what is told of series, and of agents (their numbers, names and backlogs)",
    "xprober::chain_book": "what agents tell, and one question of it, which is answered beside its page",
    "xprober::top::view": "keys, the items of each screen, and their lines",
}


def classes_in(text):
    """Names of the classes of which a source defines methods, with their namespaces; without those that
    it has for itself, in a namespace without a name."""
    text = code_only(text)
    spaces = []
    marks = [(mark.start(), mark) for mark in NAMESPACE.finditer(text)]
    names = set()
    for method in METHOD.finditer(text):
        while marks and marks[0][0] < method.start():
            _, mark = marks.pop(0)
            if mark.group(2) is None:
                spaces.append((mark.start(), mark.group(1)))
            elif is_end_of_namespace(text, mark.start(), spaces):
                spaces.pop()
        if is_definition(text, method.end()) and all(name for _, name in spaces):
            names.add("::".join([name for _, name in spaces] + [method.group(1)]))
    return names


def is_end_of_namespace(text, at, spaces):
    """True if the brace there closes the innermost of `spaces`."""
    return bool(spaces) and text.count("{", spaces[-1][0], at) == text.count("}", spaces[-1][0], at) + 1


def is_definition(text, begin):
    """True if a body follows the parameters that begin there."""
    depth = 1
    while depth > 0 and begin < len(text):
        depth += {"(": 1, ")": -1}.get(text[begin], 0)
        begin += 1
    follows = re.search(r"[;{]", text[begin:])
    return bool(follows) and follows.group() == "{"


def check_classes(texts):
    """Yields a line for each class whose methods stand in several sources; `texts` by path."""
    files = {}
    for path, text in texts.items():
        if path.suffix == ".cpp":
            for name in classes_in(text):
                files.setdefault(name, []).append(path.as_posix())
    for name, where in sorted(files.items()):
        if len(where) > 1 and name not in SPREAD_CLASSES:
            yield f"{where[0]}:1: methods of {name} stand in {', '.join(where)}: cut the class, not the file"
        if len(where) == 1 and name in SPREAD_CLASSES:
            yield f"{where[0]}:1: {name} stands in one file: take it out of SPREAD_CLASSES"


def self_test():
    """Yields what does not hold of the rule."""
    spread = {pathlib.Path("src/web/a.cpp"): "namespace xprober::web {\nint page::f(int x) {\n  return x;\n}\n}\n",
              pathlib.Path("src/web/b.cpp"): "namespace xprober::web {\npage::page()\n    : x_(1) {}\n}\n"}
    others = {pathlib.Path("src/rpc/a.cpp"): "namespace xprober::rpc {\nint page::f(int x) {\n  return x;\n}\n}\n",
              pathlib.Path("src/web/b.cpp"): "namespace xprober::web {\nint x = page::f(1);\nnamespace {\n"
                                             "struct page {\n};\nint page::g() {\n  return 1;\n}\n}\n}\n",
              pathlib.Path("src/web/c.cpp"): "namespace xprober::web {\nint page::h() {\n  return 1;\n}\n}\n"}
    known = {pathlib.Path("src/top/view.cpp"): "namespace xprober::top {\nvoid view::f() {}\n}\n"}
    if not list(check_classes(spread)) or list(check_classes(others)) or not list(check_classes(known)):
        yield "a class in two files is not found, or two classes are taken for one"
