#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "xprober/verdict/certificate.hpp"
#include "xprober/verdict/incident_track.hpp"

namespace xprober {

/// What is known of certificates that end soon, put together by certificate: one that a thousand
/// targets show is one finding. A certificate that nobody has named yet is its target's alone, and
/// a target stays with the incident that it has come into.
class certificate_groups {
public:
  using is_wanted = std::function<bool(std::string_view target)>;

  /// All that is known now. `seen` must live as long as this.
  certificate_groups(std::span<const certificate_sighting> seen, wall_time now);

  /// Targets that an open incident blames are its own. To be called for each, and then `join` once.
  void claim(std::uint64_t incident, const incident_track& track);
  /// What shows a certificate of an incident belongs to it.
  void join();

  /// What an incident goes on with; of those of its targets that say nothing now it keeps the ones
  /// that are wanted. Nothing: none of them shows its certificate any more.
  std::optional<finding> of(std::uint64_t incident, const incident_track& track,
                            const is_wanted& wanted) const;
  /// True where all targets that it names show others, or are wanted no more.
  bool is_over(const incident_track& track, const is_wanted& wanted) const;
  /// What belongs to no incident.
  std::vector<finding> others() const;

private:
  using members = std::vector<const certificate_sighting*>;

  bool is_silent(const std::string& target, const is_wanted& wanted) const;

  wall_time now_;
  std::unordered_set<std::uint64_t> known_;                   ///< hashes of targets
  std::map<std::uint64_t, const certificate_sighting*> free_; ///< by key: they end soon
  std::map<std::uint64_t, members> claimed_;                  ///< by incident
};

} // namespace xprober
