"""What is acknowledged is kept, whatever the disk does: state directories that are wrong, in use,
full, read-only, removed and damaged, at the start and while the program runs; and kills."""

import http.client
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import threading
import time

import batches
import disks
import harness

PRIVATE = harness.enter_private_network()
NEEDS_MOUNTS = harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)

TARGETS = [f"127.0.1.{i}" for i in range(1, 61)]
LOAD = {"probe_interval": "500ms", "push_interval": "150ms", "sync_interval": "300ms",
        "icmp.count": "1", "icmp.timeout": "300ms", "icmp.share_results": "false"}

# Interposed: writes to files below DISK fail with the number in DISK/../fails while it is there.
BROKEN_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
static int broken(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  const char* disk = getenv("BROKEN_DISK");
  if (n <= 0 || !disk || strncmp(path, disk, strlen(disk)) != 0) return 0;
  FILE* f = fopen(getenv("BROKEN_BY"), "r");
  int number = 0;
  if (f) { if (fscanf(f, "%d", &number) != 1) number = 0; fclose(f); }
  return number;
}
#define WRITER(name, type)                                                          \
  ssize_t name(int fd, const void* from, size_t size, type at) {                    \
    static ssize_t (*real)(int, const void*, size_t, type);                         \
    if (!real) real = (ssize_t (*)(int, const void*, size_t, type))dlsym(RTLD_NEXT, #name); \
    int number = broken(fd);                                                        \
    if (number) { errno = number; return -1; }                                      \
    return real(fd, from, size, at);                                                \
  }
WRITER(pwrite, off_t)
WRITER(pwrite64, off_t)
"""


def now_ms():
    return int(time.time() * 1000)


def ready(process):
    return harness.http(f"{process.url}/-/ready").status == 200


def damage(path, at, data):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)


class Disk(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(11)

    def launch_server(self, folder, rpc_port=None, settings=None, **options):
        return self.start_server(
            harness.target_text("icmp", "r-b", TARGETS), rpc_port=rpc_port,
            settings={"mesh": "false", "state_dir": folder, **(settings or {})}, **options)

    def launch_agent(self, rpc, folder, settings=None, **options):
        return self.start_agent(rpc, settings={**LOAD, "state_dir": folder, **(settings or {})},
                                **options)

    def broken_disk(self, folder):
        """(options for a process, break_with(errno or 0))"""
        source, library = self.folder / "broken.c", self.folder / "broken.so"
        source.write_text(BROKEN_DISK, encoding="ascii")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        by = self.folder / "fails"

        def break_with(number):
            if number:
                by.write_text(f"{number}\n", encoding="ascii")
            else:
                by.unlink()

        return {"launcher": ["env", f"LD_PRELOAD={library}", f"BROKEN_DISK={folder}",
                             f"BROKEN_BY={by}"]}, break_with

    def acked(self, agent):
        return agent.stats()["push"]["results_acked"]

    def drained(self, agent, processes):
        return self.wait("the spool has been pushed",
                         lambda: (p := agent.stats()["push"])["spool_batches"] <= 1
                         and p["last_error"] == "" and p["results_acked"] > 0 and p, 60, processes)

    def check_kept(self, server, agent, folder):
        """Everything that was acknowledged is there after a kill, and nothing twice."""
        self.drained(agent, [agent, server])
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        self.assertEqual(agent.stop(), 0)
        acked = self.agent_total(agent)
        server.kill()
        port = int(server.rpc.rpartition(":")[2])
        again = self.launch_server(folder, port).wait_ready()
        journal = again.stats()["journal"]
        self.assertEqual(journal["total"]["results"], acked)
        self.assertEqual(journal["total"]["missing_batches"], 0)

    def agent_total(self, agent):
        """The totals of a spool whose agent has ended."""
        folder = next(a.partition("=")[2] for a in agent.arguments if a.startswith("state_dir="))
        connection = sqlite3.connect(pathlib.Path(folder) / "spool.db")
        try:
            spooled, acked, dropped = connection.execute(
                "SELECT results_spooled, results_acked, results_dropped FROM state").fetchone()
            self.assertEqual((spooled, dropped), (acked, 0))
            return acked
        finally:
            connection.close()

    # -- wrong directories ----------------------------------------------------------------------------

    def refused(self, process, folder, reason):
        self.assertEqual(process.wait(10), 1, process.text())
        errors = [line for line in process.err().splitlines() if " error " in line]
        self.assertEqual(len(errors), 1, process.err())
        self.assertIn(f"state_dir: {folder}: ", errors[0])
        self.assertIn(reason, errors[0])

    def test_directories_that_are_none(self):
        file = self.write("file", "x")
        (self.folder / "link").symlink_to("nowhere")
        wrong = {file: "it is a file", file / "below": "is a file",
                 self.folder / "a" / "b": "the directory that it is in does not exist",
                 self.folder / "link": "does not exist"}
        for folder, reason in wrong.items():
            self.refused(self.launch_server(folder), folder, reason)
            self.refused(self.launch_agent("127.0.0.1:1", folder), folder, reason)
        config = self.write("both.yaml", f"server: {{state_dir: {file}}}\n"
                                         "agent: {region: r-a, local_ip: 127.0.0.1}\n")
        both = self.start("standalone", harness.PROGRAM, "standalone", "--config", config)
        self.refused(both, file, "it is a file")
        self.assertFalse((self.folder / "a").exists())

    @harness.unittest.skipUnless(os.geteuid() == 0, "only root can run it as somebody else")
    def test_directories_without_permission(self):
        as_nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        if harness.run([*as_nobody, harness.PROGRAM, "--version"]).returncode != 0:
            self.skipTest("nobody cannot run the program where it is")
        self.folder.chmod(0o755)
        folder = self.folder / "roots"
        folder.mkdir(0o700)
        for path, reason in ((folder, "it cannot be written to"), (folder / "x", "cannot be made")):
            server = self.launch_server(path, launcher=as_nobody)
            self.refused(server, path, reason)
        folder.chmod(0o777)
        (folder / "journal.db").touch(0o600)
        self.refused(self.launch_server(folder, launcher=as_nobody), folder,
                     "journal.db in it cannot be written to")

    def test_a_directory_in_use(self):
        folder = self.folder / "state"
        first = self.launch_server(folder).wait_ready()
        self.refused(self.launch_server(folder), folder,
                     f"it is in use by another server, process {first.pid}")
        self.assertTrue(ready(first))
        agent = self.launch_agent(first.rpc, folder).wait_ready()
        self.wait("an agent has its place beside a server", lambda: self.acked(agent) > 50, 30)
        first.kill()
        self.launch_server(folder).wait_ready()

    # -- full and read-only ------------------------------------------------------------------------------

    def refuses(self, server, agent):
        self.wait("the server refuses batches", lambda: (
            (j := server.stats()["journal"])["refused_batches"] > 0 and j["problem"]), 60, [server, agent])
        answer = harness.http(f"{server.url}/-/ready")
        self.assertEqual(answer.status, 503)
        self.assertIn("cannot be kept", answer.text)
        self.assertTrue(server.healthy())
        self.assertEqual(server.metrics().value("xprober_journal_up"), 0)

    @NEEDS_MOUNTS
    def test_a_server_that_starts_on_a_disk_that_takes_nothing(self):
        for kind in ("full", "read-only"):
            with self.subTest(kind):
                folder = disks.small_disk(self, f"server-{kind}")
                if kind == "full":
                    filler = disks.fill(folder)
                else:
                    disks.remount(folder, "ro")
                server = self.launch_server(folder).wait_healthy()
                agent = self.launch_agent(server.rpc, self.folder / f"agent-{kind}").wait_ready()
                self.refuses(server, agent)
                self.assertEqual(self.acked(agent), 0)
                self.assertEqual(server.stats()["results"]["received"], 0)
                if kind == "full":
                    filler.unlink()
                else:
                    disks.remount(folder, "rw")
                server.wait_ready()
                self.check_kept(server, agent, folder)

    @NEEDS_MOUNTS
    def test_a_server_whose_disk_fills_up(self):
        folder = disks.small_disk(self, "server")
        server = self.launch_server(folder).wait_ready()
        agent = self.launch_agent(server.rpc, self.folder / "agent")
        self.wait("results arrive", lambda: self.acked(agent) > 200, 30)
        for _ in range(2):
            filler = disks.fill(folder)
            self.refuses(server, agent)
            server.kill()
            server = self.launch_server(folder, int(server.rpc.rpartition(":")[2])).wait_healthy()
            self.assertGreater(server.stats()["journal"]["replayed_batches"], 0,
                               "a full disk can be read")
            self.refuses(server, agent)
            filler.unlink()
            server.wait_ready()
            acked = self.acked(agent)
            self.wait("results are taken again", lambda a=acked: self.acked(agent) > a + 200, 30)
        self.check_kept(server, agent, folder)

    def test_a_server_whose_disk_breaks_while_it_runs(self):
        folder = self.folder / "server"
        options, break_with = self.broken_disk(folder)
        server = self.launch_server(folder, **options).wait_ready()
        agent = self.launch_agent(server.rpc, self.folder / "agent")
        self.wait("results arrive", lambda: self.acked(agent) > 200, 30)
        for number in (30, 5, 28):  # EROFS, EIO, ENOSPC
            break_with(number)
            self.refuses(server, agent)
            break_with(0)
            server.wait_ready()
            acked = self.acked(agent)
            self.wait("results are taken again", lambda a=acked: self.acked(agent) > a + 200, 30)
        self.check_kept(server, agent, folder)

    def test_a_directory_that_is_removed_while_in_use(self):
        folder = self.folder / "server"
        server = self.launch_server(folder).wait_ready()
        agent = self.launch_agent(server.rpc, self.folder / "agent")
        self.wait("results arrive", lambda: self.acked(agent) > 200, 30)
        subprocess.run(["rm", "-r", folder], check=True)
        self.wait("there is a journal again", lambda: (folder / "journal.db").exists(), 20,
                  [server, agent])
        before = self.acked(agent)
        self.wait("results are taken again", lambda: self.acked(agent) > before + 200, 30)
        self.assertTrue(ready(server))
        self.drained(agent, [agent, server])
        server.kill()
        connection = sqlite3.connect(folder / "journal.db")
        self.addCleanup(connection.close)
        self.assertGreater(connection.execute("SELECT results FROM totals").fetchone()[0], 200)

    def agent_without_disk(self, server, agent):
        push = self.wait("the agent says that its disk does not work", lambda:
                         (p := agent.stats()["push"])["spool_problem"] and p, 30, [agent, server])
        agent.wait_ready()  # it probes and pushes
        self.assertEqual(agent.metrics().value("xprober_push_spool_up"), 0)
        self.assertEqual(harness.http(agent.url).status, 200)
        self.wait("results are pushed all the same",
                  lambda: self.acked(agent) > push["results_acked"] + 200, 30, [agent, server])

    @NEEDS_MOUNTS
    def test_an_agent_whose_disk_takes_nothing(self):
        server = self.launch_server(self.folder / "server").wait_ready()
        for kind in ("full", "read-only"):
            with self.subTest(kind):
                folder = disks.small_disk(self, f"agent-{kind}")
                filler = disks.fill(folder)
                if kind == "read-only":
                    disks.remount(folder, "ro")
                agent = self.launch_agent(server.rpc, folder, {"max_pending_results": "2000"})
                self.agent_without_disk(server, agent)
                if kind == "read-only":
                    disks.remount(folder, "rw")
                filler.unlink()
                self.wait("the disk is used again", lambda a=agent:
                          a.stats()["push"]["spool_problem"] == "" and (folder / "spool.db").exists(),
                          30, [agent, server])
                filler = disks.fill(folder)
                self.agent_without_disk(server, agent)
                server.signal(signal.SIGSTOP)
                self.wait("memory is bounded", lambda a=agent:
                          a.stats()["push"]["results_dropped"] > 100, 60, [agent])
                self.assertLessEqual(agent.stats()["push"]["spool_in_memory"], 2000)
                server.signal(signal.SIGCONT)
                filler.unlink()
                self.wait("the disk is used again", lambda a=agent:
                          a.stats()["push"]["spool_problem"] == "", 30, [agent, server])
                self.assertEqual(agent.stop(), 0)

    # -- damage ------------------------------------------------------------------------------------------

    def hit(self, path):
        """Sixteen bytes of a file become others."""
        size = path.stat().st_size
        data = self.random.choice([bytes(16), self.random.randbytes(16)])
        at = self.random.choice([0, self.random.randrange(max(1, size - 16))])
        damage(path, at, data)
        return f"{path.name} of {size} bytes at {at}"

    def test_damaged_files_of_a_server(self):
        folder = self.folder / "server"
        self.write("list.json", '[{"targets": ["127.0.2.1"], "labels": {"region": "r-c"}}]')
        config = self.write("server.yaml", harness.server_text(
            harness.target_text("icmp", "r-b", TARGETS)) +
            "target_files: ['list.json']\n")
        port = harness.free_port()
        server = self.start_server(config=config, rpc_port=port,
                                   settings={"mesh": "false", "state_dir": folder}).wait_ready()
        agent = self.launch_agent(server.rpc, self.folder / "agent")
        aside = 0
        for number in range(8):
            self.wait("results arrive", lambda s=server: s.stats()["journal"]["results"] > 300, 30)
            if number % 2:
                server.kill()
            else:
                self.assertEqual(server.stop(), 0)
            files = sorted(f for f in folder.iterdir()
                           if f.suffix in (".db", ".db-wal", ".list") and f.stat().st_size > 16)
            hits = [self.hit(path) for path in files]
            server = self.start_server(config=config, rpc_port=port, settings={
                "mesh": "false", "state_dir": folder}).wait_ready()
            acked = self.acked(agent)
            self.wait(f"results are taken after {hits}",
                      lambda a=acked: self.acked(agent) > a + 300, 30, [server, agent])
            self.assertEqual(server.stats()["journal"]["refused_batches"], 0)
            aside = max(aside, len(list(folder.glob("*.damaged-*"))))
        self.assertGreater(aside, 0)
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        self.assertEqual(server.stop(), 0)

    def test_damaged_files_of_an_agent(self):
        server = self.launch_server(self.folder / "server").wait_ready()
        folder = self.folder / "agent"
        for number in range(6):
            agent = self.launch_agent(server.rpc, folder).wait_ready()
            self.wait("results are acknowledged", lambda a=agent: self.acked(a) > 200, 30,
                      [agent, server])
            if number % 2:
                agent.kill()
            else:
                self.assertEqual(agent.stop(), 0)
            for path in (folder / "spool.db", folder / "spool.db-wal"):
                if path.exists() and path.stat().st_size > 16:
                    self.hit(path)
        self.assertGreater(len(list(folder.glob("spool.db*.damaged-*"))), 0)

    # -- kills -------------------------------------------------------------------------------------------

    def test_what_was_acknowledged_is_in_the_journal_after_kills(self):
        folder = self.folder / "server"
        port = harness.free_port()
        rounds = 6
        acknowledged = [set() for _ in range(4)]
        over = threading.Event()

        def push_on(number):
            """An agent that sends each batch until it is acknowledged."""
            sequence = 1
            while not over.is_set():
                rows = [batches.icmp("r-b", f"10.0.{number}.{i}", now_ms(), 5.0) for i in range(10)]
                data = batches.batch(bytes([number + 1] * 16), sequence, now_ms(), rows)
                try:
                    batches.push(f"127.0.0.1:{port}", data, 5)
                except (OSError, http.client.HTTPException, harness.NotYet, ValueError):
                    time.sleep(0.02)
                    continue
                acknowledged[number].add(sequence)
                sequence += 1

        threads = [threading.Thread(target=push_on, args=(n,)) for n in range(4)]
        server = self.launch_server(folder, port, {
            "result_ttl": "1h", "limits.listed_targets_only": "false"}).wait_ready()
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                before = sum(map(len, acknowledged))
                self.wait("batches are acknowledged",
                          lambda b=before: sum(map(len, acknowledged)) > b + 100, 30, [server])
                time.sleep(self.random.uniform(0, 0.2))
                server.kill()
                server = self.launch_server(folder, port, {
            "result_ttl": "1h", "limits.listed_targets_only": "false"}).wait_ready()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        server.kill()
        for number, sequences in enumerate(acknowledged):
            self.assertGreater(len(sequences), rounds, f"agent {number} went on to the end")
        connection = sqlite3.connect(folder / "journal.db")
        self.addCleanup(connection.close)
        for number in range(4):
            kept = [row[0] for row in connection.execute(
                "SELECT sequence FROM batches WHERE instance = ? ORDER BY id",
                (bytes([number + 1] * 16),))]
            self.assertEqual(kept, sorted(set(kept)), "none twice")
            self.assertEqual(acknowledged[number] - set(kept), set(), "none is missing")
        total, = connection.execute("SELECT results FROM totals").fetchone()
        self.assertEqual(total, 10 * connection.execute("SELECT count(*) FROM batches").fetchone()[0])


if __name__ == "__main__":
    harness.main()
