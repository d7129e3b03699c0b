#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/store/lost_agents.hpp"
#include "xprober/store/series_state.hpp"

namespace xprober {

/// Which rows of a store are wanted; what is not set fits all.
struct target_terms {
  std::vector<series_state> states{}; ///< one of these; empty: any
  std::optional<std::string> source_region{};
  std::optional<std::string> region{}; ///< of the target
  std::optional<std::string> kind{};   ///< the name of the kind that its values are of
  std::optional<std::string> agent{};
  std::optional<std::string> reason{}; ///< as it is shown: of what is not well
  std::optional<std::string> detail{}; ///< likewise
  std::optional<std::uint64_t> since_unix{};
  std::optional<std::uint64_t> streak{};
  std::optional<std::uint64_t> time_unix{}; ///< of the last result
  std::optional<std::string> target{};      ///< its address
  std::optional<std::uint64_t> uid{};       ///< its stable hash
  /// Each of them, as its list says; an empty value: it has no such label.
  std::vector<std::pair<std::string, std::string>> labels{};
  std::string part{}; ///< of its address, in small letters
  /// A `*` in the texts, but for the agent, the reason and the sentence, stands for any characters.
  bool patterns = false;
};

/// By which of its names a row is counted.
enum class tally_by : std::uint8_t { kind, source_region, region, label };

/// What is counted in the place of a page.
struct tally_question {
  tally_by by = tally_by::kind;
  std::string label{}; ///< which one
  /// Not empty: how many rows fit each of these, by its name, which no other has; a row can fit
  /// several.
  std::vector<std::pair<std::string, target_terms>> groups{};
};

/// What a listing of rows is sorted by; those that are equal, by target, then agent.
enum class target_sort : std::uint8_t {
  target, ///< address
  since,  ///< what has lasted longest first; what is not known before all
  state,  ///< the worst first: failing, degraded, prober_fault, stale, never, ok
  agent,
  time, ///< of the last result, the oldest first
};

/// Where a row stands in a sorted listing. No two rows stand at the same place.
struct target_place {
  std::uint64_t number = 0; ///< of what it is sorted by
  std::string first{};      ///< likewise, where that is a text and not the address
  std::string address{};
  std::string region{};
  std::string type{}; ///< the prober's name
  std::string source_region{};
  std::string agent{};

  auto operator<=>(const target_place&) const = default;
};

/// A page of a listing.
struct target_question {
  target_terms terms{};
  target_sort sort = target_sort::target;
  bool descending = false;
  std::size_t limit = 100;
  std::optional<target_place> after{}; ///< the last row of the page before
  target_labels_ptr labels{};          ///< null: no target has any
  lost_agents lost{};
  std::optional<tally_question> tally{}; ///< instead of rows: see state_tally.hpp
};

using target_question_ptr = std::shared_ptr<const target_question>;

} // namespace xprober
