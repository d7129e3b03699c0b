#define CAF_SUITE planted_worlds

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "support/verdict_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace planted_worlds_suite {

using namespace worlds;

/// Worlds of each class and noise; more with XPROBER_WORLDS.
std::uint32_t worlds_of_class() {
  const auto* wanted = std::getenv("XPROBER_WORLDS");
  return wanted == nullptr ? 40 : static_cast<std::uint32_t>(std::atoi(wanted));
}

const double noises[] = {0, 0.001, 0.01, 0.02, 0.05};

tally look_at(const std::vector<plan>& plans, world_size size, std::uint32_t count) {
  tally found;
  for (const auto noise : noises) {
    size.noise = noise;
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
      size.series = 1 + seed % 3;
      world w{size, seed};
      for (const auto what : plans) {
        w.plant(what);
      }
      found.look(w, "noise " + std::to_string(noise) + ", seed " + std::to_string(seed));
    }
  }
  return found;
}

void check(const char* what, const std::vector<plan>& plans, const world_size& size,
           std::uint32_t count) {
  const auto found = look_at(plans, size, count);
  CAF_MESSAGE(what << ": " << found.wrong << " of " << found.worlds << " worlds wrong, "
                   << found.invented << " causes invented; " << found.example);
  CAF_CHECK(found.good());
  if (plans.empty()) {
    CAF_CHECK_EQUAL(found.invented, 0u);
  }
}

world_size mesh(std::uint32_t regions, double missing = 0) {
  world_size size;
  size.sources = size.targets = regions;
  size.missing = missing;
  return size;
}

world_size addresses(std::uint32_t sources, std::uint32_t targets) {
  world_size size;
  size.sources = sources;
  size.targets = targets;
  size.mesh = false;
  return size;
}

CAF_TEST(noise makes no cause) {
  check("mesh", {}, mesh(50), worlds_of_class());
  check("mesh with gaps", {}, mesh(50, 0.3), worlds_of_class());
  check("addresses", {}, addresses(8, 400), worlds_of_class());
  check("one source", {}, addresses(1, 1000), worlds_of_class());
  check("few", {}, mesh(5), worlds_of_class() * 5);
}

CAF_TEST(one cause is named in a mesh) {
  check("target", {plan::target}, mesh(50), worlds_of_class());
  check("lossy target", {plan::lossy}, mesh(50), worlds_of_class());
  check("source", {plan::source}, mesh(50), worlds_of_class());
  check("region", {plan::region}, mesh(50), worlds_of_class());
  check("dark region", {plan::dark}, mesh(50), worlds_of_class());
  check("half of a source", {plan::part_source}, mesh(50), worlds_of_class());
  check("half of a target", {plan::part_target}, mesh(50), worlds_of_class());
  check("block", {plan::block}, mesh(50), worlds_of_class());
  check("prober", {plan::fault}, mesh(50), worlds_of_class());
  check("lost agent", {plan::lost}, mesh(50), worlds_of_class());
}

CAF_TEST(a pair is named where noise lets it be seen) {
  world_size size = mesh(50);
  tally found;
  for (std::uint32_t seed = 1; seed <= worlds_of_class() * 2; ++seed) {
    world w{size, seed};
    w.plant(plan::path);
    found.look(w, "seed " + std::to_string(seed));
  }
  CAF_CHECK_EQUAL(found.wrong, 0u);
}

CAF_TEST(several causes at once are named) {
  check("two regions", {plan::region, plan::dark}, mesh(50), worlds_of_class());
  check("parts", {plan::part_source, plan::part_source, plan::part_target, plan::part_target},
        mesh(50), worlds_of_class());
  check("five", {plan::target, plan::source, plan::dark, plan::part_target, plan::fault}, mesh(50),
        worlds_of_class());
  check("five with gaps", {plan::target, plan::source, plan::dark, plan::lossy, plan::fault},
        mesh(50, 0.3), worlds_of_class());
  check("eight",
        {plan::target, plan::target, plan::source, plan::source, plan::region, plan::region,
         plan::part_source, plan::part_target},
        mesh(50), worlds_of_class());
}

CAF_TEST(targets that share a label are one cause) {
  check("label", {plan::group}, addresses(8, 400), worlds_of_class());
  check("label and others", {plan::group, plan::group, plan::target, plan::source},
        addresses(12, 400), worlds_of_class());
}

CAF_TEST(large worlds) {
  const std::vector<plan> several{plan::target,      plan::source, plan::dark,
                                  plan::part_target, plan::block,  plan::fault};
  check("200, noise", {}, mesh(200), worlds_of_class() / 20);
  check("200, six causes", several, mesh(200), worlds_of_class() / 20);
  check("500, noise", {}, mesh(500), worlds_of_class() / 40);
  check("500, six causes", several, mesh(500), worlds_of_class() / 40);
}

} // namespace planted_worlds_suite
