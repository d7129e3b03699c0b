#!/usr/bin/env python3
"""Writes down which functions the program calls when little is asked of it, in the order of their first call:
cmake/start_order.txt, by which cmake/start_order.cmake lays them side by side.

Functions that are called at the start are a twentieth of the program and lie all over it, and the kernel maps
sixteen pages around each one that is touched. Side by side they cost what they are.

usage: start_order.py PROGRAM [--seconds N]     PROGRAM was built with the preset release, its symbols beside it
       start_order.py --check PROGRAM           exits 1 if too few of the names still exist, which says that it
                                                is time to run it, or the program is not laid out by them

What is traced: a ping of one echo, and an agent with ICMP targets, pushing, whose /stats is read once; as root,
on x86-64. A name that no longer exists, or has another name with another compiler, is passed over by the linker.
"""

import argparse
import ctypes
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path[1:1] = [str(SOURCE / "tests" / "system")]
sys.dont_write_bytecode = True

LIST = SOURCE / "cmake" / "start_order.txt"
LONGEST = 100      # of a longer name that much stands there: templates have names of a thousand letters
LEAST_KNOWN = 0.7  # of the names

# <sys/ptrace.h>
TRACEME, CONT, GETREGS, SETREGS, SETOPTIONS = 0, 7, 12, 13, 0x4200
TRACE_CLONE, EXIT_KILL = 0x8, 0x100000
WAIT_ALL = 0x40000000  # __WALL
RIP = 16               # index in user_regs_struct of x86-64

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, address=0, data=0):
    if libc.ptrace(request, pid, address, data) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace {request}: {os.strerror(error)}")


def functions_of(program):
    """{address: names} of the functions with a section of their own, which has one of the names."""
    symbols = pathlib.Path(f"{program}.debug")
    told = subprocess.run(["nm", "--defined-only", symbols if symbols.is_file() else program], check=True,
                          capture_output=True, text=True).stdout
    found = {}
    for line in told.splitlines():
        address, kind, name = line.split(maxsplit=2)
        if kind in "tTwW" and not re.search(r"\.cold(\.\d+)?$|^_(start|init|fini)$|^_GLOBAL__", name):
            found.setdefault(int(address, 16), []).append(name)
    if not found:
        raise RuntimeError(f"{program} has no symbols, and none are beside it")
    return found


class Tracer:
    """A process whose functions all begin with a breakpoint, which goes when it was met."""

    def __init__(self, command, functions, **options):
        self.met = []
        self.ends = False  # what is called from now on does not count
        self.functions = functions
        self.process = subprocess.Popen(command, preexec_fn=lambda: ptrace(TRACEME, 0), **options)
        os.waitpid(self.process.pid, 0)  # stopped by execve
        ptrace(SETOPTIONS, self.process.pid, 0, TRACE_CLONE | EXIT_KILL)
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text(encoding="ascii").splitlines()
        program = os.path.realpath(command[0])
        self.base = min(int(line.split("-")[0], 16) for line in maps if line.endswith(program))
        self.memory = open(f"/proc/{self.process.pid}/mem", "r+b", buffering=0)
        self.first_bytes = {}
        for address in functions:
            self.first_bytes[address] = self._read(address)
            self._write(address, b"\xcc")
        ptrace(CONT, self.process.pid)

    def _read(self, address):
        self.memory.seek(self.base + address)
        return self.memory.read(1)

    def _write(self, address, byte):
        self.memory.seek(self.base + address)
        self.memory.write(byte)

    def run(self):
        """Until it ends; gives the names in the order of their first call, and its status."""
        while True:
            thread, status = os.waitpid(-1, WAIT_ALL)
            if os.WIFSTOPPED(status):
                self._go_on(thread, os.WSTOPSIG(status), status >> 16)
            elif thread == self.process.pid:
                return self.met, status

    def _go_on(self, thread, number, event):
        if number == signal.SIGTRAP:
            number = 0 if event or self._take_breakpoint(thread) else number
        elif number == signal.SIGSTOP:
            number = 0  # of a thread that begins
        try:
            ptrace(CONT, thread, 0, number)
        except ProcessLookupError:
            pass

    def _take_breakpoint(self, thread):
        registers = (ctypes.c_ulonglong * 27)()
        ptrace(GETREGS, thread, 0, ctypes.addressof(registers))
        address = registers[RIP] - 1 - self.base
        if address not in self.functions:
            return False
        if address in self.first_bytes:  # else another thread has met it at the same time
            self._write(address, self.first_bytes.pop(address))
            self.met += self.functions[address] if not self.ends else []
        registers[RIP] -= 1
        ptrace(SETREGS, thread, 0, ctypes.addressof(registers))
        return True


