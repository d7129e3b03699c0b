"""Results under chaos: killed servers and agents, cut connections, full disks, wrong clocks. What was
acknowledged is there, nothing counts twice, and what a limit drops is counted to the number.

Both sides keep totals in the transactions in which they take batches over: the agent's spool counts
what it was given, what was acknowledged and what it dropped, the server's journal what it accepted.
After any sequence of kills these must add up exactly."""

import os
import random
import sqlite3
import subprocess
import time

import disks
import harness
import servers

PRIVATE = harness.enter_private_network()

TARGETS = [f"127.0.1.{i}" for i in range(1, 121)]
LOAD = {"probe_interval": "500ms", "push_interval": "150ms", "sync_interval": "300ms",
        "icmp.count": "1", "icmp.timeout": "300ms", "icmp.share_results": "false"}

# How often the server is killed, and for how long it is away each time. For a soak:
#   XPROBER_KILLS=10 XPROBER_AWAY_SECONDS=60 ctest --test-dir build/release -R system.delivery
KILLS = int(os.environ.get("XPROBER_KILLS", "4"))
AWAY = float(os.environ.get("XPROBER_AWAY_SECONDS", "0"))

# Interposed for one agent: its wall clock is an hour ahead.
CLOCK_AHEAD = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec* t) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(id, t);
  if (id == CLOCK_REALTIME) t->tv_sec += 3600;
  return result;
}
"""


class Delivery(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(7)
        self.agents = 0

    def launch_server(self, rpc_port=None, settings=None):
        server = self.start_server(
            harness.target_text("icmp", "r-b", TARGETS), rpc_port=rpc_port,
            settings={"mesh": "false", "state_dir": self.folder / "server", **(settings or {})})
        return server.wait_healthy()

    def relaunch_server(self, old, settings=None):
        return self.launch_server(int(old.rpc.rpartition(":")[2]), settings)

    def launch_agent(self, rpc, folder="agent", settings=None, **options):
        return self.start_agent(rpc, settings={**LOAD, "state_dir": self.folder / folder,
                                               **(settings or {})}, **options)

    def spool(self, folder="agent"):
        """The totals of a spool whose agent has ended: (spooled, acked, dropped, waiting)."""
        connection = sqlite3.connect(self.folder / folder / "spool.db")
        try:
            row = connection.execute(
                "SELECT results_spooled, results_acked, results_dropped FROM state").fetchone()
            waiting, = connection.execute(
                "SELECT coalesce(sum(results), 0) FROM batches").fetchone()
            return (*row, waiting)
        finally:
            connection.close()

    def drained(self, agent, processes):
        return self.wait("the spool has been pushed",
                         lambda: (p := agent.stats()["push"])["spool_batches"] <= 1
                         and p["last_error"] == "" and p["results_acked"] > 0 and p, 40, processes)

    def check_exact(self, server, folders=("agent",), missing=0):
        """Every result that a spool was given is with the server, was dropped, or waits."""
        totals = [self.spool(folder) for folder in folders]
        journal = server.stats()["journal"]
        print(f"spools {totals}, journal {journal}")
        for spooled, acked, dropped, waiting in totals:
            self.assertEqual(spooled, acked + dropped + waiting)
            self.assertEqual(waiting, 0, "an agent that ends in order leaves nothing")
        self.assertEqual(journal["total"]["results"], sum(acked for _, acked, _, _ in totals))
        if missing is not None:
            self.assertEqual(journal["total"]["missing_batches"], missing)
        return totals, journal

    # -- kills --------------------------------------------------------------------------------------

    def test_a_server_that_is_killed_again_and_again(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        for _ in range(KILLS):
            self.wait("results arrive", lambda s=server: s.stats()["journal"]["results"] > 500, 30)
            time.sleep(self.random.uniform(0, 0.3))
            acknowledged = agent.stats()["push"]["results_acked"]
            server.kill()
            if AWAY:
                time.sleep(AWAY)
                self.assertTrue(agent.healthy())
            server = self.relaunch_server(server)
            stats = server.stats()
            self.assertGreaterEqual(stats["journal"]["total"]["results"], acknowledged)
            # Every target had a result that was acknowledged: three values are there at once.
            self.assertGreater(stats["journal"]["replayed_batches"], 0)
            self.wait("the latest results are there again", lambda s=server:
                      s.stats()["results"]["stored_series"] == 3 * len(TARGETS), 5, [server])
        self.drained(agent, [agent, server])
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        self.assertEqual(agent.stop(), 0)
        self.check_exact(server)

    def test_an_agent_that_is_killed_again_and_again(self):
        server = self.launch_server()
        for _ in range(6):
            agent = self.launch_agent(server.rpc)
            self.wait("results arrive", lambda a=agent: a.stats()["push"]["results_acked"] > 200, 30)
            time.sleep(self.random.uniform(0, 0.3))
            agent.kill()
        agent = self.launch_agent(server.rpc)
        self.drained(agent, [agent, server])
        self.assertEqual(agent.stop(), 0)
        _, journal = self.check_exact(server)
        self.assertEqual(journal["instances"], 1)

    def test_both_are_killed_while_results_wait(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        server.kill()
        before = self.wait("results wait in the spool", lambda:
                           (p := agent.stats()["push"])["spool_batches"] >= 5 and p, 30, [agent])
        agent.kill()
        again = self.launch_agent(server.rpc).wait_healthy()
        found = self.wait("they are there again", lambda:
                          (s := again.stats())["push"]["results_restored"]
                          >= before["spool_batches"] and s, 10, [again])
        # Probing goes on with the list that was kept.
        self.wait("the kept list is probed", lambda: (s := again.stats())["sync"]["kept_list"]
                  and s["targets"]["icmp"] == len(TARGETS)
                  and s["probes"]["icmp"]["finished"] > 100, 20, [again])
        self.assertEqual(again.healthy(), True)
        server = self.relaunch_server(server)
        self.drained(again, [again, server])
        self.assertFalse(again.stats()["sync"]["kept_list"])
        self.assertGreater(found["push"]["results_restored"], 0)
        self.assertEqual(again.stop(), 0)
        self.check_exact(server)

    def test_an_end_without_a_server_keeps_what_waits(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc, settings={"shutdown_timeout": "3s"})
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        server.kill()
        self.wait("results wait", lambda: agent.stats()["push"]["spool_batches"] >= 3, 30, [agent])
        self.assertEqual(agent.stop(), 0)
        self.said(agent, "stay")
        spooled, acked, dropped, waiting = self.spool()
        self.assertGreater(waiting, 0)
        self.assertEqual((spooled, dropped), (acked + waiting, 0))
        server = self.relaunch_server(server)
        again = self.launch_agent(server.rpc)
        self.drained(again, [again, server])
        self.assertEqual(again.stop(), 0)
        self.check_exact(server)

    # -- the connection -------------------------------------------------------------------------------

    def cut_often(self, scheme):
        server = self.launch_server()
        proxy = self.serve(servers.CuttingProxy(server.rpc))
        agent = self.launch_agent(scheme + proxy.address)
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        for i in range(16):
            direction = ("up", "down")[i % 2]
            before = proxy.cuts[direction]
            # A batch has some 3 KB, an answer some 150 bytes.
            proxy.cut(direction, self.random.randrange(1, 4000 if direction == "up" else 200))
            self.wait("the connection is cut", lambda: proxy.cuts[direction] > before, 20)
            acked = agent.stats()["push"]["results_acked"]
            self.wait("results go on", lambda: agent.stats()["push"]["results_acked"] > acked, 20)
        self.drained(agent, [agent, server])
        self.assertGreater(agent.stats()["push"]["batches_failed"], 0)
        self.assertEqual(agent.stop(), 0)
        return self.check_exact(server)

    def test_connections_cut_in_the_middle(self):
        _, journal = self.cut_often("")
        self.assertGreater(journal["duplicate_batches"], 0, "no answer was lost: nothing was tested")

    def test_connections_cut_in_the_middle_of_http(self):
        _, journal = self.cut_often("http://")
        self.assertGreater(journal["duplicate_batches"], 0, "no answer was lost: nothing was tested")

    # -- disks ----------------------------------------------------------------------------------------

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_a_full_disk_of_the_server(self):
        folder = disks.small_disk(self, "server", "300k")
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        self.wait("the server refuses batches",
                  lambda: server.stats()["journal"]["refused_batches"] >= 3, 60)
        full = self.wait("the agent keeps them", lambda:
                         (p := agent.stats()["push"])["spool_batches"] >= 3 and p, 20, [agent])
        self.assertIn("cannot be kept", full["last_error"])
        self.assertEqual(full["results_dropped"], 0)
        self.assertEqual(sum("cannot be kept" in line for line in server.err().splitlines()
                             if " error " in line), 1, "said once")
        disks.remount(folder, "size=64m")
        self.drained(agent, [agent, server])
        self.assertEqual(agent.stop(), 0)
        self.check_exact(server)

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    def test_a_full_disk_of_the_agent(self):
        folder = disks.small_disk(self, "agent", "300k")
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        server.kill()
        self.wait("the disk is full", lambda: "cannot be written to" in agent.err(), 60, [agent])
        at_full = agent.stats()["push"]["pending"]
        self.wait("results wait in memory", lambda:
                  agent.stats()["push"]["pending"] > at_full + 500, 30, [agent])
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        self.assertEqual(agent.err().count("cannot be written to"), 1, "said once")
        server = self.relaunch_server(server)
        self.drained(agent, [agent, server])
        self.assertEqual(agent.stats()["push"]["results_dropped"], 0)
        # Of those that were pushed out of memory the spool on disk knows nothing: the agent's own
        # count is the one to compare with, at a moment at which nothing is on its way.
        server_total = lambda: server.stats()["journal"]["total"]["results"]
        self.wait("both sides have counted the same",
                  lambda: agent.stats()["push"]["results_acked"] == server_total(), 30)
        self.assertEqual(server.stats()["journal"]["total"]["missing_batches"], 0)
        disks.remount(folder, "size=64m")
        self.wait("the disk is used again", lambda: "on disk again" in agent.err(), 20, [agent])
        self.assertEqual(agent.stop(), 0)

    def test_a_damaged_spool_is_set_aside(self):
        server = self.launch_server()
        (self.folder / "agent").mkdir()
        (self.folder / "agent" / "spool.db").write_bytes(b"no database at all" * 500)
        agent = self.launch_agent(server.rpc)
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        self.said(agent, "set aside")
        self.assertEqual(len(list((self.folder / "agent").glob("spool.db.damaged-*"))), 1)
        self.assertEqual(agent.stop(), 0)
        self.check_exact(server)

    # -- limits, addresses and clocks ---------------------------------------------------------------------

    def test_what_the_limit_drops_is_counted(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc, settings={"spool_max_bytes": "20000"})
        self.wait("results arrive", lambda: agent.stats()["push"]["results_acked"] > 200, 30)
        server.kill()
        full = self.wait("results are dropped", lambda:
                         (p := agent.stats()["push"])["results_dropped"] > 300 and p, 60, [agent])
        self.assertLessEqual(full["spool_bytes"], 20000)
        self.said(agent, "limit")
        server = self.relaunch_server(server)
        self.drained(agent, [agent, server])
        # Without targets nothing is on its way, and the parts are of one moment.
        server.config.write_text(harness.server_text(""), encoding="utf-8")
        self.assertEqual(harness.http(f"{server.url}/-/reload", "POST", b"").status, 200)
        self.wait("probing ends", lambda: agent.stats()["targets"]["icmp"] == 0, 20, [agent])

        def balanced():
            stats = agent.stats()
            push = stats["push"]
            parts = (push["results_acked"] + push["pending"] + push["results_dropped"]
                     + push["results_forgotten"])
            if parts != stats["probes"]["icmp"]["finished"] + push["results_restored"]:
                raise harness.NotYet(f"{parts} of {stats['probes']['icmp']['finished']}: {push}")
            return push

        self.wait("every finished probe has its result counted", balanced, 30, [agent])
        self.assertEqual(agent.stop(), 0)
        totals, journal = self.check_exact(server, missing=None)
        self.assertGreater(totals[0][2], 300)
        self.assertGreater(journal["total"]["missing_batches"], 0, "dropped batches are gaps")

    def test_two_agents_of_one_address_and_a_clock_an_hour_ahead(self):
        (self.folder / "ahead.c").write_text(CLOCK_AHEAD, encoding="ascii")
        library = self.folder / "ahead.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, self.folder / "ahead.c",
                        "-ldl"], check=True)
        server = self.launch_server()
        first = self.launch_agent(server.rpc, "first")
        second = self.launch_agent(server.rpc, "second", name="agent-ahead",
                                   launcher=["env", f"LD_PRELOAD={library}"])
        for agent in (first, second):
            self.wait("results arrive", lambda a=agent: a.stats()["push"]["results_acked"] > 300, 30)
        self.wait("the server says whose clock is wrong",
                  lambda: "clock differs" in server.err(), 10, [server])
        skew = [line for line in server.err().splitlines() if "clock differs" in line]
        self.assertEqual(len(skew), 1, "said once, of one agent")
        self.assertIn("seconds=3", skew[0].replace("seconds=36", "seconds=3"))
        for agent in (first, second):
            self.assertEqual(agent.stop(), 0)
        _, journal = self.check_exact(server, ("first", "second"))
        self.assertEqual(journal["instances"], 2)
        self.assertEqual(journal["duplicate_batches"], 0)

    def test_two_agents_of_one_state_dir(self):
        server = self.launch_server()
        first = self.launch_agent(server.rpc)
        self.wait("results arrive", lambda: first.stats()["push"]["results_acked"] > 100, 30)
        second = self.launch_agent(server.rpc, name="second")
        self.assertEqual(second.wait(10), 1)
        self.assertIn(f"state_dir: {self.folder / 'agent'}: it is in use by another agent, process "
                      f"{first.pid}", second.err())
        acked = first.stats()["push"]["results_acked"]
        self.wait("the first goes on", lambda: first.stats()["push"]["results_acked"] > acked + 100, 30,
                  [first])
        self.assertEqual(first.stop(), 0)
        spooled, acked, dropped, waiting = self.spool()
        self.assertEqual((spooled, dropped, waiting), (acked, 0, 0))
        journal = server.stats()["journal"]
        self.assertEqual(journal["instances"], 1)
        self.assertEqual(journal["total"]["missing_batches"], 0)


if __name__ == "__main__":
    harness.main()
