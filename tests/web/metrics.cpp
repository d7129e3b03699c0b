#define CAF_SUITE metrics

#include "web/sample.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/server_metrics.hpp"

#include <set>
#include <sstream>

#include "caf/test/unit_test.hpp"

namespace metrics_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

const agent_identity me{"cn-north", "10.0.0.1"};

/// True if `text` has exactly this line.
bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

/// Lines that a reader of the format would refuse: a series outside of its name's one group, or
/// twice.
std::vector<std::string> misplaced(const std::string& text) {
  std::vector<std::string> out;
  std::set<std::string> groups;
  std::set<std::string> series;
  std::string group;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      group = line.substr(7, line.find(' ', 7) - 7);
      if (!groups.insert(group).second) {
        out.push_back(line);
      }
    } else if (!line.starts_with("# TYPE ")) {
      const bool named = line.substr(0, line.find_first_of("{ ")) == group;
      if (!named || !series.insert(line.substr(0, line.rfind(' '))).second) {
        out.push_back(line);
      }
    }
  }
  return out;
}

} // namespace

CAF_TEST(an agent exposes its own counters) {
  const auto text = agent_metrics(sample::agent_stats(), me, sample::presenters(), nullptr);
  for (const auto* line :
       {"xprober_build_info{role=\"agent\",version=\"0.1.0\"} 1", "process_cpu_seconds_total 12.25",
        "process_resident_memory_bytes 50331648", "process_start_time_seconds 1767315661",
        "process_open_fds 23", "xprober_actors_running{actor=\"target\"} 5",
        "xprober_actor_messages_total{actor=\"target\"} 1234567",
        "xprober_actor_handler_seconds{actor=\"target\",quantile=\"1\"} 0.000812",
        "xprober_targets{probe_type=\"icmp\"} 3", "xprober_ticks_total 2460",
        "xprober_ticks_skipped_behind_total 1",
        "xprober_tick_lag_seconds{quantile=\"0.99\"} 0.0095", "xprober_icmp_echo_sent_total 73750",
        "xprober_icmp_send_blocked_total 5", "xprober_probes_failed_total{probe_type=\"http\"} 493",
        "xprober_syncs_total 1476", "xprober_push_results_pending 58",
        "xprober_push_batches_total 1476", "xprober_dns_queries_total{probe_type=\"icmp\"} 0",
        "xprober_dns_cached_names{probe_type=\"http\"} 0",
        "xprober_dns_queued{probe_type=\"http\"} 0",
        "xprober_dns_cancelled_total{probe_type=\"icmp\"} 0", "xprober_probe_requests_total 40",
        "xprober_probe_requests_refused_total 3", "xprober_probe_requests_in_flight 2",
        // Once told by /stats alone.
        "xprober_ticks_repeated_total 5", "xprober_icmp_sent_inexact_total 3",
        "xprober_push_results_rejected_total 0", "xprober_sync_kept_list 0",
        "xprober_icmp_receive_gap_seconds{quantile=\"0.99\"} 0.00025",
        // Their names differ from those of /stats.
        "xprober_icmp_echo_late_total 12", "xprober_icmp_echo_duplicate_total 9",
        "xprober_icmp_errors_total 7", "xprober_http_places 1000"}) {
    CAF_MESSAGE(line);
    CAF_CHECK(has(text, line));
  }
  CAF_CHECK(misplaced(text).empty());
  CAF_CHECK(text.find("probe_success") == std::string::npos);
  CAF_CHECK_EQUAL(text.back(), '\n');
}

CAF_TEST(an agent exposes what keeps it from probing) {
  auto stats = sample::agent_stats();
  CAF_CHECK(agent_metrics(stats, me, sample::presenters(), nullptr).find("own_fault{") ==
            std::string::npos);
  stats.own_faults = {{"overload", "too much", 7}, {"no_ipv6", "none", 8}};
  const auto text = agent_metrics(stats, me, sample::presenters(), nullptr);
  CAF_CHECK(has(text, R"(xprober_own_fault{reason="overload"} 1)"));
  CAF_CHECK(has(text, R"(xprober_own_fault{reason="no_ipv6"} 1)"));
  CAF_CHECK(misplaced(text).empty());
}