def trace_ping(program, functions):
    met, status = Tracer([program, "ping", "-c", "1", "127.0.0.1"], functions, stdout=subprocess.DEVNULL).run()
    if status != 0:
        raise RuntimeError(f"the ping ended with {status}")
    return met


def trace_agent(program, functions, seconds):
    import harness
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "server.yaml").write_text(
            harness.server_text(harness.target_text("icmp", "r-b", ["127.64.0.0/28", "127.64.0.16/30"])),
            encoding="utf-8")
        (folder / "agent.yaml").write_text("region: r-a\n", encoding="utf-8")
        rpc, pages, page = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        server = subprocess.Popen(
            [program, "server", "--config", folder / "server.yaml", "--set", f"rpc_listen_addr={rpc}",
             "--set", f"metrics_listen_addr={pages}", "--set", f"state_dir={folder}/s", "--set", "mesh=false"],
            stderr=subprocess.DEVNULL)
        try:
            tracer = Tracer([program, "agent", "--config", str(folder / "agent.yaml"), "--set",
                             "local_ip=127.0.0.1", "--set", f"http_addr={page}", "--set",
                             f"rpc_server_addr={rpc}", "--set", f"state_dir={folder}/a"], functions)
            threading.Thread(target=look_and_end, args=(tracer, page, seconds), daemon=True).start()
            return tracer.run()[0]
        finally:
            server.terminate()
            server.wait()


def look_and_end(tracer, page, seconds):
    time.sleep(seconds)
    with urllib.request.urlopen(f"http://{page}/stats", timeout=30) as answer:
        targets = re.search(rb'"icmp": ?(\d+)', answer.read())
    print(f"the agent has {targets.group(1).decode() if targets else 'no'} targets")
    tracer.ends = True
    os.kill(tracer.process.pid, signal.SIGTERM)


def listed_as(name):
    return name if len(name) <= LONGEST else name[:LONGEST] + "*"


def check(program):
    sections = subprocess.run(["readelf", "--wide", "--section-headers", program], check=True, text=True,
                              capture_output=True).stdout
    laid_out = all(f" {name}.start_order " in sections for name in (".text", ".rodata"))
    if not laid_out:
        print(f"{program} is not laid out by cmake/start_order.cmake")
    known = {listed_as(name) for some in functions_of(program).values() for name in some}
    listed = [line for line in LIST.read_text(encoding="ascii").splitlines() if line and line[0] != "#"]
    share = sum(name in known for name in listed) / max(len(listed), 1)
    print(f"{share:.0%} of {len(listed)} names are functions of the program")
    if share < LEAST_KNOWN:
        print(f"{LIST.relative_to(SOURCE)} is out of date: run scripts/start_order.py {program}")
    return 0 if laid_out and share >= LEAST_KNOWN else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=45, help="for the agent (default: 45)")
    parser.add_argument("--check", action="store_true", help="only look whether the list is out of date")
    parser.add_argument("--exempt", metavar="WHY", help="this build is not laid out: print SKIPPED and WHY")
    options = parser.parse_args()
    if options.exempt:
        print(f"SKIPPED: {options.exempt}")
        return 0
    program = str(options.program.resolve())
    if options.check:
        return check(program)
    functions = functions_of(program)
    found = dict.fromkeys(map(listed_as, trace_ping(program, functions)))
    pings = len(found)
    found.update(dict.fromkeys(map(listed_as, trace_agent(program, functions, options.seconds))))
    LIST.write_text("# Made by scripts/start_order.py: functions that a start calls, in the order of their first "
                    "call.\n" + "".join(f"{name}\n" for name in found), encoding="ascii")
    print(f"{pings} names of functions for a ping, {len(found)} with an agent's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
