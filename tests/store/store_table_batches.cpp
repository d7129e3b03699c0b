#define CAF_SUITE store_table_batches

#include "xprober/store/store_table.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/bytes.hpp"

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/domain/kind_series.hpp"

#include "caf/test/dsl.hpp"

namespace store_table_batches_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const agent_identity me{"cn-south", "10.1.1.1"};

/// Each error for each kind that has an old form.
std::vector<probe_result_ptr> all_errors() {
  std::vector<probe_result_ptr> results;
  target_index index = 0;
  for (int i = 0; i <= static_cast<int>(probe_error::deadline); ++i) {
    for (const auto* kind : {&kinds::icmp(), &kinds::http()}) {
      auto outcome = samples::failure(static_cast<probe_error>(i));
      outcome.started = wall_time{1'767'268'800s + i * 1s};
      if (kind == &kinds::http()) {
        outcome.values.set(kinds::http_column::first_phase + static_cast<std::size_t>(i) % 5, 1.5F);
      } else if (i % 2 == 0) {
        outcome.values = samples::echoes(10, i % 4 == 0 ? 7 : 0, 1.5F);
      }
      results.push_back(samples::result(
          samples::target(index, "target-" + std::to_string(index), *kind), outcome));
      ++index;
    }
  }
  return results;
}

probe_result_ptr toy_result(target_index index, std::string address,
                            const prober_name& type = samples::toy()) {
  auto outcome = samples::toy_success(1, 2, 3);
  outcome.started = wall_time{1'767'268'800s};
  return samples::result(samples::target_of(index, std::move(address), type), outcome);
}

/// A batch of these results, into a table.
ingest_report ingest(store_table& table, const std::vector<probe_result_ptr>& results,
                     monotonic_time now = monotonic_time{1h}) {
  batch_encoder encoder{me};
  for (const auto& result : results) {
    encoder.add(*result);
  }
  const auto rows = encoder.rows();
  return table.ingest(samples::misnamed(encoder.finish_body()), rows, now);
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

CAF_TEST(a batch and its values in the old form come to the same) {
  const auto now = monotonic_time{1h};
  store_table plain{300s};
  store_table batched{300s};
  std::vector<wire_value> values;
  batch_encoder encoder{me};
  const auto results = all_errors();
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

CAF_TEST(a kind that is in no table is stored with all that it keeps) {
  store_table table{300s};
  const auto got = ingest(table, {toy_result(0, "a:1"), toy_result(1, "b:2"),
                                  toy_result(2, "b:2", prober_name{"module", &samples::toy()})});
  CAF_CHECK_EQUAL(got.accepted, 12u);
  CAF_CHECK_EQUAL(got.rejected, 0u);
  const auto rows = content(table, monotonic_time{1h});
  CAF_REQUIRE_EQUAL(rows.size(), 3u);
  const auto& row = rows.at("cn-south|10.1.1.1|r|a:1|toy");
  CAF_CHECK(*table.kinds()[row.kind].kind == samples::toy());
  const auto values = columns_of(samples::toy(), row);
  CAF_CHECK(values.number(samples::toy_column::wind) == 1.0F);
  CAF_CHECK(values.whole(samples::toy_column::level) == 3u);
  table.expire(monotonic_time{2h}, 10);
  CAF_CHECK_EQUAL(table.kinds().size(), builtin_kinds().size());
}

CAF_TEST(a kind whose columns have changed is another kind) {
  store_table table{300s};
  ingest(table, {toy_result(0, "a:1"), toy_result(1, "b:1")});
  auto changed = samples::toy();
  changed.columns.erase(changed.columns.begin() + samples::toy_column::wind);
  auto outcome = samples::failure(probe_error::refused);
  outcome.started = wall_time{1'767'268'815s};
  outcome.values.set(1, 7); // spin, now
  ingest(table, {samples::result(samples::target_of(0, "a:1", changed), outcome)});
  const auto rows = content(table, monotonic_time{1h});
  CAF_REQUIRE_EQUAL(rows.size(), 2u);
  const auto& now_other = rows.at("cn-south|10.1.1.1|r|a:1|toy");
  CAF_CHECK(*table.kinds()[now_other.kind].kind == changed);
  CAF_CHECK_EQUAL(now_other.size(), 2u);
  CAF_CHECK(columns_of(changed, now_other).number(1) == 7.0F);
  CAF_CHECK_EQUAL(rows.at("cn-south|10.1.1.1|r|b:1|toy").size(), 4u);
  CAF_CHECK_EQUAL(table.kinds().size(), builtin_kinds().size() + 2);
  CAF_CHECK_EQUAL(table.series(), 6u);
}

CAF_TEST(rows that give a built in name another meaning are rejected one by one) {
  store_table table{300s};
  const auto got = ingest(table, {toy_result(0, "10.0.0.1", samples::misnamed_type()),
                                  samples::result(samples::target(1, "http://x/", kinds::http()),
                                                  samples::failure(probe_error::refused))});
  CAF_CHECK_EQUAL(got.accepted, 1u);
  CAF_CHECK_EQUAL(got.rejected, 4u); // the success and three columns
  CAF_CHECK_EQUAL(got.reason, "the rows of a target do not have the form of its type");
  CAF_CHECK_EQUAL(table.rows(), 1u);
}

CAF_TEST(rows that a header claims and a body has no room for are not counted) {
  batch_encoder encoder{me};
  encoder.add(*toy_result(0, "a:1"));
  const auto body = encoder.finish_body();
  store_table table{300s};
  const auto got = table.ingest(body, 0xFFFFFFFF, monotonic_time{1h});
  CAF_CHECK_EQUAL(got.accepted, 0u);
  CAF_CHECK_EQUAL(got.rejected, body.size() / least_row_bytes);
}

CAF_TEST(a built in kind of another version is stored as far as it agrees) {
  auto later = kinds::icmp();
  kind_column fresh;
  fresh.key = "path_mtu";
  later.columns.insert(later.columns.begin() + 1, fresh);
  later.grouped_by = result_group::address;
  auto outcome = samples::failure(probe_error::no_reply);
  outcome.values.set(1, 1280);
  outcome.values.set(kinds::icmp_column::loss + 1, 100);
  store_table table{300s};
  const auto got = ingest(
      table,
      {samples::result(samples::target_of(0, "10.0.0.1", later), outcome),
       samples::result(samples::target_of(1, "10.0.0.1", prober_name{"m", &later}), outcome)});
  ingest(table, {samples::result(samples::target(2, "10.0.0.2"), samples::success())});
  CAF_CHECK_EQUAL(got.accepted, 6u); // the success, the loss, and what stands for the latency
  CAF_CHECK_EQUAL(got.rejected, 0u);
  CAF_CHECK_EQUAL(table.kinds().size(), builtin_kinds().size());
  const auto rows = content(table, monotonic_time{1h});
  CAF_REQUIRE_EQUAL(rows.size(), 3u);
  for (const auto* name : {"icmp", "m"}) {
    const auto& row = rows.at("cn-south|10.1.1.1|r|10.0.0.1|" + std::string{name});
    CAF_CHECK(table.kinds()[row.kind].kind.get() == &kinds::icmp());
    CAF_CHECK(columns_of(kinds::icmp(), row).number(kinds::icmp_column::loss) == 100.0F);
  }
}

CAF_TEST(kinds above the limit are rejected rows and the rest is taken) {
  store_table table{300s};
  std::vector<probe_kind> all(store_kinds::most, samples::toy());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].name += std::to_string(i);
  }
  std::uint64_t rejected = 0;
  // Batches of as many kinds as one can describe.
  for (std::size_t begin = 0; begin < all.size(); begin += 250) {
    std::vector<probe_result_ptr> results;
    for (std::size_t i = begin; i < begin + 250; ++i) {
      results.push_back(toy_result(static_cast<target_index>(i), "a:" + std::to_string(i), all[i]));
    }
    results.push_back(samples::result(samples::target(9999, "10.0.0." + std::to_string(begin))));
    const auto got = ingest(table, results);
    rejected += got.rejected;
    CAF_CHECK(got.rejected == 0 || got.reason == "the store has too many kinds of probes");
  }
  CAF_CHECK_EQUAL(rejected, 4 * builtin_kinds().size());
  CAF_CHECK_EQUAL(table.kinds().size(), store_kinds::most);
  CAF_CHECK_EQUAL(table.rows(), store_kinds::most - builtin_kinds().size() + 4);
  // Those that nobody uses any more make room.
  table.expire(monotonic_time{2h}, 2000);
  CAF_CHECK_EQUAL(table.rows(), 0u);
  CAF_CHECK_EQUAL(ingest(table, {toy_result(0, "z:1")}, monotonic_time{2h}).rejected, 0u);
}

} // namespace store_table_batches_suite