CAF_TEST(an agent exposes rows for its targets) {
  const auto listing = sample::listing();
  const auto text = agent_metrics(sample::agent_stats(), me, sample::presenters(), &listing);
  const std::string ok = R"({source_region="cn-north",target="10.1.2.3",)"
                         R"(target_region="cn-south",probe_type="icmp")";
  const std::string url = R"({source_region="cn-north",target="https://www.example/?a=1&b=<2>",)"
                          R"(target_region="eu-west",probe_type="http")";
  CAF_CHECK(has(text, "probe_success" + ok + "} 1"));
  CAF_CHECK(has(text, "probe_duration_seconds" + ok + "} 0.0125"));
  CAF_CHECK(has(text, "probe_icmp_duration_seconds" + ok + ",phase=\"rtt\"} 0.00025"));
  CAF_CHECK(has(text, "xprober_probe_icmp_loss_ratio" + ok + "} 0.02"));
  CAF_CHECK(has(text, "probe_http_duration_seconds" + url + ",phase=\"tls\"} 0.0305"));
  CAF_CHECK(has(text, "probe_http_status_code" + url + "} 200"));
  CAF_CHECK(has(text, "probe_ssl_earliest_cert_expiry" + url + "} 1769915045"));
  CAF_CHECK(text.find("target=\"10.1.2.9\"") == std::string::npos); // waits for its first result
  CAF_CHECK(misplaced(text).empty());
}

CAF_TEST(an agent tells what TLS agreed on) {
  auto changed = *sample::http_ok(sample::http_uid("https://a.test/"));
  auto http = http::read_summary(changed.outcome);
  http.tls = std::make_shared<const tls_summary>(tls_summary{.fingerprint_sha256 = {},
                                                             .subject = {},
                                                             .issuer = {},
                                                             .dns_names = {},
                                                             .version = "TLSv1.2",
                                                             .cipher = "SOME"});
  write_summary(http, changed.outcome);
  target_listing listing;
  listing.lines.push_back(sample::line("ok", new_counted<const probe_result>(std::move(changed))));
  const auto text = agent_metrics(sample::agent_stats(), me, sample::presenters(), &listing);
  CAF_CHECK(text.find(",version=\"TLS 1.2\"} 1\n") != std::string::npos);
  CAF_CHECK(text.find(",cipher=\"SOME\"} 1\n") != std::string::npos);
}

CAF_TEST(the probers own fault is no failure of the target) {
  target_listing listing;
  listing.lines.push_back(
      sample::line("failing", sample::icmp_failed(sample::icmp_uid("10.1.2.4"),
                                                  probe_error::local_send, "EPERM")));
  const auto text = agent_metrics(sample::agent_stats(), me, sample::presenters(), &listing);
  CAF_CHECK(text.find("\nprobe_success{") == std::string::npos);
  CAF_CHECK(text.find("xprober_probe_icmp_loss_ratio") == std::string::npos);
  CAF_CHECK(text.find("xprober_probe_local_error{") != std::string::npos);
}

CAF_TEST(a server exposes the old names) {
  const auto text = server_metrics(sample::server_stats(), sample::store(), sample::agents());
  for (
      const auto* line :
      {R"(ping_latency_millonseconds{source_region="cn-north",target_region="cn-south"} 31.25)",
       R"(ping_packageDrop_rate{source_region="cn-south",target_region="eu-west"} 100)",
       R"(ping_target_success{source_region="cn-north",target_region="eu-west"} 1)",
       R"(ping_target_success{source_region="cn-south",target_region="eu-west"} -1)",
       R"(http_tlsDuration_millonseconds{source_region="cn-north",addr="https://www.example/?a=\"1\""} 181)",
       R"(http_resolveDuration_millonseconds{source_region="cn-south",addr="https://down.example/"} 2.5)",
       R"(http_interface_success{source_region="cn-south",addr="https://down.example/"} 0)",
       R"(xprober_agent_clock_skew_seconds{region="cn-north",agent="10.0.0.1"} 1.25)",
       R"(xprober_history_rows{level="1m"} 30)", "xprober_history_results_total 40000",
       R"(xprober_agent_history_omitted_results_total{region="us",agent="10.0.0.9"} 12)",
       "xprober_certificate_sightings 500", "xprober_certificate_requests_paced_total 1",
       R"(xprober_incidents{kind="target",severity="critical"} 2)",
       R"(xprober_incidents{kind="path",severity="warning"} 0)", "xprober_agents 3",
       "xprober_results_accepted_total 119000", "xprober_stored_series 2100"}) {
    CAF_MESSAGE(line);
    CAF_CHECK(has(text, line));
  }
  CAF_CHECK(misplaced(text).empty());
  CAF_CHECK(text.find("probe_success") == std::string::npos);
}

