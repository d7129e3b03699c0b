#pragma once

// Values that look like those of a running agent and server.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/http/presenter.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/presenter.hpp"
#include "xprober/probes/icmp/summary.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/probes/stream/counters.hpp"
#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/mute.hpp"

namespace sample {

using namespace xprober;

/// 2026-01-02T03:04:05Z.
inline constexpr std::int64_t now_unix = 1767323045;

inline wall_time at(double seconds_ago = 0) {
  return wall_time{std::chrono::milliseconds{now_unix * 1000 + 678 -
                                             static_cast<std::int64_t>(seconds_ago * 1000)}};
}

inline target_uid icmp_uid(std::string address, std::string region = "cn-south") {
  return {std::move(region), std::move(address), kinds::icmp()};
}

inline target_uid http_uid(std::string url, std::string region = "eu-west") {
  return {std::move(region), std::move(url), kinds::http()};
}

inline presenter_table presenters() {
  static const icmp::presenter icmp;
  static const http::presenter http;
  return presenter_table{{&icmp, &http}};
}

inline probe_result_ptr result(target_uid uid, probe_outcome outcome) {
  auto spec = new_counted<target_spec>();
  spec->uid = std::move(uid);
  auto out = new_counted<probe_result>();
  out->target = std::move(spec);
  out->outcome = std::move(outcome);
  return out;
}

inline probe_result_ptr icmp_ok(target_uid uid) {
  probe_outcome o;
  o.success = true;
  o.address = "10.1.2.3";
  o.started = at(3);
  o.duration = std::chrono::microseconds{12500};
  o.start_lag = std::chrono::microseconds{250};
  icmp_summary icmp;
  icmp.sent = 50;
  icmp.received = 49;
  icmp.duplicates = 1;
  icmp.rtt = {0.1F, 0.25F, 1.5F, 0.2F, 0.2F, 1.4F, 0.9F, 0.05F};
  icmp.reordered = 2;
  icmp.reply_ttl = 57;
  icmp.errors = {{3, 1, 1, "host unreachable", "192.0.2.254"}};
  write_summary(icmp, o);
  return result(std::move(uid), std::move(o));
}

inline probe_result_ptr icmp_failed(target_uid uid, probe_error error = probe_error::no_reply,
                                    std::string detail = "no reply to 50 echoes") {
  probe_outcome o;
  o.error = error;
  o.detail = std::move(detail);
  o.started = at(4);
  o.duration = std::chrono::seconds{15};
  if (error == probe_error::no_reply) {
    icmp_summary icmp;
    icmp.sent = 50;
    write_summary(icmp, o);
  }
  return result(std::move(uid), std::move(o));
}

inline probe_result_ptr http_ok(target_uid uid) {
  probe_outcome o;
  o.success = true;
  o.address = "192.0.2.7";
  o.started = at(1);
  o.duration = std::chrono::microseconds{87250};
  http_summary http;
  http.phases_ms = {1.5F, 10.25F, 30.5F, 40.0F, 5.0F};
  http.status = 200;
  http.redirects = 1;
  http.body_bytes = 4096;
  http.cert_expiry_unix = now_unix + 30 * 86400;
  write_summary(http, o);
  return result(std::move(uid), std::move(o));
}

inline probe_result_ptr http_failed(target_uid uid) {
  probe_outcome o;
  o.error = probe_error::connect_timeout;
  o.detail = "connecting to 192.0.2.9:443: no answer in 10 s";
  o.address = "192.0.2.9";
  o.started = at(2);
  o.duration = std::chrono::seconds{10};
  http_summary http;
  http.phases_ms[0] = 2.5F;
  write_summary(http, o);
  return result(std::move(uid), std::move(o));
}

inline target_line line(std::string state, probe_result_ptr last) {
  return {last->target->uid, std::move(state), last};
}

inline target_listing listing() {
  target_listing out;
  out.lines.push_back(line("failing", icmp_failed(icmp_uid("10.1.2.4"))));
  out.lines.push_back(line("failing", http_failed(http_uid("https://down.example/"))));
  out.lines.push_back(line("ok", icmp_ok(icmp_uid("10.1.2.3"))));
  out.lines.push_back(line("ok", http_ok(http_uid("https://www.example/?a=1&b=<2>"))));
  out.lines.push_back({icmp_uid("10.1.2.9"), "waiting", nullptr});
  out.matching = out.total = 5;
  out.ok = 2;
  out.failing = 2;
  return out;
}

inline stats_snapshot base_stats(std::string role) {
  stats_snapshot s;
  s.role = std::move(role);
  s.version = "0.1.0";
  s.started_unix = now_unix - 7384;
  s.uptime_seconds = 7384.5;
  s.rss_bytes = 48 * 1024 * 1024;
  s.cpu_seconds = 12.25;
  s.open_fds = 23;
  s.scheduler_policy = "sharing";
  s.scheduler_workers = 1;
  s.targets.count.by_kind = {{"icmp", 3}, {"http", 2}};
  return s;
}

inline stats_snapshot agent_stats() {
  auto s = base_stats("agent");
  s.actors["target"] = {5, 7, 2, 0, 1234567, 0, 3, {2.5, 40.0, 812.0}};
  s.actors["results"] = {1, 1, 0, 0, 54321, 1, 96, {1.0, 12.0, 3401.0}};
  s.actors["ticker"] = {1, 1, 0, 0, 738450, 0, 2, {8.0, 51.0, 930.0}};
  s.actors["target_manager"] = {1, 2, 0, 1, 15, 0, 1, {30.0, 900.0, 1200.0}};
  s.targets.unknown_type = 1;
  s.targets.duplicates = 4;
  s.sync = {"ab12cd34", 1470, 6, 1468, 3, 2, 1, 12, 1, 98765, now_unix - 2, 1.75, 321, ""};
  s.ticks = {2460, 3, 2, 1, 0, 5, {0.8, 9.5, 61.0}};
  kind_stats icmp;
  icmp.report.kind = "icmp";
  icmp.report.probes = {1476, 1475, 980, 400, 95, 1, 0};
  icmp.report.counters = icmp::echo_counters{.echo_sent = 73750,
                                             .echo_received = 48950,
                                             .late = 12,
                                             .duplicate = 9,
                                             .foreign = 2,
                                             .icmp_errors = 7,
                                             .send_errors = 1,
                                             .send_blocked = 5,
                                             .receive_overflow = 4,
                                             .sent_inexact = 3,
                                             .shared = 6}
                             .described();
  icmp.receive_gap_us = latency_quantiles{12, 250, 1800};
  kind_stats http;
  http.report.kind = "http";
  http.report.probes = {984, 983, 490, 493, 0, 1, 2};
  stream::stream_counters own;
  own.connections = 1400;
  own.resolves = 984;
  own.local_errors = 3;
  own.no_descriptor = 4;
  own.no_port = 5;
  own.no_memory = 6;
  own.neighbours_full = 9;
  own.stalled_ms = 10;
  own.yielded = 7;
  own.places = 1000;
  own.queued_slow = 1;
  own.own = {{.name = "redirects", .help = "Redirects followed.", .value = 490},
             {.name = "body_bytes", .help = "Bytes of bodies read.", .value = 4'000'000}};
  http.report.counters = own.described();
  s.kinds = {icmp, http};
  s.probe_requests = {40, 3, 2};
  s.push = {1470, 6, 2400, 11, 13, 0, 0, 58, 0, 0, now_unix - 3, "the server is away"};
  return s;
}

inline stats_snapshot server_stats() {
  auto s = base_stats("server");
  s.actors["store"] = {1, 1, 0, 0, 9876, 0, 12, {55.0, 240.0, 1900.0}};
  s.actors["registry"] = {1, 1, 0, 0, 4410, 0, 1, {1.0, 3.0, 44.0}};
  s.ingest = {120000, 119000, 17, 1000, 2100};
  s.history.enabled = true;
  s.history.series = 7;
  s.history.rows = {100, 30, 5};
  s.history.results = 40000;
  s.history.omitted_of = {{{"us", "10.0.0.9"}, 12}};
  s.chains = {30, 20, 500, 7, 3, 2, 1};
  s.agents = 3;
  s.incidents.open = {{incident_kind::target, incident_severity::critical, 2},
                      {incident_kind::path, incident_severity::warning, 0}};
  return s;
}

/// Results of a kind, none yet.
inline kind_results results_of(const probe_kind& kind) {
  return {hold_kind(kind), mean_columns(kind), {}};
}

/// Adds a group in which `failing` of `rows` fail; `means` by column.
inline void add_group(kind_results& to, std::string source_region, std::string other,
                      std::uint64_t rows, std::uint64_t failing,
                      const std::map<std::size_t, float>& means,
                      std::string target_region = "eu-west") {
  stored_group group{std::move(source_region), {}, {}, {}};
  if (to.kind->grouped_by == result_group::pair) {
    group.target_region = std::move(other);
  } else {
    group.target_region = std::move(target_region);
    group.address = std::move(other);
  }
  group.sums.rows = rows;
  group.sums.means.resize(to.averaged.size());
  for (std::size_t i = 0; i < to.averaged.size(); ++i) {
    if (const auto found = means.find(to.averaged[i]); found != means.end()) {
      group.sums.means[i].add(found->second);
    }
  }
  for (std::uint64_t i = 0; i < rows; ++i) {
    group.sums.successes.add(i < failing ? to.kind->failed : 1);
  }
  const auto count_as = [&](series_state state, std::uint64_t count) {
    group.sums.states[static_cast<std::size_t>(state)] = static_cast<std::uint32_t>(count);
  };
  count_as(series_state::failing, failing);
  count_as(series_state::ok, rows - failing);
  to.groups.push_back(std::move(group));
}

inline store_snapshot store() {
  using namespace kinds::icmp_column;
  auto icmp = results_of(kinds::icmp());
  add_group(icmp, "cn-north", "cn-south", 20, 1, {{latency, 31.25F}, {loss, 0.5F}});
  add_group(icmp, "cn-north", "eu-west", 10, 2, {{latency, 182.5F}, {loss, 2.25F}});
  add_group(icmp, "cn-south", "cn-north", 20, 0, {{latency, 31.0F}, {loss, 0.0F}});
  add_group(icmp, "cn-south", "eu-west", 10, 10, {{loss, 100.0F}});
  add_group(icmp, "eu-west", "cn-north", 20, 0, {{latency, 180.0F}, {loss, 0.0F}});
  auto http = results_of(kinds::http());
  add_group(http, "cn-north", "https://www.example/?a=\"1\"", 1, 0,
            {{1, 1.5F}, {2, 90.25F}, {3, 181.0F}, {4, 92.0F}, {5, 3.5F}});
  add_group(http, "cn-south", "https://down.example/", 1, 1, {{1, 2.5F}});
  return {{std::move(icmp), std::move(http)}, {}};
}

inline stored_target stored(std::string source_region, std::string agent, target_uid uid,
                            const probe_kind& kind, std::int64_t unix_seconds, bool ok,
                            column_values values) {
  series_status status;
  status.state = ok ? series_state::ok : series_state::failing;
  status.streak = 3;
  status.since_unix = static_cast<std::uint32_t>(std::max<std::int64_t>(unix_seconds - 30, 0));
  status.reason = ok ? "" : "refused";
  status.phase = ok ? "" : "connect";
  status.detail = ok ? "" : "connecting: refused";
  status.failed_unix = ok ? 0U : static_cast<std::uint32_t>(unix_seconds);
  return {std::move(source_region), std::move(agent),        std::move(uid), unix_seconds,
          hold_kind(kind),          ok ? 1.0F : kind.failed, values,         std::move(status)};
}

inline column_values echo_values(std::optional<float> latency_ms, float loss_percent) {
  column_values values;
  values.set(kinds::icmp_column::loss, loss_percent);
  if (latency_ms) {
    values.set(kinds::icmp_column::latency, *latency_ms);
  }
  return values;
}

inline store_snapshot store_with_targets() {
  auto s = store();
  s.targets = {stored("cn-north", "10.0.0.1", icmp_uid("10.1.2.3"), kinds::icmp(), now_unix - 4,
                      true, echo_values(31.25F, 0.5F)),
               stored("cn-south", "10.0.1.1", icmp_uid("10.9.9.9", "eu-west"), kinds::icmp(),
                      now_unix - 5, false, echo_values({}, 100)),
               stored("cn-north", "10.0.0.1", http_uid("https://www.example/"), kinds::http(),
                      now_unix - 2, true,
                      samples::http_values({1.5F, 90.25F, 181, 92, 3.5F}, 200, now_unix + 86'400)),
               stored("cn-south", "10.0.1.1", http_uid("https://down.example/"), kinds::http(),
                      now_unix - 1, false, samples::http_values({2.5F}, 0))};
  return s;
}

/// The same with kinds that are in no table.
inline store_snapshot store_with_toys() {
  auto s = store_with_targets();
  auto toy = results_of(samples::toy());
  add_group(toy, "cn-north", "a:1", 2, 1,
            {{samples::toy_column::wind, 2}, {samples::toy_column::spin, 4}});
  add_group(toy, "cn-north", "b:1", 1, 1, {{samples::toy_column::wind, 3}});
  auto mesh = results_of(samples::toy_mesh());
  add_group(mesh, "cn-north", "cn-south", 4, 1, {{1, 25}, {2, 8}});
  s.kinds.push_back(std::move(toy));
  s.kinds.push_back(std::move(mesh));
  s.targets.push_back(stored("cn-north", "10.0.0.1", {"eu-west", "a:1", prober_name{"toy"}},
                             samples::toy(), now_unix - 1, true,
                             samples::toy_success(2, 4, 7).values));
  s.targets.push_back(stored("cn-north", "10.0.0.2", {"eu-west", "b:1", prober_name{"module"}},
                             samples::toy(), now_unix - 1, false, samples::toy_failure(3).values));
  return s;
}

inline agent_listing agents() {
  agent_listing out;
  out.agents.push_back(
      {{"cn-north", "10.0.0.1"}, "203.0.113.5:40212", now_unix - 7000, now_unix - 2, 1250});
  out.agents.push_back(
      {{"cn-south", "10.0.1.1"}, "203.0.113.9:40991", now_unix - 500, now_unix - 4, std::nullopt});
  return out;
}

/// An incident that is open, with all that it can have.
inline incident open_incident() {
  incident out;
  out.id = 7;
  out.kind = incident_kind::target;
  out.severity = incident_severity::critical;
  out.summary = "target https://down.example/ fails";
  out.opened = at(600);
  out.probe_type = kinds::http().name;
  out.reason = "refused";
  out.phase = "connect";
  out.detail = "connecting to 192.0.2.9:443: refused";
  out.sources = {2, 3, {"cn-north", "cn-south"}};
  out.targets = {1, 4, {"https://down.example/"}};
  out.labels = {{"region", "eu-west"}, {"team", "shop"}};
  out.timeline = {{at(600), incident_event::opened, 2, 1, "it fails"}};
  return out;
}

inline incident closed_incident() {
  auto out = open_incident();
  out.id = 5;
  out.closed = at(60);
  out.certificate = "ab:cd";
  out.merged_into = 7;
  out.acknowledged = acknowledgement{"ann", "looking", at(300)};
  return out;
}

inline mute some_mute() {
  mute out;
  out.id = 3;
  out.conditions = {mute_condition{"team", "shop"}};
  out.from = at(60);
  out.until = at(-3600);
  out.by = "ann";
  out.why = "the shop moves";
  return out;
}

} // namespace sample
