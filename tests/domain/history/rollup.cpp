#define CAF_SUITE rollup

#include "xprober/domain/history/rollup.hpp"

#include <limits>
#include <random>
#include <vector>

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace rollup_suite {

using namespace xprober;

namespace {

measured_probe answered(float ms, float loss = 0) {
  measured_probe probe;
  probe.success = true;
  probe.value_ms = ms;
  probe.loss_percent = loss;
  return probe;
}

measured_probe unanswered() {
  measured_probe probe;
  probe.success = false;
  probe.loss_percent = 100.0F;
  return probe;
}

measured_probe fetched(std::initializer_list<float> phases, bool success = true) {
  const auto state = success ? probe_state::ok : probe_state::failed;
  return measured(kind_shape{kinds::http()}, state, samples::http_values(phases, 200));
}

} // namespace

CAF_TEST(probes are counted and their times summed up) {
  rollup values;
  values.add(answered(10, 0));
  values.add(answered(30, 50));
  values.add(unanswered());
  CAF_CHECK_EQUAL(values.probes, 3u);
  CAF_CHECK_EQUAL(values.succeeded, 2u);
  CAF_CHECK_EQUAL(values.value_ms.count, 2u);
  CAF_CHECK(values.value_ms.mean().value() == 20.0);
  CAF_CHECK_EQUAL(values.min_ms(), 10.0);
  CAF_CHECK_EQUAL(values.max_ms(), 30.0);
  CAF_CHECK(values.loss_percent.mean().value() == 50.0);
  CAF_CHECK_EQUAL(values.quantile_ms(0), 10.0);
}

CAF_TEST(a quantile never leaves what was measured) {
  rollup values;
  values.add(answered(7.77F));
  CAF_CHECK_EQUAL(values.quantile_ms(0.5), values.min_ms());
  CAF_CHECK_EQUAL(values.quantile_ms(0.99), values.max_ms());
}

CAF_TEST(http has a duration only when all phases are known) {
  rollup values;
  values.add(fetched({1, 2, 3, 4, 5}));
  values.add(fetched({3, 2}, false));
  CAF_CHECK_EQUAL(values.probes, 2u);
  CAF_CHECK_EQUAL(values.succeeded, 1u);
  CAF_CHECK_EQUAL(values.value_ms.count, 1u);
  CAF_CHECK(values.value_ms.mean().value() == 15.0);
  CAF_CHECK(values.phases_ms[0].mean().value() == 2.0);
  CAF_CHECK(!fixed_sum{}.mean());
  CAF_CHECK(!values.loss_percent.mean());
}

CAF_TEST(parts merged in any order are the whole to the bit) {
  std::mt19937_64 random{3};
  rollup whole;
  std::vector<rollup> parts(5);
  for (int i = 0; i < 3'000; ++i) {
    const auto ms = static_cast<float>(random() % 1'000'000) / 997.0F;
    const auto probe = i % 7 == 0   ? unanswered()
                       : i % 3 == 0 ? fetched({ms, 0.1F, 0, 2.5F, 1})
                                    : answered(ms, static_cast<float>(i % 100));
    whole.add(probe);
    parts[random() % parts.size()].add(probe);
  }
  rollup merged;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    merged.merge(*part);
  }
  CAF_CHECK(merged == whole);
  const auto read = rollup::decode(whole.encode());
  CAF_REQUIRE(read);
  CAF_CHECK(*read == whole);
}

CAF_TEST(absurd numbers neither wrap nor break anything) {
  rollup values;
  values.add(answered(std::numeric_limits<float>::max(), 0));
  values.add(answered(std::numeric_limits<float>::infinity(), 0));
  values.add(answered(std::numeric_limits<float>::quiet_NaN(), 0));
  CAF_CHECK_EQUAL(values.probes, 3u);
  CAF_CHECK_EQUAL(values.max_ms(), 1e7);
  rollup many = values;
  for (int i = 0; i < 62; ++i) {
    many.merge(rollup{many});
  }
  CAF_CHECK_EQUAL(many.value_ms.sum, std::numeric_limits<std::int64_t>::max());
  CAF_CHECK(rollup::decode(many.encode()) == many);
}

CAF_TEST(a probe measures what its kind has columns for) {
  const kind_shape icmp{kinds::icmp()};
  const auto answered_some = samples::echoes(4, 3, 2.5F);
  CAF_CHECK(measured(icmp, probe_state::own_fault, answered_some).empty());
  auto probe = measured(icmp, probe_state::failed, {});
  CAF_CHECK(probe.success == std::optional{false});
  CAF_CHECK(!probe.loss_percent && !probe.value_ms);
  probe = measured(icmp, probe_state::failed, samples::echoes(4, 0, 0));
  CAF_CHECK(probe.loss_percent == std::optional{100.0F});
  CAF_CHECK(!probe.value_ms);
  probe = measured(icmp, probe_state::ok, answered_some);
  CAF_CHECK(probe.success == std::optional{true});
  CAF_CHECK(probe.value_ms == std::optional{2.5F});
  CAF_CHECK(probe.loss_percent == std::optional{25.0F});
  CAF_CHECK_EQUAL(probe.phases, 0u);
}

CAF_TEST(what is below zero was not measured) {
  column_values values;
  values.set(kinds::icmp_column::latency, -1);
  values.set(kinds::icmp_column::loss, -1);
  const auto probe = measured(kind_shape{kinds::icmp()}, probe_state::failed, values);
  CAF_CHECK(!probe.loss_percent && !probe.value_ms);
}

CAF_TEST(roll ups with other numbers of phases merge) {
  rollup few;
  few.add(fetched({1, 2, 3, 4, 5}));
  few.phases_ms.resize(2);
  rollup many;
  many.add(fetched({1, 2, 3, 4, 5}));
  few.merge(many);
  CAF_CHECK_EQUAL(few.phases_ms.size(), 5u);
  CAF_CHECK(few.phases_ms[1].count == 2 && few.phases_ms[4].count == 1);
}

CAF_TEST(what is no rollup is refused) {
  rollup values;
  values.add(answered(10, 5));
  values.add(fetched({1, 2, 3, 4, 5}));
  const auto bytes = values.encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAF_CHECK(!rollup::decode(std::string_view{bytes}.substr(0, size)));
  }
}

CAF_TEST(what no probes come to is no roll - up) {
  const auto is_read = [](std::uint64_t succeeded, std::uint64_t least, std::uint64_t sketched) {
    std::string bytes;
    byte_writer out{bytes};
    for (const std::uint64_t number :
         {std::uint64_t{2}, succeeded, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{30}, least,
          std::uint64_t{20}}) {
      out.varint(number); // probes, succeeded, which parts, values, their sum, least, most
    }
    out.varint(sketched); // zeros
    out.varint(0);        // no bins
    return rollup::decode(bytes).has_value();
  };
  CAF_CHECK(is_read(2, 10, 2));
  CAF_CHECK(!is_read(3, 10, 2));
  CAF_CHECK(!is_read(2, 21, 2));
  CAF_CHECK(!is_read(2, 10, 1));
}

} // namespace rollup_suite
