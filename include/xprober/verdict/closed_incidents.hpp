#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "xprober/verdict/incident_track.hpp"

namespace xprober {

/// Incidents that were closed lately and may come again, while their penalty counts.
class closed_incidents {
public:
  static constexpr std::size_t most = 1000;

  void keep(incident closed);
  /// What counts no more, and what is too much. True: there was such.
  bool forget(wall_time now);

  /// What a cause that opens now has left of those that it meets: the highest of theirs. `met`:
  /// what it has in common with each, by id; others may be among them.
  flap_penalty penalty_left(const finding& lead, const std::map<std::uint64_t, name_overlap>& met,
                            wall_time now) const;

  /// Calls `visit(const incident_track&)` for each, by id.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& [id, track] : tracks_) {
      visit(track);
    }
  }

private:
  std::map<std::uint64_t, incident_track> tracks_;
};

} // namespace xprober
