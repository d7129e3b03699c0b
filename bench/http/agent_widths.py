"""What a plain HTTP probe costs a whole agent with 1 to 10,000 in flight: 100,000 targets every 15 s, whose
server (`bench/http_late.cpp`) answers so late that as many probes wait. wrk has as many connections to the
same server, and so makes about as many requests a second, before and after the agent's time."""

import contextlib
import statistics
import subprocess
import time
import types

import claims
import kernel
from agents import FIRST, PERIOD, Run, stats_of
from claims import WIDTHS
from probes import failures_of_wrk, said
from report import number, table
from widths import SPARE, allow_many_files

TARGETS = 100_000
RATE = TARGETS / PERIOD
WRK_SECONDS = 4


def late_us(width):
    """How late answers have to come that so many probes are in flight. At once is one, or nearly."""
    return 0 if width == 1 else round(width / RATE * 1e6)


class Late:
    """A running http_late, as `Run` wants its web server."""

    name = "http_late"

    def __init__(self, program, stack):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(self._close)
        self.port = int(self._process.stdout.readline())
        self.process = types.SimpleNamespace(name=self.name, poll=self._process.poll)

    def _close(self):
        self._process.kill()
        self._process.communicate()

    def answer_after(self, us):
        self._process.stdin.write(f"{us}\n")
        self._process.stdin.flush()

    def url(self, _kind="plain", address=FIRST):
        return f"http://{address}:{self.port}/"


def _wrk(late, folder, width):
    """CPU of a request, µs."""
    late.answer_after(late_us(width))
    command = ["wrk", "-t1", f"-c{width}", f"-d{WRK_SECONDS}s", "--timeout", "20s", "-H", "Connection: close",
               late.url()]
    ended = kernel.run(command, folder, 60)
    made = int(said(r"(\d+) requests in", ended, command).group(1))
    if failures_of_wrk(ended.out) > made // 100:
        raise RuntimeError(f"wrk failed: {ended.out[-500:]}")
    return ended.cpu * 1e6 / max(made, 1)


def _peers(late, folder, costs, say):
    for width in WIDTHS:
        try:
            costs[width].append(_wrk(late, folder, width))
        except (OSError, RuntimeError, AssertionError) as error:
            say(f"wrk, {width:,} in flight: {str(error).splitlines()[-1]}")


def _agent(run, late, seconds, say):
    run.wait_for_all()
    figures = {}
    for width in WIDTHS:
        late.answer_after(late_us(width))
        time.sleep(late_us(width) / 1e6 + 2)
        before, cpu, began = stats_of(run.agent), kernel.cpu_seconds(run.agent.pid), time.monotonic()
        time.sleep(seconds / 2)
        in_flight = stats_of(run.agent)["probes"]["http"]["in_flight"]
        time.sleep(max(began + seconds - time.monotonic(), 0))
        used, after = kernel.cpu_seconds(run.agent.pid) - cpu, stats_of(run.agent)
        probes = {key: after["probes"]["http"][key] - before["probes"]["http"][key]
                  for key in ("finished", "failed", "local_errors")}
        figures[width] = {"cpu_us": used * 1e6 / max(probes["finished"], 1), "in_flight": in_flight, **probes}
        say(f"agent, {width:,} in flight: {figures[width]['cpu_us']:.1f} µs a probe, {in_flight:,} were "
            f"in flight, {probes['failed']} failed")
    return figures


def measure(options, folder, say):
    """The figures of every width: {width: {…}}. Where the agent could not be measured they have an `error`."""
    costs = {width: [] for width in WIDTHS}
    with contextlib.ExitStack() as stack:
        late = Late(options.late, stack)
        _peers(late, folder, costs, say)
        with contextlib.ExitStack() as running:
            try:
                if allow_many_files() < max(WIDTHS) + SPARE:
                    raise RuntimeError(f"more than {max(WIDTHS) + SPARE:,} open files have to be allowed")
                run = Run(TARGETS, True, options.periods, late, folder, running,
                          {"http.max_in_flight": 2 * max(WIDTHS)})
                figures = _agent(run, late, options.periods * PERIOD / 6, say)
            except (AssertionError, OSError, RuntimeError, KeyError) as error:
                say(f"agent: {error}")
                figures = {width: {"error": str(error)} for width in WIDTHS}
        _peers(late, folder, costs, say)
    for width, row in figures.items():
        row["wrk_us"] = statistics.mean(costs[width]) if costs[width] else None
        judge(row)
    return figures


def _of_wrk(row):
    return row["cpu_us"] / row["wrk_us"] if row["wrk_us"] and "cpu_us" in row else None


def tables(figures):
    return [table("CPU time of one plain probe of an agent, by how many are in flight, µs",
                  ["in flight", "seen in flight", "wrk", "agent", "of wrk", "probes", "failed", "local faults"],
                  [[f"{width:,}", *map(number, (
                      row["in_flight"], row["wrk_us"], row["cpu_us"], _of_wrk(row), row["finished"],
                      row["failed"], row["local_errors"]))] for width, row in figures.items()
                   if "error" not in row])]


def judge(row):
    """What fails costs something else than what is claimed: then it is an error."""
    failed = row.get("failed", 0) + row.get("local_errors", 0)
    if failed > row.get("finished", 0) // 100:
        row["error"] = f"{failed:,} of {row['finished']:,} probes failed"


def limits(figures):
    return [claims.limit(f"http_agent.width.{width}", None if "error" in row else _of_wrk(row),
                         row.get("error", "wrk could not be run"))
            for width, row in figures.items()]
