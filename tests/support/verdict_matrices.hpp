#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/verdict_worlds.hpp"

#include "caf/test/unit_test.hpp"

// Small matrices of which the pairs that fail are said one by one.

namespace matrices {

using namespace worlds;

using names = std::vector<std::string>;
/// True where a pair fails.
using failure = std::function<bool(std::uint32_t source, std::uint32_t target)>;

/// Regions that probe each other; those in `silent` give no results.
inline evidence mesh(std::uint32_t regions, const failure& fails,
                     const std::set<std::uint32_t>& silent = {}, std::uint32_t run = 4) {
  evidence all{true};
  for (std::uint32_t s = 0; s < regions; ++s) {
    for (std::uint32_t t = 0; t < regions; ++t) {
      cell_counts gone;
      gone.unknown = 1;
      if (s != t) {
        all.add(s, t, silent.count(s) > 0 ? gone : cell_of(1, fails(s, t) ? 1 : 0, run));
      }
    }
  }
  return all;
}

inline evidence addresses(std::uint32_t sources, std::uint32_t targets, const failure& fails,
                          std::uint32_t run = 4) {
  evidence all{false};
  for (std::uint32_t s = 0; s < sources; ++s) {
    for (std::uint32_t t = 0; t < targets; ++t) {
      all.add(s, t, cell_of(1, fails(s, t) ? 1 : 0, run));
    }
  }
  return all;
}

inline bool nothing(std::uint32_t, std::uint32_t) { return false; }
inline bool everything(std::uint32_t, std::uint32_t) { return true; }

inline names found(const evidence& all) { return names_of(find_causes(all)); }

/// One series that is slow or has losses, for `run` results.
inline cell_counts slow_cell(std::uint32_t run) {
  cell_counts counts;
  counts.degraded = 1;
  counts.results = run;
  return counts;
}

inline void check_text(const evidence& all, const std::string& text) {
  const auto v = find_causes(all);
  CAF_REQUIRE_EQUAL(v.causes.size(), 1u);
  CAF_CHECK_EQUAL(evidence_text(v.causes.front(), {all.pairs()}), text);
}

} // namespace matrices
