"""What can be said of a PromQL expression without its engine: Prometheus 2.42 has no way to ask for it."""

import re

# A clause with names of labels, a string, a range, a number or a duration; else what may be a selector.
_TOKEN = re.compile(
    r"(?P<clause>\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))"
    r'|(?P<string>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
    r"|(?P<range>\[[^\]]*\])"
    r"|(?P<number>\b\d[\w.]*)"
    r'|(?P<selector>(?:\b[a-zA-Z_:][\w:]*\s*)?\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})'
    r"|(?P<word>\b[a-zA-Z_:][\w:]*\b)(?P<call>\s*\()?")
_KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left",
             "group_right", "atan2", "inf", "nan", "start", "end"}
# Aggregations can have their clause before the parenthesis.
_AGGREGATIONS = {"sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk",
                 "topk", "quantile"}
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([a-zA-Z_]\w*))")


def selectors(expr):
    """The selectors of series in `expr`, each once, in order, without ranges and offsets."""
    found = {}
    for token in _TOKEN.finditer(expr):
        if token["selector"]:
            found[token["selector"]] = None
        elif token["word"] and not token["call"]:
            if token["word"].lower() not in _KEYWORDS | _AGGREGATIONS:
                found[token["word"]] = None
    return list(found)


def variables(text):
    """The names of Grafana's variables in `text`. `$1` of a replacement is none."""
    return {braced or plain for braced, plain in _VARIABLE.findall(text)}


def with_all_chosen(expr, durations="5m"):
    """`expr` as Grafana asks it where "All" is chosen of every variable."""
    return _VARIABLE.sub(
        lambda match: durations if (match[1] or match[2]).startswith("__") else ".*", expr)
