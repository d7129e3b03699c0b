#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "xprober/store/snapshot.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober {

/// Makes a tally step by step, as `target_paging` makes a page.
class state_tallying {
public:
  explicit state_tallying(target_question_ptr question);

  /// Looks at `most` rows more, at fewer where each is held against many groups; true once all were
  /// looked at.
  bool step(const store_table& table, monotonic_time now, std::size_t most);
  /// The whole, after the last step.
  store_snapshot take() { return std::move(tally_); }

private:
  target_question_ptr question_;
  std::vector<target_question> groups_; ///< those of the tally
  store_snapshot tally_;                ///< of what was looked at
  slot next_ = 0;                       ///< the first row that was not
  bool rows_done_ = false;
  never_series::cursor next_never_;
};

/// What is in the table of a question with a tally: how many of its rows are in each state as it is
/// shown, by what the tally says. Looks at every row, and has no more than `most_tallied` lines.
store_snapshot make_tally(const store_table& table, monotonic_time now,
                          const target_question& question);

/// Adds the tally of another part of the store to the same question.
void merge_tally(store_snapshot& whole, const store_snapshot& part);

/// Keeps the first `most` lines, the worst first: those with the most that fail, then the most that
/// are degraded, then the most of which nothing is known. The others add up in `tally_others`.
void cut_tally(store_snapshot& whole, std::size_t most);

} // namespace xprober
