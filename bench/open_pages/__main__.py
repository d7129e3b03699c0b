#!/usr/bin/env python3
"""Pages of a large fleet that are left open: what twenty of them cost a server of 100,000 targets, of which
some change their state all the time. What the browser does stands in web/test/open.test.ts.

Run by `./dev bench open_pages`, on a machine with nothing else to do. Exit status 1 where they take 2 % of a
core or more."""

import pathlib
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(1, str(SOURCE / "tests" / "system"))
sys.dont_write_bytecode = True

import batches
import harness
import test_pages

TARGETS = 100_000
BATCH = 10_000
CHANGING = 20  # so many change their state each second
INSTANCE = bytes(range(16))
SECONDS = 30


class OpenPages(harness.SystemTest):
    @harness.unittest.skipUnless(test_pages.NODE and test_pages.CHROMIUM and test_pages.PACKAGES.exists(),
                                 "node, npm's packages or Chromium are missing")
    def test_open_pages_cost_a_server_little(self):
        config = self.write("server.yaml", "limits: {listed_targets_only: false}\nmesh: false\nresult_ttl: 1h\n")
        self.server = self.start_server(config=config).wait_healthy()
        self.sequence = 0
        for begin in range(0, TARGETS, BATCH):
            self.push(range(begin, begin + BATCH))
        self.wait("it has all of them", lambda: self.server.stats()["results"]["stored_series"] >= TARGETS, 60)
        over = threading.Event()
        changes = threading.Thread(target=self.change, args=(over,))
        changes.start()
        try:
            test_pages.browse("open", XPROBER_SERVER_URL=self.server.url, XPROBER_SECONDS=str(SECONDS))
        finally:
            over.set()
            changes.join()

    def push(self, numbers, mean=12.5):
        now = int(time.time() * 1000)
        self.sequence += 1
        rows = [batches.icmp(f"r-{i % 200}", f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", now, mean) for i in numbers]
        answer = batches.push(self.server.rpc, batches.batch(INSTANCE, self.sequence, now, rows), timeout=60)
        self.assertEqual(answer["accepted"], len(rows))

    def change(self, over):
        """States change all the time, as a large fleet's do, and pages hear of that."""
        well = True
        while not over.wait(1):
            well = not well
            self.push(range(CHANGING), 12.5 if well else None)


if __name__ == "__main__":
    harness.main()
