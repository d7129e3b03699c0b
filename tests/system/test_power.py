"""What a power failure leaves: a log of which a later page was kept and an earlier one lost."""

import harness

TARGETS = [f"127.0.1.{i}" for i in range(1, 61)]
LOAD = {"probe_interval": "500ms", "push_interval": "150ms", "sync_interval": "300ms",
        "icmp.count": "1", "icmp.timeout": "300ms", "icmp.share_results": "false"}
HEADER, FRAME = 32, 24 + 4096


def log_of(path):
    return path.with_name(path.name + "-wal")


def log_frames(path):
    return log_of(path).stat().st_size // FRAME if log_of(path).exists() else 0


def lose_page_of_log(path):
    frames = log_frames(path)
    with open(log_of(path), "r+b") as file:
        file.seek(HEADER + frames * 3 // 4 * FRAME)
        file.write(bytes(FRAME))


class Power(harness.SystemTest):
    def launch_server(self, rpc_port=None):
        return self.start_server(
            harness.target_text("icmp", "r-b", TARGETS), rpc_port=rpc_port,
            settings={"mesh": "false", "state_dir": self.folder / "server"}).wait_ready()

    def launch_agent(self, rpc):
        return self.start_agent(rpc, settings={**LOAD, "state_dir": self.folder / "agent"})

    def acked(self, agent):
        return agent.stats()["push"]["results_acked"]

    def check_set_aside(self, path):
        self.assertEqual(len(list(path.parent.glob(f"{path.name}-wal.damaged-*"))), 1)
        self.assertEqual(list(path.parent.glob(f"{path.name}.damaged-*")), [])

    def test_a_server_keeps_what_was_before_the_hole_and_tells_of_it(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        path = self.folder / "server" / "journal.db"
        self.wait("there is a log", lambda: log_frames(path) > 40 and self.acked(agent) > 300, 30)
        server.kill()
        lose_page_of_log(path)
        server = self.launch_server(int(server.rpc.rpartition(":")[2]))
        journal = server.stats()["journal"]
        self.assertEqual(journal["set_aside"], 1)
        self.assertGreater(journal["total"]["results"], 0)
        self.said(server, "the transactions behind the damage are lost")
        self.check_set_aside(path)
        acked = self.acked(agent)
        self.wait("results are taken again", lambda: self.acked(agent) > acked + 300, 60)
        self.assertEqual(server.stop(), 0)

    def test_an_agent_uses_no_number_again(self):
        server = self.launch_server()
        agent = self.launch_agent(server.rpc)
        path = self.folder / "agent" / "spool.db"
        self.wait("there is a log", lambda: log_frames(path) > 40 and self.acked(agent) > 300, 30)
        agent.kill()
        lose_page_of_log(path)
        agent = self.launch_agent(server.rpc).wait_ready()
        self.wait("the loss is told", lambda: agent.stats()["push"]["spool_set_aside"] == 1, 20)
        self.check_set_aside(path)
        self.wait("new batches are of another instance",
                  lambda: server.stats()["journal"]["instances"] == 2, 30)
        total = lambda: server.stats()["journal"]["total"]["results"]
        before = total()
        self.wait("and count", lambda: total() > before + 300, 30)
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    harness.main()
