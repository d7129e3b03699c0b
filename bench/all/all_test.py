#!/usr/bin/env python3
"""What is claimed, what is read of the benchmarks' outputs, and the table that is made of it."""

import json
import pathlib
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(SOURCE / folder) for folder in ("bench/common", "bench/http", "tests/system")]
sys.dont_write_bytecode = True

import agent_widths
import claims
import parts
import readers
import report
import results
import widths

INCIDENTS = """
one agent and 1000000 addresses

| what                                                 |          measured |      limit |     |
|------------------------------------------------------|------------------:|-----------:|-----|
| bytes a series, all well                             |       33.2 B      |         40 | yes |
| the first list, all of it                            |        312 ms     |            |     |
| share of a core                                      |      0.009 %      |          5 | yes |
| bytes a series after these rounds                    |       34.1 B      |         40 | yes |
| incidents of noise                                   |          0        |        0.5 | yes |
| series that fail at once                             |      1e+05        |            |     |
| bytes a series in this outage                        |       35.5 B      |         40 | yes |
| incidents                                            |          1        |          1 | yes |
| longest handler                                      |       24.2 ms     |         50 | yes |
| longest handler while it lasts                       |       30.5 ms     |         50 | yes |
| bytes a series, all fail                             |       36.5 B      |         40 | yes |
| bytes a series, all are silent                       |       36.1 B      |         40 | yes |
| bytes a series, all well again                       |       33.3 B      |         40 | yes |

a mesh of 1000 regions

| bytes a series, all well                             |       5.24 B      |         40 | yes |
| share of a core                                      |      0.023 %      |          5 | yes |
| bytes a series after these rounds                    |       5.24 B      |         40 | yes |
| incidents                                            |          2        |          1 | no  |
| longest handler                                      |       12.1 ms     |         50 | yes |
| longest handler while it lasts                       |          3 ms     |         50 | yes |
| bytes a series in this outage                        |        6.5 B      |         40 | yes |
| bytes a series, all fail                             |       41.5 B      |         40 | no  |
| bytes a series, all are silent                       |       12.1 B      |         40 | yes |
| bytes a series, all well again                       |       5.24 B      |         40 | yes |
"""

TCP = """floor 12.00 us CPU, engine 13.00 us CPU a probe: 1.08 of the floor; 0 failed
floor 12.00 us CPU, engine 14.40 us CPU a probe: 1.20 of the floor; 2 failed
floor 12.00 us CPU, engine 12.60 us CPU a probe: 1.05 of the floor; 0 failed
"""

PAGES = """1000000 targets, one in 1000 fails

| agent: 200 that fail                                 |       0.61 ms |

| longest handler of results                           |       2.31 ms | <= 5 ms | yes |
| longest handler of store                             |       6.02 ms | <= 5 ms | NO |
| agent: its first page, open: CPU                   |      0.212 % | <= 1 %  | yes |
"""


def run_of(figures, program="b5", when="2026-01-02 03:04", failed=False):
    """A run of the parts that these claims are of: {key: what was measured, or why it was not}."""
    found = {}
    for key, value in figures.items():
        measured, why = (None, value) if isinstance(value, str) else (value, "")
        part = found.setdefault(claims.find(key).part, {"figures": {}, "failed": failed, "minutes": 1,
                                                        "when": when})
        part["figures"][key] = {"measured": measured, "why": why}
    machine = {"cpu": "X", "cores": 2, "memory_gib": 4, "virtual": False, "kernel": "6.1", "load_before": 0.5}
    return {"facts": {"command": "./dev bench all", "date": "2026-01-02", "version": "xprober 0.1.0",
                      "commit": "abc", "program": program, "machine": machine, "minutes": 29.7},
            "parts": found}


class Claims(unittest.TestCase):
    def test_every_claim_is_of_a_part_and_every_part_has_one(self):
        self.assertEqual({claim.part for claim in claims.CLAIMS}, set(parts.NAMES))

    def test_each_has_a_key_of_its_own(self):
        keys = [claim.key for claim in claims.CLAIMS]
        self.assertEqual(sorted(keys), sorted(set(keys)))

    def test_no_two_read_alike(self):
        said = [(claim.what, claim.beside) for claim in claims.CLAIMS if claim.key != "http.failed"]
        self.assertEqual(len(said), len(set(said)))

    def test_a_limit_says_what_it_is_beside(self):
        limit = claims.limit("http.tls", 1.01)
        self.assertEqual((limit.what, limit.most, limit.key, limit.holds),
                         ("engine: CPU of a TLS probe, of that of wrk", 1.02, "http.tls", True))

    def test_what_was_not_measured_neither_holds_nor_is_broken(self):
        self.assertIsNone(claims.limit("http.tls", None, "wrk is not installed").holds)


