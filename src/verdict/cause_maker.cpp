#include "xprober/verdict/cause_maker.hpp"

#include <algorithm>

#include "xprober/verdict/losses.hpp"

namespace xprober {

namespace {

void sort_once(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  numbers.shrink_to_fit();
}

} // namespace

void cause_maker::tally(std::uint32_t cell) {
  const auto& what = trouble_.what(cell);
  ++cells_;
  down_ += what.down ? 1U : 0U;
  if (trouble_.behind() > 0) {
    old_ += trouble_.at(side::source, trouble_.at(cell).lines[0]).behind ? 1U : 0U;
    open_ += trouble_.is_open(cell) ? 1U : 0U;
  }
  made_.failing_series += what.failing;
  made_.known_series += what.known;
  ++runs_[std::min<std::size_t>(what.run, longest_run)];
  if (what.reason != no_number) {
    auto said = std::lower_bound(
        reasons_.begin(), reasons_.end(), what.reason,
        [](const told& known, std::uint32_t reason) { return known.reason < reason; });
    if (said == reasons_.end() || said->reason != what.reason) {
      said = reasons_.insert(said, {what.reason, 0, no_number});
    }
    ++said->cells;
    said->sentence = said->sentence == no_number ? what.sentence : said->sentence;
  }
  if (what.since_s != 0 && (made_.since_s == 0 || what.since_s < made_.since_s)) {
    made_.since_s = what.since_s;
  }
  trouble_.explain(cell);
}

/// The other ends of cells of a line: they stand in the order of their numbers.
void cause_maker::meet(side of, std::span<const std::uint32_t> cells) {
  const auto end = other(of);
  made_.met.clear();
  for (const auto cell : cells.first(std::min(cells.size(), cause::most_met))) {
    made_.met.push_back(trouble_.at(end, trouble::index_in(trouble_.at(cell), end)).number);
  }
}

void cause_maker::blame(side of, std::uint32_t index) {
  const auto& l = trouble_.at(of, index);
  made_.evidence.of += l.open();
  (of == side::source ? made_.sources : made_.targets).push_back(l.number);
  std::vector<std::uint32_t> cells;
  cells.reserve(l.left);
  trouble_.for_each_left(of, index, [&](std::uint32_t cell) { cells.push_back(cell); });
  if (made_.type != cause_type::prober) {
    cells = explained_together(trouble_, std::move(cells));
  }
  if (made_.scope == cause_scope::one) {
    meet(of, cells);
  }
  made_.evidence.bad += static_cast<std::uint32_t>(cells.size());
  for (const auto cell : cells) {
    tally(cell);
  }
  trouble_.blame(of, index);
}

void cause_maker::take(std::span<const std::uint32_t> cells) {
  made_.evidence.bad += static_cast<std::uint32_t>(cells.size());
  made_.evidence.of += static_cast<std::uint32_t>(cells.size());
  for (const auto cell : cells) {
    const auto& c = trouble_.at(cell);
    made_.sources.push_back(trouble_.at(side::source, c.lines[0]).number);
    made_.targets.push_back(trouble_.at(side::target, c.lines[1]).number);
    tally(cell);
  }
}

bool cause_maker::may_become_worse() const noexcept {
  const bool as_bad_as_can_be =
      made_.type == cause_type::target && !made_.partial && !made_.degraded;
  return !as_bad_as_can_be && open_ > 0 && open_ * 2 >= cells_;
}

void cause_maker::measure_runs() noexcept {
  // Where others have taken some of its cells, what it has is the whole.
  const auto whole = whole_share * std::max(made_.evidence.of, cells_);
  const auto enough = cells_ >= whole ? whole : whole_share * cells_;
  std::uint32_t reached = 0;
  for (auto run = longest_run; run > 0; --run) {
    reached += runs_[run];
    if (made_.run == 0 && reached * 2 > cells_) {
      made_.run = run;
    }
    if (made_.whole_run == 0 && reached > 0 && reached >= enough) {
      made_.whole_run = run;
    }
  }
}

cause cause_maker::finish() {
  sort_once(made_.sources);
  sort_once(made_.targets);
  made_.degraded = cells_ > 0 && down_ * 2 <= cells_;
  if (made_.type != cause_type::prober) {
    made_.of_before = is_of_before();
    made_.partly_of_before = old_ > 0;
    made_.unsettled = made_.of_before || may_become_worse();
  }
  measure_runs();
  std::uint32_t with_reason = 0;
  for (const auto& said : reasons_) {
    with_reason += said.cells;
    if (said.cells > made_.reason_cells) { // of equals the first, which has the lower number
      made_.reason = said.reason;
      made_.reason_cells = said.cells;
      made_.sentence = said.sentence;
    }
  }
  if (with_reason * 2 < cells_) { // that of a few, where most are slow
    made_.reason = made_.sentence = no_number;
    made_.reason_cells = 0;
  }
  return std::move(made_);
}

} // namespace xprober
