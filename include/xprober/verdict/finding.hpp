#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/verdict/cause.hpp"
#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/incident_names.hpp"

namespace xprober {

/// Hashes of names, in order and each once.
using name_keys = std::vector<std::uint64_t>;

/// A cause by names: what an incident takes from it, and what it is known again by.
///
/// Keys are of what is blamed: of a target its targets, of a source or a prober its sources, of a
/// region both, of a path both sides of its pairs.
struct finding {
  cause_type type = cause_type::target;
  cause_scope scope = cause_scope::one;
  std::uint32_t run = 0;       ///< results in a row; 0: it rests on none
  std::uint32_t whole_run = 0; ///< see `cause`
  std::uint32_t cells = 0;     ///< that it explains; of a prober: series
  name_keys sources{};
  name_keys targets{};
  /// Of what is blamed under other names: an agent and its region. No members, but an incident that
  /// blames one of them goes on with this.
  name_keys also{};
  /// What its sources were called before, where it blames single agents or paths from them.
  name_keys former{};
  bool unreached = true;  ///< of a prober: see `source_names`
  bool unsettled = false; ///< see `cause`
  bool of_before = false; ///< likewise
  bool partly_of_before = false;
  /// As it would be if it opened now; without id, times and keys.
  incident shown{};

  bool pairs() const noexcept { return type == cause_type::path; }
  std::size_t members() const noexcept { return sources.size() + targets.size(); }
};

/// A region of which some agents are not reached, and others are, is not blamed: these agents are,
/// on both sides as a region that is dark, so that it is the same cause when they are lost.
finding name_cause(const cause& c, const evidence& all, const incident_names& names,
                   std::string_view probe_type);

} // namespace xprober
