#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "xprober/web/metrics_common.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using fact = std::pair<std::string, std::string>;

fact count(std::string name, std::uint64_t value) { return {std::move(name), people_count(value)}; }

std::string detail_of(const probe_outcome& outcome, const kind_presenter& presenter) {
  if (outcome.error == probe_error::none) {
    return presenter.remark(outcome);
  }
  std::string text{to_string(outcome.error)};
  if (!outcome.detail.empty()) {
    text += ": " + outcome.detail;
  }
  return text;
}

std::optional<double> shown(const probe_kind& kind, const probe_outcome& outcome,
                            std::optional<std::size_t> column) {
  return column ? shown_value(kind, outcome.values, *column) : std::nullopt;
}

void add_numbers(target_row& row, const probe_kind& kind, const probe_outcome& outcome) {
  row.loss_percent = shown(kind, outcome, kind.find(column_role::loss));
  const auto duration = kind.find(column_role::duration);
  row.ms = duration ? shown(kind, outcome, duration) : to_ms(outcome.duration);
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (kind.columns[i].role == column_role::phase) {
      row.phases_ms.emplace_back(kind.columns[i].key, shown_value(kind, outcome.values, i));
    }
  }
}

target_row row_of(const target_line& line, const presenter_table& presenters, wall_time now) {
  target_row row;
  row.state = line.state;
  row.target = line.uid.address;
  row.link = "targets/" + uid_text(line.uid);
  row.region = line.uid.region;
  row.type = line.uid.type;
  if (!line.last) {
    return row;
  }
  const auto& outcome = line.last->outcome;
  const auto& kind = line.last->target->kind();
  row.detail = detail_of(outcome, presenters.of(kind));
  row.age = ago(to_unix_seconds(outcome.started), now);
  add_numbers(row, kind, outcome);
  return row;
}

std::string targets(const agent_page_data& data) {
  if (!data.targets_problem.empty()) {
    return notice("The targets cannot be shown: " + data.targets_problem, mood::bad);
  }
  if (data.all.total == 0) {
    return notice("No targets yet: the server has named none.");
  }
  std::vector<target_row> rows;
  for (const auto& line : data.failing.lines) {
    if (rows.size() < max_page_rows) {
      rows.push_back(row_of(line, data.presenters, data.head.now));
    }
  }
  for (const auto& line : data.all.lines) {
    if (rows.size() < max_page_rows && line.state != "failing") {
      rows.push_back(row_of(line, data.presenters, data.head.now));
    }
  }
  return target_table(rows, data.all.total, "targets?limit=10000");
}

tile targets_tile(const agent_page_data& data) {
  const auto& stats = data.stats;
  const auto known = data.all.ok + data.all.failing + data.all.prober_fault;
  tile out{"Targets", people_count(stats.targets.count.total()), {}};
  for (const auto& [kind, count] : counts_by_kind(stats.targets.count)) {
    if (count > 0) {
      out.note += fmt::format("{}{} {}", out.note.empty() ? "" : " · ", people_count(count), kind);
    }
  }
  if (data.targets_problem.empty() && data.all.total > known) {
    out.note += fmt::format("{}{} waiting", out.note.empty() ? "" : " · ",
                            people_count(data.all.total - known));
  }
  return out;
}

tile failing_tile(const agent_page_data& data) {
  if (!data.targets_problem.empty()) {
    return {"Failing", "?", data.targets_problem, mood::warning};
  }
  const auto unknown = data.all.prober_fault;
  return {"Failing", people_count(data.all.failing),
          people_count(data.all.ok) + " answer" +
              (unknown > 0 ? " · " + people_count(unknown) + " not probed (own fault)" : ""),
          data.all.failing > 0 ? mood::bad
          : unknown > 0        ? mood::warning
          : data.all.ok > 0    ? mood::good
                               : mood::neutral};
}

tile sync_tile(const sync_stats& sync, wall_time now) {
  const bool failing = !sync.last_error.empty();
  return {"Target list", ago(sync.last_ok_unix, now),
          failing ? sync.last_error
          : sync.held_removals > 0
              ? "held: it takes away " + people_count(sync.held_removals) + " targets"
          : sync.revision.empty() ? people_count(sync.ok) + " answers"
                                  : "revision " + sync.revision,
          failing                  ? mood::bad
          : sync.held_removals > 0 ? mood::warning
          : sync.last_ok_unix > 0  ? mood::good
                                   : mood::neutral};
}

