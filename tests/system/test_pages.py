"""The pages of a server and of an agent in a browser: a stranger sees what is wrong and gets to the
evidence, numbers are those of the API, nothing fails and nothing comes from elsewhere.

What the browser does stands in web/test/program.test.ts and web/test/worlds.test.ts."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import alert_receivers as alerts
import harness
import incident_world as world
import page_worlds

# Where the build has bundled the pages.
SITE = harness.PROGRAM.parent / "web"
NODE = shutil.which("node") or shutil.which("nodejs")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PACKAGES = SITE / "node_modules" / "playwright-core"
QUICK = {"probe_interval": "1s", "push_interval": "500ms", "sync_interval": "1s", "icmp.count": "1"}
TOKEN = "token-of-an-operator-0123456789"
PICTURE = re.compile(r"!\[[^]]+\]\((docs/pictures/[^)]+)\)")


def browse(name, **surroundings):
    """Runs web/test/NAME.test.ts, which finds the servers in its surroundings."""
    done = subprocess.run(
        [NODE, SITE / "run-tests.mjs", name], capture_output=True, text=True, check=False,
        timeout=harness.scaled(180), env={**os.environ, "XPROBER_CHROMIUM": CHROMIUM, **surroundings})
    print(done.stdout[-2000:])
    if done.returncode != 0:
        raise AssertionError(done.stdout[-6000:] + done.stderr[-2000:])


needs_browser = harness.unittest.skipUnless(NODE and CHROMIUM and PACKAGES.exists(),
                                            "node, npm's packages or Chromium are missing")


@needs_browser
class Pages(harness.SystemTest):
    def test_what_is_wrong_is_on_the_page(self):
        every = ("dark", "lossy", "expired", "busy")
        worlds = [page_worlds.World(self, troubles) for troubles in (*((one,) for one in every), every)]
        for each in worlds:
            each.server.wait_healthy()
            each.tell()
        for each in worlds:
            self.wait(f"incidents of {each.troubles}",
                      lambda e=each: len(alerts.open_incidents(e.server)) == len(e.troubles), 30)
        browse("worlds", XPROBER_WORLDS=json.dumps(
            [{"url": each.server.url, "troubles": each.troubles} for each in worlds]))

    def test_pages_in_a_browser(self):
        pages = self.serve(world.Pages(12))
        config = self.write("server.yaml", harness.server_text(
            harness.target_text("http", "r-web", pages.urls)) +
            "status: {enabled: true, groups: [{name: Web, match: {region: r-web}}]}\n"
            "region_labels: {r-a: {zone: one}, r-b: {zone: two}}\n")
        server = self.start_server(config=config).wait_healthy()
        agent = self.start_agent(server.rpc, "r-a", "127.0.0.61", QUICK)
        self.start_agent(server.rpc, "r-b", "127.0.0.62", QUICK, name="r-b")
        world.wait_pages_well(self, server, pages.urls)
        self.wait("both regions probe each other",
                  lambda: {("r-a", "r-b"), ("r-b", "r-a")} <= set(world.pairs(server)), 20)
        failing = pages.urls[3]
        pages.down(failing)
        self.wait("it is an incident", lambda: [
            i for i in alerts.open_incidents(server) if alerts.is_about(i, failing)], 20)
        self.write("token", TOKEN)
        guarded = self.start_server(name="guarded", settings={"web.token_file": self.folder / "token"}).wait_healthy()
        taken = self.folder / "pictures"
        browse("program", XPROBER_SERVER_URL=server.url, XPROBER_AGENT_URL=agent.url,
               XPROBER_GUARDED_URL=guarded.url, XPROBER_TOKEN=TOKEN, XPROBER_FAILING=failing, XPROBER_REASON="bad_status", XPROBER_PICTURES=str(taken))
        # The README shows what ./dev pictures takes.
        shown = PICTURE.findall((harness.SOURCE / "README.md").read_text(encoding="utf-8"))
        self.assertEqual(sorted(pathlib.Path(name).name for name in shown),
                         sorted(picture.name for picture in taken.iterdir()))
        for name in shown:
            self.assertTrue((harness.SOURCE / name).is_file(), name)


if __name__ == "__main__":
    harness.main()
