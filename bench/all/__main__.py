#!/usr/bin/env python3
"""Every claim of README and docs/benchmarks.md beside its peer or floor, with its limit, what was measured,
and whether it holds. Runs the other benchmarks one after the other; one that fails or lacks its peer is in the
table with the reason, and the others go on.

Run by `./dev bench all [OPTION...]`, as root, on a machine of two cores or more with nothing else to do. Exit
status 1 when a claim does not hold or a part has failed. What each part has said is kept in build/bench/all:
a run of --only some parts takes its place in the last whole one, if that was of the same program."""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / "bench" / "common"), str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

import claims
import harness
import readers
import report
import results
from parts import MINUTES, NAMES, PARTS, Places


def part_names(text):
    names = text.split(",")
    for name in names:
        if name not in NAMES:
            raise argparse.ArgumentTypeError(f"no such part: {name}; there are {', '.join(NAMES)}")
    return names


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench all", description=__doc__)
    parser.add_argument("--only", type=part_names, metavar="NAME,...", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--minutes", type=float, default=MINUTES,
                        help=f"that all parts together take, roughly (default: {MINUTES}); with less, "
                             "windows are shorter than the claims say")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", nargs="?",
                        const=SOURCE / "docs" / "benchmarks.md",
                        help="put the table between the marks of FILE (docs/benchmarks.md)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER",
                        default=SOURCE / "build" / "bench" / "all", help="of what each part has said")
    parser.add_argument("--program", type=pathlib.Path, help="another xprober than build/release's",
                        default=SOURCE / "build" / "release" / "xprober")
    parser.add_argument("--programs", type=pathlib.Path, metavar="FOLDER",
                        help="of the programs of bench/, another than build/bench",
                        default=SOURCE / "build" / "bench")
    options = parser.parse_args()
    if options.minutes <= 0:
        parser.error("--minutes is above 0")
    if options.write and options.minutes < MINUTES:
        parser.error(f"--write is for a run of {MINUTES} minutes, with windows as the claims say")
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def check_surroundings(options):
    """Says at once what would be missed after half an hour."""
    if os.geteuid() != 0:
        sys.exit("run this as root: raw sockets and networks of their own are root's")
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is no program: run ./dev bench all, which builds it")
    if options.write and report.marks("all")[0] not in options.write.read_text(encoding="utf-8"):
        sys.exit(f"{options.write} lacks the line {report.marks('all')[0]}")


def show_list(options):
    for part in PARTS:
        print(f"{part.name:<12} {part.minutes * options.minutes / MINUTES:4.1f} min  {part.what}")
        for claim in claims.CLAIMS:
            if claim.part == part.name:
                beside = f", beside {claim.beside}" if claim.beside else ""
                print(f"{'':<23}{claim.what}{beside}: {report.number(claim.most)} {claim.unit}".rstrip())
    print(f"{'all':<12} {sum(part.minutes for part in PARTS) * options.minutes / MINUTES:4.1f} min")


class Child:
    """The command that runs. What it says on standard error is shown as it comes."""

    def __init__(self, command, output):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                        stderr=subprocess.PIPE, text=True, errors="replace", process_group=0)
        self.last = ""  # line
        self._reader = threading.Thread(target=self._show, daemon=True)
        self._reader.start()

    def _show(self):
        for line in self.process.stderr:
            sys.stderr.write(line)
            self.last = line.strip() or self.last

    def end(self):
        """Ends its group, where it has not ended: asked first, it ends what it has started itself."""
        for number, patience in ((signal.SIGTERM, 15), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                break
        self._reader.join(5)


def run_part(part, options):
    """(what it says of its claims, why it says nothing of others, whether it failed)."""
    share = options.minutes / MINUTES
    if part.missing():
        return {}, part.missing(), False
    text_file, json_file = (options.keep / f"{part.name}.{end}" for end in ("txt", "json"))
    json_file.unlink(missing_ok=True)
    places = Places(SOURCE, options.program.resolve(), options.programs.resolve())
    command = part.command(share, places, json_file)
    try:
        with text_file.open("wb") as output:
            child = Child(command, output)
            try:
                status = child.process.wait(part.seconds_at_most(share))
            finally:
                child.end()
    except subprocess.TimeoutExpired:
        return {}, f"it did not end within {part.seconds_at_most(share):.0f} s", True
    except OSError as error:
        return {}, str(error), True
    try:
        if part.read:
            return part.read(text_file.read_text(encoding="utf-8")), "", status not in (0, 1)
        text = json_file.read_text(encoding="utf-8")
        errors = readers.errors_of(text)
        return readers.claims_of(text), errors, bool(errors) or status not in (0, 1)
    except (ValueError, KeyError, OSError) as error:
        lacks = "no figures" if isinstance(error, OSError) else str(error)
        return {}, f"it ended with {status}: {child.last or lacks}", True


def main():
    options = arguments()
    if options.list:
        return show_list(options)
    check_surroundings(options)
    # Every way out ends what runs.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    harness.PROGRAM = options.program.resolve()
    options.keep.mkdir(parents=True, exist_ok=True)
    kept = options.keep / "results.json"
    before = json.loads(kept.read_text(encoding="utf-8")) if options.only and kept.exists() else None
    run = {"facts": {"command": report.command_line("all", sys.argv[1:]), "date": report.today(),
                     "version": harness.xprober("--version").stdout.strip(),
                     "commit": report.commit(SOURCE), "machine": report.machine(),
                     "program": hashlib.sha256(options.program.read_bytes()).hexdigest()}, "parts": {}}
    began = time.monotonic()
    chosen = [part for part in PARTS if not options.only or part.name in options.only]
    for i, part in enumerate(chosen):
        say(f"==> {part.name}: {part.what}, {i + 1} of {len(chosen)}, "
            f"about {part.minutes * options.minutes / MINUTES:.1f} min")
        part_began = time.monotonic()
        found, why, failed = run_part(part, options)
        minutes = (time.monotonic() - part_began) / 60
        run["parts"][part.name] = {
            "figures": results.figures_of(part.name, found, why), "failed": failed, "minutes": minutes,
            "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime())}
        say(f"    {part.name}: {minutes:.1f} min" + (f"; {why}" if why else ""))
        say(results.claim_table(run, {part.name}))
        run["facts"]["minutes"] = (time.monotonic() - began) / 60
        whole = results.merged(before, run)
        kept.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    print(results.text_of(whole) if not options.only else results.claim_table(whole, set(options.only)))
    if options.write:
        report.write_block(options.write, "all", results.text_of(whole))
    return 1 if results.broken(run) else 0


if __name__ == "__main__":
    sys.exit(main())
