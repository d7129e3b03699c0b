"""What run_tidy.py chooses and tells, in repositories of its own and with a clang-tidy that is played."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import run_tidy
import tidy_batches

DAY = 1_700_000_000  # a commit's time, seconds
HOUR = 3600

# Finds something in every file that has "bad" in it, and the same in two headers for each of them, of
# which one is not of the tree.
PLAYED_TIDY = """#!/bin/sh
for word; do case "$word" in *.cpp) file="$word" ;; esac; done
grep -q bad "$file" || exit 0
echo "$file:1:1: error: something bad [played]"
echo "    1 | bad"
echo "$PWD/include/xprober/a.hpp:1:1: error: bad header [played]"
echo "/usr/include/other.hpp:1:1: error: elsewhere [played]"
echo "12 warnings generated." >&2
exit 1
"""


class Repository(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        os.environ.pop("XPROBER_TIDY_BASE", None)
        self.git("init", "--quiet", "--initial-branch=main")
        self.now = DAY

    def git(self, *words):
        when = f"{getattr(self, 'now', DAY)} +0000"
        environment = {**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.test",
                   "-c", "commit.gpgsign=false", "-C", str(self.root), *words]
        return subprocess.run(command, check=True, text=True, capture_output=True,
                              env=environment).stdout.strip()

    def write(self, name, text=""):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self, name, text="", after=0):
        """Writes a file and commits it, `after` seconds after the commit before."""
        self.now += after
        self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        return self.git("rev-parse", "HEAD")

    def base(self, **environment):
        return run_tidy.find_base(self.root, environment)[0]

    def changed(self):
        return run_tidy.changed_files(self.root, self.base())


class Base(Repository):
    def test_the_base_asked_for_comes_first(self):
        first = self.commit("a")
        self.commit("b", after=24 * HOUR)
        self.commit("c", after=24 * HOUR)
        self.assertEqual(self.base(XPROBER_TIDY_BASE="HEAD~2"), first)
        with self.assertRaisesRegex(ValueError, "nowhere: no such commit"):
            self.base(XPROBER_TIDY_BASE="nowhere")

    def test_a_branch_is_compared_with_where_it_left_origin_main(self):
        fork = self.commit("a")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit("b", after=24 * HOUR)
        self.commit("c", after=24 * HOUR)
        self.assertEqual(self.base(), fork)

    def test_origin_main_itself_is_compared_with_four_hours_ago(self):
        self.commit("a")
        older = self.commit("b", after=24 * HOUR)
        self.commit("c", after=5 * HOUR)
        self.commit("d", after=1 * HOUR)
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(self.base(), older)

    def test_at_least_the_last_commit_counts(self):
        self.commit("a")
        before = self.commit("b", after=24 * HOUR)
        self.commit("c", after=24 * HOUR)
        self.assertEqual(self.base(), before)

    def test_where_no_older_commit_is_known_everything_is_new(self):
        self.commit("src/a.cpp")
        self.commit("src/b.cpp", after=HOUR)
        self.assertEqual(self.changed(), ["src/b.cpp", "src/a.cpp"])

    def test_without_a_repository_there_is_no_base(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIsNone(run_tidy.find_base(folder, {"GIT_CEILING_DIRECTORIES": folder})[0])


class Changed(Repository):
    def test_changes_that_are_not_committed_count_and_what_is_gone_does_not(self):
        self.commit("src/a.cpp")
        self.commit("src/gone.cpp")
        self.commit("src/b.cpp", after=24 * HOUR)
        self.write("src/a.cpp", "// other")
        self.write("src/new.cpp")
        (self.root / "src/gone.cpp").unlink()
        self.assertEqual(self.changed(), ["src/new.cpp", "src/a.cpp", "src/b.cpp"])

    def test_the_newest_come_first(self):
        self.commit("old")
        for name in ("b", "c", "a"):
            self.commit(name, after=24 * HOUR if name == "b" else 1)
        self.assertEqual(self.changed(), ["a", "c", "b"])

    def test_a_header_stands_for_its_own_source_and_then_for_its_users(self):
        self.write("include/xprober/x/h.hpp")
        self.write("src/x/private.hpp")
        self.write("src/a/user.cpp", '#include "xprober/x/h.hpp"\n')
        self.write("src/x/h.cpp", '#include "xprober/x/h.hpp"\n#include "private.hpp"\n')
        self.write("src/x/other.cpp", '#include <vector>\n')
        sources = run_tidy.sources_for(self.root, ["include/xprober/x/h.hpp", "src/x/other.cpp"])
        self.assertEqual(sources, ["src/x/other.cpp", "src/x/h.cpp", "src/a/user.cpp"])
        self.assertEqual(run_tidy.sources_for(self.root, ["src/x/private.hpp"]), ["src/x/h.cpp"])
        self.assertEqual(run_tidy.sources_for(self.root, ["docs/x.md"]), [])


class Run(Repository):
    def setUp(self):
        super().setUp()
        self.tidy = self.root / "played-tidy"
        self.tidy.write_text(PLAYED_TIDY, encoding="utf-8")
        self.tidy.chmod(0o755)
        root, run_tidy.ROOT = run_tidy.ROOT, self.root
        self.addCleanup(setattr, run_tidy, "ROOT", root)

    def run_tidy(self, *words):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = run_tidy.main(["--tidy", str(self.tidy), *words])
        return status, output.getvalue()

    def test_each_finding_is_told_once_and_fails(self):
        self.write("src/a.cpp", "bad")
        self.write("src/b.cpp", "bad")
        self.write("src/c.cpp", "good")
        status, output = self.run_tidy("--jobs", "2")
        self.assertEqual(status, 1, output)
        self.assertEqual(output.count("bad header"), 1, output)
        self.assertEqual(output.count("something bad"), 2, output)
        self.assertIn("3 sources checked", output)
        self.assertIn("3 findings", output)
        self.assertNotIn("warnings generated", output)

    def test_without_findings_it_passes(self):
        self.write("src/a.cpp", "good")
        self.assertEqual(self.run_tidy()[0], 0)

    def test_without_changes_it_says_so(self):
        self.commit("src/a.cpp", "bad")
        self.commit("README.md", after=24 * HOUR)
        status, output = self.run_tidy("--changed")
        self.assertEqual(status, 0, output)
        self.assertIn("no source changed", output)

    def test_what_the_cap_leaves_out_is_told(self):
        for name in "abc":
            self.commit(f"src/{name}.cpp", "good")
        status, output = self.run_tidy("--changed", "--cap", "1")
        self.assertEqual(status, 0, output)
        self.assertIn("2 sources NOT checked, above the cap", output)
        self.assertIn("1 sources checked", output)

    def test_what_the_budget_leaves_out_is_told(self):
        self.tidy.write_text("#!/bin/sh\nexec sleep 1.2\n", encoding="utf-8")
        for name in "abc":
            self.write(f"src/{name}.cpp", "good")
        status, output = self.run_tidy("--budget", "1")
        self.assertEqual(status, 0, output)
        self.assertIn("2 sources NOT checked, the 1 s were over", output)

    def compiled(self, *names):
        """As if these sources had been configured, all alike."""
        self.write("build/tidy/compile_commands.json", json.dumps([
            {"directory": str(self.root), "file": str(self.root / name),
             "command": f"c++ -Iinclude -o x.o -c {self.root / name}"} for name in names]))
        return "--build", str(self.root / "build/tidy")

    def test_sources_that_are_compiled_alike_are_one_text_and_suspects_are_looked_at_alone(self):
        self.tidy.write_text("""#!/bin/sh
