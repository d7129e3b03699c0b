#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/target.hpp"

// A target list as a set: the order of groups and of targets means nothing. Its revision is the sum
// of one hash for each target, so whoever has a list and a difference knows the revision of the
// result without looking at the list again.

namespace xprober {

/// Hashes the targets of one group, each as the wire names it (a URL with its user).
class group_hash {
public:
  group_hash(std::string_view prober_type, std::string_view region) noexcept;

  /// 64 bits (XXH3), equal on every machine and after every restart.
  std::uint64_t of(std::string_view target) const noexcept;

private:
  std::uint64_t seed_;
};

/// The sum, modulo 2^64, of the hashes of all targets. Each has to be named once.
std::uint64_t set_hash(const target_list& list) noexcept;

/// Number of targets in all groups.
std::uint64_t count_targets(const target_list& list) noexcept;

/// A set's hash in 16 hexadecimal digits.
std::string revision_text(std::uint64_t hash);

/// Reads what `revision_text` wrote; nothing for a revision of another form.
std::optional<std::uint64_t> parse_revision(std::string_view text) noexcept;

/// The revision of a list: equal sets have equal revisions in every process and after every
/// restart.
std::string list_revision(const target_list& list);

/// Takes `removed` out of a list, then puts `added` into it. What is not there is not taken out.
/// Costs as much as the list is long.
void apply_difference(target_list& list, const target_list& added, const target_list& removed);

} // namespace xprober
