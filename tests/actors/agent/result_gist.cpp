#define CAF_SUITE result_gist

#include "xprober/actors/agent/result_gist.hpp"

#include <chrono>
#include <cmath>

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace result_gist_suite {

using namespace xprober;
using namespace std::chrono_literals;

CAF_TEST(a gist keeps when it was and how it ended) {
  auto outcome = samples::failure(probe_error::no_reply, "nobody");
  outcome.started = wall_time{1'767'323'045'678ms};
  const auto back = result_gist{kinds::icmp(), outcome}.expand(kinds::icmp());
  CAF_CHECK(back.started == outcome.started);
  CAF_CHECK(!back.success);
  CAF_CHECK(back.error == probe_error::no_reply);
  CAF_CHECK(back.values.empty());
}

CAF_TEST(a gist keeps the first numbers of a kind) {
  namespace column = kinds::icmp_column;
  auto outcome = samples::success(50);
  outcome.values.set(column::loss, 2);
  outcome.values.set(column::min, 0.1F);
  outcome.values.set(column::max, 12.7F);
  const auto back = result_gist{kinds::icmp(), outcome}.expand(kinds::icmp());
  CAF_CHECK(back.success);
  CAF_CHECK(back.values.number(column::loss) == 2.0F);
  CAF_CHECK(back.values.number(column::latency) == 1.5F);
  CAF_CHECK(back.values.whole(column::sent) == 50U);
  // These are coarse.
  CAF_CHECK(std::abs(back.values.number(column::min).value() - 0.1F) < 0.0001F);
  CAF_CHECK(std::abs(back.values.number(column::max).value() - 12.7F) < 0.01F);
  CAF_CHECK(!back.values.has(column::stddev));
}

CAF_TEST(what was not measured is not made up) {
  namespace column = kinds::icmp_column;
  auto outcome = samples::success(3);
  outcome.values.clear(column::latency);
  const auto back = result_gist{kinds::icmp(), outcome}.expand(kinds::icmp());
  CAF_CHECK(!back.values.has(column::latency));
  CAF_CHECK(back.values.has(column::sent));
}

CAF_TEST(any kind has a gist) {
  const probe_kind toy{"toy",
                       target_form::name,
                       result_group::address,
                       false,
                       true,
                       0,
                       {{"success", "toy_success", "probe_success", "", "", column_role::success,
                         column_form::number, true},
                        {"turns", "", "", "", "", column_role::count, column_form::whole},
                        {"wait_ms", "", "", "", "ms", column_role::duration, column_form::coarse}}};
  CAF_REQUIRE_EQUAL(kind_problem(toy), "");
  probe_outcome outcome;
  outcome.success = true;
  outcome.values.set_whole(1, 4'000'000'000);
  outcome.values.set(2, 0.5F);
  const auto back = result_gist{toy, outcome}.expand(toy);
  CAF_CHECK(back.values == outcome.values);
}

} // namespace result_gist_suite
