#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "xprober/verdict/finding.hpp"
#include "xprober/verdict/incident.hpp"

namespace xprober {

/// An open incident with all that is blamed, of which the incident itself has a part.
struct incident_track {
  /// How far it reaches, to tell growing from shrinking.
  struct extent {
    bool pairs = false;
    std::size_t members = 0;  ///< that are blamed
    std::size_t affected = 0; ///< on both sides
  };

  incident what;
  name_keys sources{};
  name_keys targets{};
  name_keys also{};                      ///< all that it has blamed under other names; not stored
  extent noted{};                        ///< when the timeline said it last
  std::optional<wall_time> good_since{}; ///< nothing of it has failed since, but for pauses
  wall_time rested_at{};                 ///< in the last look that nothing explained it in
  wall_time reason_at{};                 ///< it has this reason at least since
  /// In each look since then a cause has met it that is another one's, or news.
  std::optional<wall_time> covered_since{};
  std::vector<incident_event> events{};  ///< of this look
  std::optional<incident_notice> tell{}; ///< of this look

  /// Begins with what is found. `before`: what it has left of earlier openings.
  static incident_track begin(const finding& lead, std::uint64_t id, const flap_penalty& before,
                              wall_time now);
  /// Of one that was stored, open or closed.
  static incident_track restored(incident stored);

  /// How long things must last to be taken for true.
  struct patience {
    std::uint32_t results = 0;         ///< that open an incident, or make it worse
    std::chrono::milliseconds hold{0}; ///< for so long good ones must have come to close it
  };

  std::size_t members() const noexcept { return sources.size() + targets.size(); }
  void cover(wall_time now) noexcept;
  bool is_covered_for(std::chrono::milliseconds time, wall_time now) const noexcept;

  /// It is still there. `parts`: what explains it now and is ripe, the widest first; where there is
  /// none it only stays open. True: it blames others than before.
  bool sustain(std::span<const finding* const> parts, const patience& least, wall_time now);
  /// Nothing explains it now. `well`: results show that it works. True: closed by that.
  bool rest(bool well, std::chrono::milliseconds hold, wall_time now);
  /// It works, as far as is known, and more is to be heard: meanwhile `hold` does not go on.
  void pause(wall_time now);
  void merge_into(incident_track& wider, wall_time now);
  void happened(incident_event event, wall_time now, std::string text = {});

private:
  bool take_members(std::span<const finding* const> parts);
  void take_counts(std::span<const finding* const> parts);
  void take_reason(const finding& lead, std::chrono::milliseconds hold, wall_time now);
  void note_extent(wall_time now);
  void settle_flapping(wall_time now);
  void close(wall_time now);
};

/// What a finding and a track have in common.
struct name_overlap {
  std::size_t sources = 0;
  std::size_t targets = 0;
  std::size_t also = 0;   ///< what the finding blames by other names, on either side
  std::size_t ends = 0;   ///< what the finding blames and the track has blamed under another name
  std::size_t former = 0; ///< sources that the track blames by what they were called before
};

/// How much speaks for the finding being the same cause as the track; 0: another one. What they
/// blame must meet: of paths both sides, and a path is a part of what has failed as a whole only
/// where all of one of its sides was blamed. By other names a prober's trouble goes on with that of
/// probers and, where nobody reaches it either, of targets; not with what a source sees of others.
/// A prober's fault that leaves its other results as they are is apart from what these say.
std::size_t kinship(const finding& found, const incident_track& track,
                    const name_overlap& common) noexcept;

/// True for paths that have failed since before the track opened. `period`: from one result to the
/// next. Not all sources see at once that an agent is back: those that do not are a path to its
/// region, and what is left of its incident, also where it is not that old by the count of results
/// but nothing else explains the incident any more.
bool has_failed_since_opened(const finding& found, const incident_track& track,
                             std::chrono::milliseconds period, wall_time now) noexcept;

/// For ten minutes whatever an incident grows to is the same one: it has just been told. Later,
/// what is more than twice as wide, or fails as a whole where a path failed, is news: an incident
/// of its own, which the old one is merged into. So it is where what was a prober's trouble alone
/// is not reached any more.
inline constexpr std::chrono::minutes growth_time{10};

bool is_news(const finding& found, const incident_track& track, wall_time now) noexcept;

} // namespace xprober
