#include "xprober/verdict/cause_maker.hpp"

#include <algorithm>

namespace xprober {

namespace {

void sort_once(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

} // namespace

void cause_maker::tally(std::uint32_t cell) {
  const auto& what = *trouble_.at(cell).what;
  ++cells_;
  down_ += what.down ? 1U : 0U;
  made_.failing_series += what.failing;
  made_.known_series += what.known;
  ++runs_[std::min<std::size_t>(what.run, longest_run)];
  if (what.reason != no_number) {
    ++reasons_[what.reason];
  }
  if (what.since_s != 0 && (made_.since_s == 0 || what.since_s < made_.since_s)) {
    made_.since_s = what.since_s;
  }
  trouble_.explain(cell);
}

void cause_maker::blame(side of, std::uint32_t index) {
  const auto& l = trouble_.at(of, index);
  made_.evidence.bad += l.left;
  made_.evidence.of += l.open();
  (of == side::source ? made_.sources : made_.targets).push_back(l.number);
  trouble_.for_each_left(of, index, [this](std::uint32_t cell) { tally(cell); });
  trouble_.blame(of, index);
}

void cause_maker::take(std::uint32_t cell) {
  const auto& c = trouble_.at(cell);
  ++made_.evidence.bad;
  ++made_.evidence.of;
  made_.sources.push_back(trouble_.at(side::source, c.lines[0]).number);
  made_.targets.push_back(trouble_.at(side::target, c.lines[1]).number);
  tally(cell);
}

cause cause_maker::finish() {
  sort_once(made_.sources);
  sort_once(made_.targets);
  made_.degraded = cells_ > 0 && down_ * 2 <= cells_;
  std::uint32_t reached = 0;
  for (auto run = longest_run; run > 0 && made_.run == 0; --run) {
    reached += runs_[run];
    made_.run = reached * 2 > cells_ ? run : 0;
  }
  for (const auto& [reason, count] : reasons_) {
    if (count > made_.reason_cells || (count == made_.reason_cells && reason < made_.reason)) {
      made_.reason = reason;
      made_.reason_cells = count;
    }
  }
  return std::move(made_);
}

} // namespace xprober
