#define CAF_SUITE batch

#include "xprober/domain/wire/batch.hpp"

#include <chrono>
#include <cmath>
#include <random>

#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/bytes.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace batch_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const agent_identity me{"cn-south", "10.1.1.1"};
const agent_instance instance{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr auto noon = wall_time{1'767'268'800s};

struct decoded {
  std::string problem;
  std::vector<wire_value> values;
  std::vector<batch_row> rows;
  std::vector<std::string> bad;
  std::uint32_t unread = 0;
};

decoded read_body(std::string_view body, std::uint32_t rows) {
  decoded out;
  batch_parser parser{body, rows};
  batch_row row;
  for (auto step = parser.next(row); step != batch_parser::step::end; step = parser.next(row)) {
    if (step == batch_parser::step::bad_row) {
      out.bad.push_back(parser.row_problem());
      continue;
    }
    append_wire_values(parser, row, out.values);
    row.error = {};
    out.rows.push_back(row);
  }
  out.problem = parser.problem();
  out.unread = parser.unread();
  return out;
}

decoded read(const std::string& batch) {
  batch_header header;
  decoded out;
  out.problem = read_batch_header(batch, header);
  std::string body;
  if (out.problem.empty()) {
    out.problem = read_batch_body(batch, body);
  }
  return out.problem.empty() ? read_body(body, header.rows) : out;
}

probe_outcome answered(float mean, wall_time started) {
  auto outcome = samples::success(50);
  outcome.started = started;
  outcome.duration = 12'345'678ns;
  auto& s = std::get<icmp_summary>(outcome.data);
  s.rtt = {mean * 0.9F,  mean,        mean * 1.4F, mean * 0.1F,
           mean * 0.99F, mean * 1.3F, mean * 1.1F, mean * 0.05F};
  s.reply_ttl = 57;
  return outcome;
}

probe_outcome page(wall_time started) {
  probe_outcome outcome;
  outcome.success = true;
  outcome.started = started;
  outcome.duration = 345ms;
  http_summary s;
  s.phases_ms = {1.25F, 20.5F, 31.125F, 100.1F, 0.3F};
  s.status = 200;
  s.redirects = 2;
  s.body_bytes = 123'456;
  s.cert_expiry_unix = 1'800'000'000;
  outcome.data = s;
  return outcome;
}

/// Results of every kind: each error, with and without data, of both types.
std::vector<probe_result_ptr> all_kinds() {
  std::vector<probe_result_ptr> results;
  const auto a = samples::target(0, "10.0.0.1");
  const auto b = samples::target(1, "10.0.0.22");
  const auto web = samples::target(2, "https://www.example/", probe_type::http);
  auto at = noon;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    const auto error = static_cast<probe_error>(i);
    at += 777ms;
    auto some = answered(static_cast<float>(i) * 1.7F, at);
    some.error = error;
    std::get<icmp_summary>(some.data).received = static_cast<std::uint32_t>(50 - i);
    auto none = samples::failure(error);
    none.started = at - 5s;
    auto got = page(at);
    got.error = error;
    got.success = i % 2 == 0;
    std::get<http_summary>(got.data).phases_ms[static_cast<std::size_t>(i % 5)].reset();
    for (auto& [target, outcome] : {std::pair{a, some}, std::pair{b, none}, std::pair{web, got},
                                    std::pair{web, none}, std::pair{a, got}}) {
      results.push_back(samples::result(target, outcome));
    }
  }
  return results;
}

std::string encode(const std::vector<probe_result_ptr>& results) {
  batch_encoder encoder{me};
  for (const auto& result : results) {
    encoder.add(*result);
  }
  return encoder.finish(instance, 7, 1'767'268'800'123);
}

} // namespace

CAF_TEST(the header comes back) {
  const auto results = all_kinds();
  const auto rows = static_cast<std::uint32_t>(results.size());
  const auto batch = encode(results);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(batch, header), "");
  CAF_CHECK((header == batch_header{1, instance, 7, 1'767'268'800'123, rows}));
  CAF_CHECK_EQUAL(to_text(header.instance), "0102030405060708090a0b0c0d0e0f10");
}

CAF_TEST(the clock at sending can be set later) {
  const auto results = all_kinds();
  const auto rows = static_cast<std::uint32_t>(results.size());
  auto batch = encode(results);
  const auto before = batch;
  stamp_batch(batch, -5);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(batch, header), "");
  CAF_CHECK((header == batch_header{1, instance, 7, -5, rows}));
  stamp_batch(batch, 1'767'268'800'123);
  CAF_CHECK(batch == before);
}

CAF_TEST(every kind of result has the values that it has in the form of the seed) {
  const auto results = all_kinds();
  std::vector<wire_value> wanted;
  for (const auto& result : results) {
    append_wire_values(*result, me, wanted);
  }
  const auto got = read(encode(results));
  CAF_REQUIRE_EQUAL(got.problem, "");
  CAF_CHECK_EQUAL(got.rows.size(), results.size());
  CAF_CHECK_EQUAL(got.bad.size(), 0U);
  CAF_REQUIRE_EQUAL(got.values.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CAF_CHECK((got.values[i] == wanted[i]));
  }
}

