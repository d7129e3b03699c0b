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

CAF_TEST(where regions probe each other regions are counted) {
  named_world world{8, 8, true};
  const auto summary = [&](auto fails) {
    world.all_well();
    for (std::uint32_t s = 0; s < 8; ++s) {
      for (std::uint32_t t = 0; t < 8; ++t) {
        if (s != t && fails(s, t)) {
          world.result(s, t, 9);
        }
      }
    }
    const auto all = findings_of(world);
    return all.size() == 1 ? all[0].shown.summary : std::to_string(all.size());
  };
  CAF_CHECK_EQUAL(summary([](auto, auto t) { return t == 3; }),
                  "target region-3: 7 of 7 regions fail to reach it; 0 of 7 others are failing"
                  " (timeout)");
  CAF_CHECK_EQUAL(summary([](auto s, auto) { return s == 3; }),
                  "source region-3: it fails to reach 7 of 7 regions; 0 of 7 others are failing"
                  " (timeout)");
  CAF_CHECK_EQUAL(summary([](auto s, auto t) { return s < 3 && t > 4; }),
                  "paths from 3 regions to 3 regions: 9 of 9 pairs fail from 3 regions to 3 regions"
                  " (timeout)");
  CAF_CHECK_EQUAL(summary([](auto, auto) { return true; }),
                  "paths from 8 regions to 8 regions: 56 of 56 pairs fail, and no region is better"
                  " than the others (timeout)");
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
  CAF_CHECK(!label(shown, "team"));
}

CAF_TEST(targets that fail together have the labels that all of them have) {
  named_world world{4, 100, false};
  world.all_well();
  for (std::uint32_t target = 0; target < 30; ++target) {
    world.groups(target, {"192.0.2.0/24", "team=shop", target < 29 ? "rack=9" : "rack=10"});
    for (std::uint32_t source = 0; source < 4; ++source) {
      world.result(source, target, 3);
    }
  }
  const auto all = findings_of(world);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(label(all[0].shown, "team") == "shop");
  CAF_CHECK(!label(all[0].shown, "rack"));
  CAF_CHECK(!label(all[0].shown, "192.0.2.0/24"));
  CAF_CHECK(!label(all[0].shown, "region"));
  world.region_of_targets = "eu";
  CAF_CHECK(label(findings_of(world).at(0).shown, "region") == "eu");
}

} // namespace finding_suite
