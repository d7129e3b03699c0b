#define CAF_SUITE ledger

#include "simnet/ledger.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "caf/test/unit_test.hpp"

namespace ledger_suite {

using namespace simnet;
using namespace std::chrono_literals;

CAF_TEST(turnarounds_have_nearest_rank_percentiles) {
  turnarounds t;
  CAF_CHECK((t.percentiles({0.5}) == std::vector<std::int64_t>{0}));
  for (int i = 100; i >= 1; --i) {
    t.add(nanoseconds{i}, 1000);
  }
  CAF_CHECK_EQUAL(t.count(), 100u);
  CAF_CHECK(t.min() == 1ns);
  CAF_CHECK(t.max() == 100ns);
  CAF_CHECK_EQUAL(t.mean_ns(), 50.5);
  CAF_CHECK((t.percentiles({0.5, 0.9, 0.99, 1}) == std::vector<std::int64_t>{50, 90, 99, 100}));
  turnarounds one;
  one.add(7ns, 10);
  CAF_CHECK((one.percentiles({0.5, 0.99}) == std::vector<std::int64_t>{7, 7}));
}

CAF_TEST(the_latest_times_are_kept_and_all_are_counted) {
  turnarounds t;
  for (int i = 1; i <= 25; ++i) {
    t.add(nanoseconds{i}, 10);
  }
  CAF_CHECK_EQUAL(t.count(), 25u);
  CAF_CHECK(t.min() == 1ns);
  CAF_CHECK_EQUAL(t.mean_ns(), 13);
  CAF_CHECK((t.percentiles({0.1, 1}) == std::vector<std::int64_t>{16, 25}));
  turnarounds none;
  none.add(5ns, 0);
  CAF_CHECK_EQUAL(none.mean_ns(), 5);
}

CAF_TEST(values_are_spread_over_the_block) {
  const config c = parse_config(R"({"rules": [
    {"block": "10.0.0.0/16", "delay_us": [1000, 2000], "loss": [0, 0.3]}]})");
  ledger accounts{c};
  double delays = 0;
  double losses = 0;
  for (int i = 0; i < 4096; ++i) {
    const account& a = accounts.of(
        *parse_address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256)));
    CAF_REQUIRE(a.delay >= 1ms && a.delay < 2ms);
    CAF_REQUIRE(a.loss >= 0 && a.loss < 0.3);
    delays += static_cast<double>(a.delay.count()) / 4096;
    losses += a.loss / 4096;
  }
  CAF_CHECK(delays > 1.47e6 && delays < 1.53e6);
  CAF_CHECK(losses > 0.14 && losses < 0.16);
  CAF_CHECK_EQUAL(accounts.size(), 4096u);
}

CAF_TEST(an_address_is_the_same_in_every_run_of_one_seed) {
  const std::string rules = R"("rules": [{"block": "10.0.0.0/8", "delay_us": [0, 1000000]}]})";
  const config c = parse_config("{" + rules);
  const config same = parse_config("{" + rules);
  const config other = parse_config(R"({"seed": 2, )" + rules);
  const address a = *parse_address("10.1.2.3");
  CAF_CHECK(ledger{c}.of(a).delay == ledger{same}.of(a).delay);
  CAF_CHECK(ledger{c}.of(a).delay != ledger{other}.of(a).delay);
}

CAF_TEST(the_log_has_a_line_for_each_address) {
  const config c = parse_config(R"({"rules": [{"block": "11.0.0.0/8"},
    {"block": "10.0.0.0/8", "delay_us": 1500, "loss": 0.25}]})");
  ledger accounts{c};
  account& first = accounts.of(*parse_address("10.0.0.1"));
  first.requests = 3;
  first.ended[static_cast<std::size_t>(fate::answered)] = 2;
  first.ended[static_cast<std::size_t>(fate::wrong_id)] = 1;
  first.times.add(1000ns, 10);
  first.times.add(3000ns, 10);
  accounts.of(*parse_address("fd00::1")).requests = 1;
  std::stringstream out;
  accounts.write(out);
  std::string line;
  CAF_REQUIRE(std::getline(out, line));
  auto read = nlohmann::json::parse(line);
  CAF_CHECK_EQUAL(read["address"], "10.0.0.1");
  CAF_CHECK_EQUAL(read["rule"], 1);
  CAF_CHECK_EQUAL(read["delay_us"], 1500);
  CAF_CHECK_EQUAL(read["loss"], 0.25);
  CAF_CHECK_EQUAL(read["requests"], 3);
  CAF_CHECK_EQUAL(read["answered"], 2);
  CAF_CHECK_EQUAL(read["wrong_id"], 1);
  CAF_CHECK_EQUAL(read["dropped"], 0);
  CAF_CHECK_EQUAL(read["turnaround_ns"]["mean"], 2000);
  CAF_CHECK_EQUAL(read["turnaround_ns"]["p50"], 1000);
  CAF_REQUIRE(std::getline(out, line));
  read = nlohmann::json::parse(line);
  CAF_CHECK_EQUAL(read["address"], "fd00::1");
  CAF_CHECK(read["rule"].is_null());
  CAF_CHECK(read["turnaround_ns"].is_null());
  CAF_CHECK(!std::getline(out, line));
}

} // namespace ledger_suite