class Widths(unittest.TestCase):
    def test_an_agent_whose_probes_fail_says_nothing_of_their_cost(self):
        well = {"cpu_us": 11, "wrk_us": 10, "finished": 1000, "failed": 4, "local_errors": 6}
        rows = {1: dict(well), 64: {**well, "failed": 5}, 1000: {**well, "wrk_us": None},
                10_000: {"error": "no place", "wrk_us": None}}
        for row in rows.values():
            agent_widths.judge(row)
        self.assertEqual([(limit.measured, limit.why) for limit in agent_widths.limits(rows)], [
            (1.1, "wrk could not be run"), (None, "11 of 1,000 probes failed"),
            (None, "wrk could not be run"), (None, "no place")])
        told = json.dumps({"limits": [], "agent-width": rows})
        self.assertEqual(readers.errors_of(told), "11 of 1,000 probes failed; no place")

    def test_failures_of_nothing_are_not_none(self):
        missing = {width: {name: {"missing": "no files"} for name in widths.WAYS} for width in (1, 64)}
        self.assertEqual({limit.measured for limit in widths.limits(missing)}, {None})


class Readers(unittest.TestCase):
    def test_limits_of_a_script(self):
        told = json.dumps({"limits": [
            claims.limit("icmp.of_floor", 1.07).as_json(),
            claims.limit("icmp.of_fping", None, "fping is not installed").as_json(),
            report.Limit("of no claim", 3, 2).as_json()]})
        self.assertEqual(readers.claims_of(told), {"icmp.of_floor": (1.07, ""),
                                                   "icmp.of_fping": (None, "fping is not installed")})

    def test_of_one_claim_twice_the_worse_counts(self):
        for values in ((0, 4), (4, 0), (None, 4)):
            told = json.dumps({"limits": [claims.limit("http.failed", v).as_json() for v in values]})
            self.assertEqual(readers.claims_of(told), {"http.failed": (4, "")}, values)

    def test_loads_that_could_not_be_measured_say_why(self):
        told = json.dumps({"agent": [{"targets": 20, "error": "not within 60 s: it runs\nlog"}, {"targets": 1}]})
        self.assertEqual(readers.errors_of(told), "not within 60 s: it runs")
        told = json.dumps({"agent-width": {"1": {"error": "it ended"}, "64": {"error": "it ended"}}})
        self.assertEqual(readers.errors_of(told), "it ended")
        self.assertEqual(readers.errors_of("{}"), "")

    def test_tcp(self):
        self.assertEqual(readers.tcp(TCP), {"tcp.of_floor": (1.08, ""), "tcp.failed": (2, "")})

    def test_verdict_takes_the_worst_mesh_of_200(self):
        lines = [{"world": "200 x 200, six causes, 2 % noise", "find_us": 900},
                 {"world": "200 x 200, all but two sources fail", "find_us": 2500},
                 {"world": "500 x 500, six causes, 2 % noise", "find_us": 9000}]
        text = "\n".join(map(json.dumps, lines))
        self.assertEqual(readers.verdict(text), {"verdict.mesh": (2.5, "")})

    def test_incidents_take_the_worst_world(self):
        self.assertEqual(readers.incidents(INCIDENTS), {
            "incidents.core": (0.023, ""), "incidents.memory": (34.1, ""), "incidents.outage": (41.5, ""),
            "incidents.handler": (30.5, ""), "incidents.one": (2, "")})

    def test_pages(self):
        self.assertEqual(readers.pages(PAGES), {
            "pages.results": (2.31, ""), "pages.store": (6.02, ""), "pages.agent": (0.212, "")})

    def test_what_is_lacking_is_named(self):
        for read in (readers.tcp, readers.verdict, readers.incidents, readers.pages):
            with self.assertRaisesRegex(ValueError, "it has no "):
                read("something else\n")


class Parts(unittest.TestCase):
    places = parts.Places(pathlib.Path("/s"), pathlib.Path("/p/xprober"), pathlib.Path("/b"))

    def command(self, name, share=1):
        part, = (part for part in parts.PARTS if part.name == name)
        return part.command(share, self.places, pathlib.Path("/k/x.json"))

    def test_they_fit_into_their_time(self):
        self.assertLessEqual(sum(part.minutes for part in parts.PARTS), parts.MINUTES)

    def test_every_script_and_program_is_there(self):
        bench = pathlib.Path(__file__).resolve().parents[1]
        built = (bench / "CMakeLists.txt").read_text(encoding="utf-8")
        for part in parts.PARTS:
            programs = list(part.programs.values())
            if part.read:
                programs.append(part.bench)
            else:
                script = bench / part.bench / "__main__.py"
                for option in ["--program", "--json", *part.programs]:
                    self.assertIn(f'"{option}"', script.read_text(encoding="utf-8"), part.name)
            for program in programs:
                self.assertIn(f"add_executable({program} ", built, part.name)

    def test_a_script_gets_its_places(self):
        self.assertEqual(self.command("delivery"), [
            "python3", "-B", "/s/bench/delivery", "--echoes", "50", "--peer-targets", "0", "--seconds", "40",
            "--program", "/p/xprober", "--json", "/k/x.json", "--agent", "/b/delivery_agent"])

    def test_a_program_is_run_by_itself(self):
        self.assertEqual(self.command("tcp"), ["/b/tcp_engine", "20000", "64", "5"])

    def test_less_time_makes_windows_shorter_but_none_empty(self):
        self.assertIn("20", self.command("delivery", 0.5))
        self.assertIn("10", self.command("delivery", 0.01))
        self.assertEqual(self.command("tcp", 0.01)[-1], "1")

    def test_what_is_missing_is_named(self):
        part = parts.Part("x", 1, "", "x", None, needs=("sh", "no-such-command", "nor-this"))
        self.assertEqual(part.missing(), "no-such-command, nor-this are not installed")