CAF_TEST(agents are up or lost and not there where they have left) {
  auto agents = sample::agents();
  agents.agents.push_back(agents.agents[0]);
  agents.agents[1].state = agent_state::lost;
  agents.agents[2].agent.local_ip = "10.0.0.9";
  agents.agents[2].state = agent_state::left;
  agents.agents[1].misdated_results = 7;
  agents.refused = 3;
  const auto text = server_metrics(sample::server_stats(), sample::store(), agents);
  CAF_CHECK(has(text, R"(xprober_agent_up{region="cn-north",agent="10.0.0.1"} 1)"));
  CAF_CHECK(has(text, R"(xprober_agent_up{region="cn-south",agent="10.0.1.1"} 0)"));
  CAF_CHECK(
      has(text, R"(xprober_agent_misdated_results_total{region="cn-south",agent="10.0.1.1"} 7)"));
  CAF_CHECK(text.find("xprober_agent_refused_results_total") == std::string::npos);
  CAF_CHECK(has(text, "xprober_mesh_refused_total 3"));
  CAF_CHECK(text.find(R"(xprober_agent_up{region="cn-north",agent="10.0.0.9"})") ==
            std::string::npos);
  CAF_CHECK(misplaced(text).empty());
}

CAF_TEST(an absent mean has no series) {
  const auto text = server_metrics(sample::server_stats(), sample::store());
  CAF_CHECK(
      text.find(R"(ping_latency_millonseconds{source_region="cn-south",target_region="eu-west")") ==
      std::string::npos);
  CAF_CHECK(text.find(R"(http_connectDuration_millonseconds{source_region="cn-south")") ==
            std::string::npos);
}

CAF_TEST(a server exposes rows for targets where they are on) {
  const auto text = server_metrics(sample::server_stats(), sample::store_with_targets());
  const std::string ok = R"({source_region="cn-north",agent="10.0.0.1",target="10.1.2.3",)"
                         R"(target_region="cn-south",probe_type="icmp")";
  const std::string lost = R"({source_region="cn-south",agent="10.0.1.1",target="10.9.9.9",)"
                           R"(target_region="eu-west",probe_type="icmp")";
  const std::string url =
      R"({source_region="cn-north",agent="10.0.0.1",)"
      R"(target="https://www.example/",target_region="eu-west",probe_type="http")";
  CAF_CHECK(has(text, "probe_success" + ok + "} 1"));
  CAF_CHECK(has(text, "probe_success" + lost + "} 0"));
  CAF_CHECK(has(text, "probe_icmp_duration_seconds" + ok + ",phase=\"rtt\"} 0.03125"));
  CAF_CHECK(text.find("probe_icmp_duration_seconds" + lost) == std::string::npos); // -1 is no time
  CAF_CHECK(has(text, "xprober_probe_icmp_loss_ratio" + lost + "} 1"));
  CAF_CHECK(has(text, "probe_duration_seconds" + url + "} 0.36825"));
  CAF_CHECK(has(text, "probe_http_duration_seconds" + url + ",phase=\"connect\"} 0.09025"));
  CAF_CHECK(misplaced(text).empty());
}

CAF_TEST(labels go with the rows of their target alone) {
  auto stats = sample::server_stats();
  stats.discovery.sources = {{"/a.json", 12, 3, 1, 77, "", false},
                             {"http://sd/", 4, 0, 5, 0, "http://sd/: refused", true}};
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.1.2.3"};
  builder.add(kinds::icmp(), "cn-south", addresses, {{"team", "a \"b\""}, {"env", "x"}});
  const auto labels = builder.finish();
  const auto text = server_metrics(stats, sample::store_with_targets(), {}, labels.get());
  const std::string ok = R"({source_region="cn-north",agent="10.0.0.1",target="10.1.2.3",)"
                         R"(target_region="cn-south",probe_type="icmp",env="x",team="a \"b\"")";
  CAF_CHECK(has(text, "probe_success" + ok + "} 1"));
  CAF_CHECK(has(text, "probe_icmp_duration_seconds" + ok + ",phase=\"rtt\"} 0.03125"));
  CAF_CHECK(has(text, R"(xprober_discovery_targets{source="/a.json"} 12)"));
  CAF_CHECK(has(text, R"(xprober_discovery_up{source="/a.json"} 1)"));
  CAF_CHECK(has(text, R"(xprober_discovery_up{source="http://sd/"} 0)"));
  CAF_CHECK(has(text, R"(xprober_discovery_failures_total{source="http://sd/"} 5)"));
  CAF_CHECK(misplaced(text).empty());
  std::size_t rows = 0;
  for (auto at = text.find("team="); at != std::string::npos; at = text.find("team=", at + 1)) {
    ++rows;
  }
  CAF_CHECK_EQUAL(rows, 5u); // success, time, loss, state, since when
}

} // namespace metrics_suite
