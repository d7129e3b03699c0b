#define CAF_SUITE encoder

#include "xprober/remote_write/encoder.hpp"

#include <algorithm>
#include <bit>

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/bytes.hpp"

#include "caf/test/dsl.hpp"

namespace encoder_suite {

using namespace xprober;

namespace {

struct read_sample {
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t bits = 0;
  std::int64_t unix_ms = 0;

  std::string name() const { return find("__name__"); }
  std::string find(const std::string& wanted) const {
    for (const auto& [name, value] : labels) {
      if (name == wanted) {
        return value;
      }
    }
    return {};
  }
  double value() const { return std::bit_cast<double>(bits); }
};

/// Reads a request with another reader than what wrote it: field by field.
std::vector<read_sample> read(const std::string& request) {
  std::vector<read_sample> samples;
  byte_reader in{request};
  std::string_view series;
  std::uint8_t tag = 0;
  while (in.left() > 0) {
    CAF_REQUIRE(in.byte(tag) && tag == 0x0A && in.text(series, 1 << 20));
    byte_reader parts{series};
    read_sample s;
    std::string_view part;
    while (parts.left() > 0) {
      CAF_REQUIRE(parts.byte(tag) && parts.text(part, 1 << 20));
      byte_reader inside{part};
      std::uint8_t key = 0;
      if (tag == 0x0A) {
        std::string_view name;
        std::string_view value;
        CAF_REQUIRE(inside.byte(key) && key == 0x0A && inside.text(name, 1000));
        CAF_REQUIRE(inside.byte(key) && key == 0x12 && inside.text(value, 100'000));
        s.labels.emplace_back(name, value);
      } else {
        std::uint64_t stamp = 0;
        CAF_REQUIRE_EQUAL(tag, 0x12);
        CAF_REQUIRE(inside.byte(key) && key == 0x09 && inside.fixed(s.bits, 8));
        CAF_REQUIRE(inside.byte(key) && key == 0x10 && inside.varint(stamp));
        s.unix_ms = static_cast<std::int64_t>(stamp);
      }
      CAF_CHECK_EQUAL(inside.left(), 0U);
    }
    CAF_CHECK(std::is_sorted(s.labels.begin(), s.labels.end()));
    samples.push_back(std::move(s));
  }
  return samples;
}

wire_value value(const char* metric, float number, std::int64_t seconds) {
  return {"10.1.1.1", metric, "10.0.0.1", "a", "b", "icmp", seconds, number};
}

std::vector<read_sample> taken(remote_write_encoder& from) {
  std::string request;
  from.take(request);
  return read(request);
}

std::vector<read_sample> all_of(remote_write_encoder& subject, const std::vector<wire_value>& v) {
  CAF_CHECK_EQUAL(subject.load(record_kind::values, encode_values(v), 300'000, 0), "");
  std::vector<read_sample> samples;
  for (bool whole = false; !whole;) {
    whole = subject.fill();
    for (auto& s : taken(subject)) {
      samples.push_back(std::move(s));
    }
  }
  return samples;
}

} // namespace

CAF_TEST(labels are sorted also with labels of the user) {
  remote_write_encoder subject{
      {{{"Zone", "1"}, {"site", "x"}, {"zzz", "2"}, {"gone", ""}}, false, 10}};
  const auto samples = all_of(subject, {value("ping_latency_millonseconds", 1.5F, 100)});
  CAF_REQUIRE_EQUAL(samples.size(), 1U);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"Zone", "1"},
      {"__name__", "ping_latency_millonseconds"},
      {"agent", "10.1.1.1"},
      {"probe_type", "icmp"},
      {"site", "x"},
      {"source_region", "a"},
      {"target", "10.0.0.1"},
      {"target_region", "b"},
      {"zzz", "2"}};
  CAF_CHECK((samples[0].labels == expected));
  CAF_CHECK_EQUAL(samples[0].value(), 1.5);
  CAF_CHECK_EQUAL(samples[0].unix_ms, 100'000);
}

CAF_TEST(a sentinel is no value but ends the series) {
  remote_write_encoder subject{{{}, true, 100}};
  const auto samples = all_of(subject, {value("ping_target_success", -1, 100),
                                        value("ping_latency_millonseconds", -1, 100)});
  CAF_REQUIRE_EQUAL(samples.size(), 4U);
  CAF_CHECK_EQUAL(samples[0].value(), -1.0);
  CAF_CHECK_EQUAL(samples[1].name(), "probe_success");
  CAF_CHECK_EQUAL(samples[1].value(), 0.0);
  CAF_CHECK_EQUAL(samples[2].bits, stale_marker_bits);
  CAF_CHECK_EQUAL(samples[3].name(), "probe_icmp_duration_seconds");
  CAF_CHECK_EQUAL(samples[3].find("phase"), "rtt");
  CAF_CHECK_EQUAL(samples[3].bits, stale_marker_bits);
}

CAF_TEST(a request has a series once and late samples are counted) {
  remote_write_encoder subject{{{}, false, 100}};
  const std::vector<wire_value> values{
      value("ping_target_success", 1, 100), value("ping_target_success", 1, 101),
      value("ping_target_success", 1, 101), value("ping_target_success", 1, 99)};
  CAF_CHECK_EQUAL(subject.load(record_kind::values, encode_values(values), 300'000, 0), "");
  CAF_CHECK(!subject.fill());
  CAF_CHECK_EQUAL(subject.rows_done(), 1U);
  CAF_CHECK_EQUAL(subject.values(), 1U);
  CAF_CHECK_EQUAL(taken(subject).size(), 1U);
  CAF_CHECK(subject.fill());
  CAF_CHECK_EQUAL(subject.values(), 2U); // the repeated one is at the receiver
  CAF_CHECK_EQUAL(subject.late(), 1U);
  CAF_CHECK_EQUAL(taken(subject).size(), 1U);
}

CAF_TEST(a request ends at its limit and goes on at a row) {
  remote_write_encoder subject{{{}, false, 1}};
  const std::vector<wire_value> values{value("ping_target_success", 1, 100),
                                       value("ping_packageDrop_rate", 0, 100)};
  const auto bytes = encode_values(values);
  CAF_CHECK_EQUAL(subject.load(record_kind::values, bytes, 300'000, 0), "");
  CAF_CHECK(!subject.fill());
  remote_write_encoder after_restart{{{}, false, 1}};
  CAF_CHECK_EQUAL(after_restart.load(record_kind::values, bytes, 300'000, subject.rows_done()), "");
  CAF_CHECK(after_restart.fill());
  const auto samples = taken(after_restart);
  CAF_REQUIRE_EQUAL(samples.size(), 1U);
  CAF_CHECK_EQUAL(samples[0].name(), "ping_packageDrop_rate");
}

namespace {

target_labels_ptr table(const std::map<std::string, std::string>& labels) {
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.0.0.1"};
  builder.add(kinds::icmp(), "b", addresses, labels);
  return builder.finish();
}

} // namespace

CAF_TEST(labels of a target win over those of the receiver) {
  remote_write_encoder subject{{{{"site", "outer"}, {"zone", "z"}}, false, 10}};
  subject.set_labels(table({{"Upper", "u"}, {"rack", "r1"}, {"site", "inner"}}));
  auto other = value("ping_latency_millonseconds", 2, 100);
  other.target_addr = "10.0.0.2";
  const auto samples = all_of(subject, {value("ping_latency_millonseconds", 1, 100), other});
  CAF_REQUIRE_EQUAL(samples.size(), 2U);
  CAF_CHECK_EQUAL(samples[0].find("Upper"), "u");
  CAF_CHECK_EQUAL(samples[0].find("rack"), "r1");
  CAF_CHECK_EQUAL(samples[0].find("site"), "inner");
  CAF_CHECK_EQUAL(samples[0].find("zone"), "z");
  CAF_CHECK_EQUAL(samples[1].find("Upper"), "");
  CAF_CHECK_EQUAL(samples[1].find("rack"), "");
  CAF_CHECK_EQUAL(samples[1].find("site"), "outer");
}

CAF_TEST(labels that are written alike are no new ones) {
  remote_write_encoder subject{{{{"rack", "r1"}}, false, 10}};
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 100)}).size(), 1U);
  subject.set_labels(table({{"rack", "r1"}}));
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 115)}).size(), 1U);
  subject.set_labels(nullptr);
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 130)}).size(), 1U);
}

