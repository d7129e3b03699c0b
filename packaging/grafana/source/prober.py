"""How the prober itself does: its agents by their own pages, and the server."""

from panels import (BLUE, GREEN, ORANGE, RED, Board, bars, choice, lines, numbers, query, states, steps,
                    table)

AGENT = 'instance=~"$agent"'
KIND = AGENT + ',probe_type=~"$probe_type"'
SERVER = 'instance=~"$server"'
BOTH = 'instance=~"$agent|$server"'
STREAMS = ("http", "tcp", "tls", "dns")  # kinds over connections, which count the same (lint.architecture looks)


def rate(name, selector, by="instance"):
    return f"sum by ({by}) (rate({name}{{{selector}}}[$__rate_interval]))"


def over_streams(counter):
    """The rate of a counter that every kind over connections has, by agent."""
    return " + ".join(rate(f"xprober_{kind}_{counter}_total", AGENT) for kind in STREAMS)


def age(name, selector):
    return f"time() - {name}{{{selector}}}"


def add_processes(board):
    board.row("Processes")
    board.add(table("What runs", f"time() - process_start_time_seconds{{{BOTH}}}"
                    " + on (instance, job) group_right () 0 * xprober_build_info", "up for", "dtdurations"),
              8)
    board.add(lines("CPU, in cores", [query(rate("process_cpu_seconds_total", BOTH), "{{instance}}")]), 6)
    board.add(lines("Resident memory", [query(f"process_resident_memory_bytes{{{BOTH}}}", "{{instance}}")],
                    "bytes"), 5)
    board.add(lines("Open files", [query(f"process_open_fds{{{BOTH}}}", "{{instance}}")]), 5)


def add_probing(board):
    board.row("Agents: probing")
    board.add(lines("Probes per second", [query(rate("xprober_probes_finished_total", KIND,
                                                     "instance, probe_type"),
                                                "{{instance}} {{probe_type}}")], "ops"), 8)
    failed = rate("xprober_probes_failed_total", KIND, "instance, probe_type")
    ended = rate("xprober_probes_finished_total", KIND, "instance, probe_type")
    board.add(lines("Share of the probes that fail",
                    [query(f"{failed} / ({ended} > 0)", "{{instance}} {{probe_type}}")],
                    "percentunit", largest=1), 8)
    board.add(lines("In flight, and waiting for a place", [
        query(f"xprober_probes_in_flight{{{KIND}}}", "{{instance}} {{probe_type}} in flight"),
        query(f"xprober_probes_queued{{{KIND}}}", "{{instance}} {{probe_type}} waiting")],
                    description="Waiting for long: raise max_in_flight of the kind."), 8)


def add_lag(board):
    board.row("Agents: lag")
    board.add(lines("How late ticks come, in the last minute", [
        query(f'xprober_tick_lag_seconds{{{AGENT},quantile="0.99"}}', "{{instance}} p99"),
        query(f'xprober_tick_lag_seconds{{{AGENT},quantile="1"}}', "{{instance}} longest")], "s",
                    description="A p99 above 20 ms: the machine is busy."), 8)
    board.add(lines("Ticks late or left out, per second", [
        query(rate("xprober_ticks_late_total", AGENT), "{{instance}} late"),
        query(rate("xprober_ticks_skipped_busy_total", AGENT), "{{instance}} last probe still running"),
        query(rate("xprober_ticks_skipped_behind_total", AGENT), "{{instance}} a period late"),
        query(rate("xprober_ticks_skipped_overload_total", AGENT),
              "{{instance}} too many results wait")]), 8)
    board.add(lines("From the kernel's receive stamp to the engine (ICMP)", [
        query(f'xprober_icmp_receive_gap_seconds{{{AGENT},quantile="0.99"}}', "{{instance}} p99"),
        query(f'xprober_icmp_receive_gap_seconds{{{AGENT},quantile="1"}}', "{{instance}} longest")], "s",
                    description="Not part of any round-trip time."), 8)


