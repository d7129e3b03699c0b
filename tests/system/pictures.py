"""pictures.py FOLDER [MINUTES]: takes the README's pictures into a folder (`./dev pictures`).

Eight regions in a network of their own probe each other and four services. Two of five echoes from one region
to another are lost (where there can be a simulated network), and after some minutes the shop is out of order.
What the browser does stands in web/test/pictures.ts.
"""

import os
import pathlib
import subprocess
import sys
import threading
import time

import harness
import incident_world as world
import servers
import simnet
import test_pages

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures").resolve()
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 8.0
PRIVATE = harness.enter_private_network()

REGIONS = {"eu-west": "europe", "us-east": "america", "eu-north": "europe", "us-west": "america",
           "sa-east": "america", "ap-south": "asia", "ap-north": "asia", "eu-south": "europe"}
LOSSY = "10.90.0.2/32"  # the second region's
SHOP = "http://shop.example/"
SERVICES = [SHOP, "http://api.example/v1/health", "http://docs.example/", "http://login.example/"]
ADDRESS = "127.0.0.80"  # theirs, in each network
SETTINGS = {"probe_interval": "2s", "sync_interval": "1s", "push_interval": "1s", "icmp.count": "5",
            "icmp.timeout": "350ms"}


class Pictures(world.Mesh):
    def setUp(self):
        super().setUp()
        self.shop_is_down = threading.Event()
        hosts = self.write("hosts", f"127.0.0.1 localhost\n{ADDRESS} shop.example api.example docs.example "
                                    "login.example\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc/hosts"], check=False)

    def respond(self, request):
        down = self.shop_is_down.is_set() and request.headers.get("Host") == "shop.example"
        servers.reply(request, 503 if down else 200)

    def begin(self):
        """A server, its regions, and the services."""
        labels = ", ".join(f"{region}: {{continent: {continent}}}" for region, continent in REGIONS.items())
        server = self.start_server(config=self.write("server.yaml", harness.server_text(
            harness.target_text("http", "web", SERVICES)) + f"region_labels: {{{labels}}}\n")).wait_healthy()
        self.serve(servers.WebServer(self.respond, ADDRESS, 80))
        first = {"rpc": server.rpc}
        if not simnet.missing():
            network = simnet.Network(self, [{"block": LOSSY, "loss": 0.4}, {"block": world.NETWORK}], deck=5)
            with network.inside():
                way = servers.CuttingProxy(server.rpc)
                web = servers.WebServer(self.respond, ADDRESS, 80)
            self.serve(way)
            self.serve(web)
            first = {"rpc": way.address, "launcher": network.launcher}
        for number, region in enumerate(REGIONS):
            self.join(server, region, SETTINGS, **(first if number == 0 else {}))
        world.wait_pages_well(self, server, SERVICES)
        self.wait("every region probes each other one",
                  lambda: self.all_pairs() <= set(world.pairs(server)), 60)
        return server

    def look(self, server, seconds):
        """So long somebody looks at the shop's page, for which the server keeps what each region sees."""
        uid = world.targets(server, target=SHOP)[0]["uid"]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            harness.get_json(f"{server.url}/api/v1/history?uid={uid}&from=15m")
            time.sleep(min(5, seconds))

    @harness.unittest.skipUnless(PRIVATE, harness.NEEDS_NAMESPACE)
    @harness.unittest.skipUnless(test_pages.NODE and test_pages.CHROMIUM and test_pages.PACKAGES.exists(),
                                 "node, npm's packages or Chromium are missing")
    def test_pictures(self):
        server = self.begin()
        self.look(server, MINUTES * 40)
        self.shop_is_down.set()
        self.look(server, MINUTES * 20)
        test_pages.browse("pictures", XPROBER_SERVER_URL=server.url, XPROBER_FAILING=SHOP,
                          XPROBER_PICTURES=str(FOLDER))


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    harness.main()
