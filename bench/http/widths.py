"""What a plain HTTP request costs by how many are in flight: wrk, a loop of nothing but system calls
(`bench/http_floor.cpp`, on epoll and as chains of io_uring), the agent's engine and `xprober http`, in
turns against the same nginx."""

import resource
import statistics

import claims
import kernel
from claims import WIDTHS
from probes import failures_of_wrk, said
from report import number, table

# Requests of one turn.
COUNT = {1: 10_000, 64: 50_000, 1_000: 50_000, 10_000: 100_000}
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


def _command(options, web, folder, width):
    file = folder / f"urls-{width}"
    file.write_text(f"{web.url('plain')}\n" * width, encoding="ascii")
    rounds = COUNT[width] // width
    ended = kernel.run([options.program, "http", "-n", rounds, "-f", file], folder, 120)
    rows = [line.split()[1] for line in ended.out.splitlines()[1:]]
    if len(rows) != rounds * width:
        raise RuntimeError(f"{len(rows)} rows instead of {rounds * width}: {ended.err[-2000:]}")
    return ended.cpu, len(rows), sum(status != "200" for status in rows)


WAYS = {"wrk": _wrk, "floor on epoll": _floor("epoll"), "floor on io_uring": _floor("ring"),
        "engine": _engine, "xprober http": _command}
# Those whose ratio to wrk is claimed.
CLAIMED = {"engine": "http.engine", "xprober http": "http.command"}


def allow_many_files():
    """As many as this user may open, here and in what is started."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def measure(options, web, folder, say):
    """The figures of every width: {width: {way: {…}}}, with `missing` where there are none."""
    most = allow_many_files()
    figures = {}
    for width in WIDTHS:
        if width + SPARE > most:
            why = f"no more than {most:,} open files are allowed"
            say(f"{width:,} in flight: left out, {why}")
            figures[width] = {name: {"missing": why} for name in WAYS}
            continue
        turns = {name: [] for name in WAYS}
        missing = {}
        for _ in range(options.rounds):
            for name, way in WAYS.items():
                try:
                    turns[name].append(way(options, web, folder, width))
                except FileNotFoundError:
                    missing[name] = f"{name} is not installed"
                except (RuntimeError, OSError) as error:
                    missing[name] = f"{name}: {str(error).splitlines()[-1]}"
                    say(missing[name])
        figures[width] = {name: _figures(turns, name) if turns[name] else
                          {"missing": missing[name]} for name in WAYS}
        say(f"{width:,} in flight: " + ", ".join(
            f"{name} {row['cpu_us']:.1f} µs" for name, row in figures[width].items()
            if "missing" not in row))
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
            "-" if "missing" in by_name[name] else
            f"{number(by_name[name]['cpu_us'])} ({number(min(by_name[name]['rounds_us']))} to "
            f"{number(max(by_name[name]['rounds_us']))})" for name in WAYS),
            *(number(by_name[name].get("of_wrk")) for name in CLAIMED)])
    return [table("CPU time of one plain request by how many are in flight, µs (least to most)",
                  ["in flight", *WAYS, *(f"{name}, of wrk" for name in CLAIMED)], rows)]


def limits(figures):
    found = []
    for width, by_name in figures.items():
        for name, key in CLAIMED.items():
            why = by_name[name].get("missing") or by_name["wrk"].get("missing", "")
            found.append(claims.limit(f"{key}.{width}", by_name[name].get("of_wrk"), why))
    failed = [by_name[name]["failed"] for by_name in figures.values() for name in CLAIMED
              if "failed" in by_name[name]]
    return [*found, claims.limit("http.failed", sum(failed) if failed else None, "nothing was measured")]
