#include "xprober/store/state_feed.hpp"

#include <algorithm>

namespace xprober {

void state_feed::watch(bool on) {
  *this = {};
  watched_ = listing_ = on;
}

/// After very many at once: an empty map keeps its places.
void state_feed::give_back() {
  if (changed_.empty() && changed_.bucket_count() > 4 * enough) {
    changed_ = std::unordered_map<slot, series_sight>();
  }
}

void state_feed::forget(marks& of, slot number) {
  if (number < of.size()) {
    of[number] = false;
  }
}

bool state_feed::names(marks& of, slot number) {
  if (number >= of.size()) {
    of.resize(number + std::size_t{1});
  }
  const bool fresh = !of[number];
  of[number] = true;
  return fresh;
}

void state_feed::note(slot row, const series_sight& before) {
  if (!watched_ || (listing_ && row >= listed_) || !changed_.try_emplace(row, before).second) {
    return;
  }
  if (order_.size() > 2 * changed_.size() + enough) { // most of it has gone meanwhile
    order_.clear();
    for (const auto& waiting : changed_) {
      order_.push_back(waiting.first);
    }
    return;
  }
  order_.push_back(row);
}

void state_feed::note_gone(slot row, slot agent, slot target, const series_sight& before) {
  if (!watched_ || (listing_ && row >= listed_)) {
    return;
  }
  auto told = before;
  if (const auto waiting = changed_.find(row); waiting != changed_.end()) {
    told = waiting->second;
    changed_.erase(waiting);
  }
  if (told != series_sight{}) {
    series_change what;
    what.agent = agent;
    what.target = target;
    what.before = told;
    gone_.push_back(what);
  }
}

void state_feed::take_gone(std::size_t limit, std::vector<series_change>& out) {
  const auto count = std::min(limit, gone_.size());
  const auto end = gone_.begin() + static_cast<std::ptrdiff_t>(count);
  out.insert(out.end(), gone_.begin(), end);
  gone_.erase(gone_.begin(), end);
}

} // namespace xprober
