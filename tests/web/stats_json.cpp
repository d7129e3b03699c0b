#define CAF_SUITE stats_json

#include "xprober/web/stats_json.hpp"

#include "web/sample.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace stats_json_suite {

using namespace xprober::web;

namespace {

json agent() { return json::parse(stats_json(sample::agent_stats())); }
json server() { return json::parse(stats_json(sample::server_stats())); }

} // namespace

CAF_TEST(both roles tell of process and scheduler) {
  for (const auto& stats : {agent(), server()}) {
    const auto& process = stats.at("process");
    CAF_CHECK_EQUAL(process.at("version").get<std::string>(), "0.1.0");
    CAF_CHECK_EQUAL(process.at("uptime_seconds").get<double>(), 7384.5);
    CAF_CHECK_EQUAL(process.at("rss_bytes").get<int>(), 48 * 1024 * 1024);
    CAF_CHECK_EQUAL(process.at("cpu_seconds").get<double>(), 12.25);
    CAF_CHECK_EQUAL(process.at("open_fds").get<int>(), 23);
    CAF_CHECK_EQUAL(stats.at("scheduler").dump(), R"({"policy":"sharing","workers":1})");
  }
}

CAF_TEST(each port has a row) {
  auto stats = sample::agent_stats();
  xprober::port_counters page;
  page.port = "http_addr";
  page.connections = 3;
  page.places = 1024;
  page.dropped_idle = 5;
  stats.ports.push_back(page);
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("ports").dump(),
                  R"([{"port":"http_addr","connections":3,"places":1024,"held_bytes":0,)"
                  R"("dropped_idle":5,"refused_full":0,"refused_peer":0,"refused_messages":0,)"
                  R"("foreign_users":0}])");
}

CAF_TEST(an actor has a row) {
  CAF_CHECK_EQUAL(
      agent().at("actors").at("target").dump(),
      R"({"running":5,"spawned":7,"stopped":2,"failed":0,"messages":1234567,)"
      R"("mailbox":{"now":0,"max":3},"handler_us":{"p50":2.5,"p99":40.0,"max":812.0}})");
}

CAF_TEST(an agent tells of its targets and syncs) {
  const auto stats = agent();
  CAF_CHECK_EQUAL(
      stats.at("targets").dump(),
      R"({"icmp":3,"http":2,"tcp":0,"tls":0,"dns":0,"of_modules":0,"unknown_type":1,"duplicates":4,"bad":0,"bad_first":[]})");
  CAF_CHECK_EQUAL(
      stats.at("sync").dump(),
      R"({"revision":"ab12cd34","ok":1470,"failed":6,"unchanged":1468,)"
      R"("full":3,"differences":2,"held":1,"held_removals":12,"mismatches":1,"bytes":98765,)"
      R"("last_ok_unix":1767323043,"last_apply_ms":1.75,"last_bytes":321,)"
      R"("last_error":"","kept_list":false})");
}

CAF_TEST(an agent tells of its ticks and probes) {
  const auto stats = agent();
  CAF_CHECK_EQUAL(stats.at("ticks").dump(),
                  R"({"due":2460,"late":3,"skipped_busy":2,"skipped_behind":1,)"
                  R"("skipped_overload":0,"repeated":5,)"
                  R"("lag_ms":{"p50":0.8,"p99":9.5,"max":61.0}})");
  CAF_CHECK_EQUAL(stats.at("probes").at("icmp").dump(),
                  R"({"started":1476,"finished":1475,"succeeded":980,"failed":400,)"
                  R"("local_errors":95,"exceptions":0,"in_flight":1,"queued":0})");
  CAF_CHECK_EQUAL(stats.at("probes").at("http").at("queued").get<int>(), 2);
  CAF_CHECK_EQUAL(
      stats.at("http").dump(),
      R"({"connections":1400,"resolves":984,"local_errors":3,"no_descriptor":4,)"
      R"("no_port":5,"no_memory":6,"neighbours_full":9,"stalled_ms":10,"yielded":7,"places":1000,)"
      R"("queued_slow":1,"redirects":490,"body_bytes":4000000})");
  CAF_CHECK_EQUAL(
      stats.at("icmp").dump(),
      R"({"echo_sent":73750,"echo_received":48950,"late":12,"duplicate":9,)"
      R"("foreign":2,"icmp_errors":7,"send_errors":1,"send_blocked":5,"neighbours_full":0,)"
      R"("receive_overflow":4,"sent_inexact":3,"shared":6,)"
      R"("receive_gap_us":{"p50":12.0,"p99":250.0,"max":1800.0}})");
}

CAF_TEST(an agent tells of the names that both engines resolved) {
  auto stats = sample::agent_stats();
  stats.kinds.at(0).report.dns = {10, 1, 20, 3, 4, 2, 5, 6, 2, 7, 8, 2};
  stats.kinds.at(1).report.dns = {100, 10, 200, 30, 40, 20, 50, 60, 20, 70, 80, 1};
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("dns").dump(),
                  R"({"queries":110,"joined":11,"cache_hits":220,"negative_hits":33,"failures":44,)"
                  R"("timeouts":22,"cached_names":55,"queued":66,"queued_slow":22,"yielded":77,)"
                  R"("cancelled":88,"silent_names":2})");
}

CAF_TEST(an engine of any kind is told of below its name) {
  auto stats = sample::agent_stats();
  xprober::kind_stats toy;
  toy.report.kind = "toy";
  toy.report.probes.started = 7;
  toy.report.counters = {{.name = "flips", .help = "Flips.", .value = 3}};
  stats.kinds.push_back(toy);
  stats.targets.count.by_kind["toy"] = 2;
  const auto told = json::parse(stats_json(stats));
  CAF_CHECK_EQUAL(told.at("probes").at("toy").at("started").get<int>(), 7);
  CAF_CHECK_EQUAL(told.at("toy").dump(), R"({"flips":3})");
  CAF_CHECK_EQUAL(told.at("targets").at("toy").get<int>(), 2);
}

