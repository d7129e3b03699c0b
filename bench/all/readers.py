"""What each benchmark has said, as claims: {key: (measured, why)}. `measured` is None where it was not
measured, and `why` then says the reason. A text that lacks something is a ValueError that names it."""

import json
import re
import statistics


def claims_of(text):
    """Of the JSON file of a benchmark in Python: its limits that have a key. Of several with the same key,
    the one that holds least."""
    told = json.loads(text)
    found = {}
    for limit in told["limits"]:
        key, measured = limit["key"], limit["measured"]
        if key and (key not in found or (measured or 0) > (found[key][0] or 0)):
            found[key] = (measured, (limit["why"].splitlines() or [""])[0])
    return found


def errors_of(text):
    """What could not be measured, and why: of the loads of an agent, which say so in their figures."""
    told = json.loads(text)
    loads = [*told.get("agent", []), *told.get("agent-width", {}).values()]
    return "; ".join(dict.fromkeys(load["error"].splitlines()[0] for load in loads if load.get("error")))


def _numbers(pattern, text, what):
    found = re.findall(pattern, text, re.MULTILINE)
    if not found:
        raise ValueError(f"it has no line of {what}")
    return found


def tcp(text):
    rounds = _numbers(r"a probe: ([\d.]+) of the floor; (\d+) failed$", text, "a round")
    return {"tcp.of_floor": (statistics.median(float(ratio) for ratio, _ in rounds), ""),
            "tcp.failed": (sum(int(failed) for _, failed in rounds), "")}


def verdict(text):
    worlds = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    mesh = [world["find_us"] for world in worlds if world["world"].startswith("200 x 200")]
    if not mesh:
        raise ValueError("it has no world of 200 x 200")
    return {"verdict.mesh": (max(mesh) / 1000, "")}


def incidents(text):
    """Of all its worlds, the worst. So many bytes a series are as many MB for a million."""
    def worst(row):
        rows = _numbers(rf"^\| {re.escape(row)} +\| +([\d.e+-]+) ", text, f"'{row}'")
        return max(map(float, rows))

    return {"incidents.core": (worst("share of a core"), ""),
            "incidents.memory": (max(worst("bytes a series, all well"),
                                     worst("bytes a series after these rounds"),
                                     worst("bytes a series, all well again")), ""),
            "incidents.outage": (max(worst("bytes a series in this outage"), worst("bytes a series, all fail"),
                                     worst("bytes a series, all are silent")), ""),
            "incidents.handler": (max(worst("longest handler"), worst("longest handler while it lasts")), ""),
            "incidents.one": (int(worst("incidents")), "")}


def pages(text):
    def longest(actor):
        row = _numbers(rf"^\| longest handler of {actor} +\| +([\d.]+) ms", text, f"the handlers of {actor}")
        return float(row[0])

    page = _numbers(r"^\| agent: its first page, open: CPU +\| +([\d.]+) %", text, "the agent's page")
    return {"pages.results": (longest("results"), ""), "pages.store": (longest("store"), ""),
            "pages.agent": (float(page[0]), "")}
