#define CAF_SUITE planted_worlds

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <random>
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

using plans_of = std::function<std::vector<plan>(std::uint32_t seed, double noise)>;

tally look_at(const plans_of& plans, world_size size, std::uint32_t count) {
  tally found;
  for (const auto noise : noises) {
    size.noise = noise;
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
      size.series = 1 + seed % 3;
      world w{size, seed};
      for (const auto what : plans(seed, noise)) {
        w.plant(what);
      }
      found.look(w, "noise " + std::to_string(noise) + ", seed " + std::to_string(seed));
    }
  }
  return found;
}

tally check_worlds(const char* what, const plans_of& plans, const world_size& size,
                   std::uint32_t count) {
  const auto found = look_at(plans, size, count);
  CAF_MESSAGE(what << ": " << found.wrong << " of " << found.worlds << " worlds wrong, "
                   << found.invented << " causes invented; " << found.example);
  CAF_CHECK(found.good());
  return found;
}

void check(const char* what, const std::vector<plan>& plans, const world_size& size,
           std::uint32_t count) {
  const auto found = check_worlds(what, [&](std::uint32_t, double) { return plans; }, size, count);
  if (plans.empty()) {
    CAF_CHECK_EQUAL(found.invented, 0u);
  }
}

std::vector<plan> some_of(std::vector<plan> all, std::uint32_t seed) {
  std::mt19937 random{seed};
  std::shuffle(all.begin(), all.end(), random);
  all.resize(3 + random() % 4);
  return all;
}

/// Three to six causes of different kinds, which meet where their lines do.
std::vector<plan> several_lines(std::uint32_t seed, double /*noise*/) {
  return some_of({plan::target, plan::lossy, plan::source, plan::region, plan::dark,
                  plan::part_source, plan::part_target, plan::slow_source, plan::fault, plan::lost},
                 seed);
}

std::vector<plan> several(std::uint32_t seed, double noise) {
  std::vector<plan> all{plan::target,      plan::lossy,       plan::source,      plan::region,
                        plan::dark,        plan::part_source, plan::part_target, plan::block,
                        plan::slow_source, plan::slow_block,  plan::dead_target, plan::dead_source,
                        plan::fault,       plan::lost};
  if (noise < 0.01) {
    all.push_back(plan::path); // else it takes more results than it has
  }
  return some_of(std::move(all), seed);
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

CAF_TEST(what fails is named beside what is slow) {
  check("slow source", {plan::slow_source}, mesh(50), worlds_of_class());
  check("slow block", {plan::slow_block}, mesh(50), worlds_of_class());
  check("a dead target in it", {plan::dead_target}, mesh(50), worlds_of_class());
  check("a dead source in it", {plan::dead_source}, mesh(50), worlds_of_class());
  check("few sources", {plan::slow_block, plan::target}, addresses(8, 40), worlds_of_class());
  check("a dead block of few", {plan::block, plan::target}, addresses(8, 40), worlds_of_class());
  check("more sources", {plan::slow_block, plan::target}, addresses(16, 60), worlds_of_class());
}

CAF_TEST(a block is named whole where some of its pairs have no results) {
  check("block", {plan::block}, mesh(50, 0.1), worlds_of_class());
  check("slow block", {plan::slow_block}, mesh(50, 0.1), worlds_of_class());
  check("a dead target in it", {plan::dead_target}, mesh(50, 0.1), worlds_of_class());
  check("a dead source in it", {plan::dead_source}, mesh(50, 0.1), worlds_of_class());
}

CAF_TEST(busy worlds) {
  check_worlds("busy", several, mesh(50), worlds_of_class() * 2);
  check_worlds("busy with gaps, lines alone", several_lines, mesh(50, 0.1), worlds_of_class());
  check_worlds("busy with gaps", several, mesh(50, 0.1), worlds_of_class() * 2);
  check_worlds("200, busy", several, mesh(200), worlds_of_class() / 10);
  check_worlds("200, busy with gaps", several, mesh(200, 0.1), worlds_of_class() / 10);
}

CAF_TEST(targets that share a label are one cause) {
  check("label", {plan::group}, addresses(8, 400), worlds_of_class());
  check("label and others", {plan::group, plan::group, plan::target, plan::source},
        addresses(12, 400), worlds_of_class());
}

CAF_TEST(large worlds) {
  const std::vector<plan> six{plan::target,      plan::source, plan::dark,
                              plan::part_target, plan::block,  plan::fault};
  check("200, noise", {}, mesh(200), worlds_of_class() / 20);
  check("200, six causes", six, mesh(200), worlds_of_class() / 20);
  check("500, noise", {}, mesh(500), worlds_of_class() / 40);
  check("500, six causes", six, mesh(500), worlds_of_class() / 40);
}

} // namespace planted_worlds_suite