class Results(unittest.TestCase):
    def test_what_a_part_did_not_say_was_not_measured(self):
        self.assertEqual(results.figures_of("tcp", {"tcp.of_floor": (1.1, "")}, ""), {
            "tcp.of_floor": {"measured": 1.1, "why": ""},
            "tcp.failed": {"measured": None, "why": "it says nothing of it"}})
        self.assertEqual(results.figures_of("verdict", {}, "it ended with 2"), {
            "verdict.mesh": {"measured": None, "why": "it ended with 2"}})

    def test_rows(self):
        run = run_of({"icmp.of_floor": 1.13, "icmp.of_fping": "fping is not installed", "icmp.lost": 0,
                      "million.15s.us": 5.4})
        rows = [results.row(claim, limit) for claim, limit in results.limits(run)
                if claim.part in ("icmp", "verdict") or claim.key == "million.15s.us"]
        echo, ping, us, verdict = "`xprober ping`: CPU of an echo", "`xprober ping`", "5.4 µs", "verdict"
        self.assertEqual(rows, [
            ["icmp", echo, "the kernel's floor", "1.1", "1.13", "**no**"],
            ["icmp", echo, "fping", "1", "not measured: fping is not installed", "-"],
            ["icmp", f"{ping}: echoes not answered", "-", "0", "0", "yes"],
            ["million", "1,048,576 ICMP targets every 15 s, spool, pushing: CPU of a probe", "-", "6 µs", us,
             "yes"],
            [verdict, "the causes in a mesh of 200 × 200 regions", "-", "5 ms",
             "not measured: its part was not run", "-"]])

    def test_every_claim_is_in_the_table(self):
        table = results.claim_table(run_of({}))
        self.assertEqual(len(table.splitlines()), 4 + len(claims.CLAIMS))
        self.assertEqual(len(results.claim_table(run_of({}), {"tcp"}).splitlines()), 4 + 2)

    def test_summary(self):
        total = len(claims.CLAIMS)
        run = run_of({"tcp.of_floor": 1.3, "tcp.failed": 0})
        self.assertEqual(results.summary(run),
                         f"1 of {total} claims hold, 1 do not, {total - 2} were not measured.")
        self.assertTrue(results.broken(run))
        self.assertFalse(results.broken(run_of({"tcp.of_floor": 1.2, "tcp.failed": "no peer"})))
        self.assertTrue(results.broken(run_of({"tcp.failed": "it ended with 2"}, failed=True)))

    def test_parts_that_run_again_take_their_places(self):
        before = run_of({"tcp.of_floor": 1.3, "verdict.mesh": 2})
        now = run_of({"tcp.of_floor": 1.2}, when="2026-01-02 05:06")
        whole = results.merged(before, now)
        self.assertEqual(whole["parts"]["tcp"]["figures"]["tcp.of_floor"]["measured"], 1.2)
        self.assertEqual(whole["parts"]["verdict"], before["parts"]["verdict"])
        self.assertIn("Measured again apart from the others: tcp (2026-01-02 05:06).", results.summary(whole))

    def test_another_program_or_machine_begins_anew(self):
        now = run_of({"tcp.of_floor": 1.2})
        other = run_of({"verdict.mesh": 2})
        other["facts"]["machine"]["cpu"] = "Y"
        for before in (None, run_of({"verdict.mesh": 2}, program="b6"), other):
            self.assertEqual(results.merged(before, now), now)

    def test_the_document_has_the_newest_run_alone(self):
        begin, end = report.marks("all")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "benchmarks.md")
            file.write_text(f"before\n{begin}\nof a year ago\n{end}\nafter\n", encoding="utf-8")
            report.write_block(file, "all", results.text_of(run_of({"tcp.of_floor": 1.2})))
            text = file.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("before\n") and text.endswith("\nafter\n"))
        self.assertNotIn("of a year ago", text)
        self.assertIn("`./dev bench all` on 2026-01-02, xprober 0.1.0 (commit abc), took 30 min.", text)

    def test_a_command_is_told_without_its_places(self):
        for arguments in (["--write", "a.md", "--programs=b", "--only", "tcp"], ["--write", "--only", "tcp"],
                          ["--only", "tcp", "--write"], ["--keep", "a", "--json", "b", "--only", "tcp"]):
            self.assertEqual(report.command_line("all", arguments), "./dev bench all --only tcp", arguments)


if __name__ == "__main__":
    unittest.main()
