"""What went while a server was away, or before, does not come back with what it had kept: neither a
target that was taken out of its configuration, nor an agent that has left."""

import alert_receivers as alerts
import harness
import incident_world as world

PRIVATE = harness.enter_private_network()

TTL = 4
EAST, WEST = "r-east", "r-west"


@harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
class Restart(world.Mesh):
    def begin(self, targets="", **options):
        return self.start_server(targets, {
            "alerts.for": "2", "result_ttl": world.ms(TTL), "mesh_lease": world.ms(3),
            "state_dir": self.folder / "server"}, **options).wait_healthy()

    def test_a_target_that_was_taken_out_and_an_agent_that_has_left_are_gone(self):
        dead = f"http://127.0.0.1:{harness.free_port()}/"
        server = self.begin(harness.target_text("http", "r-web", [dead]))
        self.join(server, EAST)
        west = self.join(server, WEST)
        self.wait_well(server)
        self.wait("the target fails", lambda: alerts.only_incident(alerts.open_incidents(server)), 30)

        self.assertEqual(west.stop(), 0)
        self.wait("it has left", lambda: world.agent_state(server, WEST) == "left", 10)
        self.wait("nobody probes it any more", lambda: not world.pairs(server), 30)
        server.kill()
        server.config.write_text(harness.server_text(""), encoding="utf-8")
        server = self.begin(config=server.config, rpc_port=server.rpc.rpartition(":")[2], name="again")
        self.wait("no result of either is there", lambda: not world.reported(server), 90)
        self.wait("the incident is closed", lambda: alerts.open_incidents(server) == [], 30)
        closed = alerts.brief(alerts.incidents(server))
        self.assertEqual(len(closed), 1, closed)
        self.assertEqual(world.agent_state(server, WEST), "left")


if __name__ == "__main__":
    harness.main()
