"""What the tests of conformance/ share: asking a prober for all cases and telling what it gets wrong."""

import concurrent.futures
import urllib.parse

import harness

WORKERS = 8


def agent_verdict(answer):
    """"ok" or the reason that the agent's /probe tells."""
    if answer.status != 200:
        return f"{answer.status}: {answer.text}"
    metrics = harness.Metrics(answer.text)
    if metrics.value("probe_success") == 1:
        return "ok"
    (labels, _), = metrics.series("xprober_probe_failure_info")
    return labels["reason"]


def blackbox_verdict(answer):
    if answer.status != 200:
        return f"{answer.status}: {answer.text}"
    return "ok" if harness.Metrics(answer.text).value("probe_success") == 1 else "fail"


class AskingTest(harness.SystemTest):
    """`asked(case, who)` and `asks(case, who)` may say what was and should have been asked for."""

    def probe(self, base, target, module, debug=False):
        query = {"target": target, "module": module, **({"debug": "true"} if debug else {})}
        return harness.http(f"{base}/probe?{urllib.parse.urlencode(query)}", timeout=30)

    def asked(self, case, who):
        return None

    def asks(self, case, who):
        return None

    def verdict(self, case, ask, asked):
        """Of the prober's own trouble, of which the agent says 503, on a busy machine it is asked once
        more."""
        said = ask(case)
        if said.startswith("503: "):
            if asked is not None:
                asked.clear()
            said = ask(case)
        return said

    def ask_all(self, cases, who, ask):
        """Asks for each case in turn, several at a time; gives what was said and what was asked for
        in a way that differs from what the case says of `who`."""
        wrong = []

        def check(case):
            said = set()
            for _ in range(case.runs if who == "xprober" else 1):
                asked = self.asked(case, who)
                if asked is not None:
                    asked.clear()
                said.add(self.verdict(case, ask, asked))
            wanted = case.right if who == "xprober" else case.peers[who]
            if wanted == "varies":
                return
            if said != {wanted}:
                wrong.append(f"{case.topic}: {case.name}: {who} says {sorted(said)}, not {wanted}")
            right = self.asks(case, who)
            # A probe that the agent's own overload has spoilt is made again.
            if right is not None and not any(asked == right * n for n in (1, 2, 3)):
                wrong.append(f"{case.topic}: {case.name}: {who} asks for {asked}, not {right}")

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(check, [case for case in cases if who == "xprober" or who in case.peers]))
        return wrong

    def check_none(self, wrong):
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def check_reasons(self, cases):
        """Whoever differs has a reason, and nobody else."""
        for case in cases:
            with self.subTest(topic=case.topic, case=case.name):
                self.assertEqual(case.why is not None, case.differs())

    def check_agent(self, agent):
        """It met nothing that it had not thought of, and ends well."""
        exceptions = {kind: counters["exceptions"]
                      for kind, counters in agent.stats()["probes"].items()}
        self.assertEqual(exceptions, dict.fromkeys(exceptions, 0))
        self.assertEqual(agent.stop(), 0)
