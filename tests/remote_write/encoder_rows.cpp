#define CAF_SUITE encoder_rows

#include <algorithm>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/remote_write/encoder.hpp"

#include "remote_write/requests.hpp"

// What the rows of a batch become.

namespace encoder_rows_suite {

using namespace xprober;
using namespace requests;

namespace {

/// What a batch of these results becomes.
std::vector<read_sample> all_of_batch(remote_write_encoder& subject,
                                      const std::vector<probe_result_ptr>& results) {
  batch_encoder encoder{{"a", "10.1.1.1"}};
  for (const auto& result : results) {
    encoder.add(*result);
  }
  const auto bytes = samples::misnamed(encoder.finish({}, 1, 0));
  CAF_CHECK_EQUAL(subject.load(record_kind::batch, bytes, 300'000, 0), "");
  CAF_CHECK(subject.fill());
  return taken(subject);
}

probe_result_ptr at(target_ref target, probe_outcome outcome, std::int64_t ms = 100'000) {
  outcome.started = wall_time{milliseconds{ms}};
  outcome.duration = milliseconds{50};
  return samples::result(target, std::move(outcome));
}

/// "name phase value" of each; a stale marker is "stale".
std::vector<std::string> told(const std::vector<read_sample>& samples) {
  std::vector<std::string> all;
  for (const auto& s : samples) {
    auto number = s.bits == stale_marker_bits ? std::string{"stale"} : std::to_string(s.value());
    const auto phase = s.find("phase");
    all.push_back(
        s.name() + (phase.empty() ? "" : "/" + phase) + " " +
        (number.find('.') == std::string::npos ? number : number.substr(0, number.find('.') + 4)));
  }
  return all;
}

using strings = std::vector<std::string>;

} // namespace

CAF_TEST(an icmp row is under its old and its conventional names) {
  remote_write_encoder subject{{{}, true, 100}};
  const auto samples =
      all_of_batch(subject, {at(samples::target(0, "10.0.0.1"), samples::success())});
  CAF_CHECK(
      (told(samples) ==
       strings{"ping_target_success 1.000", "probe_success 1.000", "ping_packageDrop_rate 0.000",
               "xprober_probe_icmp_loss_ratio 0.000", "ping_latency_millonseconds 1.500",
               "probe_icmp_duration_seconds/rtt 0.001", "probe_duration_seconds 0.050"}));
}

CAF_TEST(what was not measured ends and a failure has the value of its kind) {
  remote_write_encoder subject{{{}, true, 100}};
  auto lost = samples::failure(probe_error::no_reply);
  lost.values = samples::echoes(10, 0, 0);
  const auto samples = all_of_batch(
      subject,
      {at(samples::target(0, "10.0.0.1"), lost),
       at(samples::target(1, "no.such.name"), samples::failure(probe_error::resolve_failed)),
       at(samples::target(2, "10.0.0.3"), samples::failure(probe_error::local_send))});
  CAF_CHECK(
      (told(samples) ==
       strings{"ping_target_success -1.000", "probe_success 0.000", "ping_packageDrop_rate 100.000",
               "xprober_probe_icmp_loss_ratio 1.000", "ping_latency_millonseconds stale",
               "probe_icmp_duration_seconds/rtt stale", "probe_duration_seconds 0.050",
               "ping_target_success -1.000", "probe_success 0.000", "ping_packageDrop_rate stale",
               "xprober_probe_icmp_loss_ratio stale", "ping_latency_millonseconds stale",
               "probe_icmp_duration_seconds/rtt stale", "probe_duration_seconds 0.050"}));
}

CAF_TEST(phases that were not completed end with a status beside them) {
  remote_write_encoder subject{{{}, true, 100}};
  auto failed = samples::failure(probe_error::tls_expired);
  failed.values = samples::http_values({1, 2}, 0, 12345);
  const auto samples =
      all_of_batch(subject, {at(samples::target(0, "https://x/", kinds::http()), failed)});
  const std::string metric = "probe_http_duration_seconds";
  CAF_CHECK((told(samples) ==
             strings{"http_interface_success 0.000", "probe_success 0.000",
                     "http_resolveDuration_millonseconds 1.000", metric + "/resolve 0.001",
                     "http_connectDuration_millonseconds 2.000", metric + "/connect 0.002",
                     "http_tlsDuration_millonseconds stale", metric + "/tls stale",
                     "http_processingDuration_millonseconds stale", metric + "/processing stale",
                     "http_transferDuration_millonseconds stale", metric + "/transfer stale",
                     "probe_http_status_code 0.000", "probe_ssl_earliest_cert_expiry 12345.000",
                     "probe_duration_seconds 0.050"}));
  remote_write_encoder old_only{{{}, false, 100}};
  CAF_CHECK_EQUAL(
      all_of_batch(old_only, {at(samples::target(0, "https://x/", kinds::http()), failed)}).size(),
      6u);
}

CAF_TEST(a kind that is in no table goes out as its description says) {
  remote_write_encoder subject{{{}, true, 100}};
  const auto target = samples::target_of(0, "a:1", samples::toy());
  auto samples = all_of_batch(subject, {at(target, samples::toy_success(2, 4, 7))});
  CAF_CHECK((told(samples) == strings{"toy_up 1.000", "probe_success 1.000", "toy_wind_ms 2.000",
                                      "probe_toy_duration_seconds/wind 0.002",
                                      "probe_toy_duration_seconds/spin 0.004",
                                      "probe_toy_level 7.000", "probe_duration_seconds 0.050"}));
  CAF_CHECK_EQUAL(samples[0].find("probe_type"), "toy");
  CAF_CHECK_EQUAL(samples[0].find("target"), "a:1");
  samples = all_of_batch(subject, {at(target, samples::toy_failure(2), 115'000)});
  CAF_CHECK((told(samples) == strings{"toy_up 0.000", "probe_success 0.000", "toy_wind_ms 2.000",
                                      "probe_toy_duration_seconds/wind 0.002",
                                      "probe_toy_duration_seconds/spin stale",
                                      "probe_toy_level stale", "probe_duration_seconds 0.050"}));
  // And its end, from a record of its own.
  const ended_series gone{"a", "10.1.1.1", "r", "a:1", "toy", hold_kind(samples::toy()), 200'000};
  CAF_CHECK_EQUAL(subject.load(record_kind::ended, encode_ended({gone}), 300'000, 0), "");
  CAF_CHECK(subject.fill());
  samples = taken(subject);
  CAF_CHECK_EQUAL(samples.size(), 7u);
  for (const auto& s : samples) {
    CAF_CHECK_EQUAL(s.bits, stale_marker_bits);
  }
}

CAF_TEST(a description cannot make a series twice nor take a name that is in use) {
  auto hostile = samples::toy();
  hostile.columns[0].old_name = "ping_target_success";
  for (std::size_t i = 1; i < hostile.columns.size(); ++i) {
    hostile.columns[i].name = "probe_success"; // as the success is called
    hostile.columns[i].phase = "";
    hostile.columns[i].old_name = "";
  }
  remote_write_encoder subject{{{}, true, 100}};
  const auto samples = all_of_batch(
      subject, {at(samples::target_of(0, "a:1", hostile), samples::toy_success(2, 4, 7))});
  CAF_CHECK((told(samples) == strings{"probe_success 1.000", "probe_duration_seconds 0.050"}));
}

CAF_TEST(values are counted as the store counts them) {
  remote_write_encoder subject{{{}, true, 100}};
  batch_encoder encoder{{"a", "10.1.1.1"}};
  encoder.add(*at(samples::target_of(0, "a:1", samples::toy()), samples::toy_success(2, 4, 7)));
  encoder.add(*at(samples::target(1, "10.0.0.1"), samples::success()));
  CAF_CHECK_EQUAL(subject.load(record_kind::batch, encoder.finish({}, 1, 0), 300'000, 0), "");
  CAF_CHECK(subject.fill());
  CAF_CHECK_EQUAL(subject.values(), 7u);
  CAF_CHECK_EQUAL(subject.rows_done(), 2u);
}

CAF_TEST(numbers beside the phases end while a probe fails) {
  namespace column = kinds::http_column;
  remote_write_encoder subject{{{}, true, 100}};
  const auto target = samples::target(0, "https://x/", kinds::http());
  const auto gauges = [&](probe_outcome outcome, std::int64_t ms) {
    auto lines = told(all_of_batch(subject, {at(target, std::move(outcome), ms)}));
    std::erase_if(lines, [](const std::string& line) {
      return !line.starts_with("probe_http_status") && !line.starts_with("probe_ssl");
    });
    return lines;
  };
  probe_outcome well;
  well.success = true;
  well.values = samples::http_values({1, 2, 3, 4, 5}, 200, 12345);
  CAF_CHECK((gauges(well, 100'000) == strings{"probe_http_status_code 200.000",
                                              "probe_ssl_earliest_cert_expiry 12345.000"}));
  const strings ended{"probe_http_status_code stale", "probe_ssl_earliest_cert_expiry stale"};
  CAF_CHECK((gauges(samples::failure(probe_error::refused), 115'000) == ended));
  CAF_CHECK((gauges(samples::failure(probe_error::refused), 130'000) == ended));
  // The prober's own fault says nothing of the target, and so nothing ends.
  CAF_CHECK(gauges(samples::failure(probe_error::local_send), 145'000).empty());
}

CAF_TEST(a number that a success does not measure any more ends once) {
  remote_write_encoder subject{{{}, true, 100}};
  const auto target = samples::target(0, "https://x/", kinds::http());
  const auto expiry = [&](std::int64_t cert_expiry, std::int64_t ms) {
    probe_outcome outcome;
    outcome.success = true;
    outcome.values = samples::http_values({1, 2, 3, 4, 5}, 200, cert_expiry);
    auto lines = told(all_of_batch(subject, {at(target, std::move(outcome), ms)}));
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("probe_ssl"); });
    return lines;
  };
  CAF_CHECK(expiry(0, 100'000).empty());
  CAF_CHECK((expiry(12345, 115'000) == strings{"probe_ssl_earliest_cert_expiry 12345.000"}));
  CAF_CHECK((expiry(0, 130'000) == strings{"probe_ssl_earliest_cert_expiry stale"}));
  CAF_CHECK(expiry(0, 145'000).empty());
}

CAF_TEST(rows that the store refuses are not sent) {
  remote_write_encoder subject{{{}, true, 100}};
  const auto well = samples::toy_success(2, 4, 7);
  const auto samples =
      all_of_batch(subject, {at(samples::target_of(0, "a:1", samples::misnamed_type()), well),
                             at(samples::target_of(1, "b:1", samples::toy(), "r\n"), well),
                             at(samples::target_of(2, "c:1", samples::toy()), well)});
  CAF_CHECK_EQUAL(samples.size(), 7u);
  for (const auto& s : samples) {
    CAF_CHECK_EQUAL(s.find("target"), "c:1");
  }
  CAF_CHECK_EQUAL(subject.rows_done(), 3u);
}

} // namespace encoder_rows_suite
