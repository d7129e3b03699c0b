"""What is reached and what is not: from the server's series alone, but for the last row."""

from panels import (BLUE, GREEN, ORANGE, RED, YELLOW, Board, bars, choice, colored, lines, matrix,
                    numbers, query, states, steps, table)

# The server's own series of region pairs; those of remote write have a target each.
PAIRS = 'target="",source_region=~"$source_region",target_region=~"$region"'
# With metrics_per_target; an agent's own page has no `agent`.
TARGETS = ('agent!="",source_region=~"$source_region",target_region=~"$region",'
           'probe_type=~"$probe_type"')
SERIES = "source_region, agent, target, target_region, probe_type"
BY_PAIR = "by (source_region, target_region)"

SUCCESS = steps(RED, (1, GREEN))
LOSS = steps(GREEN, (1, YELLOW), (5, ORANGE), (50, RED))
NONE_WANTED = steps(GREEN, (1, RED))


def kinds_of(names):
    """Series of all kinds that go by addresses, `probe_type` taken from the name of each."""
    return (f'label_replace({{__name__=~"{names}",addr!="",source_region=~"$source_region"}}, '
            '"probe_type", "$1", "__name__", "([a-z0-9]+)_.*")')


ENDPOINTS = ("max by (source_region, addr, probe_type) ("
             + kinds_of("${probe_type}_(interface|target)_success") + ")")
PHASES = ("avg by (source_region, addr, probe_type, phase) (label_replace("
          + kinds_of("${probe_type}_[a-z]+Duration_millonseconds")
          + ', "phase", "$1", "__name__", "[a-z0-9]+_([a-z]+)Duration_.*"))')


def once(selector):
    """Of servers that have the same agents each series once."""
    return f"max without (instance, job) ({selector})"


def add_now(board):
    board.row("Now")
    board.add(numbers(
        "Open incidents", [query(f"sum by (severity) ({once('xprober_incidents')})", "{{severity}}")],
        NONE_WANTED, description="The server's page and /api/v1/incidents tell each of them.",
        overrides=[colored("warning", steps(GREEN, (1, ORANGE))),
                   colored("info", steps(GREEN, (1, BLUE)))]), 6, 5)
    up = once('xprober_agent_up{region=~"$region"}')
    board.add(numbers(
        "Agents", [query(f"sum({up})", "alive"), query(f"sum(1 - {up})", "lost")], NONE_WANTED,
        description="Lost: it stopped asking for targets without having said goodbye.",
        overrides=[colored("alive", SUCCESS)]), 4, 5)
    board.add(numbers(
        "Pairs failing",
        [query(f"count(max {BY_PAIR} (ping_target_success{{{PAIRS}}}) < 0) or vector(0)")], NONE_WANTED,
        description="Pairs of regions between which no target answers."), 3, 5)
    board.add(numbers(
        "Endpoints failing", [query(f"count({ENDPOINTS} == 0) or vector(0)")], NONE_WANTED,
        description="URLs, HOST:PORT and names, once for each region that they fail from."), 3, 5)
    ends = f"min by (target, probe_type) (probe_ssl_earliest_cert_expiry{{{TARGETS}}})"
    board.add(numbers(
        "Certificates that end in 21 days", [query(f"count({ends} - time() < 21 * 86400) or vector(0)")],
        steps(GREEN, (1, ORANGE)), description="Needs metrics_per_target on the server."), 3, 5)
    on_server = ('xprober_targets{probe_type=~"$probe_type"}'
                 ' and on (instance, job) xprober_build_info{role="server"}')
    board.add(numbers("Targets", [query(f"sum by (probe_type) ({once(on_server)})", "{{probe_type}}")],
                      steps(BLUE)), 5, 5)


def add_incidents(board):
    board.row("Incidents and agents")
    board.add(lines("Open incidents by kind",
                    [query(f"sum by (kind) ({once('xprober_incidents')})", "{{kind}}")], stacked=True), 8)
    board.add(states("Agents",
                     [query('max by (region, agent) (xprober_agent_up{region=~"$region"})',
                            "{{region}} {{agent}}")],
                     {0: ("lost", RED), 1: ("alive", GREEN)}), 8)
    board.add(table("Alerts of the rules for Prometheus", 'ALERTS{alertname=~"Xprober.*"}', "alert",
                    description="Needs packaging/prometheus/xprober-rules.yaml in Prometheus."), 8)


