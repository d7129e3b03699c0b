#include "xprober/store/recent_results.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace xprober {

void recent_results::add(store_failures& texts, series& to, const entry& result) {
  if (to.results.size() == most_of_series) {
    if (const auto gone = to.results.front().failure; gone != no_slot) {
      texts.release(gone);
    }
    to.results.erase(to.results.begin());
  }
  if (result.failure != no_slot) {
    texts.share(result.failure);
  }
  to.results.push_back(result);
}

void recent_results::note(store_failures& texts, slot row, const entry& result) {
  auto at = rows_.find(row);
  if (at == rows_.end()) {
    if (result.state == series_state::ok || rows_.size() >= most_series) {
      return;
    }
    at = rows_.try_emplace(row).first;
  }
  auto& kept = at->second;
  kept.asked -= kept.asked > 0 ? 1U : 0U;
  add(texts, kept, result);
  const auto is_well = [](const entry& one) { return one.state == series_state::ok; };
  if (kept.asked == 0 && std::ranges::all_of(kept.results, is_well)) {
    rows_.erase(at); // what is well has no failures to release
  }
}

void recent_results::ask(store_failures& texts, slot row, const entry* last) {
  auto at = rows_.find(row);
  if (at == rows_.end()) {
    if (!make_room(texts)) {
      return;
    }
    at = rows_.try_emplace(row).first;
    if (last != nullptr) {
      add(texts, at->second, *last);
    }
  }
  at->second.asked = asked_results;
}

/// The first that nobody looks at goes.
bool recent_results::make_room(store_failures& texts) {
  if (rows_.size() < most_series) {
    return true;
  }
  const auto found =
      std::ranges::find_if(rows_, [](const auto& known) { return known.second.asked == 0; });
  if (found == rows_.end()) {
    return false;
  }
  erase(texts, found->first);
  return true;
}

void recent_results::erase(store_failures& texts, slot row) {
  const auto found = rows_.find(row);
  if (found == rows_.end()) {
    return;
  }
  for (const auto& each : found->second.results) {
    if (each.failure != no_slot) {
      texts.release(each.failure);
    }
  }
  rows_.erase(found);
}

std::vector<past_result> recent_results::of(const store_failures& texts, slot row) const {
  std::vector<past_result> out;
  const auto found = rows_.find(row);
  if (found == rows_.end()) {
    return out;
  }
  for (const auto& each : found->second.results) {
    auto& told = out.emplace_back();
    told.unix_seconds = each.unix_seconds;
    told.state = each.state;
    told.time_ms = std::isnan(each.time_ms) ? std::nullopt : std::optional{each.time_ms};
    told.loss_percent = each.loss_percent;
    if (each.failure != no_slot) {
      const auto said = texts[each.failure];
      told.reason = said.reason;
      told.phase = said.phase;
      told.detail = said.detail;
    }
  }
  return out;
}

} // namespace xprober