CAF_TEST(samples that receivers may refuse as too old stand apart) {
  remote_write_encoder subject{{{}, false, 100}};
  auto other = value("ping_target_success", 1, 2000);
  other.target_addr = "10.0.0.2";
  const std::vector<wire_value> values{value("ping_target_success", 1, 1000),
                                       value("ping_packageDrop_rate", 0, 1000), other};
  CAF_CHECK_EQUAL(subject.load(record_kind::values, encode_values(values), 2'005'000, 0), "");
  CAF_CHECK(!subject.fill());
  CAF_CHECK_EQUAL(subject.rows_done(), 2U);
  CAF_CHECK_EQUAL(taken(subject).size(), 2U);
  CAF_CHECK(subject.fill());
  CAF_CHECK_EQUAL(subject.rows_done(), 3U);
  CAF_CHECK_EQUAL(taken(subject).size(), 1U);
}

CAF_TEST(a sample of the future has the time of its arrival) {
  remote_write_encoder subject{{{}, false, 100}};
  const auto samples = all_of(
      subject, {value("ping_target_success", 1, 360), value("ping_packageDrop_rate", 0, 361)});
  CAF_REQUIRE_EQUAL(samples.size(), 2U);
  CAF_CHECK_EQUAL(samples[0].unix_ms, 360'000);
  CAF_CHECK_EQUAL(samples[1].unix_ms, 300'000);
}

CAF_TEST(new labels end the series under the old ones) {
  remote_write_encoder subject{{{}, true, 100}};
  subject.set_labels(table({{"rack", "r1"}}));
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 100)}).size(), 2U);
  subject.set_labels(table({{"rack", "r2"}}));
  const auto samples = all_of(subject, {value("ping_target_success", 1, 115)});
  CAF_REQUIRE_EQUAL(samples.size(), 4U);
  for (std::size_t i = 0; i < 2; ++i) {
    CAF_CHECK_EQUAL(samples[i].find("rack"), "r1");
    CAF_CHECK_EQUAL(samples[i].bits, stale_marker_bits);
    CAF_CHECK_EQUAL(samples[i].unix_ms, 115'000);
    CAF_CHECK_EQUAL(samples[i + 2].find("rack"), "r2");
    CAF_CHECK_EQUAL(samples[i + 2].value(), 1.0);
  }
  subject.set_labels(table({{"rack", "r2"}})); // another table that says the same
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 130)}).size(), 2U);
  subject.set_labels(nullptr);
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 145)}).size(), 4U);
}

