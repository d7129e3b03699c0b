#include "xprober/store/failure_runs.hpp"

#include <string>

namespace xprober {

void failure_runs::note(store_failures& texts, slot row, series_state state, slot failure,
                        std::uint32_t unix_seconds, bool begins) {
  const auto found = rows_.find(row);
  if (found != rows_.end() && !begins) {
    auto& last = found->second.back();
    const auto held = texts[last.failure];
    const auto now = texts[failure];
    if (last.failure == failure || (held.reason == now.reason && held.phase == now.phase)) {
      last.to_unix = unix_seconds;
      ++last.results;
      return;
    }
  }
  if (found == rows_.end() && size_ >= most) {
    return;
  }
  auto& runs = found == rows_.end() ? rows_[row] : found->second;
  if (!runs.empty() && (runs.size() == most_of_series || size_ >= most)) {
    texts.release(runs.front().failure);
    runs.erase(runs.begin());
    --size_;
  }
  texts.share(failure);
  runs.push_back({failure, unix_seconds, unix_seconds, 1, state});
  ++size_;
}

void failure_runs::erase(store_failures& texts, slot row) {
  const auto found = rows_.find(row);
  if (found == rows_.end()) {
    return;
  }
  for (const auto& each : found->second) {
    texts.release(each.failure);
  }
  size_ -= found->second.size();
  rows_.erase(found);
}

std::vector<failure_run> failure_runs::of(const store_failures& texts, slot row) const {
  std::vector<failure_run> out;
  const auto found = rows_.find(row);
  if (found != rows_.end()) {
    for (const auto& each : found->second) {
      const auto said = texts[each.failure];
      out.push_back({each.from_unix, each.to_unix, each.results, each.state,
                     std::string{said.reason}, std::string{said.phase}, std::string{said.detail}});
    }
  }
  return out;
}

} // namespace xprober
