#pragma once

#include "xprober/store/snapshot.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober {

/// Where a row of a page stands.
target_place place_of(const stored_target& row, target_sort sort);

/// Makes the answer to a question step by step, so that who keeps the table can do other things
/// meanwhile. A row that is there all the time is met once, as it is then.
class target_paging {
public:
  explicit target_paging(target_question_ptr question);

  /// Looks at `most` rows more; true once all were looked at.
  bool step(const store_table& table, monotonic_time now, std::size_t most);
  /// The whole, after the last step.
  store_snapshot take() { return std::move(page_); }

private:
  target_question_ptr question_;
  store_table::row_states::selection states_ = 0; ///< rows in others cannot match
  store_snapshot page_;                           ///< of what was looked at
  slot next_ = 0;                                 ///< the first row that was not
  bool rows_done_ = false;
  never_series::cursor next_never_;
};

/// What is in the table of a question: its page of rows in their order with the status that is
/// shown of them, and how many there are. Rows without results, or with such as are too old, have
/// no values. Behind them come the targets that are wanted and were never reported, one row for
/// each region that is to probe them. Of kinds it has those of rows, without their groups. Looks at
/// every row in the states that are asked for, and keeps `limit` of them.
store_snapshot make_target_page(const store_table& table, monotonic_time now,
                                const target_question& question);

/// Adds the page of another part of the store to the same question.
void merge_target_page(store_snapshot& whole, const store_snapshot& part,
                       const target_question& question);

} // namespace xprober