tile push_tile(const push_stats& push, wall_time now) {
  const bool failing = !push.last_error.empty();
  return {"Results pushed", ago(push.last_ok_unix, now),
          failing ? push.last_error : people_count(push.pending) + " waiting",
          failing                 ? mood::bad
          : push.last_ok_unix > 0 ? mood::good
                                  : mood::neutral};
}

std::string overview(const agent_page_data& data) {
  const auto& stats = data.stats;
  auto own_faults = stats.ticks.skipped_behind;
  for (const auto& kind : stats.kinds) {
    for (const auto& counter : kind.report.counters) {
      own_faults += counter.own_fault ? counter.value : 0;
    }
  }
  const std::vector<tile> all{
      targets_tile(data),
      failing_tile(data),
      sync_tile(stats.sync, data.head.now),
      push_tile(stats.push, data.head.now),
      {"Tick lag p99", people_ms(stats.ticks.lag_ms.p99) + " ms",
       people_count(stats.ticks.late) + " late of " + people_count(stats.ticks.due)},
      {"Prober's own faults", people_count(own_faults), "overflows, send errors; never loss",
       own_faults > 0 ? mood::warning : mood::good},
      {"CPU", people_seconds(stats.cpu_seconds),
       stats.uptime_seconds > 0
           ? fmt::format("{:.1f} % of one core", 100 * stats.cpu_seconds / stats.uptime_seconds)
           : std::string()},
      {"Memory", people_bytes(stats.rss_bytes), people_count(stats.open_fds) + " descriptors"}};
  return tiles(all);
}

std::string fact_card(std::string_view title, std::span<const fact> rows) {
  return fmt::format("<div class=\"scroll\"><h3>{}</h3>{}</div>", html_escape(title), facts(rows));
}

std::string fact_card(std::string_view title, std::initializer_list<fact> rows) {
  return fact_card(title, {rows.begin(), rows.size()});
}

/// What an engine counts of its own, if anything.
std::string own_card(const engine_report& report) {
  std::vector<fact> rows;
  for (const auto& counter : report.counters) {
    std::string name{counter.name};
    std::ranges::replace(name, '_', ' ');
    rows.push_back(count(std::move(name), counter.value));
  }
  return rows.empty() ? std::string{} : fact_card(std::string{report.kind} + " counters", rows);
}

std::string inside(const stats_snapshot& stats) {
  const auto& lag = stats.ticks.lag_ms;
  std::string out = "<div class=\"columns\">";
  out += fact_card("Ticks", {count("due", stats.ticks.due),
                             count("late", stats.ticks.late),
                             count("skipped: probe still running", stats.ticks.skipped_busy),
                             count("skipped: wheel behind", stats.ticks.skipped_behind),
                             {"lag p50 ms", people_ms(lag.p50)},
                             {"lag p99 ms", people_ms(lag.p99)},
                             {"lag max ms", people_ms(lag.max)}});
  for (const auto& kind : stats.kinds) {
    const std::string name{kind.report.kind};
    const auto& p = kind.report.probes;
    out +=
        fact_card(name + " probes", {count("finished", p.finished), count("succeeded", p.succeeded),
                                     count("failed", p.failed), count("own faults", p.local_errors),
                                     count("in flight", p.in_flight), count("queued", p.queued)});
    out += own_card(kind.report);
  }
  out += fact_card("Delivery", {count("results acknowledged", stats.push.results_acked),
                                count("waiting", stats.push.pending),
                                count("dropped", stats.push.results_dropped),
                                count("in memory alone", stats.push.spool_in_memory),
                                count("forgotten with their target", stats.push.results_forgotten),
                                count("failed batches", stats.push.batches_failed)});
  return out + "</div>\n";
}

} // namespace

std::string agent_page(const agent_page_data& data) {
  std::string main = overview(data);
  const auto& push = data.stats.push;
  if (!push.spool_problem.empty()) {
    main += notice("Results are kept in memory alone, because the disk does not take them: " +
                       push.spool_problem + ". " + people_count(push.spool_in_memory) +
                       " would be lost with this process now.",
                   mood::bad);
  }
  if (push.spool_set_aside > 0) {
    main += notice("The spool was damaged and set aside; the log has its name.", mood::warning);
  }
  main += section("targets", "Targets", left_out(data.stats.targets.bad) + targets(data));
  main += section("inside", "Inside the prober", inside(data.stats));
  main += section("actors", "Actors", actor_table(data.stats));
  return document(data.head, data.stats, main);
}

} // namespace xprober::web
