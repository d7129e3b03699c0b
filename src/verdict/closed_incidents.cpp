#include "xprober/verdict/closed_incidents.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

void closed_incidents::keep(incident closed) {
  const auto id = closed.id;
  tracks_.insert_or_assign(id, incident_track::restored(std::move(closed)));
}

bool closed_incidents::forget(wall_time now) {
  const auto before = tracks_.size();
  for (auto i = tracks_.begin(); i != tracks_.end();) {
    auto& penalty = i->second.what.penalty;
    penalty.set_clock(now);
    i = penalty.at(now) < flap_penalty::forgotten ? tracks_.erase(i) : std::next(i);
  }
  while (tracks_.size() > most) {
    tracks_.erase(tracks_.begin());
  }
  return tracks_.size() != before;
}

flap_penalty closed_incidents::penalty_left(const finding& lead,
                                            const std::map<std::uint64_t, name_overlap>& met,
                                            wall_time now) const {
  flap_penalty left;
  for (const auto& [id, common] : met) {
    const auto before = tracks_.find(id);
    if (before == tracks_.end()) {
      continue;
    }
    const auto shared = kinship(lead, before->second, common);
    const auto members = std::min(lead.members(), before->second.noted.members);
    const auto& penalty = before->second.what.penalty;
    if (shared > 0 && shared * 2 >= members && penalty.at(now) > left.at(now)) {
      left = penalty;
    }
  }
  return left;
}

} // namespace xprober
