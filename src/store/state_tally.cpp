#include "xprober/store/state_tally.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/store/never_row.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/stored_row.hpp"
#include "xprober/store/target_filter.hpp"

namespace xprober {

namespace {

std::uint64_t& count_of_state(state_numbers& counts, series_state state) {
  return counts[static_cast<std::size_t>(state)];
}

void add_numbers(state_numbers& to, const state_numbers& part) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] += part[i];
  }
}

/// Counts the rows that it sees.
class tally_maker {
public:
  /// `groups`: the questions of those that the tally has, in their order.
  tally_maker(const store_table& table, const target_question& question,
              const std::vector<target_question>& groups)
      : table_(table), question_(question), filter_(question) {
    groups_.reserve(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const std::string_view name = question.tally->groups[i].first;
      groups_.push_back({name, target_filter{groups[i]}});
      lines_[name]; // one that nothing is in is told, too
    }
  }

  void look_at(const store_table::view& v) {
    ++out_.total;
    if (!filter_.matches(v, table_)) {
      return;
    }
    const auto state = shown_status(table_, v, question_.lost).state;
    ++out_.matching;
    ++count_of_state(out_.tally_all, state);
    for (const auto& group : groups_) {
      if (group.filter.matches(v, table_)) {
        count(group.name, state);
      }
    }
    if (groups_.empty()) {
      count(name_of(v), state);
    }
  }

  /// True if there is more of what was never reported.
  bool look_at(const never_series& never, never_series::cursor& next, std::size_t most) {
    return !filter_.excludes_never() && never.for_some(next, most, [this](const auto& each) {
      if (filter_.matches(each)) {
        look_at(each);
      }
    });
  }

  store_snapshot finish() {
    out_.tally.reserve(lines_.size());
    for (const auto& [name, states] : lines_) {
      out_.tally.push_back({std::string{name}, states});
    }
    std::ranges::sort(out_.tally, {}, &tally_line::name);
    return std::move(out_);
  }

private:
  struct tallied_group {
    std::string_view name;
    target_filter filter;
  };

  void look_at(const never_target& each) {
    ++out_.matching;
    ++count_of_state(out_.tally_all, series_state::never);
    for (const auto& group : groups_) {
      if (group.filter.matches(each)) {
        count(group.name, series_state::never);
      }
    }
    if (groups_.empty()) {
      count(name_of(each), series_state::never);
    }
  }

  void count(std::string_view name, series_state state) {
    const auto found = lines_.find(name);
    if (found == lines_.end() && lines_.size() >= most_tallied) {
      ++count_of_state(out_.tally_others, state);
      return;
    }
    ++count_of_state(found == lines_.end() ? lines_[name] : found->second, state);
  }

  std::string_view name_of(const store_table::view& v) const {
    switch (question_.tally->by) {
    case tally_by::kind: return table_.kinds()[v.latest->kind].kind->name;
    case tally_by::source_region: return table_.text(v.source_region);
    case tally_by::region: return table_.text(v.target_region);
    case tally_by::label: break;
    }
    return label_of_target(table_.text(v.target_region), table_.text(v.address),
                           table_.text(v.prober));
  }

  std::string_view name_of(const never_target& of) const {
    switch (question_.tally->by) {
    case tally_by::kind: return never_kind_name(*of.group);
    case tally_by::source_region: return of.from->name;
    case tally_by::region: return of.group->region;
    case tally_by::label: break;
    }
    return label_of_target(of.group->region, of.address, of.group->type.text());
  }

  /// Empty where the target has no such label.
  std::string_view label_of_target(std::string_view region, std::string_view address,
                                   std::string_view prober) const {
    const auto* labels =
        question_.labels ? question_.labels->find(stable_hash(region, address, prober)) : nullptr;
    if (labels == nullptr) {
      return {};
    }
    const auto found = std::ranges::find_if(
        *labels, [this](const auto& label) { return label.first == question_.tally->label; });
    return found == labels->end() ? std::string_view{} : std::string_view{found->second};
  }

  const store_table& table_;
  const target_question& question_;
  target_filter filter_;
  std::vector<tallied_group> groups_;
  /// By texts of the table, the labels and the question, which stay meanwhile.
  std::unordered_map<std::string_view, state_numbers> lines_;
  store_snapshot out_;
};

/// The more, the worse; what is equal, by name.
auto badness_of(const tally_line& line) {
  const auto number = [&](series_state state) {
    return line.states[static_cast<std::size_t>(state)];
  };
  return std::tuple{number(series_state::failing), number(series_state::degraded),
                    number(series_state::prober_fault) + number(series_state::stale) +
                        number(series_state::never)};
}

} // namespace

state_tallying::state_tallying(target_question_ptr question) : question_(std::move(question)) {
  for (const auto& [name, terms] : question_->tally->groups) {
    auto& group = groups_.emplace_back();
    group.terms = terms;
    group.labels = question_->labels;
    group.lost = question_->lost;
  }
}

bool state_tallying::step(const store_table& table, monotonic_time now, std::size_t most) {
  tally_maker maker{table, *question_, groups_};
  most = std::max<std::size_t>(most / (1 + groups_.size()), 1);
  bool more = true;
  if (!rows_done_) {
    rows_done_ = !table.for_some(next_, store_table::row_states::every, most, now,
                                 [&](const store_table::view& v, bool) { maker.look_at(v); });
  } else {
    more = maker.look_at(table.never(), next_never_, most);
    if (!more) {
      tally_.total += table.never().size();
    }
  }
  merge_tally(tally_, maker.finish());
  return !more;
}

store_snapshot make_tally(const store_table& table, monotonic_time now,
                          const target_question& question) {
  state_tallying tallying{target_question_ptr{target_question_ptr{}, &question}};
  while (!tallying.step(table, now, std::numeric_limits<slot>::max())) {
  }
  return tallying.take();
}

void merge_tally(store_snapshot& whole, const store_snapshot& part) {
  whole.total += part.total;
  whole.matching += part.matching;
  add_numbers(whole.tally_all, part.tally_all);
  add_numbers(whole.tally_others, part.tally_others);
  std::vector<tally_line> fresh; // in their order, as those that are there
  for (const auto& theirs : part.tally) {
    const auto mine = std::ranges::lower_bound(whole.tally, theirs.name, {}, &tally_line::name);
    if (mine != whole.tally.end() && mine->name == theirs.name) {
      add_numbers(mine->states, theirs.states);
    } else if (whole.tally.size() + fresh.size() < most_tallied) {
      fresh.push_back(theirs);
    } else {
      add_numbers(whole.tally_others, theirs.states);
    }
  }
  const auto middle = static_cast<std::ptrdiff_t>(whole.tally.size());
  std::ranges::move(fresh, std::back_inserter(whole.tally));
  std::ranges::inplace_merge(whole.tally, whole.tally.begin() + middle, {}, &tally_line::name);
}

void cut_tally(store_snapshot& whole, std::size_t most) {
  std::ranges::sort(whole.tally, [](const tally_line& a, const tally_line& b) {
    const auto first = badness_of(a);
    const auto second = badness_of(b);
    return first != second ? first > second : a.name < b.name;
  });
  for (std::size_t i = most; i < whole.tally.size(); ++i) {
    add_numbers(whole.tally_others, whole.tally[i].states);
  }
  whole.tally.resize(std::min(most, whole.tally.size()));
}

} // namespace xprober