def add_pairs(board):
    rtt, loss = f"ping_latency_millonseconds{{{PAIRS}}}", f"ping_packageDrop_rate{{{PAIRS}}}"
    board.row("Region pairs")
    board.add(matrix("Round-trip time", f"avg {BY_PAIR} ({rtt})", "source_region", "target_region", "ms",
                     description="From the region of the row to that of the column; empty: no answer, or "
                                 "not probed. The mean over the targets that answer."), 12, 10)
    board.add(matrix("Loss", f"avg {BY_PAIR} ({loss})", "source_region", "target_region", "percent", LOSS,
                     description="Of all echoes to all targets of the pair: 100 % where none answers."),
              12, 10)
    worst = f"avg {BY_PAIR} (avg_over_time({loss}[$__range]))"
    arrow = "{{source_region}} → {{target_region}}"
    board.add(bars("Most loss, over the time shown", [query(f"topk(15, {worst})", arrow, True)], LOSS,
                   "percent"), 8, 10)
    slowest = f"avg {BY_PAIR} (avg_over_time({rtt}[$__range]))"
    board.add(bars("Slowest, over the time shown", [query(f"topk(15, {slowest})", arrow, True)],
                   steps(BLUE), "ms"), 8, 10)
    last_week = f"avg {BY_PAIR} (avg_over_time({rtt}[1h] offset 7d))"
    board.add(bars("Slower than a week ago", [
        query(f"topk(15, avg {BY_PAIR} (avg_over_time({rtt}[1h])) / {last_week})", arrow, True)],
                   steps(GREEN, (1.5, YELLOW), (2, RED)), "percentunit",
                   description="The last hour against the same hour a week ago: 200 % is twice as long."),
              8, 10)
    board.add(lines("Round-trip time", [query(f"avg {BY_PAIR} ({rtt})", arrow)], "ms",
                    calcs=("min", "mean", "max")), 12, 9)
    board.add(lines("Loss", [query(f"avg {BY_PAIR} ({loss})", arrow)], "percent", largest=100,
                    calcs=("mean", "max")), 12, 9)


def add_endpoints(board):
    board.row("URLs and other endpoints")
    board.add(matrix("Reached from", f'label_join({ENDPOINTS}, "endpoint", " ", "probe_type", "addr")',
                     "endpoint", "source_region", colors=SUCCESS,
                     texts={0: ("fails", RED), 1: ("ok", GREEN)},
                     description="From the region of the column, by at least one of its agents."), 12, 10)
    board.add(bars("Slowest", [query(f"topk(15, sum by (source_region, addr, probe_type) ({PHASES}))",
                                     "{{source_region}} → {{addr}} ({{probe_type}})", True)],
                   steps(BLUE), "ms", description="All phases of the latest probes together."), 12, 10)
    board.add(lines("Share of the regions that reach it",
                    [query(f"avg by (addr, probe_type) ({ENDPOINTS})", "{{addr}} ({{probe_type}})")],
                    "percentunit", largest=1, calcs=("mean", "min")), 12, 9)
    board.add(lines("Phases", [query(f"avg by (probe_type, phase) ({PHASES})", "{{probe_type}} {{phase}}")],
                    "ms", stacked=True,
                    description="The mean of each phase over the endpoints and regions chosen."), 12, 9)


def add_targets(board):
    board.row("Single targets and certificates (metrics_per_target on the server)")
    one = f"max by ({SERIES}, state) (xprober_probe_state{{{TARGETS}}})"
    board.add(lines("Targets by state", [query(f"count by (state) ({one} == 1)", "{{state}}")], stacked=True,
                    description="Each target once for each agent that probes it."), 8, 9)
    bad = f'max by ({SERIES}, state) (xprober_probe_state{{{TARGETS},state!="ok"}}) == 1'
    # One for each series, with the reason that it tells, where two servers have other ones.
    since = f"1000 * topk by ({SERIES}) (1, xprober_probe_state_since_seconds{{{TARGETS}}})"
    board.add(table("Not well, since", f"{since} * on ({SERIES}) group_right (reason) ({bad})", "since",
                    "dateTimeFromNow"), 16, 9)
    ends = f"min by (target, target_region, probe_type) (probe_ssl_earliest_cert_expiry{{{TARGETS}}})"
    board.add(table("Certificates: days until the earliest end of the chain", f"({ends} - time()) / 86400",
                    "days left", "d", steps(RED, (1, ORANGE), (7, YELLOW), (21, GREEN)), descending=False),
              24, 9)


def add_availability(board):
    board.row("Availability (needs packaging/prometheus/xprober-rules.yaml in Prometheus)")
    endpoint = "{{addr}} ({{probe_type}})"
    chosen = '{probe_type=~"$probe_type"}'
    board.add(lines("Availability over an hour",
                    [query(f"endpoint:xprober_availability:ratio_1h{chosen}", endpoint)], "percentunit",
                    largest=1, least=None, calcs=("mean", "min")), 12, 9)
    board.add(lines("Error budget: how many times too fast it is used up, over an hour",
                    [query(f"endpoint:xprober_error_budget_burn:ratio_1h{chosen}", endpoint)],
                    description="1: it is just gone when the period of the objective ends."), 12, 9)


def board():
    made = Board(
        "xprober-overview", "xprober: overview",
        "Which region does not reach which, and which URL fails from where.", [
            choice("source_region", "From region",
                   'label_values({__name__=~"[a-z0-9]+_(interface|target)_success"}, source_region)'),
            choice("region", "Region", 'label_values({__name__=~"ping_target_success|probe_success"}, '
                                       'target_region)'),
            choice("probe_type", "Probe", "label_values(xprober_targets, probe_type)")])
    for add in (add_now, add_incidents, add_pairs, add_endpoints, add_targets, add_availability):
        add(made)
    return made
