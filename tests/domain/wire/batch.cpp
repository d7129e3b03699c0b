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

namespace icmp_column = kinds::icmp_column;

probe_outcome answered(float mean, wall_time started) {
  auto outcome = samples::success(50);
  outcome.started = started;
  outcome.duration = 12'345'678ns;
  auto& v = outcome.values;
  v.set(icmp_column::latency, mean);
  v.set(icmp_column::min, mean * 0.9F);
  v.set(icmp_column::max, mean * 1.4F);
  v.set(icmp_column::stddev, mean * 0.1F);
  v.set(icmp_column::p50, mean * 0.99F);
  v.set(icmp_column::p90, mean * 1.1F);
  v.set(icmp_column::p99, mean * 1.3F);
  v.set(icmp_column::jitter, mean * 0.05F);
  v.set_whole(icmp_column::reply_ttl, 57);
  return outcome;
}

probe_outcome page(wall_time started) {
  probe_outcome outcome;
  outcome.success = true;
  outcome.started = started;
  outcome.duration = 345ms;
  outcome.values = samples::http_values({1.25F, 20.5F, 31.125F, 100.1F, 0.3F}, 200, 1'800'000'000);
  outcome.values.set_whole(kinds::http_column::redirects, 2);
  outcome.values.set_whole(kinds::http_column::body_bytes, 123'456);
  return outcome;
}

/// Results of every kind: each error, with and without values, of two kinds.
std::vector<probe_result_ptr> all_kinds() {
  std::vector<probe_result_ptr> results;
  const auto a = samples::target(0, "10.0.0.1");
  const auto b = samples::target(1, "10.0.0.22");
  const auto web = samples::target(2, "https://www.example/", kinds::http());
  auto at = noon;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    const auto error = static_cast<probe_error>(i);
    at += 777ms;
    auto some = answered(static_cast<float>(i) * 1.7F, at);
    some.error = error;
    some.success = i % 3 == 0;
    some.values.set(icmp_column::loss, static_cast<float>(i) * 2);
    auto none = samples::failure(error, i % 2 == 0 ? "" : "no answer from 10.0.0.22");
    none.started = at - 5s;
    auto got = page(at);
    got.error = error;
    got.success = i % 2 == 0;
    got.values.clear(kinds::http_column::first_phase + static_cast<std::size_t>(i % 5));
    for (auto& [target, outcome] :
         {std::pair{a, some}, std::pair{b, none}, std::pair{web, got}, std::pair{web, none}}) {
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
  CAF_CHECK((header == batch_header{2, instance, 7, 1'767'268'800'123, rows}));
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
  CAF_CHECK((header == batch_header{2, instance, 7, -5, rows}));
  stamp_batch(batch, 1'767'268'800'123);
  CAF_CHECK(batch == before);
}

CAF_TEST(every kind of result has the values that it has in the old form) {
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

CAF_TEST(what the old form has no place for comes back too) {
  auto outcome = answered(20.0F, noon);
  outcome.values.set_whole(icmp_column::duplicates, 3);
  outcome.values.set_whole(icmp_column::late, 200);
  outcome.shared = true;
  const auto target = samples::target(0, "10.0.0.1");
  const auto got =
      read(encode({samples::result(target, outcome),
                   samples::result(samples::target(1, "http://x/", kinds::http()), page(noon))}));
  CAF_REQUIRE_EQUAL(got.rows.size(), 2U);
  const auto& icmp = got.rows[0];
  CAF_CHECK(icmp.state == probe_state::ok);
  CAF_CHECK(icmp.shared);
  CAF_CHECK_EQUAL(icmp.values.mask(), outcome.values.mask());
  CAF_CHECK(icmp.values.whole(icmp_column::duplicates) == std::optional{3U});
  CAF_CHECK(icmp.values.whole(icmp_column::late) == std::optional{200U});
  CAF_CHECK(icmp.values.whole(icmp_column::reply_ttl) == std::optional{57U});
  CAF_CHECK(icmp.values.number(icmp_column::latency) == std::optional{20.0F});
  const auto near = [](float a, float b) { return std::fabs(a - b) <= std::fabs(b) / 2048; };
  for (auto column = icmp_column::min; column <= icmp_column::p99; ++column) {
    CAF_CHECK(near(icmp.values.number(column).value(), outcome.values.number(column).value()));
  }
  CAF_CHECK(near(icmp.duration_ms, 12.345678F));
  CAF_CHECK_EQUAL(icmp.unix_ms, 1'767'268'800'012);
  CAF_CHECK(got.rows[1].values == page(noon).values);
}

CAF_TEST(a failure has its sentence and a success has none) {
  auto well = samples::success();
  well.detail = "not told";
  const auto target = samples::target(0, "10.0.0.1");
  const auto body = [&] {
    batch_encoder encoder{me};
    encoder.add(*samples::result(target, samples::failure(probe_error::no_reply, "nobody there")));
    encoder.add(*samples::result(target, well));
    encoder.add(*samples::result(target, samples::failure(probe_error::no_reply, "nobody there")));
    encoder.add(*samples::result(target, samples::failure(probe_error::deadline)));
    return encoder.finish_body();
  }();
  batch_parser parser{body, 4};
  std::vector<std::pair<std::string, std::string>> told;
  batch_row row;
  while (parser.next(row) == batch_parser::step::row) {
    told.emplace_back(row.error, row.detail);
  }
  CAF_CHECK((told == std::vector<std::pair<std::string, std::string>>{{"no_reply", "nobody there"},
                                                                      {"none", ""},
                                                                      {"no_reply", "nobody there"},
                                                                      {"deadline", ""}}));
  CAF_CHECK_EQUAL(body.find("nobody there"), body.rfind("nobody there"));
}

CAF_TEST(sentences are bounded and cut between characters) {
  std::string longest;
  while (longest.size() < max_batch_detail + 10) {
    longest += "\u00e4"; // two bytes each
  }
  longest.insert(longest.begin(), 'x');
  batch_encoder encoder{me};
  const auto target = samples::target(0, "10.0.0.1");
  encoder.add(*samples::result(target, samples::failure(probe_error::no_reply, longest)));
  std::uint32_t rows = 1;
  for (; encoder.body_bytes() < 2 * max_batch_details; ++rows) {
    encoder.add(*samples::result(
        target, samples::failure(probe_error::no_reply,
                                 std::to_string(rows) + std::string(max_batch_detail - 8, 'y'))));
    if (rows > 4 * max_batch_details / max_batch_detail) {
      break;
    }
  }
  const auto body = encoder.finish_body();
  CAF_CHECK(body.size() < max_batch_details + std::size_t{64} * rows + 8192);
  batch_parser parser{body, rows};
  batch_row row;
  CAF_REQUIRE(parser.next(row) == batch_parser::step::row);
  CAF_CHECK_EQUAL(row.detail.size(), max_batch_detail - 1);
  CAF_CHECK_EQUAL(row.detail, longest.substr(0, max_batch_detail - 1));
  std::uint32_t read = 1;
  std::uint32_t without = 0;
  while (parser.next(row) == batch_parser::step::row) {
    ++read;
    without += row.detail.empty() ? 1 : 0;
  }
  CAF_CHECK_EQUAL(read, rows);
  CAF_CHECK(without > 0 && without < rows - 1);
}

CAF_TEST(a sentence with bytes of a stranger becomes clean text) {
  const auto target = samples::target(0, "10.0.0.1");
  batch_encoder encoder{me};
  encoder.add(*samples::result(target, samples::failure(probe_error::refused, "\"\xFE\r\n\"")));
  const auto body = encoder.finish_body();
  batch_parser parser{body, 1};
  batch_row row;
  CAF_REQUIRE(parser.next(row) == batch_parser::step::row);
  CAF_CHECK_EQUAL(row.detail, "\"\uFFFD  \"");
}

CAF_TEST(an encoder is full before its names are more than are read) {
  batch_encoder encoder{me};
  target_index index = 0;
  const auto add = [&](std::string region) {
    const auto target = new_counted<const target_spec>(
        target_spec{{std::move(region), "a", kinds::icmp()}, index++});
    encoder.add(*samples::result(target));
  };
  while (!encoder.full()) {
    add(std::to_string(index));
  }
  CAF_CHECK_EQUAL(index, max_batch_regions);
  auto rows = encoder.rows();
  auto body = encoder.finish_body();
  CAF_CHECK_EQUAL(read_body(body, rows).problem, "");
  CAF_CHECK(!encoder.full());
  CAF_MESSAGE("long names count as the rest of the body");
  for (index = 0; !encoder.full();) {
    add(std::to_string(index) + std::string(max_batch_text, 'r'));
  }
  CAF_CHECK(index < full_batch_body / max_batch_text);
  rows = encoder.rows();
  const auto counted = encoder.body_bytes();
  body = encoder.finish_body();
  CAF_CHECK(body.size() - counted < 100);
  CAF_CHECK(body.size() < full_batch_body + std::size_t{5} * 1024);
  CAF_CHECK_EQUAL(read_body(body, rows).problem, "");
}

CAF_TEST(a kind that nobody knows comes back with its description) {
  static const probe_kind toy = [] {
    auto kind = kinds::http();
    kind.name = "toy";
    kind.columns.resize(3);
    kind.columns[1].old_name = "toy_resolveDuration_millonseconds";
    return kind;
  }();
  probe_outcome outcome;
  outcome.success = true;
  outcome.values.set(1, 3);
  outcome.values.set(9, 3); // its kind has no such column
  const auto spec = [&](std::string_view type, target_index index) {
    return new_counted<const target_spec>(target_spec{{"eu", "x", prober_name{type, &toy}}, index});
  };
  batch_encoder encoder{me};
  encoder.add(*samples::result(spec("toy", 0), outcome));
  encoder.add(*samples::result(spec("module_of_it", 1), outcome));
  const auto body = encoder.finish_body();
  batch_parser parser{body, 2};
  CAF_REQUIRE_EQUAL(parser.problem(), "");
  CAF_CHECK_EQUAL(parser.target(1).type, "module_of_it");
  CAF_CHECK(parser.target(0).kind == parser.target(1).kind);
  CAF_CHECK(*parser.target(0).kind == toy);
  CAF_CHECK(*parser.kind_of(1) == toy);
  batch_row row;
  std::vector<wire_value> values;
  while (parser.next(row) == batch_parser::step::row) {
    CAF_CHECK_EQUAL(row.values.mask(), 2U);
    append_wire_values(parser, row, values);
  }
  CAF_REQUIRE_EQUAL(values.size(), 4U);
  CAF_CHECK_EQUAL(values[1].metric_name, "toy_resolveDuration_millonseconds");
  CAF_CHECK_EQUAL(values[2].probe_type, "module_of_it");
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
    const auto target = new_counted<const target_spec>(
        target_spec{{"region-" + std::to_string(host % 40),
                     "10." + std::to_string(host >> 8U & 255U) + "." +
                         std::to_string(host >> 16U & 255U) + "." + std::to_string(host >> 24U),
                     kinds::icmp()},
                    static_cast<target_index>(i)});
    at += std::chrono::microseconds{random() % 170};
    auto outcome = answered(rtt(random), at);
    outcome.duration = std::chrono::microseconds{random() % 1'000'000};
    auto& v = outcome.values;
    const float mean = *v.number(icmp_column::latency);
    v.set(icmp_column::min, mean * (0.5F + part(random) / 2));
    v.set(icmp_column::max, mean * (1 + part(random)));
    v.set(icmp_column::stddev, mean * part(random));
    v.set(icmp_column::p50, mean * (0.9F + part(random) / 5));
    v.set(icmp_column::p99, mean * (1.2F + part(random)));
    v.set(icmp_column::p90, mean * (1 + part(random)));
    v.set(icmp_column::jitter, mean * part(random));
    v.set_whole(icmp_column::reply_ttl, 40 + random() % 24);
    const auto lost = part(random) < 0.1F ? random() % 10 : 0;
    v.set(icmp_column::loss, static_cast<float>(lost) * 2);
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
