#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/storage/database.hpp"
#include "xprober/storage/incident_rows.hpp"
#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/incident_filter.hpp"
#include "xprober/verdict/mute.hpp"

namespace xprober::storage {

/// Which incidents are wanted; what is not set fits all.
struct incident_query {
  std::optional<bool> open{};
  incident_filter filter{};
  std::optional<wall_time> since{}; ///< open at that time, or opened later
  bool worst_first = false;         ///< by severity, then the newest first; else this alone
  /// Where a page begins: ids below it; with the worst first those of `from`, and all that is less
  /// severe.
  std::uint64_t before = no_bound;
  std::optional<incident_severity> from{};
  std::size_t limit = 100;
  /// What else has to hold of them; null: nothing.
  std::function<bool(const incident&)> also{};
  /// In place of `filter.fits`, where more is known of incidents than the file has.
  std::function<bool(const incident&)> judge{};

  static constexpr std::uint64_t no_bound = std::numeric_limits<std::int64_t>::max();
};

struct incident_page {
  std::vector<incident> incidents;              ///< in the order that was asked for
  std::uint64_t next = 0;                       ///< `before` of the next page; 0: there is none
  std::optional<incident_severity> next_from{}; ///< and its `from`, with the worst first
  std::vector<known_span> known{};              ///< where they were asked for, too
};

/// Something that a receiver is to be told.
struct queued_notice {
  std::uint64_t sequence = 0; ///< never again in this file; with `name` what a receiver knows it by
  incident_notice notice = incident_notice::opened;
  wall_time at{};
  incident what; ///< as it was; without timeline and keys
};

/// How long incidents that are closed are kept.
struct incident_retention {
  std::chrono::hours age{90 * 24};
  std::uint64_t most = 10'000;
};

/// Incidents, mutes, and the queue of what receivers are to be told, in one file of the state
/// directory. Blocks on the disk. Throws database_error, and nothing has happened then: the same
/// can be written again.
///
/// **Nothing is lost and nothing told twice**, whoever is killed when. An incident and what is to
/// be told of it are written in one transaction, before anybody is told. If it is not written, the
/// book of the next process does not know of it and finds it anew; if it is, it knows that it is
/// told. Each notice of an incident is queued once, however often it is written. Receivers take
/// from the queue in order, each for itself, and say how far they are (`told`).
///
/// Between a receiver's answer and `told` a kill makes the next process send the same once more.
/// Nobody can close that gap from this side; such a notice has the same `name` and `sequence`, by
/// which a receiver can pass over it. Sending it first and asking later is why none is lost.
///
/// A damaged file is set aside, and what can be read of it taken over into the new one.
class incident_file {
public:
  /// `directory` empty: in memory. Throws when there can be none.
  incident_file(const std::string& directory, wall_time now);
  /// In memory, in place of one that cannot be opened now: its numbers begin where none of that one
  /// can be, so that `take_over` can put both together.
  static std::unique_ptr<incident_file> stand_in(wall_time now);

  /// A damaged file was set aside for this one, or its log was cut (see `database`): the last
  /// changes may be missing.
  bool has_replaced() const noexcept { return replaced_; }
  /// Random bytes in hex that tell this file from every other one.
  std::string name();
  /// Of incidents: what the book begins after.
  std::uint64_t last_id();

  /// What the book is to be restored with: open ones, and those that closed in the last 75 minutes,
  /// after which the highest penalty is forgotten.
  std::vector<incident> unsettled(wall_time now);

  /// All or none.
  void write(std::span<const incident_change> changes, wall_time now);

  std::optional<incident> find(std::uint64_t id);
  /// Looks at 10,000 incidents at most: a page may have fewer than `limit`, or none, and a next
  /// one.
  incident_page list(const incident_query& wanted);
  static constexpr std::size_t most_looked_at = 10'000;

  /// A new mute gets its id; 0 where there are `most_mutes` already.
  std::uint64_t add(const mute& fresh);
  bool remove_mute(std::uint64_t id);
  std::vector<mute> mutes(); ///< by id, also those that are over
  static constexpr std::size_t most_mutes = 1000;

  /// Who takes from the queue. A new one is told what comes from now on; what others had left is
  /// forgotten. Without any receiver nothing is queued.
  void set_receivers(std::span<const std::string> names);
  /// The next ones of a receiver, in order.
  std::vector<queued_notice> due(std::string_view receiver, std::size_t limit);
  /// It was told this one and all before it, or they are given up.
  void told(std::string_view receiver, std::uint64_t sequence);
  /// In the queue, and given up because it was full, since this was opened.
  std::uint64_t queued();
  std::uint64_t dropped() const noexcept { return dropped_; }
  static constexpr std::uint64_t most_queued = 10'000; ///< then the oldest go

  /// Something is known of groups of targets, by their names: see known_spans.hpp.
  void note_known(std::span<const std::string> names, wall_time now);
  /// When that was, as far as it ended later than this.
  std::vector<known_span> known(wall_time after);

  /// All that there is, for the file that takes the place of one that was removed while in use:
  /// what has to be told yet, and mutes, do not go with it. Never throws.
  incident_rows rows() const { return read_rows(*file_); }
  void put_back(const incident_rows& rows);
  /// All that a stand-in has, beside what is here. A receiver that waits for something of this file
  /// is told that first, and then maybe what the stand-in had told it already.
  void take_over(const incident_rows& stood_in);

  /// Forgets closed incidents, and mutes and known spans that are over for as long.
  void prune(const incident_retention& kept, wall_time now);

private:
  incident_file() = default;
  void open(const std::string& path, wall_time now);
  void open_or_replace(const std::string& path, wall_time now);
  void make_tables(wall_time now, bool replaces);
  void put(const incident_change& change, wall_time now);
  bool list_some(const incident_query& wanted, std::int64_t severities, std::uint64_t before,
                 std::size_t& left, incident_page& page);
  std::uint64_t next(const char* counter);
  void trim_queue();

  std::unique_ptr<database> file_;
  std::uint64_t dropped_ = 0;
  bool replaced_ = false;
};

} // namespace xprober::storage
