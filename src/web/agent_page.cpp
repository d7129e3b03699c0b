#include <algorithm>
#include <cstdint>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "xprober/web/outcome.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using fact = std::pair<std::string, std::string>;

fact count(std::string name, std::uint64_t value) { return {std::move(name), people_count(value)}; }

std::string icmp_detail(const icmp_summary& icmp) {
  auto text = fmt::format("{}/{} echoes", icmp.received, icmp.sent);
  if (icmp.received > 0) {
    text += fmt::format(" · p99 {} · max {} ms", people_ms(widen(icmp.rtt.p99)),
                        people_ms(widen(icmp.rtt.max)));
  }
  if (icmp.duplicates > 0) {
    text += fmt::format(" · {} duplicate", icmp.duplicates);
  }
  if (icmp.reordered > 0) {
    text += fmt::format(" · {} reordered", icmp.reordered);
  }
  if (icmp.late > 0) {
    text += fmt::format(" · {} late", icmp.late);
  }
  return text;
}

std::string http_detail(const http_summary& http) {
  if (http.status == 0) {
    return {};
  }
  auto text = fmt::format("status {}", http.status);
  if (http.redirects > 0) {
    text += fmt::format(" · {} redirect{}", http.redirects, http.redirects == 1 ? "" : "s");
  }
  return text;
}

std::string detail_of(const probe_outcome& outcome) {
  std::string text;
  if (outcome.error != probe_error::none) {
    text = to_string(outcome.error);
    if (!outcome.detail.empty()) {
      text += ": " + outcome.detail;
    }
    return text;
  }
  if (const auto* icmp = std::get_if<icmp_summary>(&outcome.data)) {
    return icmp_detail(*icmp);
  }
  return http_detail(std::get<http_summary>(outcome.data));
}

target_row row_of(const target_line& line, wall_time now) {
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
  row.loss_percent = loss_percent(outcome);
  row.detail = detail_of(outcome);
  row.age = ago(to_unix_seconds(outcome.started), now);
  if (const auto rtt = mean_rtt_ms(outcome)) {
    row.ms = widen(*rtt);
  }
  if (const auto* http = std::get_if<http_summary>(&outcome.data)) {
    row.ms = to_ms(outcome.duration);
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      if (http->phases_ms[i]) {
        row.phases_ms[i] = widen(*http->phases_ms[i]);
      }
    }
  }
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
      rows.push_back(row_of(line, data.head.now));
    }
  }
  for (const auto& line : data.all.lines) {
    if (rows.size() < max_page_rows && line.state != "failing") {
      rows.push_back(row_of(line, data.head.now));
    }
  }
  return target_table(rows, data.all.total, "targets?limit=10000");
}

tile targets_tile(const agent_page_data& data) {
  const auto& stats = data.stats;
  const auto known = data.all.ok + data.all.failing;
  tile out{"Targets", people_count(stats.targets.count.total()),
           fmt::format("{} icmp · {} http", people_count(stats.targets.count.by_type[0]),
                       people_count(stats.targets.count.by_type[1]))};
  if (data.targets_problem.empty() && data.all.total > known) {
    out.note += fmt::format(" · {} waiting", people_count(data.all.total - known));
  }
  return out;
}

tile failing_tile(const agent_page_data& data) {
  if (!data.targets_problem.empty()) {
    return {"Failing", "?", data.targets_problem, mood::warning};
  }
  return {"Failing", people_count(data.all.failing), people_count(data.all.ok) + " answer",
          data.all.failing > 0 ? mood::bad
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
  const auto own_faults = stats.icmp.receive_overflow + stats.icmp.send_errors +
                          stats.http.local_errors + stats.ticks.skipped_behind;
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

std::string fact_card(std::string_view title, std::initializer_list<fact> rows) {
  return fmt::format("<div class=\"scroll\"><h3>{}</h3>{}</div>", html_escape(title),
                     facts({rows.begin(), rows.size()}));
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
  for (const auto& [name, p] :
       {std::pair{"ICMP probes", stats.icmp.probes}, std::pair{"HTTP probes", stats.http.probes}}) {
    out += fact_card(name, {count("finished", p.finished), count("succeeded", p.succeeded),
                            count("failed", p.failed), count("in flight", p.in_flight),
                            count("queued", p.queued)});
  }
  out += fact_card("Echoes",
                   {count("sent", stats.icmp.echo_sent),
                    count("answered", stats.icmp.echo_received), count("late", stats.icmp.late),
                    count("duplicate", stats.icmp.duplicate), count("foreign", stats.icmp.foreign),
                    count("ICMP errors", stats.icmp.icmp_errors)});
  out += fact_card("Own faults", {count("send errors", stats.icmp.send_errors),
                                  count("send buffer full", stats.icmp.send_blocked),
                                  count("receive overflow", stats.icmp.receive_overflow),
                                  count("no port or descriptor", stats.http.local_errors)});
  out += fact_card("Delivery", {count("results acknowledged", stats.push.results_acked),
                                count("waiting", stats.push.pending),
                                count("dropped", stats.push.results_dropped),
                                count("forgotten with their target", stats.push.results_forgotten),
                                count("failed batches", stats.push.batches_failed)});
  return out + "</div>\n";
}

} // namespace

std::string agent_page(const agent_page_data& data) {
  std::string main = overview(data);
  main += section("targets", "Targets", targets(data));
  main += section("inside", "Inside the prober", inside(data.stats));
  main += section("actors", "Actors", actor_table(data.stats));
  return document(data.head, data.stats, main);
}

} // namespace xprober::web
