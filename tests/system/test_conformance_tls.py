"""The topics of conformance/ about TLS."""

import conformance_suite
import harness


class ConformanceTls(conformance_suite.Suite):
    @staticmethod
    def has(topic):
        return topic.startswith("tls_")


if __name__ == "__main__":
    harness.main()
