#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xprober/verdict/incident.hpp"

namespace xprober {

/// Which incidents somebody wants to see. What is empty fits all; of several values one has to fit,
/// and of several fields all.
struct incident_filter {
  std::vector<incident_kind> kinds{};
  std::vector<incident_severity> severities{};
  std::vector<std::string> probe_types{}; ///< "" is that of what concerns the probers themselves
  std::vector<std::string> reasons{};
  std::vector<incident_label> labels{};
  /// A region that it names: as a label, as a source or a target, or as that of an agent there.
  std::string region{};
  /// A name of this side that it blames or shows; `*` stands for any characters, and then it is one
  /// of the names that it shows.
  std::string target{};
  std::string source{};

  bool fits(const incident& what) const { return fits(what, what.source_keys, what.target_keys); }
  /// Where more of what it blames is known than the incident keeps: hashes of names, in order.
  bool fits(const incident& what, std::span<const std::uint64_t> source_keys,
            std::span<const std::uint64_t> target_keys) const;
};

} // namespace xprober
