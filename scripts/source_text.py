"""The text of sources as the rules of check_architecture.py read it."""

import re

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')
COMMENT_OR_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL
)

# The same of TypeScript, whose texts in backquotes may have several lines.
PAGE_COMMENT_OR_TEXT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""", re.DOTALL)


def code_only(text):
    """`text` without comments and the insides of literals, its lines where they were."""

    def blank(match):
        return "\n" * match.group(0).count("\n")

    # Included names are between quotes too, and are wanted.
    kept = []
    for line in text.split("\n"):
        kept.append(line.replace('"', "<") if INCLUDE.match(line) else line)
    return COMMENT_OR_TEXT.sub(blank, "\n".join(kept))


def without_comments(text):
    """`text` without comments, its lines and literals where they were."""
    return COMMENT_OR_TEXT.sub(
        lambda m: "\n" * m.group(0).count("\n") if m.group(0).startswith("/") else m.group(0), text)


def page_code(text):
    """`text` of a page without comments; a URL in a template is no comment."""
    return PAGE_COMMENT_OR_TEXT.sub(
        lambda m: "\n" * m.group(0).count("\n") if m.group(0).startswith("/") else m.group(0), text)