CAF_TEST(what the form of the seed has no place for comes back too) {
  auto outcome = answered(20.0F, noon);
  auto& sent = std::get<icmp_summary>(outcome.data);
  sent.duplicates = 3;
  sent.late = 200;
  sent.reordered = 1;
  sent.receive_overflow = true;
  outcome.shared = true;
  const auto target = samples::target(0, "10.0.0.1");
  const auto got = read(
      encode({samples::result(target, outcome),
              samples::result(samples::target(1, "http://x/", probe_type::http), page(noon))}));
  CAF_REQUIRE_EQUAL(got.rows.size(), 2U);
  const auto& icmp = got.rows[0].icmp;
  CAF_CHECK_EQUAL(icmp.duplicates, 3U);
  CAF_CHECK_EQUAL(icmp.late, 200U);
  CAF_CHECK_EQUAL(icmp.reordered, 1U);
  CAF_CHECK(icmp.receive_overflow);
  CAF_CHECK(got.rows[0].shared);
  CAF_CHECK_EQUAL(icmp.reply_ttl, 57);
  CAF_CHECK_EQUAL(icmp.rtt.mean, 20.0F);
  const auto near = [](float a, float b) { return std::fabs(a - b) <= std::fabs(b) / 2048; };
  CAF_CHECK(near(icmp.rtt.min, sent.rtt.min) && near(icmp.rtt.max, sent.rtt.max) &&
            near(icmp.rtt.stddev, sent.rtt.stddev) && near(icmp.rtt.jitter, sent.rtt.jitter) &&
            near(icmp.rtt.p50, sent.rtt.p50) && near(icmp.rtt.p90, sent.rtt.p90) &&
            near(icmp.rtt.p99, sent.rtt.p99));
  CAF_CHECK(near(got.rows[0].duration_ms, 12.345678F));
  CAF_CHECK_EQUAL(got.rows[0].unix_ms, 1'767'268'800'012);
  const auto& http = got.rows[1].http;
  CAF_CHECK_EQUAL(http.status, 200);
  CAF_CHECK_EQUAL(http.redirects, 2);
  CAF_CHECK_EQUAL(http.body_bytes, 123'456U);
  CAF_CHECK_EQUAL(http.cert_expiry_unix, 1'800'000'000);
}

CAF_TEST(an encoder is empty after a batch and can be used again) {
  batch_encoder encoder{me};
  const auto results = all_kinds();
  for (const auto& result : results) {
    encoder.add(*result);
  }
  CAF_CHECK_EQUAL(encoder.rows(), results.size());
  CAF_CHECK(encoder.body_bytes() > results.size() * 5);
  const auto first = encoder.finish(instance, 7, 1'767'268'800'123);
  CAF_CHECK_EQUAL(encoder.rows(), 0U);
  CAF_CHECK_EQUAL(encoder.body_bytes(), 0U);
  for (const auto& result : results) {
    encoder.add(*result);
  }
  CAF_CHECK(encoder.finish(instance, 7, 1'767'268'800'123) == first);
  CAF_CHECK_EQUAL(read(encoder.finish(instance, 8, 0)).rows.size(), 0U);
}

CAF_TEST(sixty thousand varied rows keep to their budget) {
  std::mt19937 random{42};
  std::lognormal_distribution<float> rtt{3.0F, 1.0F};
  std::uniform_real_distribution<float> part{0.0F, 1.0F};
  constexpr std::size_t count = 60'000;
  std::vector<probe_result_ptr> results;
  auto at = noon;
  for (std::size_t i = 0; i < count; ++i) {
    const auto host = random();
    const auto target = std::make_shared<const target_spec>(
        target_spec{{"region-" + std::to_string(host % 40),
                     "10." + std::to_string(host >> 8U & 255U) + "." +
                         std::to_string(host >> 16U & 255U) + "." + std::to_string(host >> 24U),
                     probe_type::icmp},
                    static_cast<target_index>(i)});
    at += std::chrono::microseconds{random() % 170};
    auto outcome = answered(rtt(random), at);
    outcome.duration = std::chrono::microseconds{random() % 1'000'000};
    auto& s = std::get<icmp_summary>(outcome.data);
    const float mean = s.rtt.mean;
    s.rtt = {mean * (0.5F + part(random) / 2), mean,
             mean * (1 + part(random)),        mean * part(random),
             mean * (0.9F + part(random) / 5), mean * (1.2F + part(random)),
             mean * (1 + part(random)),        mean * part(random)};
    s.reply_ttl = static_cast<std::uint8_t>(40 + random() % 24);
    s.received = static_cast<std::uint32_t>(part(random) < 0.1F ? 50 - random() % 10 : 50);
    results.push_back(samples::result(target, outcome));
  }
  const auto batch = encode(results);
  const auto got = read(batch);
  const auto bytes = static_cast<double>(batch.size()) / count;
  CAF_MESSAGE(bytes << " bytes a row");
  CAF_CHECK_EQUAL(got.rows.size(), count);
  CAF_CHECK(bytes <= 36.0);
}

} // namespace batch_suite
