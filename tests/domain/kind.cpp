#define CAF_SUITE kind
#include "xprober/domain/kind.hpp"

#include <cmath>
#include <limits>
#include <map>

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_suite {

using namespace xprober;

namespace {

kind_column column(std::string key, column_role role = column_role::gauge) {
  kind_column c;
  c.key = std::move(key);
  c.role = role;
  return c;
}

/// A kind with a success and so many phases.
probe_kind toy(std::size_t phases = 2) {
  probe_kind kind{"toy", target_form::name, result_group::address, false, true, 0, {}};
  kind.columns.push_back(column("success", column_role::success));
  kind.columns.back().kept = true;
  kind.columns.back().old_name = "toy_target_success";
  for (std::size_t i = 0; i < phases; ++i) {
    kind.columns.push_back(column("phase_" + std::to_string(i), column_role::phase));
  }
  return kind;
}

bool is_wrong(const probe_kind& kind, std::string_view why) {
  const auto problem = kind_problem(kind);
  if (problem.find(why) == std::string::npos) {
    CAF_MESSAGE("\"" << problem << "\" does not say " << why);
    return false;
  }
  return true;
}

std::map<std::string, float> named(const probe_kind& kind, probe_state state,
                                   const column_values& values) {
  std::map<std::string, float> out;
  for (const auto& [place, value] : old_values{kind, state, values}) {
    out[kind.columns[place].old_name] = value;
  }
  return out;
}

} // namespace

CAF_TEST(a description is judged) {
  CAF_CHECK_EQUAL(kind_problem(toy()), "");
  auto kind = toy();
  kind.name = "to y";
  CAF_CHECK(is_wrong(kind, "name of a kind"));
  kind = toy();
  kind.columns.clear();
  CAF_CHECK(is_wrong(kind, "first column"));
  kind = toy();
  std::swap(kind.columns[0], kind.columns[1]);
  CAF_CHECK(is_wrong(kind, "first column"));
  CAF_CHECK(is_wrong(toy(max_kind_columns), "more than 20 columns"));
  CAF_CHECK_EQUAL(kind_problem(toy(max_kind_columns - 1)), "");
  kind = toy();
  kind.failed = 1;
  CAF_CHECK(is_wrong(kind, "failure"));
  kind.failed = std::numeric_limits<float>::quiet_NaN();
  CAF_CHECK(is_wrong(kind, "failure"));
  kind = toy();
  kind.columns[1].key = kind.columns[2].key;
  CAF_CHECK(is_wrong(kind, "twice"));
  kind = toy();
  kind.columns[1].key = "a\"b";
  CAF_CHECK(is_wrong(kind, "key"));
  kind = toy();
  kind.columns[1].name = "probe duration";
  CAF_CHECK(is_wrong(kind, "metric"));
  kind = toy();
  kind.columns[1].phase = "a\nb";
  CAF_CHECK(is_wrong(kind, "clean text"));
  kind = toy();
  kind.columns[1].form = column_form::whole;
  CAF_CHECK(is_wrong(kind, "whole number"));
  kind = toy();
  kind.columns[1].role = kind.columns[2].role = column_role::loss;
  CAF_CHECK(is_wrong(kind, "several columns of a role"));
  kind = toy();
  kind.columns[1].old_missing = std::numeric_limits<float>::infinity();
  CAF_CHECK(is_wrong(kind, "not finite"));
}

CAF_TEST(a server keeps the success and seven columns at most) {
  auto kind = toy(8);
  for (std::size_t i = 1; i <= max_kept_columns; ++i) {
    kind.columns[i].kept = true;
  }
  CAF_CHECK_EQUAL(kind_problem(kind), "");
  kind.columns[8].kept = true;
  CAF_CHECK(is_wrong(kind, "keeps"));
  kind = toy();
  kind.columns[0].kept = false;
  CAF_CHECK(is_wrong(kind, "keeps"));
}

CAF_TEST(columns are found by role and by key) {
  const auto& icmp = kinds::icmp();
  CAF_CHECK(icmp.find(column_role::success) == std::optional<std::size_t>{0});
  CAF_CHECK(icmp.find(column_role::duration) == std::optional{kinds::icmp_column::latency});
  CAF_CHECK(icmp.find("p99_ms") == std::optional{kinds::icmp_column::p99});
  CAF_CHECK(!icmp.find(column_role::phase));
  CAF_CHECK(!icmp.find("none"));
}

CAF_TEST(values are held by column and in their form) {
  column_values values;
  CAF_CHECK(values.empty());
  values.set(2, 1.5F);
  values.set_whole(3, 4'000'000'000);
  values.set_whole(4, std::uint64_t{1} << 40U);
  CAF_CHECK(values.number(2) == std::optional{1.5F});
  CAF_CHECK(values.whole(3) == std::optional{4'000'000'000U});
  CAF_CHECK(values.whole(4) == std::optional{std::numeric_limits<std::uint32_t>::max()});
  CAF_CHECK(!values.number(1));
  CAF_CHECK_EQUAL(values.mask(), 0b11100U);
  CAF_CHECK(values.value(kinds::icmp(), kinds::icmp_column::latency) == std::optional{1.5});
  CAF_CHECK(values.value(kinds::icmp(), kinds::icmp_column::sent) == std::optional{4e9});
  auto other = values;
  other.clear(4);
  CAF_CHECK(!(other == values));
  values.clear(4);
  CAF_CHECK(other == values);
}

CAF_TEST(the first phase that was not completed) {
  const auto& http = kinds::http();
  const auto open = first_open_phase(http, samples::http_values({1, 2}, 0));
  CAF_REQUIRE(open.has_value());
  CAF_CHECK_EQUAL(http.columns[*open].key, "tls");
  CAF_CHECK(!first_open_phase(http, samples::http_values({1, 2, 3, 4, 5}, 503)));
  CAF_CHECK(!first_open_phase(kinds::icmp(), {}));
}

CAF_TEST(the old form has a sentinel only where something was sent) {
  auto kind = toy(1);
  kind.columns[1].old_name = "toy_time_ms";
  kind.columns[1].old_missing = -1.0F;
  auto loss = column("loss", column_role::loss);
  kind.columns.push_back(loss);
  column_values values;
  CAF_CHECK((named(kind, probe_state::failed, values) ==
             std::map<std::string, float>{{"toy_target_success", 0.0F}}));
  values.set(2, 100);
  CAF_CHECK((named(kind, probe_state::failed, values) ==
             std::map<std::string, float>{{"toy_target_success", 0.0F}, {"toy_time_ms", -1.0F}}));
  values.set(1, 7);
  CAF_CHECK((named(kind, probe_state::ok, values) ==
             std::map<std::string, float>{{"toy_target_success", 1.0F}, {"toy_time_ms", 7.0F}}));
  CAF_CHECK(named(kind, probe_state::own_fault, values).empty());
}

CAF_TEST(conventional units are seconds and ratios) {
  CAF_CHECK_EQUAL(conventional_scale("ms"), 1000.0);
  CAF_CHECK_EQUAL(conventional_scale("percent"), 100.0);
  CAF_CHECK_EQUAL(conventional_scale("bytes"), 1.0);
}

} // namespace kind_suite
