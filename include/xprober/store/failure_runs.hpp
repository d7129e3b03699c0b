#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "xprober/store/series_state.hpp"
#include "xprober/store/store_failures.hpp"

namespace xprober {

/// The last failures of each series of a store, as runs of results that failed in the same way, so
/// that what an agent has seen is there when it is not. Since the start; a series that did not fail
/// takes nothing. Once `most` runs are held, a series that has none gets none: its state and its
/// last failure stand elsewhere. `texts` are the failures that the numbers are of, which are
/// counted there.
class failure_runs {
public:
  static constexpr std::size_t most_of_series = 8;
  static constexpr std::size_t most = 200'000;

  /// A result of a row has failed with this failure. `begins`: the one before it was in another
  /// state.
  void note(store_failures& texts, slot row, series_state state, slot failure,
            std::uint32_t unix_seconds, bool begins);

  /// The row has gone.
  void erase(store_failures& texts, slot row);

  /// The oldest first.
  std::vector<failure_run> of(const store_failures& texts, slot row) const;
  std::size_t size() const noexcept { return size_; }

private:
  struct run {
    slot failure = no_slot;
    std::uint32_t from_unix = 0;
    std::uint32_t to_unix = 0;
    std::uint32_t results = 0;
    series_state state = series_state::failing;
  };

  std::unordered_map<slot, std::vector<run>> rows_;
  std::size_t size_ = 0; ///< runs
};

} // namespace xprober
