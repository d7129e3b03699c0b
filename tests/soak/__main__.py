#!/usr/bin/env python3
"""A server and an agent for half an hour, of whose many targets a share is replaced each second: memory,
descriptors, threads, actors and series stay as they are.

Run by `./dev soak [--minutes N] [--targets N] [--change N%]`. Every second both are sampled; the slope
of each figure after a warm-up has to be zero within noise. Exit status 1 when one is not."""

import argparse
import contextlib
import os
import pathlib
import sys
import tempfile
import time
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "system")]
sys.dont_write_bytecode = True

import harness
import lists
import slope

MEBIBYTE = 1 << 20


def arguments():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, help="after the warm-up (30)")
    parser.add_argument("--warm-up", type=float, metavar="MINUTES", default=10,
                        help="before that, until what is bounded is full: a server remembers half a "
                             "million changes of lists, an agent every address for some periods (10)")
    parser.add_argument("--targets", type=int, default=100_000, help="(100000)")
    parser.add_argument("--change", default="1%", help="of the targets, replaced each second (1%%)")
    parser.add_argument("--seed", type=int, default=1, help="of which ones (1)")
    parser.add_argument("--program", type=pathlib.Path, help="in the place of build/release/xprober")
    parser.add_argument("--csv", type=pathlib.Path, help="writes every sample there")
    options = parser.parse_args()
    try:
        options.share = float(options.change.rstrip("%")) / 100
    except ValueError:
        parser.error(f"--change: {options.change}: not a share as in 1%")
    if not 0 < options.share <= 1 or options.targets < 100 or options.minutes < 1:
        parser.error("--change is above 0% and up to 100%, --targets at least 100, --minutes at least 1")
    return options


class World:
    """A server that asks for the list every second, and an agent over loopback."""

    def __init__(self, options, folder, stack):
        self.list = lists.ChangingList(options.targets, options.share, options.seed).start()
        stack.callback(self.list.close)
        place = types.SimpleNamespace(folder=folder)
        config = folder / "server.yaml"
        config.write_text("prober_targets: []\ntarget_urls:\n"
                          f"  - {{url: '{self.list.url}', refresh_interval: 1s}}\n", encoding="ascii")
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        # What has gone is forgotten within the warm-up, so that what is kept of it is level then.
        self.server = harness.Role(place, "server", config, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0], "mesh": "false",
            "state_dir": folder / "server", "result_ttl": "30s", "mesh_forget": "30s"}, pages[0])
        stack.callback(self.server.close)
        self.server.wait_healthy(60)
        self.agent = harness.Role(place, "agent", harness.SOURCE / "config" / "agent.yaml", {
            "region": "r-a", "local_ip": "127.0.0.1", "http_addr": pages[1], "rpc_server_addr": rpc,
            "icmp.count": "1", "probe_interval": "15s", "sync_interval": "1s", "push_interval": "1s",
            "state_dir": folder / "agent"}, pages[1])
        stack.callback(self.agent.close)
        harness.wait_until("every target has its actor", lambda: self.actors(self.agent.stats())
                           >= options.targets, 180, [self.agent, self.server])
        self.list.begin_to_change()

    @staticmethod
    def actors(stats):
        return sum(actor["running"] for actor in stats["actors"].values())

    def sample(self):
        """{(role, figure): value}"""
        found = {}
        for role in (self.agent, self.server):
            status = pathlib.Path(f"/proc/{role.pid}/status").read_text(encoding="ascii")
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            stats = role.stats()
            found.update({
                (role.name, "resident MiB"): role.usage()[0] / MEBIBYTE,
                (role.name, "own memory MiB"): int(fields["RssAnon"].split()[0]) / 1024,
                (role.name, "descriptors"): len(os.listdir(f"/proc/{role.pid}/fd")),
                (role.name, "threads"): int(fields["Threads"]),
                (role.name, "actors"): self.actors(stats)})
        found["server", "series"] = stats["results"]["stored_series"]
        return found


# What each figure may change by over the whole time, in its unit or as a share of its first value.
RESOLUTION = {"resident MiB": 0.01, "own memory MiB": 0.01, "descriptors": 1, "threads": 0,
              "actors": 0.01, "series": 0.01}


