#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/targets/wanted_targets.hpp"

#include "caf/test/unit_test.hpp"

namespace wanted_fixture {

using namespace xprober;

inline constexpr std::uint32_t wanted_since = 1'600'000'000;

inline target_entry entry(std::string type, std::string region, std::vector<std::string> targets,
                          std::vector<std::string> sources = {}) {
  return {std::move(type), std::move(region), std::move(targets), std::move(sources), 0};
}

/// What these entries and agents of these regions come to, without a mesh.
inline wanted_targets_ptr want(const std::vector<target_entry>& entries,
                               const std::vector<std::string>& regions) {
  auto all = expand_targets(entries, 1'000'000);
  if (!all.catalog) {
    CAF_FAIL("refused: " << all.error);
  }
  std::vector<agent_identity> agents;
  for (const auto& region : regions) {
    agents.push_back({region, "10.9.0.1"});
  }
  return std::make_shared<const wanted_targets>(target_universe{all.catalog, {}}, agents, agents,
                                                nullptr, wanted_since);
}

} // namespace wanted_fixture
