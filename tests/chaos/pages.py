#!/usr/bin/env python3
"""Pages in a process of their own, which has a processor whenever it wants one, so that they are never slow.

usage: pages.py COUNT      says the port, then reads lines: "down NUMBER", "up NUMBER"; the end of them ends it
"""

import pathlib
import subprocess
import sys
import threading

sys.path[1:1] = [str(pathlib.Path(__file__).resolve().parents[1] / "system")]

import servers


class FarPages:
    """As incident_world.Pages."""

    def __init__(self, count, launcher=()):
        self._process = subprocess.Popen([*launcher, sys.executable, "-B", __file__, str(count)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(self._process.stdout.readline())
        self.urls = [f"http://127.0.0.1:{port}/page-{number:02}" for number in range(count)]

    def start(self):
        return self

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def down(self, url):
        self._say("down", url)

    def up(self, url):
        self._say("up", url)

    def _say(self, what, url):
        self._process.stdin.write(f"{what} {self.urls.index(url)}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


def main(count):
    down = set()
    guard = threading.Lock()

    def respond(request):
        with guard:
            fails = request.path in down
        servers.reply(request, 503 if fails else 200)

    web = servers.WebServer(respond).start()
    print(web.port, flush=True)
    for line in sys.stdin:
        what, number = line.split()
        path = f"/page-{int(number):02}"
        with guard:
            (down.add if what == "down" else down.discard)(path)
        print("done", flush=True)
    web.close()


if __name__ == "__main__":
    main(sys.argv[1])
