#define CAF_SUITE evidence

#include "xprober/verdict/evidence.hpp"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "support/verdict_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace evidence_suite {

using namespace worlds;

CAF_TEST(lines count cells that are well and bad) {
  evidence all{false};
  all.add(0, 7, cell_of(3));
  all.add(1, 7, cell_of(2, 2));
  CAF_CHECK(all.line_of(side::target, 7).ok == 1);
  CAF_CHECK(all.line_of(side::target, 7).bad == 1);
  CAF_CHECK_EQUAL(all.known_cells(), 2u);
  CAF_CHECK_EQUAL(all.known_lines(side::source), 2u);
  CAF_CHECK_EQUAL(all.known_lines(side::target), 1u);
  CAF_CHECK_EQUAL(all.bad_cells().size(), 1u);
  all.replace(1, 7, cell_of(2, 2), cell_of(2));
  CAF_CHECK(all.line_of(side::target, 7).ok == 2);
  CAF_CHECK(all.bad_cells().empty());
  all.replace(1, 7, cell_of(2), {});
  all.replace(0, 7, cell_of(3), {});
  CAF_CHECK_EQUAL(all.known_cells(), 0u);
  CAF_CHECK_EQUAL(all.known_lines(side::source), 0u);
  CAF_CHECK_EQUAL(all.known_lines(side::target), 0u);
}

CAF_TEST(groups count the targets that are known) {
  evidence all{false};
  const std::vector<std::uint32_t> one{5, 2, 5};
  const std::vector<std::uint32_t> two{2};
  all.set_groups(0, one);
  all.set_groups(1, two);
  CAF_CHECK_EQUAL(all.known_members(side::target, 2), 0u);
  all.add(0, 0, cell_of(1));
  all.add(0, 1, cell_of(1, 1));
  CAF_CHECK_EQUAL(all.known_members(side::target, 2), 2u);
  CAF_CHECK_EQUAL(all.known_members(side::target, 5), 1u);
  all.set_groups(0, two);
  CAF_CHECK_EQUAL(all.known_members(side::target, 2), 2u);
  CAF_CHECK_EQUAL(all.known_members(side::target, 5), 0u);
  all.replace(0, 1, cell_of(1, 1), {});
  CAF_CHECK_EQUAL(all.known_members(side::target, 2), 1u);
  CAF_CHECK_EQUAL(all.known_members(side::target, 77), 0u);
}

CAF_TEST(the revision changes with what matters alone) {
  evidence all{false};
  all.add(0, 0, cell_of(3));
  const auto before = all.revision();
  all.replace(0, 0, cell_of(3), cell_of(4)); // one more series that is well
  CAF_CHECK_EQUAL(all.revision(), before);
  all.replace(0, 0, cell_of(4), cell_of(4, 4, longest_run));
  const auto failing = all.revision();
  CAF_CHECK(failing != before);
  all.replace(0, 0, cell_of(4, 4, longest_run), cell_of(4, 4, longest_run + 9));
  CAF_CHECK_EQUAL(all.revision(), failing);
  auto other_reason = cell_of(4, 4, longest_run);
  other_reason.reason = 3;
  all.replace(0, 0, cell_of(4, 4, longest_run), other_reason);
  CAF_CHECK(all.revision() != failing);
  const auto known = all.revision();
  all.set_source(0, {0, prober_trouble::clock});
  CAF_CHECK(all.revision() != known);
}

cell_counts draw(std::mt19937& random) {
  cell_counts counts;
  if (random() % 8 == 0) {
    return counts;
  }
  counts.ok = random() % 3;
  counts.failing = random() % 4 == 0 ? 1 + random() % 3 : 0;
  counts.degraded = random() % 8 == 0 ? 1 : 0;
  counts.fault = random() % 10 == 0 ? 1 : 0;
  counts.unknown = random() % 10 == 0 ? 1 : 0;
  counts.results = counts.bad() * (1 + random() % 8);
  counts.reason = random() % 3;
  counts.since_s = random() % 100;
  return counts;
}

CAF_TEST(changed one by one it is what it would be from scratch) {
  std::mt19937 random{7};
  evidence changed{true};
  std::map<std::pair<std::uint32_t, std::uint32_t>, cell_counts> cells;
  verdict_keeper keeper;
  for (std::uint32_t step = 0; step < 6000; ++step) {
    // Now a row, now a column fails, so that there is something to find.
    const auto s = static_cast<std::uint32_t>(random() % 12);
    const auto t = static_cast<std::uint32_t>(random() % 12);
    auto counts = draw(random);
    if (s == step / 1000 || t == 6 + step / 1000) {
      counts = cell_of(2, 2, 5);
    }
    changed.replace(s, t, cells[{s, t}], counts);
    cells[{s, t}] = counts;
    if (step % 20 != 0) {
      continue;
    }
    evidence scratch{true};
    for (const auto& [at, c] : cells) {
      scratch.add(at.first, at.second, c);
    }
    CAF_REQUIRE(find_causes(scratch) == keeper.of(changed));
  }
  for (const auto& [at, c] : cells) {
    changed.replace(at.first, at.second, c, {});
  }
  CAF_CHECK_EQUAL(changed.known_cells(), 0u);
  CAF_CHECK(changed.bad_cells().empty());
  CAF_CHECK(find_causes(changed).causes.empty());
}

CAF_TEST(what was bad when its results stopped is known until there are others) {
  evidence all{false};
  cell_counts bad;
  bad.failing = 1;
  cell_counts silent;
  silent.unknown = 1;
  cell_counts faulty;
  faulty.fault = 1;
  cell_counts well;
  well.ok = 1;
  all.replace(2, 7, {}, bad);
  all.replace(3, 7, {}, bad);
  all.replace(4, 7, {}, silent);
  CAF_CHECK(!all.unheard().contains(2, 7));
  all.replace(2, 7, bad, silent);
  all.replace(3, 7, bad, faulty);
  CAF_CHECK(all.unheard().contains(2, 7));
  CAF_CHECK(!all.unheard().contains(4, 7)); // it never failed
  CAF_CHECK_EQUAL(all.unheard().of_target(7), 2u);
  CAF_CHECK_EQUAL(all.unheard().of_source(3), 1u);
  all.replace(2, 7, silent, faulty);
  CAF_CHECK(all.unheard().contains(2, 7));
  all.replace(2, 7, faulty, well);
  all.replace(3, 7, faulty, {});
  CAF_CHECK(!all.unheard().contains(2, 7));
  CAF_CHECK_EQUAL(all.unheard().of_target(7), 0u);
  CAF_CHECK_EQUAL(all.unheard().of_source(3), 0u);
}

} // namespace evidence_suite
