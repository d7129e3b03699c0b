#define CAF_SUITE encoder

#include "xprober/remote_write/encoder.hpp"

#include "remote_write/requests.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace encoder_suite {

using namespace xprober;
using namespace requests;

namespace {

wire_value value(const char* metric, float number, std::int64_t seconds) {
  return {"10.1.1.1", metric, "10.0.0.1", "a", "b", "icmp", seconds, number};
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

} // namespace encoder_suite
