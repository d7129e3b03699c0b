#define CAF_SUITE never_series

#include "xprober/store/never_series.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/wanted_fixture.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace never_series_suite {

using namespace wanted_fixture;

namespace {

/// "us 10.0.0.1, …" of what was never reported, in its order.
std::string left(const never_series& never) {
  std::string out;
  std::uint64_t number = 0;
  never.for_each([&](const never_target& each) {
    out += (out.empty() ? "" : ", ") + each.from->name + " " + std::string{each.address};
    ++number;
    return true;
  });
  CAF_CHECK_EQUAL(number, never.size());
  return out;
}

std::uint64_t hash(std::string address) {
  return stable_hash({"eu", std::move(address), kinds::icmp()});
}

} // namespace

CAF_TEST(what was reported from a region is not left) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us", "asia"}), {});
  CAF_CHECK_EQUAL(left(never), "asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.1, us 10.0.0.2");
  never.report(hash("10.0.0.2"), "us");
  never.report(hash("10.0.0.2"), "us");
  never.report(hash("10.0.0.2"), "moon"); // nobody asked it
  never.report(hash("10.0.0.3"), "us");
  CAF_CHECK_EQUAL(left(never), "asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.1");
  never.take_back(hash("10.0.0.2"), "us", false);
  never.take_back(hash("10.0.0.2"), "moon", true);
  never.take_back(hash("10.0.0.3"), "us", true);
  CAF_CHECK_EQUAL(left(never), "asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.1, us 10.0.0.2");
}

CAF_TEST(groups have the numbers of their regions) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us", "asia"}), {});
  never.report(hash("10.0.0.1"), "asia");
  never.report(hash("10.0.0.2"), "asia");
  std::string out;
  never.for_each_number([&](const wanted_group& group, const probing_region& from, auto number) {
    out += from.name + "-" + std::string{group.region} + " " + std::to_string(number) + ";";
  });
  CAF_CHECK_EQUAL(out, "us-eu 2;");
}

CAF_TEST(a target that several entries name counts once from each region) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1"}, {"us"}),
                    entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"}, {"asia", "us"})},
                   {"us"}),
              {});
  CAF_CHECK_EQUAL(left(never), "us 10.0.0.1, asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.2");
  never.report(hash("10.0.0.1"), "us");
  CAF_CHECK_EQUAL(left(never), "asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.2");
  never.take_back(hash("10.0.0.1"), "us", true);
  CAF_CHECK_EQUAL(left(never), "us 10.0.0.1, asia 10.0.0.1, asia 10.0.0.2, us 10.0.0.2");
}

CAF_TEST(where nobody can probe a target whoever reports it counts) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1"})}, {"eu"}), {});
  CAF_CHECK_EQUAL(left(never), " 10.0.0.1");
  never.report(hash("10.0.0.1"), "moon");
  CAF_CHECK_EQUAL(left(never), "");
  never.take_back(hash("10.0.0.1"), "moon", false);
  CAF_CHECK_EQUAL(left(never), "");
  never.take_back(hash("10.0.0.1"), "moon", true);
  CAF_CHECK_EQUAL(left(never), " 10.0.0.1");
}

CAF_TEST(a part has its own targets alone) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, {"us"}),
              [](std::string_view region, std::string_view address, std::string_view prober) {
                CAF_CHECK_EQUAL(region, "eu");
                CAF_CHECK_EQUAL(prober, "icmp");
                return address == "10.0.0.2";
              });
  CAF_CHECK_EQUAL(left(never), "us 10.0.0.2");
}

CAF_TEST(since when it is wanted is told) {
  never_series never;
  never.begin(want({entry("icmp", "eu", {"10.0.0.1"})}, {"us"}), {});
  std::uint32_t since = 0;
  never.for_each([&](const never_target& each) {
    since = each.since_unix;
    return false;
  });
  CAF_CHECK_EQUAL(since, wanted_since);
}

CAF_TEST(it goes on where only the agents of regions differ) {
  auto all = expand_targets({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"})}, 10);
  CAF_REQUIRE(all.catalog != nullptr);
  const target_universe universe{all.catalog, {}};
  const std::vector<agent_identity> us{{"us", "10.9.0.1"}};
  const std::vector<agent_identity> nobody;
  const auto make = [&](const auto& known, const auto& active) -> wanted_targets_ptr {
    return std::make_shared<const wanted_targets>(universe, known, active, nullptr, wanted_since);
  };
  never_series never;
  CAF_CHECK(!never.go_on(make(us, us)));
  never.begin(make(us, us), {});
  never.report(hash("10.0.0.1"), "us");
  CAF_CHECK(never.go_on(make(us, nobody)));
  CAF_CHECK_EQUAL(left(never), "us 10.0.0.2");
  never.for_each([](const never_target& each) {
    CAF_CHECK(!each.from->there);
    return true;
  });
  CAF_CHECK(!never.go_on(make(nobody, nobody)));
  CAF_CHECK(!never.go_on(nullptr));
  CAF_CHECK_EQUAL(left(never), "us 10.0.0.2");
}

CAF_TEST(before anything is wanted there is nothing) {
  never_series never;
  CAF_CHECK(!never.watches());
  never.report(hash("10.0.0.1"), "us");
  never.take_back(hash("10.0.0.1"), "us", true);
  CAF_CHECK_EQUAL(left(never), "");
  never.begin(nullptr, {});
  CAF_CHECK(!never.watches());
  CAF_CHECK_EQUAL(never.size(), 0u);
}

} // namespace never_series_suite
