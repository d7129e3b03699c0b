"""What cases of conformance/ have in common, whatever they are about:

    name      what it is, for people
    timeout   of the probe, in milliseconds; 5000 where it is left out
    right     the verdict: "ok", or the reason as the agent names it
    peers     who else is asked, of curl 7.88 and blackbox_exporter 0.23; all that can be where it is left
              out
    curl, blackbox    what they say: "ok" or "fail"; "varies" where it is a race for them; as right is
              where they are left out
    why       why the agent differs from them
    detail    what the agent's sentence must have in it
    runs      so many runs in a row must say the same
"""

import json
import pathlib
import re

import harness

FOLDER = pathlib.Path(__file__).resolve().parent / "conformance"
PEERS = ("curl", "blackbox")
KEYS = {"name", "timeout", "right", "peers", *PEERS, "why", "detail", "runs"}


class Case:
    """`keys` are those that a case has besides."""

    def __init__(self, topic, data, keys, peers=PEERS):
        unknown = set(data) - KEYS - keys
        if unknown or "name" not in data or "right" not in data:
            raise ValueError(f"{topic}: {data.get('name')}: unknown keys {unknown}, or one is missing")
        self.topic = topic
        self.name = data["name"]
        self.id = re.sub(r"\W+", "_", f"{topic} {self.name}").lower()
        self.timeout_ms = int(harness.scaled(data.get("timeout", 5000)))
        self.right = data["right"]
        self.verdict = "ok" if self.right == "ok" else "fail"
        self.peers = {peer: data.get(peer, self.verdict) for peer in data.get("peers", peers)}
        self.asks = dict.fromkeys(("xprober", *PEERS))
        self.why = data.get("why")
        self.detail = data.get("detail")
        self.runs = data.get("runs", 1)

    def differs(self):
        """True where a peer says or asks something else."""
        return any(said != self.verdict or self.asks[peer] != self.asks["xprober"]
                   for peer, said in self.peers.items())


def load(folder, make):
    """All cases of a folder, by topic in the order of their files."""
    cases = []
    for file in sorted((FOLDER / folder).glob("*.json")):
        cases += [make(file.stem, data) for data in json.loads(file.read_text(encoding="utf-8"))]
    return cases
