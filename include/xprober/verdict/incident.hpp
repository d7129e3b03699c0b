#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/verdict/flap_penalty.hpp"

namespace xprober {

/// What pages and `/api/v1/incidents` call it; a region that is dark is a `target`.
enum class incident_kind : std::uint8_t { target, source, path, prober };

/// `info` is of certificates alone. It rises while an incident lasts and never falls.
enum class incident_severity : std::uint8_t { info, warning, critical };

/// What happened to an incident.
enum class incident_event : std::uint8_t {
  opened,
  grew,
  shrank,
  reason,    ///< it fails in another way
  escalated, ///< the severity rose
  absorbed,  ///< another one was merged into it
  merged,    ///< into another one, which is wider; that closes it
  flapping,  ///< it comes and goes, and stays open meanwhile
  calm,      ///< it does so no more
  acknowledged,
  closed,
};

/// What receivers are to be told of it.
enum class incident_notice : std::uint8_t { opened, escalated, closed };

/// What is counted on the two sides of an incident: agents that probe each other are counted as
/// regions, and those of one region that hardly anybody reaches as agents.
enum class incident_ends : std::uint8_t { sources_and_targets, regions, agents };

std::string_view to_string(incident_kind kind) noexcept;
std::string_view to_string(incident_severity severity) noexcept;
std::string_view to_string(incident_event event) noexcept;
std::string_view to_string(incident_notice notice) noexcept;
std::string_view to_string(incident_ends ends) noexcept;

using incident_label = std::pair<std::string, std::string>;

/// One side of an incident. `of` 0: how many there are is not known.
struct incident_side {
  static constexpr std::size_t most_names = 20;

  std::uint32_t affected = 0;
  std::uint32_t of = 0;
  std::vector<std::string> names{}; ///< the first `most_names` in order; may be none

  bool operator==(const incident_side&) const = default;
};

struct timeline_entry {
  wall_time at{};
  incident_event event = incident_event::opened;
  std::uint32_t sources = 0; ///< affected
  std::uint32_t targets = 0; ///< affected
  std::string text{};        ///< the summary, the reason, who acknowledged; may be empty

  bool operator==(const timeline_entry&) const = default;
};

struct acknowledgement {
  std::string by{};
  std::string note{};
  wall_time at{};

  bool operator==(const acknowledgement&) const = default;
};

/// A cause with a life. What an alert is known by (`id`, `kind`, `probe_type`, `labels`) is that of
/// its opening and stays; the rest is as it was seen last.
struct incident {
  static constexpr std::size_t most_entries = 100; ///< of the timeline
  static constexpr std::size_t most_keys = 1000;   ///< of each side

  std::uint64_t id = 0; ///< from 1, never again
  incident_kind kind = incident_kind::target;
  incident_severity severity = incident_severity::warning;
  std::string summary{}; ///< a sentence without its full stop
  wall_time opened{};
  std::optional<wall_time> closed{};
  std::string probe_type{};
  std::string reason{};
  std::string phase{};
  std::string detail{};
  incident_side sources{};
  incident_side targets{};
  incident_ends ends = incident_ends::sources_and_targets;
  std::vector<incident_label> labels{};
  bool flapping = false;
  std::optional<acknowledgement> acknowledged{};
  std::string certificate{};     ///< its fingerprint, where it is about one
  std::uint64_t merged_into = 0; ///< another one's id
  /// Receivers know of it with this severity, or will from their queue.
  std::optional<incident_severity> told{};
  /// The first one, and the newest ones of the others.
  std::vector<timeline_entry> timeline{};
  std::uint32_t entries_dropped = 0; ///< of the timeline, after its first

  // What it is known again by after a restart.
  bool pairs = false;                       ///< of a path: its members are both sides together
  std::vector<std::uint64_t> source_keys{}; ///< hashes of names; the smallest `most_keys`, in order
  std::vector<std::uint64_t> target_keys{};
  flap_penalty penalty{};

  bool open() const noexcept { return !closed; }
  /// Adds to the timeline, with the counts as they are.
  void note(wall_time at, incident_event event, std::string text = {});

  bool operator==(const incident&) const = default;
};

/// `XproberTarget`, `XproberSource`, `XproberPath`, `XproberProber` or `XproberCertificate`.
std::string_view alert_name(const incident& of) noexcept;

/// What has become of one incident at one moment, to be written as a whole.
struct incident_change {
  incident now;
  std::vector<incident_event> events{};
  std::optional<incident_notice> tell{};

  bool has(incident_event event) const noexcept;
};

} // namespace xprober
