#!/usr/bin/env python3
"""Runs clang-tidy over the sources below src/, over what changed, or over some files.

usage: run_tidy.py [--changed] [--cap FILES] [--budget SECONDS] [--jobs N] [--build FOLDER]
                   [--tidy PROGRAM] [FILE...]
       run_tidy.py --self-test

Without a FILE, the whole tree. A header stands for the sources that include it directly. --changed
takes what differs from a base: XPROBER_TIDY_BASE; else where this branch left origin/main, where it
did; else the last commit that is four hours older than HEAD, or the one before HEAD. Not committed
changes count, too. --cap and --budget leave files out when there are more of them or when the time is over,
and say how many. Prints each finding once and exits 1 if there is any. The analyser's findings that end
in a header outside of the tree are its false alarms about that library's coroutines; they are left out.
Sources that are compiled alike are looked at in batches (tidy_batches.py), but for a FILE that is named
and within a budget.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import tidy_batches

ROOT = pathlib.Path(__file__).resolve().parent.parent
WINDOW = 4 * 3600  # seconds of history before HEAD that count as changed on origin/main itself
TIMEOUT = 600  # seconds; the slowest batch takes a third of it
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FINDING = re.compile(r"^\S+:\d+:\d+: (?:error|warning): |^error: ")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


# -- what changed -----------------------------------------------------------------------------------


def git(root, *arguments):
    """The output of a git command in `root`, None if it failed."""
    # A checkout may belong to another user, as where a container has it from outside.
    command = ["git", "-c", f"safe.directory={root}", "-C", str(root), *arguments]
    try:
        result = subprocess.run(command, text=True, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def commit_of(root, name):
    return git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")


def find_base(root, environment):
    """The commit to compare with, and why that one. ValueError if the one asked for does not exist."""
    wanted = environment.get("XPROBER_TIDY_BASE")
    if wanted:
        if not commit_of(root, wanted):
            raise ValueError(f"XPROBER_TIDY_BASE={wanted}: no such commit")
        return commit_of(root, wanted), f"{wanted} (XPROBER_TIDY_BASE)"
    head = commit_of(root, "HEAD")
    if not head:
        return None, "no history here"
    fork = git(root, "merge-base", "origin/main", "HEAD")
    if fork and fork != head:
        return fork, f"{fork[:10]} (where it left origin/main)"
    before = int(git(root, "show", "-s", "--format=%ct", "HEAD")) - WINDOW
    older = git(root, "rev-list", "--first-parent", "-1", f"--before={before}", "HEAD")
    if older:
        return older, f"{older[:10]} (the last one {WINDOW // 3600} hours older than HEAD)"
    return EMPTY_TREE, f"no commit {WINDOW // 3600} hours older than HEAD is known here: everything is new"


def changed_files(root, base):
    """Files that differ from `base`, as paths relative to `root`: those not committed first, then those
    of the newest commits, so that a cap leaves out what has been there for longest."""

    def names(*arguments):
        return (git(root, *arguments) or "").splitlines()

    new = names("ls-files", "--others", "--exclude-standard")
    changed = {*new, *names("diff", "--name-only", "--no-renames", "--diff-filter=d", base)}
    since = ["HEAD"] if base == EMPTY_TREE else [f"{base}..HEAD"]
    by_age = [*new, *names("diff", "--name-only", "--no-renames", "HEAD"),
              *names("log", "--format=", "--name-only", "--no-renames", *since), *sorted(changed)]
    return [file for file in dict.fromkeys(by_age) if file in changed]


# -- which sources ----------------------------------------------------------------------------------


def all_sources(root):
    return sorted(str(file.relative_to(root)) for file in (root / "src").rglob("*.cpp"))


def includes_of(root, source):
    """The project's headers that a source includes, as paths relative to `root`."""
    found = set()
    folder = (root / source).parent
    for name in INCLUDE.findall((root / source).read_text(encoding="utf-8", errors="replace")):
        for file in (root / "include" / name, folder / name):
            if file.is_file():
                found.add(os.path.relpath(file.resolve(), root))
    return found


def sources_for(root, files):
    """The sources that show findings in `files`: themselves first, then the source that belongs to each
    header, then the others that include it directly."""
    sources = all_sources(root)
    known = set(sources)
    chosen = {file: None for file in files if file in known}
    headers = [file for file in files if file.endswith(".hpp")]
    users = {source: includes_of(root, source) & set(headers) for source in sources} if headers else {}
    for header in headers:
        own = [source for source, used in users.items()
               if header in used and pathlib.Path(header).stem == pathlib.Path(source).stem]
        chosen.update(dict.fromkeys(own))
    chosen.update((source, None) for source, used in users.items() if used)
    return list(chosen)


# -- running ----------------------------------------------------------------------------------------


def tidy(program, file, options, folder):
    """What clang-tidy says of a file, None if nothing."""
    try:
        result = subprocess.run([program, "--quiet", *options[0], str(file), *options[1]], text=True,
                                errors="replace", capture_output=True, check=False, cwd=folder,
                                timeout=TIMEOUT)
        return None if result.returncode == 0 else result.stdout + error_lines(result.stderr)
    except subprocess.TimeoutExpired:
        return f"error: {file}: clang-tidy did not end within {TIMEOUT} s\n"


