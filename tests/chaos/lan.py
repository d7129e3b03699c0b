"""Machines with networks of their own, and a switch between them that loses packets as it is told."""

import json
import pathlib
import subprocess
import sys

import harness
import simnet

DEVICE = "lan0"
NETWORK = "10.91.0.0/16"


class Lan:
    """`names` of machines, each with a network namespace and an address, until the test ends. The
    test's own network has the address `home`, and reaches them all, whatever is lost between them."""

    def __init__(self, test, names, seed):
        self.addresses = {name: f"10.91.0.{number}" for number, name in enumerate(names, 1)}
        self.home = "10.91.255.1"
        self._spaces = {name: simnet.add_namespace(test) for name in names}
        self._losses = {}
        self._lost = {}
        ports = [f"={self.home}", *(f"{self._spaces[n]}={self.addresses[n]}" for n in names)]
        self._process = subprocess.Popen(
            [*simnet.real_time(), sys.executable, "-B", pathlib.Path(__file__).with_name("switch.py"),
             str(seed), DEVICE, *ports],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self._close)
        if self._process.stdout.readline() != "ready\n":
            raise AssertionError("the switch did not start")
        self._set_up([], self.home)
        for name, space in self._spaces.items():
            self._set_up(["-n", space], self.addresses[name])

    @staticmethod
    def _set_up(where, address):
        for what in (["link", "set", "lo", "up"], ["link", "set", DEVICE, "txqueuelen", "10000", "up"],
                     ["address", "add", f"{address}/32", "dev", DEVICE],
                     ["route", "add", NETWORK, "dev", DEVICE, "src", address]):
            done = harness.run(["ip", *where, *what])
            if done.returncode != 0:
                raise AssertionError(f"ip {' '.join(what)}: {done.stderr}")

    def _close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def launcher(self, name):
        """What a process on this machine is started with."""
        return ["ip", "netns", "exec", self._spaces[name]]

    def lose(self, source, target, probability):
        """From now on so much of what goes from one to the other is lost, and no more of the way back
        than before."""
        self._losses[f"{self.addresses[source]} {self.addresses[target]}"] = probability
        self._tell()

    def cut(self, one, other):
        """Nothing gets through, in either direction."""
        self.lose(one, other, 1)
        self.lose(other, one, 1)

    def heal(self):
        """Nothing is lost any more."""
        self._losses = {}
        self._tell()

    def lost(self, source, target):
        """(echo requests, echo replies) that were lost from one to the other since the start."""
        self._tell()
        return tuple(self._lost.get(f"{self.addresses[source]} {self.addresses[target]}", (0, 0)))

    def _tell(self):
        self._process.stdin.write(json.dumps(self._losses) + "\n")
        self._process.stdin.flush()
        for way, counts in json.loads(self._process.stdout.readline()).items():
            old = self._lost.get(way, (0, 0))
            self._lost[way] = [old[0] + counts[0], old[1] + counts[1]]