def add_faults(board):
    board.row("Agents: their own faults")
    board.add(lines("Probes that ended of the prober's own fault, per second", [
        query(rate("xprober_probes_local_errors_total", KIND, "instance, probe_type"),
              "{{instance}} {{probe_type}}"),
        query(rate("xprober_probes_exceptions_total", KIND, "instance, probe_type"),
              "{{instance}} {{probe_type}} internal errors")],
                    description="They say nothing of their targets. Internal errors are bugs."), 8)
    board.add(lines("Connections not opened for want of, per second", [
        query(over_streams("no_descriptor"), "{{instance}} descriptors"),
        query(over_streams("no_port"), "{{instance}} ports"),
        query(over_streams("no_memory"), "{{instance}} memory"),
        query(over_streams("neighbours_full") + " + "
              + rate("xprober_icmp_neighbours_full_total", AGENT), "{{instance}} neighbours")]), 8)
    board.add(lines("ICMP: packets, per second", [
        query(rate("xprober_icmp_receive_overflow_total", AGENT), "{{instance}} receive buffer full"),
        query(rate("xprober_icmp_send_errors_total", AGENT), "{{instance}} send errors"),
        query(rate("xprober_icmp_echo_late_total", AGENT), "{{instance}} late"),
        query(rate("xprober_icmp_foreign_total", AGENT), "{{instance}} foreign")]), 8)
    series = 'agent!="",source_region=~"$source_region",probe_type=~"$probe_type"'
    board.add(lines("Targets by state, as the server sees each agent", [
        query("count by (source_region, agent, state) (max without (instance, job) "
              f"(xprober_probe_state{{{series}}}) == 1)", "{{source_region}} {{agent}} {{state}}")],
                    description="Needs metrics_per_target on the server. prober_fault is the agent's own."),
              12)
    board.add(lines("Skew of agents' clocks", [
        query('max by (region, agent) (xprober_agent_clock_skew_seconds{region=~"$source_region"})',
              "{{region}} {{agent}}")], "s",
                    least=None, description="Positive: ahead of the server's."), 12)


def add_names(board):
    board.row("Agents: names")
    board.add(lines("Names, per second", [
        query(rate("xprober_dns_queries_total", KIND), "{{instance}} asked for"),
        query(rate("xprober_dns_cache_hits_total", KIND), "{{instance}} from the cache"),
        query(rate("xprober_dns_failures_total", KIND), "{{instance}} no address"),
        query(rate("xprober_dns_timeouts_total", KIND), "{{instance}} no answer")]), 12)
    board.add(lines("Names that wait for their turn", [
        query(f"sum by (instance) (xprober_dns_queued{{{KIND}}})", "{{instance}}"),
        query(f"sum by (instance) (xprober_dns_queued_slow{{{KIND}}})", "{{instance}} slow ones")]), 12)


def add_pushing(board):
    board.row("Agents: lists and results")
    board.add(lines("Since the last list, and the last batch that was taken", [
        query(age("xprober_sync_last_success_timestamp_seconds", AGENT), "{{instance}} list"),
        query(age("xprober_push_last_success_timestamp_seconds", AGENT), "{{instance}} batch")], "s"), 8)
    board.add(lines("Results that wait", [query(f"xprober_push_results_pending{{{AGENT}}}", "{{instance}}")],
                    description="In the spool, until a server has them."), 8)
    board.add(lines("Spool", [
        query(f"xprober_push_spool_bytes{{{AGENT}}}", "{{instance}}")], "bytes"), 8)
    board.add(lines("Results, per second", [
        query(rate("xprober_push_results_acked_total", AGENT), "{{instance}} taken"),
        query(rate("xprober_push_results_dropped_total", AGENT), "{{instance}} given up"),
        query(rate("xprober_push_results_rejected_total", AGENT), "{{instance}} of no use to the server")]),
              8)
    board.add(lines("Attempts that failed, per second", [
        query(rate("xprober_syncs_failed_total", AGENT), "{{instance}} lists"),
        query(rate("xprober_push_batches_failed_total", AGENT), "{{instance}} batches")]), 8)
    board.add(states("Spools on disk", [query(f"xprober_push_spool_up{{{AGENT}}}", "{{instance}}")],
                     {0: ("in memory", ORANGE), 1: ("on disk", GREEN)}), 8)


