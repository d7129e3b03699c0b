"""A list of targets of which a share changes each second, as Prometheus' http_sd has it."""

import ipaddress
import json
import random
import threading
import time

import servers

FIRST = ipaddress.ip_address("127.64.0.0")


class ChangingList:
    """`count` addresses of loopback, of a pool twice as large, behind `url`. Each second `share` of them
    go and others come: those that have been away longest, so that every address comes back."""

    def __init__(self, count, share, seed):
        self._random = random.Random(seed)
        pool = [str(FIRST + i) for i in range(2 * count)]
        self._random.shuffle(pool)
        self._there, self._away = pool[:count], pool[count:]
        self._each = max(1, round(count * share))
        self._guard = threading.Lock()
        self._body = b""
        self.changes = 0
        self._over = threading.Event()
        self._web = servers.WebServer(self._respond)
        self.url = f"{self._web.url}/list"
        self._render()
        self._thread = threading.Thread(target=self._change_on, daemon=True)

    def start(self):
        self._web.start()
        return self

    def begin_to_change(self):
        self._thread.start()

    def close(self):
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._web.close()

    def _change_on(self):
        due = time.monotonic()
        while True:
            due += 1
            if self._over.wait(max(0, due - time.monotonic())):
                return
            self._change()
            self._render()

    def _change(self):
        """The pool turns: what goes away is put to the end of those that are."""
        for _ in range(self._each):
            place = self._random.randrange(len(self._there))
            gone, self._there[place] = self._there[place], self._away[0]
            self._away.append(gone)
            del self._away[0]
        self.changes += 1

    def _render(self):
        body = json.dumps([{"targets": self._there, "labels": {"region": "r-b", "team": "net"}}])
        with self._guard:
            self._body = body.encode()

    def _respond(self, request):
        with self._guard:
            body = self._body
        servers.reply(request, 200, body, [("Content-Type", "application/json")])
