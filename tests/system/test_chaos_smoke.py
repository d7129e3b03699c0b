"""One short scenario of tests/chaos: processes that are killed at some of their steps. `./dev chaos` has all of
them, and every step."""

import os
import pathlib
import sys

os.environ.setdefault("XPROBER_CHAOS_POINTS", "2")
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "chaos"))

import crash_scenarios
import harness

PRIVATE = harness.enter_private_network()


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Smoke(crash_scenarios.KillPoints):
    pass


if __name__ == "__main__":
    harness.main()
