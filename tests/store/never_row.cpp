#define CAF_SUITE never_row

#include "xprober/store/never_row.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/wanted_fixture.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace never_row_suite {

using namespace wanted_fixture;

namespace {

std::vector<stored_target> rows_of(const wanted_targets_ptr& wanted) {
  never_series never;
  never.begin(wanted, {});
  std::vector<stored_target> rows;
  never.for_each([&](const never_target& each) {
    rows.push_back(never_row(each));
    return true;
  });
  return rows;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(it has names and a reason but no agent and no values) {
  const auto rows = rows_of(want({entry("icmp", "eu", {"10.0.0.1"})}, {"us"}));
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  const auto& row = rows[0];
  CAF_CHECK(is_never_row(row));
  CAF_CHECK(row.target == (target_uid{"eu", "10.0.0.1", kinds::icmp()}));
  CAF_CHECK_EQUAL(row.source_region, "us");
  CAF_CHECK_EQUAL(row.agent, "");
  CAF_CHECK_EQUAL(row.unix_seconds, 0);
  CAF_CHECK(row.kind.get() == &kinds::icmp());
  CAF_CHECK(!row.success);
  CAF_CHECK(row.values.empty());
  CAF_CHECK(row.status.state == series_state::never);
  CAF_CHECK_EQUAL(row.status.since_unix, wanted_since);
  CAF_CHECK_EQUAL(row.status.reason, "not_probed");
  CAF_CHECK(holds(row.status.detail, "agents of the region us are to probe it"));
}

CAF_TEST(where no agent is there the reason is that) {
  const auto rows =
      rows_of(want({entry("icmp", "eu", {"10.0.0.1"}, {"mars"}), entry("icmp", "eu", {"10.0.0.2"}),
                    entry("odd", "eu", {"http://x/"})},
                   {}));
  CAF_REQUIRE_EQUAL(rows.size(), 3u);
  for (const auto& row : rows) {
    CAF_CHECK_EQUAL(row.status.reason, "no_agent");
  }
  CAF_CHECK(holds(rows[0].status.detail, "no agent has that region"));
  CAF_CHECK(holds(rows[1].status.detail, "every region but its own"));
  CAF_CHECK(holds(rows[2].status.detail, "no agent is known"));
  CAF_CHECK_EQUAL(rows[1].source_region, "");
}

CAF_TEST(agents that are lost are told from those that never came) {
  const std::vector<agent_identity> lost{{"us", "10.9.0.1"}};
  auto all = expand_targets({entry("icmp", "eu", {"10.0.0.1"})}, 10);
  CAF_REQUIRE(all.catalog != nullptr);
  const auto rows = rows_of(std::make_shared<const wanted_targets>(
      target_universe{all.catalog, {}}, lost, std::vector<agent_identity>{}, nullptr, 1U));
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(rows[0].status.reason, "no_agent");
  CAF_CHECK(holds(rows[0].status.detail, "none of them asks for its targets"));
}

CAF_TEST(a module whose kind only results tell has its own name) {
  const auto rows = rows_of(want({entry("odd", "eu", {"http://x/"})}, {"us"}));
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(rows[0].kind->name, "odd");
  CAF_REQUIRE_EQUAL(rows[0].kind->columns.size(), 1u);
  CAF_CHECK(rows[0].kind->columns[0].role == column_role::success);
}

CAF_TEST(numbers of the same type and regions add up) {
  const auto kind = hold_kind(kinds::icmp());
  std::vector<never_group> whole;
  merge_never(whole, {{"icmp", kind, "us", "eu", 1}, {"icmp", kind, "asia", "eu", 2}});
  merge_never(whole, {{"icmp", kind, "us", "eu", 4}, {"icmp", kind, "us", "af", 8}});
  std::string out;
  for (const auto& group : whole) {
    out +=
        group.source_region + "-" + group.target_region + " " + std::to_string(group.targets) + ";";
  }
  CAF_CHECK_EQUAL(out, "asia-eu 2;us-af 8;us-eu 5;");
  merge_never(whole, {});
  CAF_CHECK_EQUAL(whole.size(), 3u);
}

CAF_TEST(numbers beyond a limit add up by their source) {
  const auto kind = hold_kind(kinds::icmp());
  std::vector<never_group> all{{"icmp", kind, "asia", "af", 1},
                               {"icmp", kind, "asia", "eu", 2},
                               {"icmp", kind, "us", "af", 4},
                               {"icmp", kind, "us", "eu", 8}};
  const auto text = [&] {
    std::string out;
    for (const auto& group : all) {
      out += group.source_region + "-" + group.target_region + " " + std::to_string(group.targets) +
             ";";
    }
    return out;
  };
  const auto whole = text();
  bound_never(all, 4);
  CAF_CHECK_EQUAL(text(), whole);
  bound_never(all, 1);
  CAF_CHECK_EQUAL(text(), "asia- 2;asia-af 1;us- 12;");
}

CAF_TEST(of very many regions that only ask the numbers have a limit) {
  constexpr std::uint64_t regions = 600;
  std::vector<agent_identity> mesh;
  for (std::uint64_t i = 0; i < regions; ++i) {
    const auto number = std::to_string(1000 + i);
    mesh.push_back({"r" + number, "10.0.0." + number});
  }
  never_series never;
  never.begin(std::make_shared<const wanted_targets>(target_universe{nullptr, mesh}, mesh, mesh,
                                                     nullptr, wanted_since),
              {});
  CAF_CHECK_EQUAL(never.size(), regions * (regions - 1));
  const auto list = count_never(never);
  CAF_CHECK(list.size() > most_never_groups);
  CAF_CHECK(list.size() <= most_never_groups + regions);
  std::uint64_t sum = 0;
  std::uint64_t of_first = 0;
  bool icmp = true;
  for (const auto& group : list) {
    sum += group.targets;
    of_first += group.source_region == "r1000" ? group.targets : 0;
    icmp = icmp && group.kind.get() == &kinds::icmp();
  }
  CAF_CHECK(icmp);
  CAF_CHECK_EQUAL(sum, never.size());
  CAF_CHECK_EQUAL(of_first, regions - 1);
}

} // namespace never_row_suite