def tidy_source(arguments, root, source):
    return tidy(arguments.tidy, root / source, (["-p", str(arguments.build)], []), root)


def tidy_batch(arguments, root, batch):
    """The same of a batch: of those of its sources that something is found in, and of them alone, as what
    one of them declares may look superfluous beside another; of all where they are no text together."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "batch.cpp"
        file.write_text(batch.text(), encoding="utf-8")
        options = [f"--config-file={root / '.clang-tidy'}"], ["--", *batch.arguments]
        said = tidy(arguments.tidy, file, options, batch.folder)
    if not said:
        return None
    suspects, others = batch.suspects(findings_in(said), file)
    if "[clang-diagnostic-error" in said:
        suspects, others = batch.sources, []
    said_alone = (tidy_source(arguments, root, source) for source in suspects)
    return "".join(finding + "\n" for finding in others) + "".join(said or "" for said in said_alone)


def error_lines(text):
    """Standard error without the counts that clang-tidy writes there in any case."""
    return "".join(line + "\n" for line in text.splitlines()
                   if not re.search(r"warnings? .*generated|^Suppressed|^Use -header-filter", line))


def findings_in(text):
    """The findings in clang-tidy's output, each with its notes."""
    findings = []
    for line in text.splitlines():
        if FINDING.match(line) or not findings:
            findings.append([])
        findings[-1].append(line)
    return ["\n".join(lines) for lines in findings]


def is_elsewhere(finding, root):
    """True for a finding in a file that is not below `root`."""
    place = re.match(r"(/\S+?):\d+:\d+: ", finding)
    return bool(place) and not pathlib.Path(place.group(1)).is_relative_to(root)


def parts_of(arguments, root, sources):
    """What is looked at in one go: (its name, its sources, a call that tells what clang-tidy says)."""
    # A batch of sources with coroutines takes minutes: too long to end within a budget.
    one_by_one = arguments.files or arguments.budget
    batches, alone = ([], sources) if one_by_one else tidy_batches.in_batches(root, arguments.build,
                                                                              sources)
    parts = [(describe(batch.sources), batch.sources, lambda b=batch: tidy_batch(arguments, root, b))
             for batch in batches]
    return parts + [(source, [source], lambda s=source: tidy_source(arguments, root, s))
                    for source in alone]


def describe(sources):
    return sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} beside it"


def run(arguments, root, sources):
    """Runs clang-tidy over `sources` within the budget. Returns the findings and the files left out."""
    seen, left = {}, []
    parts = parts_of(arguments, root, sources)
    began = time.monotonic()

    def one(part):
        name, its, look = part
        started = time.monotonic()
        if arguments.budget and started - began > arguments.budget:
            return name, its, None, None
        return name, its, look(), time.monotonic() - started

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for number, (name, its, said, seconds) in enumerate(pool.map(one, parts), 1):
            if seconds is None:
                left += its
                continue
            print(f"    [{number}/{len(parts)}] {name} {seconds:.1f} s", flush=True)
            for finding in findings_in(said or ""):
                if is_elsewhere(finding, root):
                    continue
                # A header's finding comes again with each source.
                place = finding.split("\n", 1)[0]
                if place not in seen:
                    seen[place] = finding
                    print(finding, flush=True)
    return list(seen.values()), left


def choose(arguments, root):
    """The sources to check, and the number of those that the cap leaves out."""
    if not arguments.changed:
        files = [os.path.relpath(pathlib.Path(file).resolve(), root) for file in arguments.files]
        sources = sources_for(root, files) if files else all_sources(root)
    else:
        base, why = find_base(root, os.environ)
        files = changed_files(root, base) if base else all_sources(root)
        sources = sources_for(root, files)
        print(f"tidy: compared with {why}: {len(files)} files changed, {len(sources)} sources to check")
        if ".clang-tidy" in files:
            print("tidy: .clang-tidy itself changed; `./dev tidy` checks the whole tree")
    if arguments.cap and len(sources) > arguments.cap:
        return sources[:arguments.cap], sources[arguments.cap:]
    return sources, []


def check(arguments, root):
    began = time.monotonic()
    try:
        sources, over_cap = choose(arguments, root)
    except ValueError as error:
        print(f"tidy: {error}", file=sys.stderr)
        return 2
    if not sources:
        print("tidy: no source to check" if not arguments.changed else "tidy: no source changed")
        return 2 if arguments.files else 0
    findings, over_time = run(arguments, root, sources)
    if over_cap:
        print(f"tidy: {len(over_cap)} sources NOT checked, above the cap of {arguments.cap} files")
    if over_time:
        print(f"tidy: {len(over_time)} sources NOT checked, the {arguments.budget} s were over")
    print(f"tidy: {len(sources) - len(over_time)} sources checked in {time.monotonic() - began:.0f} s, "
          f"{len(findings)} findings")
    return 1 if findings else 0


def main(words):
    if words == ["--self-test"]:
        import run_tidy_test
        return run_tidy_test.main()
    parser = argparse.ArgumentParser(description="clang-tidy over sources")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--cap", type=int, default=0)
    parser.add_argument("--budget", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--build", default="build/tidy")
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("files", nargs="*")
    return check(parser.parse_args(words), ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