CAF_TEST(a kind may have the name of another section) {
  auto stats = sample::agent_stats();
  xprober::kind_stats names;
  names.report.kind = "dns";
  names.report.counters = {{.name = "truncated", .help = "Answers.", .value = 4}};
  names.report.dns.queries = 9;
  stats.kinds.push_back(names);
  const auto told = json::parse(stats_json(stats)).at("dns");
  CAF_CHECK_EQUAL(told.at("truncated").get<int>(), 4);
  CAF_CHECK_EQUAL(told.at("queries").get<int>(), 9);
}

CAF_TEST(an agent tells what it was asked to probe) {
  CAF_CHECK_EQUAL(agent().at("probe_requests").dump(),
                  R"({"started":40,"refused":3,"in_flight":2})");
}

CAF_TEST(an agent tells of its pushes) {
  CAF_CHECK_EQUAL(agent().at("push").dump(),
                  R"({"batches_ok":1470,"batches_failed":6,"results_acked":2400,)"
                  R"("results_dropped":11,"results_forgotten":13,"results_restored":0,)"
                  R"("results_rejected":0,"pending":58,)"
                  R"("spool_batches":0,"spool_bytes":0,"spool_in_memory":0,"spool_oldest_unix":0,)"
                  R"("spool_set_aside":0,"spool_problem":"","last_ok_unix":1767323042,)"
                  R"("last_error":"the server is away"})");
}

CAF_TEST(an agent tells what keeps it from probing) {
  CAF_CHECK_EQUAL(agent().at("own_faults").dump(), "[]");
  auto stats = sample::agent_stats();
  stats.own_faults = {{"overload", "too much", 7}};
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("own_faults").dump(),
                  R"([{"reason":"overload","detail":"too much","since_unix":7}])");
  CAF_CHECK(!server().contains("own_faults"));
}

CAF_TEST(a server tells of agents and results) {
  const auto stats = server();
  CAF_CHECK_EQUAL(stats.at("agents").get<int>(), 3);
  CAF_CHECK_EQUAL(stats.at("targets").at("icmp").get<int>(), 3);
  CAF_CHECK_EQUAL(stats.at("results").dump(),
                  R"({"received":120000,"accepted":119000,"duplicate_batches":17,)"
                  R"("rejected":1000,"stored_series":2100})");
  CAF_CHECK_EQUAL(stats.at("remote_write").dump(), "[]");
  CAF_CHECK(!stats.contains("push"));
}

CAF_TEST(a server tells of its sources of targets) {
  auto stats = sample::server_stats();
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("discovery").dump(), "[]");
  stats.discovery.sources = {{"/a.json", 12, 3, 1, 77, "/a.json:1: bad", true}};
  stats.targets.label_conflicts = 2;
  const auto out = json::parse(stats_json(stats));
  CAF_CHECK_EQUAL(out.at("discovery").dump(),
                  R"([{"source":"/a.json","targets":12,"ok":3,"failed":1,"last_ok_unix":77,)"
                  R"("last_error":"/a.json:1: bad","kept_list":true,"left_out":0,)"
                  R"("first_left_out":""}])");
  CAF_CHECK_EQUAL(out.at("targets").at("label_conflicts").get<int>(), 2);
}

CAF_TEST(a server tells of its receivers) {
  xprober::stats_snapshot stats;
  stats.role = "server";
  xprober::remote_write_stats line;
  line.receiver.url = "http://a/write";
  line.receiver.requests = 3;
  line.receiver.retries = 2;
  line.receiver.last_error = "HTTP 500: no";
  line.queue = {"a", 100, 7, 5, 30, 400};
  stats.remote_write.push_back(line);
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("remote_write").dump(),
                  R"([{"url":"http://a/write","name":"a","sent":100,"failed":7,"dropped":5,)"
                  R"("pending":30,"pending_bytes":400,"requests":3,"retries":2,"bytes":0,)"
                  R"("last_ok_unix":0,"last_error":"HTTP 500: no","histograms":0,)"
                  R"("histograms_failed":0,"histograms_error":""}])");
}

CAF_TEST(a server tells of those who are told of incidents) {
  xprober::stats_snapshot stats;
  stats.role = "server";
  stats.notify.push_back({"webhook:chat", 7, 1, 3, 2, 77, "HTTP 500: no"});
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("notify").dump(),
                  R"([{"name":"webhook:chat","told":7,"failed":1,"retried":3,"pending":2,)"
                  R"("last_ok_unix":77,"last_error":"HTTP 500: no"}])");
}

CAF_TEST(a server tells what its tables of certificates hold) {
  xprober::stats_snapshot stats;
  stats.role = "server";
  stats.chains = {30, 20, 500, 7, 3, 2, 1};
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("chains").dump(),
                  R"({"certificates":30,"chains":20,"sightings":500,"agents":7,"left_out":3,)"
                  R"("refused":2,"paced":1})");
}

CAF_TEST(no actors are an empty object) {
  xprober::stats_snapshot stats;
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("actors").dump(), "{}");
}

CAF_TEST(broken bytes in a revision do not break the document) {
  auto stats = sample::agent_stats();
  stats.sync.revision = "\xFF\"";
  CAF_CHECK_EQUAL(json::parse(stats_json(stats)).at("sync").at("revision").get<std::string>(),
                  "\xEF\xBF\xBD\"");
}

} // namespace stats_json_suite
