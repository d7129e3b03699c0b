#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/config.hpp"

// Discovered lists: what Prometheus calls file_sd and http_sd. A list is groups of targets with
// labels; some labels say how and from where the targets are probed, the others go with their
// series.

namespace xprober {

/// One group of a list, as written. What says how or from where it is probed could be read.
struct discovered_group {
  std::vector<std::string> targets;
  label_map labels;
  int line = 0; ///< 1-based

  bool operator==(const discovered_group&) const = default;
};

/// What is wrong in a list and was left out of it, while the rest counts.
struct left_out {
  static constexpr std::size_t max_named = 10;

  std::uint64_t count = 0;
  std::vector<std::string> named; ///< the first: "NAME:LINE: what is wrong and what is allowed"

  void add(std::string what);
  void add(const left_out& more);
};

/// A list, or why there is none.
struct discovered_list {
  std::vector<discovered_group> groups;
  std::string error; ///< "NAME:LINE: what is wrong and what is allowed"; empty on success
  left_out bad{};    ///< labels, targets and groups that cannot be kept

  bool ok() const noexcept { return error.empty(); }
};

/// A group keeps at most so many labels, of so many bytes each, beside those that have a meaning:
/// they are stored with every series.
inline constexpr std::size_t max_group_labels = 64;
inline constexpr std::size_t max_label_bytes = 1024;
/// `source_regions` is a list of names and no label of a series.
inline constexpr std::size_t max_source_regions_bytes = 65'536;

/// What is wrong with a label of a list and what is allowed; empty where nothing is.
std::string label_problem(std::string_view name, std::string_view value);

/// False for a label that means nothing and that no series gets, whatever it says: service
/// discoveries give dozens of them (`__meta_...`).
bool is_label_kept(std::string_view name) noexcept;

/// True for a label that says how or from where targets are probed: where it is wrong, its group
/// cannot be used.
bool label_has_meaning(std::string_view name) noexcept;

/// What a list stands for, or why it cannot be used.
struct discovered_entries {
  std::vector<target_entry> entries;
  std::string error; ///< "NAME:LINE: what is wrong and what is allowed"; empty on success
  left_out bad{};    ///< groups that cannot be used
};

/// Turns groups into entries of the target list called `name`. Labels that mean something:
/// - `prober_type`, else `__module__`, else `__param_module` (blackbox_exporter's): how it is
///   probed. Without them and without a default the target's form decides: http for http:// and
///   https://, icmp for all others.
/// - `region`: where the targets are. Needed, here or as a default.
/// - `source_regions`: the regions that probe them, separated by commas.
/// All others are labels of the series, see `series_labels`; the group's own come before defaults.
/// A group with a wrong one of these is left out; where nothing is left of a list, it is an error.
discovered_entries entries_of(const std::vector<discovered_group>& groups,
                              const discovery_defaults& defaults, const std::string& name);

/// How many targets there may be, and how many others have written.
struct target_room {
  std::uint64_t max_targets = 0;
  std::uint64_t beside = 0;
};

/// What a list comes to, or why it cannot be used.
struct list_measure {
  std::uint64_t written = 0; ///< targets, those written twice counted twice
  left_out bad{};            ///< groups and targets
  std::string error{};       ///< "NAME:LINE: what is wrong and what is allowed"; empty on success
};

/// Judges a list: what is wrong with a part of it costs that part, and where nothing is left of it,
/// or where it has no room, it cannot be used.
list_measure measure_list(const std::vector<discovered_group>& groups,
                          const discovery_defaults& defaults, const std::string& name,
                          const target_room& room);

} // namespace xprober
