"""The topics of conformance/ about HTTP."""

import json
from unittest import mock

import conformance_suite
import conformance_world as world
import harness


class Conformance(conformance_suite.Suite):
    @staticmethod
    def has(topic):
        return not topic.startswith("tls_")

    def test_no_two_cases_have_one_name(self):
        def load(*names):
            self.write("codings.json", json.dumps([{"name": name, "right": "ok"} for name in names]))
            return {case.id for case in world.load()}

        with mock.patch.object(world, "FOLDER", self.folder):
            self.assertEqual(len(load("gzip", "GZIP")), 2)
            with self.assertRaisesRegex(ValueError, "codings.*gzip"):
                load("gzip", "gzip")


if __name__ == "__main__":
    harness.main()
