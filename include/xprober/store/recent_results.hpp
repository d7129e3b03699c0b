#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "xprober/store/series_state.hpp"
#include "xprober/store/store_failures.hpp"

namespace xprober {

/// The last results one by one of those series of a store that somebody looks at or that do not
/// fare well; all others keep their last one alone, in their rows. A series is kept from the first
/// result on that is not well, or from when it was asked for, until it is forgotten: when all its
/// results are well and nobody has asked for as long as `asked_results` took. `most_series` at
/// most: what is asked for takes the place of what is not, and what fails beyond them is not kept.
/// `texts` are the failures that the numbers are of, which are counted there.
class recent_results {
public:
  static constexpr std::size_t most_of_series = 20;
  static constexpr std::size_t most_series = 10'000;
  /// An hour at the usual period.
  static constexpr std::uint32_t asked_results = 240;

  struct entry {
    std::uint32_t unix_seconds = 0;
    float time_ms = std::numeric_limits<float>::quiet_NaN(); ///< not a number: not measured
    float loss_percent = 0;
    slot failure = no_slot; ///< of what did not succeed
    series_state state = series_state::ok;
  };

  /// A row has a result.
  void note(store_failures& texts, slot row, const entry& result);
  /// Somebody looks at a row; `last` is its last result, if it has any.
  void ask(store_failures& texts, slot row, const entry* last);
  /// The row has gone.
  void erase(store_failures& texts, slot row);

  /// The oldest first.
  std::vector<past_result> of(const store_failures& texts, slot row) const;
  std::size_t size() const noexcept { return rows_.size(); } ///< series

private:
  struct series {
    std::vector<entry> results; ///< the oldest first
    std::uint32_t asked = 0;    ///< it is kept for so many results more
  };

  bool make_room(store_failures& texts);
  static void add(store_failures& texts, series& to, const entry& result);

  std::unordered_map<slot, series> rows_;
};

} // namespace xprober