for word; do case "$word" in *.cpp) file="$word" ;; esac; done
echo "$file" >> files
grep -n bad "$file" | while IFS=: read -r line text; do
  case "$file $text" in *x/b.cpp*) continue ;; esac
  echo "$file:$line:3: error: $text [played]"
done
echo "$PWD/include/xprober/a.hpp:1:1: error: bad header [played]"
! grep -q bad "$file"
""", encoding="utf-8")
        self.write("src/x/own.hpp")
        self.write("src/x/a.cpp", '#include "own.hpp"\n\nbad one\n')
        self.write("src/x/b.cpp", "good\nbad only beside another\n")
        self.write("src/x/c.cpp", "good\n")
        self.write("src/x/unknown.cpp", "good\n")
        self.write("src/y/d.cpp", "bad three\n")
        build = self.compiled("src/x/a.cpp", "src/x/b.cpp", "src/x/c.cpp", "src/y/d.cpp")
        status, output = self.run_tidy(*build)
        self.assertEqual(status, 1, output)
        self.assertIn(f"{self.root}/src/x/a.cpp:3:3: error: bad one", output)
        self.assertIn(f"{self.root}/src/y/d.cpp:1:3: error: bad three", output)
        self.assertNotIn("only beside another", output)
        self.assertEqual(output.count("bad header"), 1, output)
        self.assertIn("src/x/a.cpp and 2 beside it", output)
        self.assertIn("5 sources checked", output)
        self.assertIn("3 findings", output)
        looked = [pathlib.Path(file).name for file in (self.root / "files").read_text().split()]
        self.assertEqual(looked, ["batch.cpp", "a.cpp", "b.cpp", "batch.cpp", "d.cpp", "unknown.cpp"])

    def test_a_batch_names_headers_beside_a_source_in_full_and_has_its_flags(self):
        self.write("src/x/own.hpp")
        self.write("src/x/a.cpp", '#include "own.hpp"\n#include "xprober/a.hpp"\n#include <map>\n')
        self.compiled("src/x/a.cpp")
        batches, others = tidy_batches.in_batches(self.root, self.root / "build/tidy", ["src/x/a.cpp"])
        self.assertEqual(others, [])
        self.assertEqual(batches[0].text(), f'#include "{self.root}/src/x/own.hpp"\n'
                         '#include "xprober/a.hpp"\n#include <map>\n')
        self.assertEqual(batches[0].arguments, ("-Iinclude",))

    def test_sources_that_are_no_text_together_are_looked_at_one_by_one(self):
        self.tidy.write_text("""#!/bin/sh
for word; do case "$word" in *.cpp) file="$word" ;; esac; done
case "$file" in
  */batch.cpp) echo "$file:1:1: error: twice [clang-diagnostic-error]"; exit 1 ;;
  *) echo "$file:1:1: error: bad [played]"; exit 1 ;;
esac
""", encoding="utf-8")
        self.write("src/a.cpp", "int x;\n")
        self.write("src/b.cpp", "int x;\n")
        status, output = self.run_tidy(*self.compiled("src/a.cpp", "src/b.cpp"))
        self.assertEqual(status, 1, output)
        self.assertNotIn("twice", output)
        self.assertIn(f"{self.root}/src/a.cpp:1:1: error: bad", output)
        self.assertIn(f"{self.root}/src/b.cpp:1:1: error: bad", output)

    def test_a_clang_tidy_that_fails_otherwise_is_a_finding(self):
        self.tidy.write_text("#!/bin/sh\necho 'no such option' >&2; exit 3\n", encoding="utf-8")
        self.write("src/a.cpp", "good")
        status, output = self.run_tidy()
        self.assertEqual(status, 1, output)
        self.assertIn("no such option", output)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun else 1
