#define CAF_SUITE finding

#include "xprober/verdict/finding.hpp"

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace finding_suite {

using namespace worlds;

namespace {

std::vector<finding> findings_of(named_world& world) {
  const auto picture = world.picture();
  std::vector<finding> all;
  for (const auto& c : picture.found->causes) {
    all.push_back(name_cause(c, *picture.all, world, "icmp"));
  }
  return all;
}

std::optional<std::string> label(const incident& what, const std::string& name) {
  for (const auto& [key, value] : what.labels) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

} // namespace

CAF_TEST(a target is named with the sources that miss it) {
  named_world world{4, 50, false};
  world.all_well();
  for (std::uint32_t source = 0; source < 4; ++source) {
    world.result(source, 7, 3 + source, 1);
  }
  const auto all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  const auto& shown = all[0].shown;
  CAF_CHECK_EQUAL(all[0].run, 4u); // three of four have failed so often
  CAF_CHECK_EQUAL(shown.summary,
                  "target host-7: 4 of 4 sources fail to reach it; 0 of 49 others are failing"
                  " (refused)");
  CAF_CHECK(shown.targets.names == std::vector<std::string>{"host-7"});
  CAF_CHECK(shown.sources.names ==
            (std::vector<std::string>{"agent-0", "agent-1", "agent-2", "agent-3"}));
  CAF_CHECK(shown.severity == incident_severity::critical);
  CAF_CHECK_EQUAL(shown.sources.affected, 4u);
  CAF_CHECK_EQUAL(shown.sources.of, 4u);
  CAF_CHECK_EQUAL(shown.targets.affected, 1u);
  CAF_CHECK_EQUAL(shown.targets.of, 50u);
  CAF_CHECK_EQUAL(shown.phase, "connect");
  CAF_CHECK(label(shown, "target") == "host-7");
  CAF_CHECK(label(shown, "team") == "net");
  CAF_CHECK(all[0].sources.empty());
  CAF_CHECK_EQUAL(all[0].targets.size(), 1u);
}

CAF_TEST(keys are of names and not of numbers) {
  named_world one{5, 50, false};
  named_world other{5, 50, false, 17};
  for (auto* world : {&one, &other}) {
    world->all_well();
    for (std::uint32_t target = 0; target < 50; ++target) {
      world->result(2, target, 3);
    }
  }
  const auto a = findings_of(one);
  const auto b = findings_of(other);
  CAF_REQUIRE_EQUAL(a.size(), 1u);
  CAF_REQUIRE_EQUAL(b.size(), 1u);
  CAF_CHECK(a[0].shown.kind == incident_kind::source);
  CAF_CHECK(a[0].sources == b[0].sources);
  CAF_CHECK(a[0].shown == b[0].shown);
  CAF_CHECK(label(a[0].shown, "region") == "agent-2");
}

CAF_TEST(a path has both sides) {
  named_world world{8, 8, true};
  world.all_well();
  world.result(2, 5, 20);
  const auto all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].pairs());
  CAF_CHECK(all[0].shown.pairs);
  CAF_CHECK(all[0].shown.severity == incident_severity::warning);
  CAF_CHECK(all[0].shown.summary.starts_with("path from region-2 to region-5: the pair fails"));
  CAF_CHECK(label(all[0].shown, "source_region") == "region-2");
  CAF_CHECK(label(all[0].shown, "region") == "region-5");
}

CAF_TEST(where agents probe each other counts are of regions) {
  named_world world{4, 4, true};
  world.all_well();
  for (const std::uint32_t source : {0U, 1U, 3U}) {
    world.result(source, 2, 3);
    world.result(2, source, 3);
  }
  auto all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].shown.summary.starts_with("region region-2: 3 of 3 regions fail to reach it"));
  for (const std::uint32_t source : {0U, 1U, 3U}) {
    world.result(source, 2, 0);
  }
  all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].shown.summary.starts_with("source region-2: it fails to reach 3 of 3 regions"));
  world.all_well();
  world.result(0, 2, 3);
  world.result(2, 0, 3);
  all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].shown.summary.starts_with("paths from 2 regions to 2 regions: 2 of 2 pairs fail "
                                             "between 2 regions and 2 regions"));
}

CAF_TEST(a group has its label and the first names) {
  named_world world{4, 100, false};
  world.all_well();
  for (std::uint32_t target = 0; target < 30; ++target) {
    world.group(target, "rack=9");
    for (std::uint32_t source = 0; source < 4; ++source) {
      world.result(source, target, 3);
    }
  }
  const auto all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  const auto& shown = all[0].shown;
  CAF_CHECK(shown.summary.starts_with("targets of rack=9: 30 of 30 targets fail"));
  CAF_CHECK_EQUAL(shown.targets.affected, 30u);
  CAF_CHECK_EQUAL(shown.targets.of, 100u);
  CAF_CHECK_EQUAL(shown.targets.names.size(), incident_side::most_names);
  CAF_CHECK(shown.targets.names[1] == "host-1");
  CAF_CHECK(shown.targets.names[2] == "host-10");
  CAF_CHECK(label(shown, "rack") == "9");
  CAF_CHECK(!label(shown, "target"));
}

} // namespace finding_suite
