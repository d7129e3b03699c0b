#include "xprober/store/target_page.hpp"

#include <algorithm>
#include <compare>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "xprober/store/never_row.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/stored_row.hpp"
#include "xprober/store/target_filter.hpp"

namespace xprober {

namespace {

/// A `target_place` of a row that stays where it is meanwhile.
struct place_view {
  std::uint64_t number = 0;
  std::string_view first;
  std::string_view address;
  std::string_view region;
  std::string_view type;
  std::string_view source_region;
  std::string_view agent;

  auto operator<=>(const place_view&) const = default;
};

place_view view_of_place(const target_place& p) {
  return {p.number, p.first, p.address, p.region, p.type, p.source_region, p.agent};
}

/// The worst first.
std::uint64_t state_rank(series_state state) noexcept {
  switch (state) {
  case series_state::failing: return 0;
  case series_state::degraded: return 1;
  case series_state::prober_fault: return 2;
  case series_state::stale: return 3;
  case series_state::never: return 4;
  case series_state::ok: break;
  }
  return 5;
}

place_view place_in(const stored_target& row, target_sort sort) {
  place_view place{0,
                   {},
                   row.target.address,
                   row.target.region,
                   row.target.type.text(),
                   row.source_region,
                   row.agent};
  switch (sort) {
  case target_sort::target: break;
  case target_sort::since: place.number = row.status.since_unix; break;
  case target_sort::state: place.number = state_rank(row.status.state); break;
  case target_sort::agent: place.first = row.agent; break;
  case target_sort::time:
    place.number = static_cast<std::uint64_t>(std::max<std::int64_t>(row.unix_seconds, 0));
    break;
  }
  return place;
}

/// Keeps those of the rows that it sees which stand first behind the last page.
class target_selection {
public:
  /// `last`: what stands behind this row is of no interest any more; null: all is.
  target_selection(const store_table& table, const target_question& question,
                   const stored_target* last)
      : table_(table), question_(question), filter_(question) {
    if (question.after) {
      after_ = view_of_place(*question.after);
    }
    if (last != nullptr) {
      last_ = place_in(*last, question.sort);
    }
  }

  /// `fresh`: see `stored_row`.
  void look_at(const store_table::view& v, bool fresh) {
    if (!filter_.matches(v, table_)) {
      return;
    }
    consider({v, place_at(v), fresh, {}});
  }

  /// True if there is more of what was never reported.
  bool look_at(const never_series& never, never_series::cursor& next, std::size_t most) {
    return !filter_.excludes_never() && never.for_some(next, most, [this](const auto& each) {
      if (filter_.matches(each)) {
        consider({{}, place_at(each), false, each});
      }
    });
  }

  /// What there is once for the whole table.
  void add_whole() {
    page_.total += table_.rows() + table_.never().size();
    for (std::size_t number = 0; number < table_.aggregates().kinds(); ++number) {
      const auto kind = static_cast<kind_number>(number);
      if (!table_.aggregates().of(kind).empty()) {
        page_.kinds.push_back({table_.kinds()[kind].kind, {}, {}});
      }
    }
    table_.never().for_each_group(
        [this](const wanted_group& group) { add_kind(never_kind(group)); });
  }

  store_snapshot finish() {
    std::ranges::sort(
        kept_, [this](const candidate& a, const candidate& b) { return before(a.place, b.place); });
    page_.targets.reserve(kept_.size());
    for (const auto& each : kept_) {
      if (each.never) {
        page_.targets.push_back(never_row(*each.never));
        continue;
      }
      auto& row = page_.targets.emplace_back(stored_row(table_, each.row, each.fresh));
      question_.lost.mark(row.status, row.source_region, row.agent);
      if (question_.terms.uid) {
        row.failures = table_.failures(each.row);
        row.results = table_.results(each.row);
      }
    }
    return std::move(page_);
  }

private:
  struct candidate {
    store_table::view row;
    place_view place;
    bool fresh = false;
    std::optional<never_target> never; ///< instead of `row`
  };

  void add_kind(kind_ptr kind) {
    const auto same = [&](const kind_results& known) { return *known.kind == *kind; };
    if (std::ranges::none_of(page_.kinds, same)) {
      page_.kinds.push_back({std::move(kind), {}, {}});
    }
  }

  void consider(const candidate& seen) {
    ++page_.matching;
    if (question_.after && !before(after_, seen.place)) {
      return;
    }
    ++page_.left;
    if (last_ && !before(seen.place, *last_)) {
      return;
    }
    const auto order = [this](const candidate& a, const candidate& b) {
      return before(a.place, b.place);
    };
    if (kept_.size() >= question_.limit) {
      if (kept_.empty() || !order(seen, kept_.front())) {
        return;
      }
      std::ranges::pop_heap(kept_, order); // the last one of them
      kept_.pop_back();
    }
    kept_.push_back(seen);
    std::ranges::push_heap(kept_, order);
  }