CAF_TEST(what ends after its labels have gone ends under them) {
  remote_write_encoder subject{{{}, false, 100}};
  subject.set_labels(table({{"rack", "r1"}}));
  CAF_CHECK_EQUAL(all_of(subject, {value("ping_target_success", 1, 100)}).size(), 1U);
  subject.set_labels(nullptr);
  const ended_series gone{"a",    "10.1.1.1", "b", "10.0.0.1", "icmp", hold_kind(kinds::icmp()),
                          200'000};
  CAF_CHECK_EQUAL(subject.load(record_kind::ended, encode_ended({gone}), 300'000, 0), "");
  CAF_CHECK(subject.fill());
  const auto samples = taken(subject);
  CAF_REQUIRE_EQUAL(samples.size(), 3U);
  for (const auto& sample : samples) {
    CAF_CHECK_EQUAL(sample.find("rack"), "r1");
    CAF_CHECK_EQUAL(sample.bits, stale_marker_bits);
  }
}

CAF_TEST(what has ended gets markers behind its last sample) {
  remote_write_encoder subject{{{}, false, 100}};
  const ended_series gone{"a",    "10.1.1.1", "b", "10.0.0.1", "icmp", hold_kind(kinds::icmp()),
                          200'000};
  CAF_CHECK_EQUAL(subject.load(record_kind::ended, encode_ended({gone}), 300'000, 0), "");
  CAF_CHECK(subject.fill());
  CAF_CHECK_EQUAL(subject.values(), 0U);
  const auto samples = taken(subject);
  CAF_REQUIRE_EQUAL(samples.size(), 3U);
  for (const auto& s : samples) {
    CAF_CHECK_EQUAL(s.bits, stale_marker_bits);
    CAF_CHECK_EQUAL(s.unix_ms, 200'000);
  }
}

namespace {

/// What a batch of these results becomes.
std::vector<read_sample> all_of_batch(remote_write_encoder& subject,
                                      const std::vector<probe_result_ptr>& results) {
  batch_encoder encoder{{"a", "10.1.1.1"}};
  for (const auto& result : results) {
    encoder.add(*result);
  }
  const auto bytes = encoder.finish({}, 1, 0);
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
  CAF_CHECK((told(samples) ==
             strings{"ping_target_success -1.000", "probe_success 0.000",
                     "ping_packageDrop_rate 100.000", "xprober_probe_icmp_loss_ratio 1.000",
                     "ping_latency_millonseconds stale", "probe_icmp_duration_seconds/rtt stale",
                     "probe_duration_seconds 0.050", "ping_target_success -1.000",
                     "probe_success 0.000", "probe_duration_seconds 0.050"}));
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
                                      "probe_duration_seconds 0.050"}));
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

} // namespace encoder_suite
