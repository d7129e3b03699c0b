#include "xprober/verdict/pending_changes.hpp"

#include <algorithm>
#include <iterator>

namespace xprober {

void pending_changes::add(incident_change change) {
  const auto before = std::find_if(changes_.rbegin(), changes_.rend(), [&](const auto& known) {
    return known.now.id == change.now.id;
  });
  if (before != changes_.rend() && !before->tell) {
    std::ranges::copy_if(before->events, std::back_inserter(change.events),
                         [&](incident_event event) { return !change.has(event); });
    changes_.erase(std::next(before).base());
  }
  changes_.push_back(std::move(change));
}

bool pending_changes::has_opened(std::uint64_t id) const {
  return std::ranges::any_of(changes_, [&](const incident_change& change) {
    return change.now.id == id && change.has(incident_event::opened);
  });
}

} // namespace xprober
