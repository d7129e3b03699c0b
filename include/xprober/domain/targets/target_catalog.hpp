#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/targets/target_labels.hpp"

namespace xprober {

/// Who probes a target.
struct probe_rule {
  std::vector<std::string> source_regions; ///< sorted, each once; empty: as the kind says
  bool sharding = false;                   ///< one agent of each region probes it, not all of them

  auto operator<=>(const probe_rule&) const = default;
};

/// True if `rule` lets agents of `source_region` probe targets of a type and region. Where
/// `source_regions` names regions, it is these; else every region, or every region but the target's
/// own, as the kind says. Of a module whose kind is not known here: every region.
bool probed_from(const probe_rule& rule, const prober_name& type, std::string_view region,
                 std::string_view source_region) noexcept;

/// Targets of one type and region that the same agents probe.
struct target_slice {
  prober_name type;
  std::string region;
  probe_rule rule;
  std::vector<std::string> addresses; ///< in the order written, each once

  bool probed_from(std::string_view source_region) const noexcept {
    return xprober::probed_from(rule, type, region, source_region);
  }
};

/// Numbers of targets, by the names of the kinds that they are of. Whoever does not know the
/// modules counts theirs apart.
struct target_counts {
  std::map<std::string, std::uint64_t, std::less<>> by_kind;
  std::uint64_t of_modules = 0; ///< whose modules are known to the agents alone

  std::uint64_t& of(const prober_name& name);
  std::uint64_t total() const noexcept;
};

/// What a configuration stands for, blocks expanded. Never changes after its creation.
struct target_catalog {
  std::vector<target_slice> slices; ///< in the order of their first mention
  target_counts count;              ///< distinct targets
  std::uint64_t duplicates = 0;     ///< written more than once, and merged
  bad_targets bad{};                ///< of discovered lists: left out
  target_labels_ptr labels;         ///< null: no target has any

  std::uint64_t total() const noexcept;
};

using catalog_ptr = std::shared_ptr<const target_catalog>;

/// A catalog, or why there is none.
struct expansion {
  catalog_ptr catalog;
  std::string error; ///< names the entry's line, the target and the numbers; empty on success
  std::uint64_t written = 0; ///< targets written, those written twice counted twice
};

/// Expands configured and discovered entries. A target that cannot be used is an error where it is
/// configured; of a discovered list, which has an `origin`, it is left out. Everything that is
/// written counts against `max_targets`, a block as its addresses, so that a block too large is
/// refused before memory is spent on it. `already` counts against it, too: targets that others have
/// written.
expansion expand_targets(const std::vector<target_entry>& entries, std::uint64_t max_targets,
                         std::uint64_t already = 0);

} // namespace xprober