def add_server(board):
    board.row("Server: results")
    board.add(lines("Values, per second", [
        query(rate("xprober_results_received_total", SERVER), "{{instance}} received"),
        query(rate("xprober_results_accepted_total", SERVER), "{{instance}} accepted"),
        query(rate("xprober_results_rejected_total", SERVER), "{{instance}} rejected")]), 8)
    board.add(lines("Series and agents", [
        query(f"xprober_stored_series{{{SERVER}}}", "{{instance}} series"),
        query(f"xprober_agents{{{SERVER}}}", "{{instance}} agents")]), 8)
    board.add(lines("Requests of agents, per second", [
        query(rate("xprober_rpc_requests_total", SERVER), "{{instance}} all"),
        query(rate("xprober_rpc_unauthorized_total", SERVER), "{{instance}} without the token"),
        query(rate("xprober_rpc_refused_total", SERVER), "{{instance}} refused"),
        query(rate("xprober_rpc_malformed_total", SERVER), "{{instance}} not of the protocol")]), 8)
    board.row("Server: journal, history, lists")
    board.add(states("Disk", [query(f"xprober_journal_up{{{SERVER}}}", "{{instance}} journal"),
                              query(f"xprober_history_up{{{SERVER}}}", "{{instance}} history"),
                              query(f"xprober_incidents_up{{{SERVER}}}", "{{instance}} incidents"),
                              query(f"xprober_discovery_up{{{SERVER}}}", "{{instance}} {{source}}")],
                     {0: ("fails", RED), 1: ("works", GREEN)},
                     description="A journal that fails refuses batches: agents keep them."), 8)
    board.add(lines("Batches, per second", [
        query(rate("xprober_batches_total", SERVER), "{{instance}} taken"),
        query(rate("xprober_duplicate_batches_total", SERVER), "{{instance}} again"),
        query(rate("xprober_refused_batches_total", SERVER), "{{instance}} refused"),
        query(rate("xprober_missing_batches_total", SERVER), "{{instance}} missing")]), 8)
    board.add(lines("Values that no roll-up on disk has", [
        query(f"xprober_history_waiting_values{{{SERVER}}}", "{{instance}}")]), 8)
    board.add(lines("Writing roll-ups", [
        query(f"xprober_history_last_flush_seconds{{{SERVER}}}", "{{instance}}")], "s"), 8)
    board.add(lines("Roll-ups on disk", [
        query(f"xprober_history_rows{{{SERVER}}}", "{{instance}} {{level}}")]), 8)
    board.add(numbers("Targets and labels left out", [
        query(f"sum(xprober_targets_bad{{{SERVER}}})", "targets"),
        query(f"sum(xprober_discovery_left_out{{{SERVER}}})", "of lists")], steps(GREEN, (1, ORANGE))), 8)
    board.row("Server: remote write")
    board.add(lines("Values that wait", [
        query(f"xprober_remote_write_values_pending{{{SERVER}}}", "{{url}}")]), 8)
    board.add(lines("Values, per second", [
        query(rate("xprober_remote_write_values_sent_total", SERVER, "url"), "{{url}} taken"),
        query(rate("xprober_remote_write_values_failed_total", SERVER, "url"), "{{url}} refused for good"),
        query(rate("xprober_remote_write_values_dropped_total", SERVER, "url"), "{{url}} dropped"),
        query(rate("xprober_remote_write_retries_total", SERVER, "url"), "{{url}} attempts repeated")]), 8)
    board.add(lines("Journal that waits", [
        query(f"xprober_remote_write_pending_bytes{{{SERVER}}}", "{{url}}")], "bytes"), 8)


def add_notices(board):
    board.row("Server: who is told of incidents (alerts of the server's file)")
    board.add(lines("Notices that wait", [query(f"xprober_notify_pending{{{SERVER}}}", "{{name}}")]), 12)
    board.add(lines("Notices, per second", [
        query(rate("xprober_notify_told_total", SERVER, "name"), "{{name}} told"),
        query(rate("xprober_notify_failed_total", SERVER, "name"), "{{name}} refused for good"),
        query(rate("xprober_notify_retries_total", SERVER, "name"), "{{name}} attempts repeated")]), 12)


def add_actors(board):
    board.row("Actors")
    board.add(bars("Most messages waiting", [
        query(f"topk(15, xprober_actor_mailbox_messages{{{BOTH}}})", "{{instance}} {{actor}}", True)],
                   steps(BLUE, (1000, ORANGE), (10000, RED)),
                   description="When a handler last ran. One that grows steadily is too slow."), 8, 9)
    board.add(lines("Messages, per second", [
        query(f"topk(10, {rate('xprober_actor_messages_total', BOTH, 'instance, actor')})",
              "{{instance}} {{actor}}")]), 8, 9)
    board.add(lines("Longest handler in the last minute", [
        query(f'topk(10, xprober_actor_handler_seconds{{{BOTH},quantile="1"}})',
              "{{instance}} {{actor}}")], "s"), 8, 9)
    board.add(table("Alive", f"xprober_actors_running{{{BOTH}}}", "actors"), 12)
    board.add(table("Ended of an error", f"xprober_actors_failed_total{{{BOTH}}}", "actors",
                    colors=steps(GREEN, (1, RED)),
                    description="A fault of the program: its log has the reason."), 12)


def board():
    made = Board(
        "xprober-prober", "xprober: the prober itself",
        "Whether the prober can be believed: lag, its own faults, what waits, what is lost.", [
            choice("region", "Region of agents", 'label_values(xprober_build_info{role="agent"}, region)'),
            choice("agent", "Agent", 'label_values(xprober_build_info{role="agent",region=~"$region"}, '
                                     'instance)', named=True),
            choice("server", "Server", 'label_values(xprober_build_info{role="server"}, instance)',
                   named=True),
            choice("source_region", "Region as the server has it",
                   "label_values(xprober_agent_up, region)"),
            choice("probe_type", "Probe", "label_values(xprober_targets, probe_type)")])
    for add in (add_processes, add_probing, add_lag, add_faults, add_names, add_pushing, add_server,
                add_notices, add_actors):
        add(made)
    return made
