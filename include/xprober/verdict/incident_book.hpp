#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/verdict/certificate.hpp"
#include "xprober/verdict/closed_incidents.hpp"
#include "xprober/verdict/find_causes.hpp"
#include "xprober/verdict/incident_filter.hpp"
#include "xprober/verdict/incident_names.hpp"
#include "xprober/verdict/incident_track.hpp"
#include "xprober/verdict/mute.hpp"
#include "xprober/verdict/settle_wait.hpp"
#include "xprober/verdict/track_index.hpp"

namespace xprober {

/// One kind of probe as it is now.
struct kind_picture {
  std::string_view probe_type; ///< empty: of no kind, where it is about the probers themselves
  std::chrono::milliseconds period{15'000}; ///< from one result of a series to the next
  const verdict* found = nullptr;
  const evidence* all = nullptr;
  const incident_names* names = nullptr;
  /// Tells it from others of the same kind.
  std::string_view view = {};
  /// Changes with what sentences say beside the evidence: the states of agents and their troubles.
  std::uint64_t words = 0;
};

struct incident_settings {
  std::uint32_t results = 3; ///< `alerts.for`, from 1 to `longest_run`
  /// Incidents, and as many about certificates. A tenth of them is kept for what is wider than one
  /// target or one path: it must not be kept secret by very many of these.
  std::size_t most_open = 1000;
  std::vector<incident_label> labels{}; ///< `alerts.labels`; a cause's own come first
};

/// The life of incidents: takes verdicts, one after the other, and says what has become of each.
///
/// **The same cause** is one that blames the same names: causes are met by what they blame, of all
/// kinds together, so that a region that icmp finds dark and whose http probers are silent is one
/// incident. An incident goes on as long as any cause meets it, and has all of them as its parts:
/// it never splits: a path that is left of it belongs to it. Of several that one
/// cause meets, the one with the most in common goes on, then the one that blames the least beside,
/// then the oldest; those of whose members it explains half or more are merged into it, once it has
/// met them in each look for as long as `results` results take and rests on no source that is
/// behind. What is there for a moment only merges nothing and opens nothing beside what is open.
///
/// **Opened** when more than half of what a cause rests on has failed for `results` results in a
/// row. Where it rests on none (a prober in trouble), when half of those that are blamed have been
/// so for as long as `results` results take. It gets worse with as many results: see `cause`.
///
/// While sources are behind (`source_info`), what one of them has delivered alone looks like a
/// path, and is a target's failure once the others have delivered the same time; what it says may
/// be over, and what it says to be well may fail later. So a cause that is `unsettled` opens
/// nothing and changes nothing, but keeps open what it meets. The caller bounds for how long a
/// source is behind. What others see is told all the same where it has just begun to fail when it
/// is due: its sources have known it since the last of the results that it takes, so it waits for
/// `settle_wait::patience` alone, and may get worse when those that are behind come as far.
///
/// **Closed** when nothing has failed for as long as the results after the first good one take,
/// `results` in all, and its names have good results or are not probed any more: after a restart,
/// where everybody is silent, and while sources that are behind may know better, it stays open.
///
/// **Flapping**: see `flap_penalty`; what was closed before is met again by its names.
///
/// Deterministic, without I/O and clock. Bounded by `most_open` and by what the verdicts name; of
/// each kind the widest `4 * most_open` causes are looked at. What it says must be written
/// (`storage::incident_file`) before anybody is told, and be kept until it could be: it says it
/// once. Counts and sentences between two events are in `open` alone.
class incident_book {
public:
  explicit incident_book(incident_settings settings) : settings_(std::move(settings)) {}

  /// From now on; what is open stays.
  void configure(incident_settings settings) { settings_ = std::move(settings); }

  /// At the start: what was stored, those that are open and those that were closed in the last
  /// hour. No id up to `last_id` is used again.
  void restore(std::vector<incident> stored, std::uint64_t last_id);

  /// All kinds as they are now. At most one change of each incident; those opened by id at the end.
  std::vector<incident_change> observe(std::span<const kind_picture> kinds,
                                       std::span<const mute> mutes, wall_time now);

