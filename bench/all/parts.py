"""The parts of `./dev bench all`: which benchmark has which claims, how it is run, and for how long."""

import dataclasses
import shutil

import readers

MINUTES = 30  # all parts, with windows as long as they are written here


@dataclasses.dataclass(frozen=True)
class Places:
    """Where the programs are."""

    source: object
    program: object  # xprober
    programs: object  # the folder of those of bench/


@dataclasses.dataclass(frozen=True)
class Part:
    name: str
    minutes: float  # at MINUTES in all
    what: str
    bench: str  # a folder of bench/, or a program of it
    arguments: object  # of the share of the time that there is: the arguments
    programs: dict = dataclasses.field(default_factory=dict)  # option: program of bench/
    needs: tuple = ()  # commands
    read: object = None  # of a program's output; None: a script, which writes JSON

    def missing(self):
        """Why it cannot run here, or an empty string."""
        lacks = [command for command in self.needs if not shutil.which(command)]
        return f"{', '.join(lacks)} {'are' if len(lacks) > 1 else 'is'} not installed" if lacks else ""

    def command(self, share, places, json_file):
        arguments = [str(argument) for argument in self.arguments(share)]
        if self.read:
            return [str(places.programs / self.bench), *arguments]
        options = ["--program", places.program, "--json", json_file]
        for option, program in self.programs.items():
            options += [option, places.programs / program]
        return ["python3", "-B", str(places.source / "bench" / self.bench), *arguments, *map(str, options)]

    def seconds_at_most(self, share):
        return 2 * 60 * self.minutes * max(share, 1) + 180


def scaled(count, share, least=1):
    return max(round(count * share), least)


def agent_of(size, *more, periods):
    def arguments(share):
        return ["--only", "agent", "--sizes", size, "--periods", scaled(periods, share, 2), *more]
    return arguments


PARTS = [
    Part("http", 5.5, "HTTP probes with 1 to 10,000 in flight beside wrk", "http",
         lambda share: ["--only", "probe", "--only", "width", "--rounds", scaled(3, share)],
         {"--engine": "http_engine", "--floor": "http_floor"}, ("nginx", "openssl")),
    Part("http-agent", 4, "an agent with 100,000 HTTP targets", "http",
         agent_of(100_000, "--only", "agent-width", periods=4), {"--late": "http_late"},
         ("nginx", "openssl")),
    Part("icmp", 0.7, "`xprober ping` beside the kernel's floor and fping", "icmp",
         lambda share: ["--only", "echo", "--rounds", scaled(5, share)], {"--floor": "icmp_floor"}),
    Part("million", 2.3, "an agent with 1,048,576 ICMP targets every 15 s", "icmp",
         agent_of(1_048_576, "--push", "--spool", periods=4), {"--floor": "icmp_floor"}),
    Part("million-5s", 1.8, "the same every 5 s, its server beside it", "icmp",
         agent_of(1_048_576, "--push", "--spool", "--every", 5, periods=9), {"--floor": "icmp_floor"}),
    Part("names", 2, "10,000 names behind one DNS server", "names",
         lambda share: ["--periods", scaled(3, share, 2)], needs=("knotd",)),
    Part("tcp", 0.2, "the TCP engine beside its floor", "tcp_engine",
         lambda share: [20_000, 64, scaled(5, share)], read=readers.tcp),
    Part("delivery", 1.5, "results on their way from an agent to a server", "delivery",
         lambda share: ["--echoes", 50, "--peer-targets", 0, "--seconds", scaled(40, share, 10)],
         {"--agent": "delivery_agent"}, ("ss",)),
    Part("store", 1.6, "a server with ten million series", "store",
         lambda share: ["--rows", 3_333_334, "--rounds", 1], {"--fill": "store_fill"}),
    Part("server", 1.3, "a server that gets a million values a second", "store",
         lambda share: ["--rows", 333_334, "--seconds", 1, "--rounds", scaled(60, min(share, 1), 5)],
         {"--fill": "store_fill"}),
    Part("incidents", 0.5, "verdicts and incidents at a million series", "incidents",
         lambda share: [], read=readers.incidents),
    Part("verdict", 0.4, "the causes in a mesh", "verdict", lambda share: [scaled(21, share, 5)],
         read=readers.verdict),
    Part("outage", 2, "100,352 targets fall silent at once", "outage",
         lambda share: ["--period", 8 if share >= 0.5 else 5, "--steady", 2], needs=("ip",)),
    Part("pages", 1.8, "pages of a million targets", "pages", lambda share: [], read=readers.pages),
    Part("sync", 2.5, "lists of a million targets", "sync", lambda share: []),
    Part("start", 0.1, "a single echo", "start", lambda share: ["--rounds", scaled(31, share, 5)],
         {"--once": "start_once"}),
    Part("idle", 1.4, "an agent with 20 targets", "icmp", agent_of(20, "--push", periods=4),
         {"--floor": "icmp_floor"}),
]
NAMES = [part.name for part in PARTS]
