#define CAF_SUITE losses

#include "xprober/verdict/losses.hpp"

#include <algorithm>

#include "support/verdict_matrices.hpp"

// What fails is not hidden by a cause of something lesser.

namespace losses_suite {

using namespace matrices;

namespace {

/// What each pair is in: results in a row, of which what fails has the sign.
using matrix = std::function<int(std::uint32_t source, std::uint32_t target)>;

evidence matrix_of(std::uint32_t sources, std::uint32_t targets, const matrix& what) {
  evidence all{false};
  for (std::uint32_t s = 0; s < sources; ++s) {
    for (std::uint32_t t = 0; t < targets; ++t) {
      const auto run = what(s, t);
      all.add(s, t,
              run < 0   ? cell_of(1, 1, static_cast<std::uint32_t>(-run))
              : run > 0 ? slow_cell(static_cast<std::uint32_t>(run))
                        : cell_of(1));
    }
  }
  return all;
}

std::string text_of(const verdict& v, const std::string& name) {
  for (const auto& c : v.causes) {
    if (name_of(c) == name) {
      return evidence_text(c);
    }
  }
  return {};
}

} // namespace

CAF_TEST(slow sources leave a dead target all its sources) {
  for (const int run : {1, 2, 3, 10}) {
    const auto v = find_causes(matrix_of(8, 40, [run](auto s, auto t) {
      return t == 7 ? -run : s < 4 ? 5 : 0;
    }));
    CAF_CHECK_EQUAL(names_of(v),
                    (names{"source 0", "source 1", "source 2", "source 3", "target 7"}));
    CAF_CHECK_EQUAL(text_of(v, "target 7"),
                    "8 of 8 sources fail to reach it; 0 of 39 others are failing");
    CAF_CHECK_EQUAL(text_of(v, "source 0"), "it sees 39 of 40 targets degraded; 3 of 7 others are "
                                            "degraded");
    CAF_CHECK_EQUAL(v.unexplained, 0u);
  }
}

CAF_TEST(what a cause does not explain is not named with it) {
  const auto v = find_causes(matrix_of(8, 40, [](auto s, auto t) {
    return t == 7 ? -3 : s < 4 ? 5 : 0;
  }));
  const auto found = std::find_if(v.causes.begin(), v.causes.end(),
                                  [](const cause& c) { return name_of(c) == "source 0"; });
  CAF_REQUIRE(found != v.causes.end());
  CAF_CHECK_EQUAL(found->evidence.bad, 39u);
  CAF_CHECK_EQUAL(found->met.size(), 39u);
  CAF_CHECK(std::find(found->met.begin(), found->met.end(), 7u) == found->met.end());
}

CAF_TEST(lossy targets leave a dead source all its targets) {
  const auto v = find_causes(matrix_of(40, 8, [](auto s, auto t) {
    return s == 7 ? -1 : t < 4 ? 5 : 0;
  }));
  CAF_CHECK_EQUAL(names_of(v), (names{"source 7", "target 0", "target 1", "target 2", "target 3"}));
  CAF_CHECK_EQUAL(text_of(v, "source 7"),
                  "it fails to reach 8 of 8 targets; 0 of 39 others are failing");
}

CAF_TEST(paths with losses leave a target that fails to itself) {
  const auto v = find_causes(matrix_of(8, 40, [](auto s, auto t) {
    return t == 7 && s < 5 ? -3 : s < 4 && t < 13 && t > 7 ? 5 : 0;
  }));
  CAF_CHECK_EQUAL(names_of(v), (names{"path 0,1,2,3>8,9,10,11,12", "target 7"}));
  CAF_CHECK_EQUAL(text_of(v, "target 7"),
                  "5 of 8 sources fail to reach it; 0 of 39 others are failing");
  CAF_CHECK_EQUAL(text_of(v, "path 0,1,2,3>8,9,10,11,12"),
                  "20 of 20 pairs are degraded between 4 sources and 5 targets");
}

CAF_TEST(where all is slow a dead target is still named) {
  const auto v = find_causes(matrix_of(6, 20, [](auto, auto t) { return t == 3 ? -1 : 5; }));
  CAF_CHECK_EQUAL(names_of(v), (names{"path all", "target 3"}));
  CAF_CHECK_EQUAL(text_of(v, "target 3"),
                  "6 of 6 sources fail to reach it; 0 of 19 others are failing");
  CAF_CHECK_EQUAL(text_of(v, "path all"), "114 of 120 pairs are degraded, and no source and no "
                                          "target is better than the others");
}

CAF_TEST(what is lost as a whole now and then is a part of the losses) {
  const auto lossy = [](auto s, auto t) { return (7 * s + 3 * t) % 5 == 0 ? -1 : 5; };
  CAF_CHECK_EQUAL(names_of(find_causes(matrix_of(6, 20, lossy))), names{"path all"});
  CAF_CHECK_EQUAL(names_of(find_causes(matrix_of(1, 60, lossy))), names{"source 0"});
  const auto one =
      find_causes(matrix_of(12, 60, [&](auto s, auto t) { return s == 4 ? lossy(s, t) : 0; }));
  CAF_CHECK_EQUAL(names_of(one), names{"source 4"});
  CAF_CHECK_EQUAL(one.unexplained, 0u);
}

CAF_TEST(of two ways the worse one is said) {
  auto all = mesh(30, nothing);
  all.replace(3, 9, cell_of(1), slow_cell(5));
  all.replace(9, 3, cell_of(1), cell_of(1, 1, 20));
  check_text(all, "2 of 2 pairs fail between 2 regions and 2 regions");
}

CAF_TEST(pairs that nobody probes are no evidence) {
  check_text(mesh(40, [](auto s, auto t) { return s < 10 && t >= 5 && t < 15; }),
             "95 of 95 pairs fail between 10 regions and 10 regions");
}

} // namespace losses_suite