  /// All certificates that are known now. One closes when its target shows others only, for
  /// `certificate_hold`, or when its target is not `wanted` any more; not when nothing is known.
  std::vector<incident_change>
  observe_certificates(std::span<const certificate_sighting> seen,
                       const std::function<bool(std::string_view target)>& wanted,
                       std::span<const mute> mutes, wall_time now);
  /// Servers behind one name may show different certificates in turn.
  static constexpr std::chrono::minutes certificate_hold{10};

  /// Nothing where no such incident is open.
  std::optional<incident_change> acknowledge(std::uint64_t id, acknowledgement by);

  std::vector<incident> open() const; ///< by id
  /// Null where no such incident is open; valid until the next look.
  const incident* find_open(std::uint64_t id) const;
  /// What is open is judged as it is now, by all that it blames; `stored` is what it was.
  bool fits(const incident_filter& wanted, const incident& stored) const;
  /// Calls `visit(const incident&)` for each that is open, by id.
  template <class Visitor>
  void for_each_open(Visitor&& visit) const {
    for (const auto& [id, track] : tracks_) {
      visit(track.what);
    }
  }
  std::size_t open_count() const noexcept { return tracks_.size(); }
  std::uint64_t last_id() const noexcept { return last_id_; }
  /// Causes that were no incident because of `most_open`, in the last look at each.
  std::size_t left_out() const noexcept { return left_out_ + certificates_left_out_; }

private:
  struct named_kind {
    std::optional<std::uint64_t> revision;
    std::uint64_t words = 0; ///< see `kind_picture`
    std::vector<finding> found;
    std::size_t unnamed = 0; ///< causes beyond those
  };
  struct owner {
    std::uint64_t id = 0;
    std::size_t shared = 0;
    bool news = false; ///< the cause is for it: see `is_news`
  };
  /// What is open that a cause meets, and which of it goes on with the cause.
  struct meeting {
    std::vector<owner> met;
    std::optional<owner> best;
  };
  struct explanation {
    std::uint64_t by = 0; ///< the owner of a ripe cause that meets it
    std::size_t shared = 0;
    bool settled = false; ///< and rests on no source that is behind
  };
  struct look {
    std::map<std::uint64_t, std::vector<const finding*>> parts; ///< ripe ones, by incident
    std::set<std::uint64_t> met;
    std::set<std::uint64_t> covered; ///< see `incident_track`
    std::map<std::uint64_t, explanation> explained;
    /// May be what is left of what no other cause meets.
    std::vector<std::pair<const finding*, const kind_picture*>> paths;
    bool all_others = false; ///< all but these are placed
  };

  using tracks = std::map<std::uint64_t, incident_track>;
  using picture_key = std::pair<std::string, std::string>; ///< kind of probe, view

  void name_kinds(std::span<const kind_picture> kinds);
  bool is_ripe(const finding& found, std::chrono::milliseconds period, wall_time now);
  void forget_calm_probers(std::span<const kind_picture> kinds);
  std::optional<owner> remains_of(const finding& found,
                                  const std::map<std::uint64_t, name_overlap>& met,
                                  std::chrono::milliseconds period, const look& at,
                                  wall_time now) const;
  meeting meet(const finding& found, const std::map<std::uint64_t, name_overlap>& common, bool ripe,
               look& at, wall_time now);
  bool may_pass(const meeting& with, std::chrono::milliseconds hold, wall_time now) const;
  void place(const finding& found, const kind_picture& kind, look& at, wall_time now);
  std::size_t room_for(const finding& lead) const noexcept;
  /// Its id; nothing where there is no room.
  std::optional<std::uint64_t> begin(const finding& lead, const flap_penalty& before,
                                     wall_time now);
  void live_on(look& at, std::span<const kind_picture> kinds, wall_time now);
  std::optional<incident_change> change_of(incident_track& track, std::span<const mute> mutes,
                                           wall_time now);
  std::vector<incident_change> finish(bool certificates, std::span<const mute> mutes,
                                      wall_time now);
  void index_all();

  incident_settings settings_;
  tracks tracks_; ///< open, by id
  closed_incidents recent_;
  std::map<picture_key, named_kind> kinds_;
  std::unordered_map<std::uint64_t, wall_time> prober_since_; ///< in trouble, by its key
  settle_wait settling_;
  track_index index_;
  std::uint64_t last_id_ = 0;
  std::size_t left_out_ = 0;
  std::size_t certificates_left_out_ = 0;
  bool indexed_ = true; ///< `index_` fits the tracks
};

} // namespace xprober
