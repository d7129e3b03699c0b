#!/usr/bin/env python3
"""Which lines of the parsers the fuzzers' corpora reach: `./dev fuzz --coverage [--write]`.

    fuzz_coverage.py BUILD [--write] [--lines]
    fuzz_coverage.py --document

BUILD has the fuzzers, built with -fprofile-instr-generate -fcoverage-mapping (preset `coverage`). Each runs over its
corpus in tests/fuzz/corpus, and over nothing else. tests/fuzz/parsers.txt names the parsers. Fails where one is
below the limit, where one is in no fuzzer, and, without --write, where docs/robustness.md has other parsers. --lines
names the lines that nothing reaches. --document needs no build: it looks whether the document has
the parsers of the list, with enough of their lines.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FUZZ = ROOT / "tests" / "fuzz"
DOCUMENT = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- begin: ./dev fuzz --coverage --write -->\n", "<!-- end -->\n"
LIMIT = 90.0


def fail(why):
    sys.exit(f"fuzz_coverage: {why}")


def tool(name):
    """A program of LLVM, of the version that the fuzzers are built with or without one."""
    return shutil.which(f"{name}-19") or shutil.which(name) or fail(f"{name}-19 is missing")


def parsers(text):
    """{path: the least percent} of `parsers.txt`: a file in each line and, where it does not keep the limit yet,
    what it keeps; `#` begins a remark."""
    found = {}
    for line in text.splitlines():
        if words := line.partition("#")[0].split():
            found[words[0]] = float(words[1]) if len(words) > 1 else LIMIT
    return found


def run_fuzzer(program, corpus, profile):
    done = subprocess.run(
        [program, "-runs=0", corpus], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        check=False, env={**os.environ, "LLVM_PROFILE_FILE": str(profile)})
    if done.returncode != 0:
        fail(f"{program.name} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def profile_of(programs, folder):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(run_fuzzer, program, FUZZ / "corpus" / name, folder / f"{name}.profraw")
                for name, program in programs.items()]
        for run in runs:
            run.result()
    merged = folder / "merged.profdata"
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "-o", merged, *sorted(folder.glob("*.profraw"))],
                   check=True)
    return merged


def covered(programs, merged):
    """What llvm-cov exports of every source file: {path below the root: its entry}."""
    objects = [str(program) for program in programs.values()]
    command = [tool("llvm-cov"), "export", "-format=text", f"-instr-profile={merged}", objects[0]]
    for other in objects[1:]:
        command += ["-object", other]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    files = json.loads(done.stdout)["data"][0]["files"]
    return {relative(entry["filename"]): entry for entry in files}


def relative(path):
    """Below the root, of whichever checkout the path is."""
    parts = pathlib.Path(path).parts
    return "/".join(parts[parts.index("src"):]) if "src" in parts else path


def missed_lines(entry):
    """Lines at which code begins that was not reached, as llvm-cov's segments have them."""
    lines = set()
    for line, _column, count, has_count, is_entry, is_gap in entry["segments"]:
        if has_count and is_entry and not is_gap and count == 0:
            lines.add(line)
    return sorted(lines)


def table(lines):
    out = ["| parser | lines | covered |", "| --- | ---: | ---: |"]
    for path, count, percent in lines:
        out.append(f"| `{path.removeprefix('src/')}` | {count} | {percent:.1f} % |")
    return "\n".join(out) + "\n"


def written(document, made):
    before, begin, rest = document.partition(BEGIN)
    _, end, behind = rest.partition(END)
    if not begin or not end:
        fail(f"{DOCUMENT} has no place for the table")
    return before + BEGIN + made + END + behind


def parsers_in(document):
    """{parser: percent} of the table."""
    _, _, rest = document.partition(BEGIN)
    made, _, _ = rest.partition(END)
    return {path: float(percent)
            for path, percent in re.findall(r"(?m)^\| `([^`]+)` \| \d+ \| ([\d.]+) % \|", made)}


def document_problems(wanted, document):
    """What is wrong with the document and the list, as far as that is seen without a build."""
    told = parsers_in(document)
    problems = [f"{path} is in tests/fuzz/parsers.txt and is no file" for path in wanted
                if not (ROOT / path).exists()]
    problems += [f"docs/robustness.md has not {path}" for path in wanted if path.removeprefix("src/") not in told]
    problems += [f"docs/robustness.md has {path}, which is no parser any more" for path in told
                 if path != "all" and f"src/{path}" not in wanted]
    problems += [f"{path}: {told[path.removeprefix('src/')]} % of its lines, below {least:.0f} %"
                 for path, least in wanted.items() if told.get(path.removeprefix("src/"), least) < least]
    return problems


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("build", type=pathlib.Path, nargs="?")
    reader.add_argument("--document", action="store_true", help="looks at the document alone")
    reader.add_argument("--write", action="store_true", help="writes the table into docs/robustness.md")
    reader.add_argument("--lines", action="store_true", help="names the lines that nothing reaches")
    options = reader.parse_args()
    wanted = parsers((FUZZ / "parsers.txt").read_text(encoding="utf-8"))
    if options.document:
        if problems := document_problems(wanted, DOCUMENT.read_text(encoding="utf-8")):
            fail("\n  ".join(["", *problems, "run ./dev fuzz --coverage --write"]))
        return
    if not options.build:
        reader.error("BUILD is missing")
    programs = {source.stem: options.build / f"fuzz_{source.stem}" for source in sorted(FUZZ.glob("*.cpp"))}
    with tempfile.TemporaryDirectory() as folder:
        found = covered(programs, profile_of(programs, pathlib.Path(folder)))
    lines = []
    problems = []
    for path, least in wanted.items():
        if path not in found:
            problems.append(f"{path} is in no fuzzer")
            continue
        summary = found[path]["summary"]["lines"]
        lines.append((path, summary["count"], summary["percent"]))
        if summary["percent"] < least:
            problems.append(f"{path}: {summary['percent']:.1f} % of its lines, below {least:.0f} %")
        if options.lines:
            print(path, missed_lines(found[path]))
    total = sum(count for _, count, _ in lines)
    reached = sum(count * percent / 100 for _, count, percent in lines)
    lines.append(("all", total, 100 * reached / max(total, 1)))
    made = table(lines)
    print(made)
    document = DOCUMENT.read_text(encoding="utf-8")
    if options.write:
        DOCUMENT.write_text(written(document, made), encoding="utf-8")
    else:
        problems += document_problems(wanted, document)
    if problems:
        fail("\n  ".join(["", *problems]))


if __name__ == "__main__":
    main()
