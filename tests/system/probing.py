"""Many probes with many modules at once: one agent, one round."""

import harness


class ProbingTest(harness.SystemTest):
    def probe(self, modules, targets, settings=None, timeout=30, **options):
        """Probes each URL of `targets` (name → (module, URL)) with its module of `modules` (name →
        the text of its settings, e.g. "http: {method: HEAD}"), and gives name → result as
        `/targets/{uid}` has it under "last". The agent is `self.agent` afterwards."""
        lines = "".join(f"  {name}: {{prober: http, {text}}}\n" for name, text in modules.items())
        config = self.write(f"modules-{len(self.processes)}.yaml", f"modules:\n{lines or '  {}'}\n")
        server = self.start_server("".join(
            harness.target_text(module, "r-b", [url]) for module, url in targets.values()),
            {"mesh": "false"}).wait_healthy()
        self.agent = self.start_agent(server.rpc, config=config, settings=settings, **options)
        self.agent.wait_ready()

        def results():
            found = {(line["probe_type"], line["target"]): line
                     for line in self.agent.targets()["targets"]}
            missing = [name for name, key in targets.items()
                       if key not in found or found[key]["last"] is None]
            if missing:
                raise harness.NotYet(f"no result of {missing}")
            return {name: found[key]["last"] for name, key in targets.items()}

        return self.wait("every target has a result", results, timeout)

    def assert_result(self, result, error, phase=None, detail=()):
        """The result has this error (None: it succeeded), failed in this phase, and its sentence has
        these parts."""
        self.assertEqual(result["error"], error, result["detail"])
        self.assertEqual(result["success"], error is None, result)
        if phase:
            self.assertEqual(result["http"]["failed_phase"], phase, result)
        for part in detail:
            self.assertIn(part, result["detail"])