def resolution(figure, first):
    most = RESOLUTION[figure]
    return most * first if figure.endswith("MiB") or figure in ("actors", "series") else most


def watch(world, options, say):
    """[(seconds, sample)] of the time after the warm-up."""
    samples = []
    began = time.monotonic()
    first = began + 60 * options.warm_up
    end = first + 60 * options.minutes
    said = began
    due = began
    while time.monotonic() < end:
        now = time.monotonic()
        for role in (world.agent, world.server):
            if role.poll() is not None:
                raise SystemExit(f"{role.name} ended with {role.poll()}:\n{role.text()[-4000:]}")
        try:
            sample = world.sample()
        except (OSError, harness.http_client.HTTPException, harness.NotYet):
            sample = None  # it was busy: one sample less
        if sample and now >= first:
            samples.append((now - first, sample))
        if sample and now - said >= 30:
            said = now
            say(f"{now - began:6.0f} s{' (warm-up)' if now < first else ''}: " + ", ".join(
                f"{role} {figure} {value:,.0f}" for (role, figure), value in sample.items()
                if figure in ("resident MiB", "descriptors", "actors", "series")))
        due += 1
        time.sleep(max(0, due - time.monotonic()))
        due = max(due, time.monotonic() - 1)
    return samples


def judge(samples):
    """[(role, figure, trend)]"""
    times = [at for at, _ in samples]
    return [(role, figure, slope.Trend(times, [s[role, figure] for _, s in samples],
                                       resolution(figure, samples[0][1][role, figure])))
            for role, figure in samples[0][1]]


def show(trends):
    print(f"\n{'':<7} {'figure':<15} {'first':>11} {'last':>11} {'least':>11} {'most':>11} "
          f"{'slope an hour':>14} {'± error':>10}  flat")
    for role, figure, t in trends:
        print(f"{role:<7} {figure:<15} {t.first:>11,.1f} {t.last:>11,.1f} {t.least:>11,.1f} {t.most:>11,.1f} "
              f"{t.slope * 3600:>14,.2f} {t.error * 3600:>10,.2f}  {'yes' if t.flat else 'NO'}")


def write_csv(path, samples):
    keys = list(samples[0][1])
    with open(path, "w", encoding="ascii") as file:
        file.write("seconds," + ",".join(f"{role} {figure}" for role, figure in keys) + "\n")
        for at, sample in samples:
            file.write(f"{at:.1f}," + ",".join(f"{sample[key]:g}" for key in keys) + "\n")


def main():
    options = arguments()
    if options.program:
        harness.PROGRAM = options.program.resolve()
    if not os.access(harness.PROGRAM, os.X_OK):
        raise SystemExit(f"{harness.PROGRAM} is no program: build it first (./dev build)")
    sys.stdout.reconfigure(line_buffering=True)
    print(f"{options.targets:,} targets, {options.change} of them replaced each second, "
          f"{options.warm_up:g} minutes of warm-up and {options.minutes:g} of samples")
    with tempfile.TemporaryDirectory(prefix="xprober-soak-") as folder, contextlib.ExitStack() as stack:
        world = World(options, pathlib.Path(folder), stack)
        samples = watch(world, options, print)
        stats, changes = world.agent.stats(), world.list.changes
        push, icmp = stats["push"], stats["probes"]["icmp"]
    if options.csv:
        write_csv(options.csv, samples)
    trends = judge(samples)
    show(trends)
    print(f"\n{len(samples)} samples; {changes} changes of the list, {stats['sync']['differences']} differences and "
          f"{stats['sync']['full']} whole lists at the agent; {icmp['finished']:,} probes, "
          f"{icmp['failed']} failed, {icmp['local_errors']} own faults; {push['results_dropped']} results dropped")
    wrong = [f"{role} {figure}" for role, figure, t in trends if not t.flat]
    if icmp["failed"] or push["results_dropped"]:
        wrong.append("false losses or dropped results")
    print(f"not flat: {', '.join(wrong)}" if wrong else "all flat")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
