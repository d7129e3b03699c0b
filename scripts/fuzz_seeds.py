#!/usr/bin/env python3
"""Derives seeds for a fuzzer from those that it has: fuzz_seeds.py BUILD NAME [--most N].

Cuts each input of tests/fuzz/corpus/NAME short, overwrites single bytes of it and joins it with itself, and keeps what
reaches a line of a parser (tests/fuzz/parsers.txt) that nothing reached before; BUILD is that of
`./dev fuzz --coverage`. What it keeps is the same for the same corpus and program.
"""

import argparse
import hashlib
import json
import pathlib
import random
import subprocess
import tempfile

import fuzz_coverage

# Ends of numbers, of lengths and of texts in what the parsers read.
BYTES = (0x00, 0x01, 0x0A, 0x20, 0x22, 0x2D, 0x3A, 0x5B, 0x7B, 0x7F, 0x80, 0xC1, 0xFF)
LONGEST = 4096


class Reached:
    """Lines of the parsers that a fuzzer reaches with some inputs."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.sources = [str(fuzz_coverage.ROOT / path) for path in fuzz_coverage.parsers(
            (fuzz_coverage.FUZZ / "parsers.txt").read_text(encoding="utf-8"))]

    def by(self, inputs):
        raw, merged = self.folder / "one.profraw", self.folder / "one.profdata"
        files = []
        for number, data in enumerate(inputs):
            files.append(self.folder / f"input-{number}")
            files[-1].write_bytes(data)
        raw.unlink(missing_ok=True)
        done = subprocess.run([self.program, *files], capture_output=True, check=False,
                              env={"LLVM_PROFILE_FILE": str(raw)})
        if done.returncode != 0:
            fuzz_coverage.fail(f"{self.program} ended with {done.returncode}:\n"
                               f"{done.stderr[-2000:].decode(errors='replace')}")
        subprocess.run([fuzz_coverage.tool("llvm-profdata"), "merge", "-sparse", "-o", merged, raw], check=True)
        told = subprocess.run(
            [fuzz_coverage.tool("llvm-cov"), "export", "-format=text", "-skip-functions", "-skip-expansions",
             "-skip-branches", f"-instr-profile={merged}", self.program, *self.sources],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        lines = set()
        for entry in json.loads(told.stdout)["data"][0]["files"]:
            for line, _column, count, has_count, is_entry, is_gap in entry["segments"]:
                if has_count and is_entry and not is_gap and count > 0:
                    lines.add((entry["filename"], line))
        return lines


def candidates(corpus, most):
    """Derived inputs in an order that is always the same."""
    chance = random.Random(7)
    made = []
    for data in corpus:
        if len(data) > LONGEST:
            continue
        made += [data[:end] for end in range(len(data))]
        made += [data[:at] + bytes([value]) + data[at + 1:] for at in range(len(data)) for value in BYTES]
        made += [data + data, data[:len(data) // 2] * 40]
    made = sorted(set(made) - set(corpus))
    chance.shuffle(made)
    return made[:most]


def useful(inputs, reached, known):
    """Those that reach something new, found by halves: most groups have none."""
    if not inputs or reached.by(inputs) <= known:
        return []
    if len(inputs) == 1:
        known |= reached.by(inputs)
        return list(inputs)
    middle = len(inputs) // 2
    return useful(inputs[:middle], reached, known) + useful(inputs[middle:], reached, known)


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("build", type=pathlib.Path)
    reader.add_argument("name")
    reader.add_argument("--most", type=int, default=2000, help="derived inputs that are tried (2000)")
    options = reader.parse_args()
    place = fuzz_coverage.FUZZ / "corpus" / options.name
    corpus = [file.read_bytes() for file in sorted(place.iterdir())]
    with tempfile.TemporaryDirectory() as folder:
        reached = Reached(options.build / f"fuzz_{options.name}", pathlib.Path(folder))
        known = reached.by(corpus)
        kept = []
        tried = candidates(corpus, options.most)
        for first in range(0, len(tried), 250):
            kept += useful(tried[first:first + 250], reached, known)
    for data in kept:
        (place / f"derived_{hashlib.sha256(data).hexdigest()[:8]}").write_bytes(data)
    print(f"{options.name}: {len(kept)} of {len(tried)} derived inputs reach something new")


if __name__ == "__main__":
    main()
