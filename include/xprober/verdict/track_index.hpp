#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "xprober/verdict/incident_track.hpp"

namespace xprober {

/// Which incidents blame a name: so that it costs by what a cause blames, not by what is open. Of
/// one that blames very many, of which there can only be few, the names are not kept again: they
/// are looked through.
class track_index {
public:
  /// From so many names on.
  static constexpr std::size_t wide = 1000;

  void clear();
  /// `track` stays where it is until `clear`.
  void add(const incident_track& track);
  /// What each of those that it meets has in common with the finding, by id.
  std::map<std::uint64_t, name_overlap> overlaps(const finding& found) const;

private:
  using ids_by_key = std::unordered_multimap<std::uint64_t, std::uint64_t>;

  ids_by_key sources_;
  ids_by_key targets_;
  ids_by_key other_names_;
  std::vector<const incident_track*> wide_;
};

} // namespace xprober