  bool before(const place_view& a, const place_view& b) const {
    return question_.descending ? b < a : a < b;
  }

  place_view place_at(const store_table::view& v) const {
    place_view out{0,
                   {},
                   table_.text(v.address),
                   table_.text(v.target_region),
                   table_.text(v.prober),
                   table_.text(v.source_region),
                   table_.text(v.agent)};
    switch (question_.sort) {
    case target_sort::target: break;
    case target_sort::since: out.number = shown_status(table_, v, question_.lost).since_unix; break;
    case target_sort::state:
      out.number = state_rank(shown_status(table_, v, question_.lost).state);
      break;
    case target_sort::agent: out.first = out.agent; break;
    case target_sort::time: out.number = v.latest->unix_seconds; break;
    }
    return out;
  }

  place_view place_at(const never_target& of) const {
    place_view out{0, {}, of.address, of.group->region, of.group->type.text(), of.from->name, {}};
    switch (question_.sort) {
    case target_sort::since: out.number = of.since_unix; break;
    case target_sort::state: out.number = state_rank(series_state::never); break;
    case target_sort::target:
    case target_sort::agent:
    case target_sort::time: break;
    }
    return out;
  }

  const store_table& table_;
  const target_question& question_;
  target_filter filter_;
  place_view after_;
  std::optional<place_view> last_;
  std::vector<candidate> kept_; ///< a heap: the one that would go first stands first
  store_snapshot page_;
};

} // namespace

target_place place_of(const stored_target& row, target_sort sort) {
  const auto p = place_in(row, sort);
  return {p.number,
          std::string{p.first},
          std::string{p.address},
          std::string{p.region},
          std::string{p.type},
          std::string{p.source_region},
          std::string{p.agent}};
}

target_paging::target_paging(target_question_ptr question)
    : question_(std::move(question)), states_(store_table::row_states::every) {
  const auto& wanted = question_->terms.states;
  const bool stale = std::ranges::find(wanted, series_state::stale) != wanted.end();
  // What a lost agent has told is shown as stale, whatever is remembered of it.
  if (!wanted.empty() && !(stale && !question_->lost.empty())) {
    states_ = 0;
    for (const auto state : wanted) {
      states_ = static_cast<std::uint8_t>(states_ | store_table::row_states::of(state));
    }
  }
}

bool target_paging::step(const store_table& table, monotonic_time now, std::size_t most) {
  const bool is_full = !page_.targets.empty() && page_.targets.size() >= question_->limit;
  target_selection selection{table, *question_, is_full ? &page_.targets.back() : nullptr};
  bool more = true;
  if (!rows_done_) {
    rows_done_ =
        !table.for_some(next_, states_, most, now, [&](const store_table::view& v, bool fresh) {
          selection.look_at(v, fresh);
        });
  } else {
    more = selection.look_at(table.never(), next_never_, most);
    if (!more) {
      selection.add_whole();
    }
  }
  merge_target_page(page_, selection.finish(), *question_);
  return !more;
}

store_snapshot make_target_page(const store_table& table, monotonic_time now,
                                const target_question& question) {
  target_paging paging{target_question_ptr{target_question_ptr{}, &question}};
  while (!paging.step(table, now, std::numeric_limits<slot>::max())) {
  }
  return paging.take();
}

void merge_target_page(store_snapshot& whole, const store_snapshot& part,
                       const target_question& question) {
  whole.total += part.total;
  whole.matching += part.matching;
  whole.left += part.left;
  for (const auto& theirs : part.kinds) {
    const bool known = std::ranges::any_of(whole.kinds, [&](const kind_results& mine) {
      return mine.kind == theirs.kind || *mine.kind == *theirs.kind;
    });
    if (!known) {
      whole.kinds.push_back(theirs);
    }
  }
  const auto order = [&](const stored_target& a, const stored_target& b) {
    const auto first = place_in(a, question.sort);
    const auto second = place_in(b, question.sort);
    return question.descending ? second < first : first < second;
  };
  const auto middle = static_cast<std::ptrdiff_t>(whole.targets.size());
  whole.targets.insert(whole.targets.end(), part.targets.begin(), part.targets.end());
  std::inplace_merge(whole.targets.begin(), whole.targets.begin() + middle, whole.targets.end(),
                     order);
  if (whole.targets.size() > question.limit) {
    whole.targets.resize(question.limit);
  }
}

} // namespace xprober
