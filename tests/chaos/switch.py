#!/usr/bin/env python3
"""Carries IPv4 packets between TUN devices in network namespaces, and loses some of them.

usage: switch.py SEED DEVICE NAMESPACE=ADDRESS...

An empty NAMESPACE is the one that it runs in. Says "ready" once the devices are there; their addresses and
routes are their user's to set. Each line on standard input is a JSON object of the losses that are in force
from then on, {"FROM TO": probability}; all others are 0. It is answered with a line: the echoes
that were lost since the line before, {"FROM TO": [requests, replies]}. The end of the input ends it.
"""

import ctypes
import fcntl
import json
import os
import random
import select
import socket
import struct
import sys

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_ICMP, _REPLY, _REQUEST = 1, 0, 8
_AT_ONCE = 64


def open_device(namespace, name):
    """A TUN device there."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if namespace:
            there = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
            if libc.setns(there, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            os.close(there)
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
        return device
    finally:
        libc.setns(home, _CLONE_NEWNET)
        os.close(home)


class Switch:
    def __init__(self, seed, devices):
        self._random = random.Random(seed)
        self._devices = devices  # packed address → descriptor
        self._losses = {}
        self._lost = {}

    def obey(self, line):
        """The answer to a line of standard input."""
        answer = {f"{socket.inet_ntoa(a)} {socket.inet_ntoa(b)}": counts
                  for (a, b), counts in self._lost.items()}
        self._lost = {}
        self._losses = {tuple(map(socket.inet_aton, way.split())): probability
                        for way, probability in json.loads(line).items()}
        return json.dumps(answer)

    def carry(self, device):
        """Passes on what has come out of a device."""
        for _ in range(_AT_ONCE):
            try:
                packet = os.read(device, 65536)
            except BlockingIOError:
                return
            if len(packet) >= 20 and packet[0] >> 4 == 4:
                self._pass_on(packet)

    def _pass_on(self, packet):
        way = packet[12:16], packet[16:20]
        to = self._devices.get(way[1])
        probability = self._losses.get(way, 0)
        if probability and self._random.random() < probability:
            self._note_loss(way, packet)
        elif to is not None:
            try:
                os.write(to, packet)
            except OSError:
                pass  # the device is down

    def _note_loss(self, way, packet):
        header = 4 * (packet[0] & 15)
        if packet[9] == _ICMP and len(packet) > header and packet[header] in (_REQUEST, _REPLY):
            self._lost.setdefault(way, [0, 0])[packet[header] == _REPLY] += 1


def main(seed, name, *ports):
    devices = {}
    for port in ports:
        namespace, _, address = port.partition("=")
        devices[socket.inet_aton(address)] = open_device(namespace, name)
    switch = Switch(int(seed), devices)
    print("ready", flush=True)
    poll = select.poll()
    for device in (*devices.values(), sys.stdin.fileno()):
        poll.register(device, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready != sys.stdin.fileno():
                switch.carry(ready)
                continue
            line = sys.stdin.readline()
            if not line:
                return
            print(switch.obey(line), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
