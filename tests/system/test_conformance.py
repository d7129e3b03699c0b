"""The topics of conformance/ about HTTP."""

import conformance_suite
import harness


class Conformance(conformance_suite.Suite):
    @staticmethod
    def has(topic):
        return not topic.startswith("tls_")


if __name__ == "__main__":
    harness.main()
