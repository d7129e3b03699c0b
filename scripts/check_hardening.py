#!/usr/bin/env python3
"""Checks how the shipped program was compiled, linked and stripped (cmake/compiler.cmake, cmake/symbols.cmake):
position independent, read-only relocations, everything bound at the start, no executable stack, stack
protector, checked calls of glibc, no symbols in it and the right ones beside it.

usage: check_hardening.py PROGRAM [--exempt WHY]
       check_hardening.py --self-test [COMPILER]

Prints one line for each fault and exits 1 if there is any. --exempt tells that this build is not the
shipped one: it prints SKIPPED and WHY. --self-test builds a small program with one fault at a time and
exits 1 unless each is noticed. Needs readelf and objcopy, which come with the compiler (binutils).
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ENVIRONMENT = {**os.environ, "LC_ALL": "C"}


def readelf(file, *options):
    return subprocess.run(["readelf", "--wide", *options, str(file)], check=True, text=True,
                          errors="replace", capture_output=True, env=ENVIRONMENT).stdout


def sections_of(file):
    return set(re.findall(r"^\s*\[ *\d+\] (\S+)", readelf(file, "--section-headers"), re.MULTILINE))


def build_id_of(file):
    found = re.search(r"Build ID: (\w+)", readelf(file, "--notes"))
    return found.group(1) if found else None


def linking_faults(program):
    """How it was linked: the program headers and the dynamic section."""
    headers = readelf(program, "--file-header", "--program-headers")
    dynamic = readelf(program, "--dynamic")
    if not re.search(r"Type:\s+DYN", headers) or not re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic):
        yield "it is not position independent (-fPIE -pie)"
    if "GNU_RELRO" not in headers:
        yield "relocations stay writable (-z relro)"
    if not re.search(r"\(FLAGS(?:_1)?\).*\b(?:BIND_NOW|NOW)\b", dynamic):
        yield "functions are bound when they are first called (-z now)"
    stack = re.search(r"GNU_STACK(?:\s+0x\w+){5}\s+([RWE ]+?)\s+0x", headers)
    if not stack or "E" in stack.group(1):
        yield "its stack is executable (-z noexecstack)"


def compiling_faults(program):
    """How it was compiled, by what it calls."""
    called = set(re.findall(r"\bUND (\w+)", readelf(program, "--dyn-syms")))
    if "__stack_chk_fail" not in called:
        yield "no function has a stack canary (-fstack-protector-strong)"
    if not any(re.fullmatch(r"__\w+_chk", name) for name in called):
        yield "it calls no checked function of glibc (-D_FORTIFY_SOURCE=2)"


def symbol_faults(program):
    """What was left in it, and what is beside it for gdb and perf."""
    sections = sections_of(program)
    if ".symtab" in sections or any(name.startswith(".debug_") for name in sections):
        yield "it is not stripped"
    link = None
    if ".gnu_debuglink" in sections:
        link = re.search(r"\]\s+(\S+)", readelf(program, "--string-dump=.gnu_debuglink"))
    if not link:
        yield "it names no file with its symbols (.gnu_debuglink)"
        return
    symbols = program.parent / link.group(1)
    if not symbols.is_file():
        yield f"its symbols are missing: {symbols}"
    elif build_id_of(program) is None:
        yield "it has no build id (-Wl,--build-id)"
    elif build_id_of(symbols) != build_id_of(program):
        yield f"{symbols} has the symbols of another build"
    elif not {".symtab", ".debug_info", ".debug_line"} <= sections_of(symbols):
        yield f"{symbols} has no symbols or no lines"


def faults_of(program):
    return [*linking_faults(program), *compiling_faults(program), *symbol_faults(program)]


# -- the check's own test ---------------------------------------------------------------------------

SOURCE = """
#include <cstdio>
#include <cstring>
int main(int count, char** words) {
  char text[64];
  std::strcpy(text, words[count - 1]);
#ifdef OTHER
  std::puts("other");
#endif
  return std::puts(text);
}
"""
FLAGS = ["-O2", "-g1", "-fPIE", "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2",
         "-pie", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,--build-id"]
# Flags that undo one of those above, and a part of the message they must cause; None: no fault.
WRONG_FLAGS = [
    ([], None),
    (["-fno-pie", "-no-pie"], "not position independent"),
    (["-Wl,-z,norelro"], "relocations stay writable"),
    (["-Wl,-z,lazy"], "bound when they are first called"),
    (["-Wl,-z,execstack"], "stack is executable"),
    (["-fno-stack-protector"], "no function has a stack canary"),
    (["-U_FORTIFY_SOURCE"], "no checked function"),
    (["-g0"], "has no symbols or no lines"),
    (["-Wl,--build-id=none"], "has no build id"),
]


def build(compiler, folder, flags, split=True):
    source, program = folder / "program.cpp", folder / "program"
    source.write_text(SOURCE, encoding="utf-8")
    subprocess.run([compiler, *FLAGS, *flags, str(source), "-o", str(program)], check=True)
    if split:
        subprocess.run(["objcopy", "--only-keep-debug", "program", "program.debug"], check=True, cwd=folder)
        subprocess.run(["objcopy", "--strip-all", "--add-gnu-debuglink=program.debug", "program"],
                       check=True, cwd=folder)
    return program


def self_test(compiler):
    wrong = []

    def expect(name, program, message):
        found = faults_of(program)
        if [message in fault for fault in found] != [True] if message else found:
            wrong.append(f"{name}: expected {message!r}, found {found}")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for flags, message in WRONG_FLAGS:
            expect(" ".join(flags) or "all flags", build(compiler, folder, flags), message)
        program = build(compiler, folder, [])
        (folder / "program.debug").unlink()
        expect("no file of symbols", program, "its symbols are missing")
        build(compiler, folder, ["-DOTHER"])
        other = (folder / "program.debug").read_bytes()
        program = build(compiler, folder, [])
        (folder / "program.debug").write_bytes(other)
        expect("symbols of another build", program, "symbols of another build")
        subprocess.run(["strip", str(program), "--remove-section=.gnu_debuglink"], check=True)
        expect("no link", program, "names no file")
        found = faults_of(build(compiler, folder, [], split=False))
        if not found or found[0] != "it is not stripped":
            wrong.append(f"not stripped: found {found}")
    for line in wrong:
        print(line)
    print(f"{len(wrong)} faults were not noticed")
    return not wrong


def main(arguments):
    if arguments[:1] == ["--self-test"]:
        return 0 if self_test(arguments[1] if len(arguments) > 1 else "g++") else 1
    if len(arguments) == 3 and arguments[1] == "--exempt":
        print(f"SKIPPED: {arguments[2]}")
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    program = pathlib.Path(arguments[0])
    found = faults_of(program)
    for fault in found:
        print(f"{program}: {fault}")
    print(f"{len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
