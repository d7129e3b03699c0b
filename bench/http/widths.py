"""What a plain HTTP request costs by how many are in flight: wrk, a loop of nothing but system calls
(`bench/http_floor.cpp`, on epoll and as chains of io_uring) and the agent's engine, in turns against
the same nginx."""

import resource
import statistics

import kernel
from probes import failures_of_wrk, said
from report import Limit, number, table

WIDTHS = (1, 64, 1_000, 10_000)
# Requests of one turn.
COUNT = {1: 10_000, 64: 50_000, 1_000: 50_000, 10_000: 100_000}
# Of the engine beside wrk with as many connections.
MOST_OF_WRK = 1.15
# Descriptors beside those of the connections; the engine keeps a sixteenth for others, too.
SPARE = 2_000


def _wrk(options, web, folder, width):
    seconds = 3 if width < 10_000 else 6  # connecting all takes some of it
    command = ["wrk", "-t1", f"-c{width}", f"-d{seconds}s", "--timeout", "20s", "-H",
               "Connection: close", web.url("plain")]
    ended = kernel.run(command, folder, 60)
    made = int(said(r"(\d+) requests in", ended, command).group(1))
    return ended.cpu, made, failures_of_wrk(ended.out)


def _floor(how):
    def measure(options, web, folder, width):
        command = [options.floor, f"127.0.0.1:{web.plain}", COUNT[width], width, how]
        ended = kernel.run(command, folder, 120)
        found = said(r"(\d+) requests in .*: (\d+) failed", ended, command)
        return ended.cpu, int(found.group(1)), int(found.group(2))
    return measure


def _engine(options, web, folder, width):
    command = [options.engine, web.url("plain"), COUNT[width], width]
    ended = kernel.run(command, folder, 120)
    found = said(r"(\d+) probes in .*: (\d+) failed", ended, command)
    return ended.cpu, int(found.group(1)), int(found.group(2))


WAYS = {"wrk": _wrk, "floor on epoll": _floor("epoll"), "floor on io_uring": _floor("ring"),
        "engine": _engine}


def allow_many_files():
    """As many as this user may open, here and in what is started."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def measure(options, web, folder, say):
    """The figures of every width: {width: {way: {…}}}."""
    most = allow_many_files()
    figures = {}
    for width in WIDTHS:
        if width + SPARE > most:
            say(f"{width:,} in flight: left out, no more than {most:,} open files are allowed")
            continue
        turns = {name: [] for name in WAYS}
        for _ in range(options.rounds):
            for name, way in WAYS.items():
                try:
                    turns[name].append(way(options, web, folder, width))
                except (RuntimeError, OSError) as error:
                    say(f"{name}: {str(error).splitlines()[-1]}")
        figures[width] = {name: _figures(turns, name) for name in WAYS if turns[name]}
        say(f"{width:,} in flight: " + ", ".join(
            f"{name} {row['cpu_us']:.1f} µs" for name, row in figures[width].items()))
    return figures


def _costs(turns):
    return [seconds * 1e6 / max(made, 1) for seconds, made, _ in turns]


def _figures(turns, name):
    costs = _costs(turns[name])
    # Round by round: what slows the machine down for a while slows both.
    ratios = [mine / its for mine, its in zip(costs, _costs(turns["wrk"]))]
    return {"cpu_us": statistics.median(costs), "rounds_us": costs,
            "of_wrk": statistics.median(ratios) if ratios else None,
            "made": sum(made for _, made, _ in turns[name]),
            "failed": sum(failed for _, _, failed in turns[name])}


def tables(figures):
    rows = []
    for width, by_name in figures.items():
        rows.append([f"{width:,}", *(
            f"{number(by_name[name]['cpu_us'])} ({number(min(by_name[name]['rounds_us']))} to "
            f"{number(max(by_name[name]['rounds_us']))})" if name in by_name else "-"
            for name in WAYS), number(by_name["engine"]["of_wrk"])])
    return [table("CPU time of one plain request by how many are in flight, µs (least to most)",
                  ["in flight", *WAYS, "engine, of wrk"], rows)]


def limits(figures):
    return [limit for width, by_name in figures.items() for limit in (
        Limit(f"engine, {width:,} in flight: CPU of a plain probe, of wrk's",
              by_name["engine"]["of_wrk"], MOST_OF_WRK),
        Limit(f"engine, {width:,} in flight: probes failed", by_name["engine"]["failed"], 0))]
