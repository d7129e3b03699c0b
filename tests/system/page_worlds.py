"""Worlds of thirty regions for the pages: of each a server that has been told what agents would tell it."""

import json
import time

import batches
import harness

REGIONS = [f"r-{number:02}" for number in range(30)]
DARK, LOSSY, BUSY = "r-12", ("r-03", "r-05"), "r-20"
EXPIRED = "https://shop.example/"
PERIOD_MS = 15_000


def address(region):
    return f"10.77.0.{REGIONS.index(region) + 1}"


class World:
    """A server's thirty agents in a mesh, and three pages; `troubles`: which of "dark", "lossy", "expired", "busy"."""

    def __init__(self, test, troubles):
        self.troubles = troubles
        self.server = test.start_server(harness.target_text("http", "r-web", [
            EXPIRED, "https://api.example/", "https://docs.example/"]))

    def join(self):
        """Each agent asks for its targets and says of itself what there is to say; how many it has."""
        number = 0
        for region in REGIONS:
            body = {"localRegion": region, "localIp": address(region), "process": f"{REGIONS.index(region) + 1:032x}",
                    "probeIntervalMs": 1000}
            if "busy" in self.troubles and region == BUSY:
                body["ownFaults"] = [{"reason": "overload", "detail": "half of its probes begin late",
                                      "sinceUnix": int(time.time())}]
            answer = harness.http(f"http://{self.server.rpc}/rpc/Server.GetProberTargets", "POST",
                                  json.dumps(body).encode(), {"Content-Type": "application/json"}).json()
            number += sum(len(group["target"]) for group in answer["targets"])
        return number

    def tell(self):
        """Four results of each target, once every agent has all others on its list."""
        harness.wait_until("all are in the mesh", lambda: self.join() >= len(REGIONS) * (len(REGIONS) - 1), 20)
        begin = int(time.time() * 1000) - 4 * PERIOD_MS
        for turn in range(1, 5):
            for region in REGIONS:
                rows = [row for target in REGIONS if target != region
                        for row in self.echoes(region, target, begin + turn * PERIOD_MS)]
                if region in ("r-00", "r-01", "r-02"):
                    rows += self.pages(begin + turn * PERIOD_MS)
                batches.push(self.server.rpc, batches.batch(
                    bytes([REGIONS.index(region) + 1] * 16), turn, int(time.time() * 1000), rows,
                    address(region), region))

    def echoes(self, source, target, unix_ms):
        dark = "dark" in self.troubles and DARK in (source, target)
        if dark and source == DARK:
            return []  # it can tell nobody
        lossy = "lossy" in self.troubles and (source, target) == LOSSY
        return [batches.icmp(target, address(target), unix_ms, None if dark else 20.0, 10, 6 if lossy else 10)]

    def pages(self, unix_ms):
        over = "expired" in self.troubles
        return [batches.http("r-web", url, unix_ms, [1.0, 2.0] if over and url == EXPIRED else [1.0, 2.0, 3.0, 4.0, 5.0],
                             not (over and url == EXPIRED), "tls_expired",
                             unix_ms // 1000 + (-86_400 if url == EXPIRED and over else 90 * 86_400))
                for url in (EXPIRED, "https://api.example/", "https://docs.example/")]
