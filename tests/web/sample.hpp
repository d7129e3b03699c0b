#pragma once

// Values that look like those of a running agent and server.

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/http/counters.hpp"
#include "xprober/probes/http/presenter.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/presenter.hpp"
#include "xprober/probes/icmp/summary.hpp"
#include "xprober/probes/presenter_table.hpp"

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
  auto spec = std::make_shared<target_spec>();
  spec->uid = std::move(uid);
  auto out = std::make_shared<probe_result>();
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
  s.ticks = {2460, 3, 2, 1, 5, {0.8, 9.5, 61.0}};
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
  http::http_counters own;
  own.connections = 1400;
  own.redirects = 490;
  own.resolves = 984;
  own.local_errors = 3;
  own.body_bytes = 4'000'000;
  own.no_descriptor = 4;
  own.no_port = 5;
  own.no_memory = 6;
  own.yielded = 7;
  own.places = 1000;
  own.queued_slow = 1;
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
  s.agents = 3;
  return s;
}

inline store_snapshot store() {
  store_snapshot s;
  s.icmp.push_back({"cn-north", "cn-south", 31.25, 0.5, 1, 20, 1});
  s.icmp.push_back({"cn-north", "eu-west", 182.5, 2.25, 1, 10, 2});
  s.icmp.push_back({"cn-south", "cn-north", 31.0, 0.0, 1, 20, 0});
  s.icmp.push_back({"cn-south", "eu-west", std::nullopt, 100.0, -1, 10, 10});
  s.icmp.push_back({"eu-west", "cn-north", 180.0, 0.0, 1, 20, 0});
  http_pair ok{"cn-north", "https://www.example/?a=\"1\"", "eu-west", {}, 1};
  ok.phases_ms = {1.5, 90.25, 181.0, 92.0, 3.5};
  http_pair down{"cn-south", "https://down.example/", "eu-west", {}, 0};
  down.phases_ms[0] = 2.5;
  s.http = {ok, down};
  return s;
}

inline store_snapshot store_with_targets() {
  auto s = store();
  stored_target ok{"cn-north", "10.0.0.1", icmp_uid("10.1.2.3"), now_unix - 4, 1.0, 31.25, 0.5, {}};
  stored_target lost{
      "cn-south", "10.0.1.1", icmp_uid("10.9.9.9", "eu-west"), now_unix - 5, -1.0, -1.0, 100.0, {}};
  stored_target url{"cn-north",   "10.0.0.1", http_uid("https://www.example/"),
                    now_unix - 2, 1.0,        std::nullopt,
                    std::nullopt, {}};
  url.phases_ms = {1.5, 90.25, 181.0, 92.0, 3.5};
  stored_target down{"cn-south",   "10.0.1.1", http_uid("https://down.example/"),
                     now_unix - 1, 0.0,        std::nullopt,
                     std::nullopt, {}};
  down.phases_ms[0] = 2.5;
  s.targets = {ok, lost, url, down};
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

} // namespace sample
