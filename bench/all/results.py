"""What a run has found, kept as JSON: of each part its figures by claim, and the table of all claims."""

import claims
from report import heading, number, table

NOT_RUN = "its part was not run"


def figures_of(part, found, errors):
    """The figures of all claims of a part: {key: {measured, why}}. `found` is what was read; what it lacks
    was not measured, because of `errors`."""
    figures = {}
    for claim in claims.CLAIMS:
        if claim.part == part:
            measured, why = found.get(claim.key, (None, errors or "it says nothing of it"))
            figures[claim.key] = {"measured": measured, "why": why or errors if measured is None else ""}
    return figures


def merged(before, now):
    """A run of some parts in the place of those of the last run, where that was of the same program on the
    same machine; else alone."""
    def subject(run):
        machine = {key: value for key, value in run["facts"]["machine"].items() if key != "load_before"}
        return run["facts"]["program"], machine

    if not before or subject(before) != subject(now):
        return now
    parts = before["parts"] | {name: part | {"again": True} for name, part in now["parts"].items()}
    return {"facts": before["facts"], "parts": parts}


def limits(run):
    """[(claim, its limit)] in the order of the claims; of parts that were not run, too."""
    found = []
    for claim in claims.CLAIMS:
        figures = run["parts"].get(claim.part, {}).get("figures", {})
        figure = figures.get(claim.key, {"measured": None, "why": NOT_RUN})
        found.append((claim, claims.limit(claim.key, figure["measured"], figure["why"])))
    return found


def row(claim, limit):
    unit = f" {claim.unit}" if claim.unit else ""
    measured = (f"not measured: {limit.why}".replace("|", "\\|") if limit.holds is None
                else number(limit.measured) + unit)
    return [claim.part, claim.what, claim.beside or "-", f"{number(claim.most)}{unit}", measured,
            {None: "-", True: "yes", False: "**no**"}[limit.holds]]


def claim_table(run, only=None):
    rows = [row(claim, limit) for claim, limit in limits(run) if not only or claim.part in only]
    return table("Claims", ["part", "claim", "beside", "at most", "measured", "holds"], rows)


def summary(run):
    verdicts = [limit.holds for _, limit in limits(run)]
    text = f"{verdicts.count(True)} of {len(verdicts)} claims hold"
    if verdicts.count(False):
        text += f", {verdicts.count(False)} do not"
    if verdicts.count(None):
        text += f", {verdicts.count(None)} were not measured"
    again = [f"{name} ({part['when']})" for name, part in run["parts"].items() if part.get("again")]
    return text + "." + (f" Measured again apart from the others: {', '.join(again)}." if again else "")


def text_of(run):
    return "\n\n".join([heading(run["facts"]), summary(run), claim_table(run)])


def broken(run):
    """Whether a claim does not hold, or a part that could have run failed."""
    return (any(limit.holds is False for _, limit in limits(run)) or
            any(part["failed"] for part in run["parts"].values()))
