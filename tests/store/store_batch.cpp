#define CAF_SUITE store_batch

#include "xprober/store/store_table.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/bytes.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace store_batch_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const agent_identity me{"cn-south", "10.1.1.1"};

std::vector<probe_result_ptr> all_kinds() {
  std::vector<probe_result_ptr> results;
  target_index index = 0;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    for (const auto type : {probe_type::icmp, probe_type::http}) {
      auto outcome = samples::failure(static_cast<probe_error>(i));
      outcome.started = wall_time{1'767'268'800s + i * 1s};
      if (type == probe_type::http) {
        http_summary s;
        s.phases_ms[static_cast<std::size_t>(i) % 5] = 1.5F;
        outcome.data = s;
      } else if (i % 2 == 0) {
        outcome.data = std::get<icmp_summary>(samples::success().data);
      }
      results.push_back(samples::result(
          samples::target(index, "target-" + std::to_string(index), type), outcome));
      ++index;
    }
  }
  return results;
}

std::map<std::string, probe_values> content(const store_table& table, monotonic_time now) {
  std::map<std::string, probe_values> all;
  table.for_each_fresh(now, [&](const store_table::view& row) {
    all[table.text(row.source_region) + "|" + table.text(row.agent) + "|" +
        table.text(row.target_region) + "|" + table.text(row.address) + "|" +
        table.text(row.prober)] = *row.latest;
  });
  return all;
}

} // namespace

CAF_TEST(a batch and its values in the form of the seed come to the same) {
  const auto now = monotonic_time{1h};
  store_table plain{300s};
  store_table batched{300s};
  std::vector<wire_value> values;
  batch_encoder encoder{me};
  const auto results = all_kinds();
  for (const auto& result : results) {
    append_wire_values(*result, me, values);
    encoder.add(*result);
  }
  const auto wanted = plain.ingest(values, now);
  const auto rows = encoder.rows();
  const auto got = batched.ingest(encoder.finish_body(), rows, now);
  CAF_CHECK_EQUAL(got.accepted, wanted.accepted);
  CAF_CHECK_EQUAL(got.rejected, 0U);
  CAF_CHECK_EQUAL(batched.series(), plain.series());
  CAF_CHECK(content(batched, now) == content(plain, now));
  CAF_CHECK(!content(plain, now).empty());
}

CAF_TEST(targets that cannot be stored are rejected with their values) {
  batch_encoder encoder{me};
  encoder.add(*samples::result(samples::target(0, "bad\naddress")));
  encoder.add(*samples::result(samples::target(1, "10.0.0.1")));
  encoder.add(*samples::result(samples::target(2, std::string(3000, 'x'))));
  store_table table{300s};
  const auto got = table.ingest(encoder.finish_body(), 3, monotonic_time{1h});
  CAF_CHECK_EQUAL(got.accepted, 3U);
  CAF_CHECK_EQUAL(got.rejected, 6U);
  CAF_CHECK(!got.reason.empty());
}

CAF_TEST(a full table says so) {
  batch_encoder encoder{me};
  encoder.add(*samples::result(samples::target(0, "10.0.0.1")));
  encoder.add(*samples::result(samples::target(1, "10.0.0.2")));
  store_table table{300s, 1};
  const auto got = table.ingest(encoder.finish_body(), 2, monotonic_time{1h});
  CAF_CHECK_EQUAL(got.accepted, 3U);
  CAF_CHECK_EQUAL(got.rejected, 3U);
  CAF_CHECK_EQUAL(got.reason, "the store is full");
}

CAF_TEST(a body that ends too early counts what is missing) {
  batch_encoder encoder{me};
  encoder.add(*samples::result(samples::target(0, "10.0.0.1")));
  store_table table{300s};
  const auto got = table.ingest(encoder.finish_body(), 5, monotonic_time{1h});
  CAF_CHECK_EQUAL(got.accepted, 3U);
  CAF_CHECK_EQUAL(got.rejected, 4U);
}

CAF_TEST(what is replayed keeps its age) {
  const auto body = [](std::string address) {
    batch_encoder encoder{me};
    encoder.add(*samples::result(samples::target(0, std::move(address))));
    return encoder.finish_body();
  };
  store_table table{300s};
  const auto now = monotonic_time{1h};
  table.ingest(body("10.0.0.1"), 1, now - 200s);
  table.ingest(body("10.0.0.2"), 1, now);
  CAF_CHECK_EQUAL(content(table, now).size(), 2U);
  CAF_CHECK_EQUAL(content(table, now + 100s).size(), 1U);
}

CAF_TEST(what is replayed after newer rows finds its place by age) {
  const auto body = [](std::string address, std::chrono::seconds later) {
    batch_encoder encoder{me};
    auto outcome = samples::success();
    outcome.started += later;
    encoder.add(*samples::result(samples::target(0, std::move(address)), outcome));
    return encoder.finish_body();
  };
  store_table table{300s};
  const auto now = monotonic_time{1h};
  table.ingest(body("10.0.0.9", 300s), 1, now);
  table.ingest(body("10.0.0.1", 100s), 1, now - 200s);
  table.ingest(body("10.0.0.9", 100s), 1, now - 200s); // older than what is there
  table.ingest(body("10.0.0.2", 150s), 1, now - 150s);
  table.ingest(body("10.0.0.1", 160s), 1, now - 140s);
  table.ingest(body("10.0.0.3", 300s), 1, now + 1s);
  CAF_CHECK_EQUAL(content(table, now + 120s).size(), 4U);
  CAF_CHECK_EQUAL(content(table, now + 155s).size(), 3U); // without .2
  CAF_CHECK_EQUAL(content(table, now + 165s).size(), 2U); // and .1
  CAF_CHECK(!table.expire(now + 165s, 10));
  CAF_CHECK_EQUAL(table.rows(), 2U);
  CAF_CHECK(!table.expire(now + 400s, 10));
  CAF_CHECK_EQUAL(table.rows(), 0U);
}

CAF_TEST(replayed rows that came a moment out of order keep it) {
  const auto body = [](std::uint32_t number) {
    batch_encoder encoder{me};
    encoder.add(*samples::result(samples::target(number, "10.0.0." + std::to_string(number))));
    return encoder.finish_body();
  };
  store_table table{300s};
  const auto now = monotonic_time{1h};
  for (std::uint32_t i = 1; i <= 9; ++i) {
    table.ingest(body(i), 1, now - milliseconds{i % 3 * 400});
  }
  CAF_CHECK_EQUAL(content(table, now + 299s).size(), 9U);
  CAF_CHECK(!table.expire(now + 300s, 10));
  CAF_CHECK_EQUAL(table.rows(), 0U);
}

} // namespace store_batch_suite
