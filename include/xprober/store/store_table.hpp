#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/store_ages.hpp"
#include "xprober/store/store_aggregates.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_targets.hpp"
#include "xprober/store/store_texts.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// What became of the values of one batch. `accepted + rejected` is the batch's size.
struct ingest_report {
  static constexpr std::string_view full = "the store is full";

  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::string_view reason; ///< why the first one was rejected; empty if none was

  void reject(std::string_view why, std::uint64_t count) {
    rejected += count;
    if (reason.empty()) {
      reason = why;
    }
  }
};

/// One of several parts of a store: which targets are its own is told by a hash of their names, so
/// that all that is known of a target is in one part.
struct store_part {
  std::uint32_t number = 0;
  std::uint32_t of = 1;
};

/// The latest values of each (agent, source region, target), one row for each: the last probe.
///
/// Texts are held once and counted, so a row is 64 bytes. Rows are chained from the newest to the
/// oldest by the time at which something new arrived on the server's own clock; what agents' clocks
/// say only orders the probes of one row. A row that gets nothing new within the time to live goes,
/// and the same values sent again are nothing new.
///
/// A forgotten target's rows go at once. Its stragglers (agents that do not know yet) are taken and
/// dropped until none has come within the time to live, or until it is welcome again.
///
/// One that is a part passes over what belongs to the others; what belongs to none counts in the
/// first.
class store_table {
public:
  static constexpr std::size_t default_max_rows = 8'000'000;

  explicit store_table(nanoseconds ttl, std::size_t max_rows = default_max_rows,
                       store_part part = {})
      : ttl_(ttl), max_rows_(max_rows / part.of), part_(part) {}

  /// Takes a batch. Bad values are rejected one by one. A value is accepted, too, when a newer one
  /// is here already or its target was forgotten: its agent did nothing wrong. `now` never goes
  /// back.
  ingest_report ingest(const std::vector<wire_value>& batch, monotonic_time now);

  /// Takes the body of a batch that was read once and found good. A row counts as its values (see
  /// `count_values`), a bad one as one value. `now` may lie in the past for what is replayed; in
  /// its order, but for one jump back.
  ingest_report ingest(std::string_view body, std::uint32_t rows, monotonic_time now);

  void forget(const std::vector<target_uid>& targets, monotonic_time now);
  void welcome(const std::vector<target_uid>& targets);

  /// Drops at most `limit` rows that are too old; true if there are more.
  bool expire(monotonic_time now, std::size_t limit);

  /// From now on notes which series end: with their last row, and with each straggler of a
  /// forgotten target.
  void watch(bool on);
  /// What has ended since; at most `most_ended` are noted.
  std::vector<ended_series> take_ended() { return std::exchange(ended_, {}); }
  static constexpr std::size_t most_ended = 2'000'000;

  void set_ttl(nanoseconds ttl) noexcept { ttl_ = ttl; }
  nanoseconds ttl() const noexcept { return ttl_; }

  std::size_t rows() const noexcept { return rows_.size(); }
  std::uint64_t series() const noexcept { return series_; } ///< values held
  std::size_t texts() const noexcept { return texts_.size(); }
  std::size_t targets() const noexcept { return targets_.size(); } ///< the forgotten included

  /// One row, to be looked at. Equal texts have equal numbers.
  struct view {
    slot source_region = no_slot;
    slot agent = no_slot;
    slot target_region = no_slot;
    slot address = no_slot;
    slot prober = no_slot; ///< the name of what it was probed with
    const probe_values* latest = nullptr;
  };

  const std::string& text(slot s) const noexcept { return texts_[s]; }

  /// The kinds of the rows.
  const store_kinds& kinds() const noexcept { return kinds_; }

  /// Over all rows, those that are too old and not dropped yet included: see `for_each_stale`.
  const store_aggregates& aggregates() const noexcept { return aggregates_; }

  /// Calls `visit(const view&)` for each row that is too old and was not dropped yet.
  template <class Visitor>
  void for_each_stale(monotonic_time now, Visitor&& visit) const {
    for (slot s = ages_.oldest(); s != no_slot && too_old(rows_[s].renewed, now);
         s = rows_[s].newer) {
      visit(view_of(rows_[s]));
    }
  }

  /// Calls `visit(const view&)` for each row that is not too old, newest first.
  template <class Visitor>
  void for_each_fresh(monotonic_time now, Visitor&& visit) const {
    for (slot s = ages_.newest(); s != no_slot && !too_old(rows_[s].renewed, now);
         s = rows_[s].older) {
      visit(view_of(rows_[s]));
    }
  }

private:
  struct row_key {
    slot source_region = no_slot;
    slot agent = no_slot;
    slot target = no_slot;
    bool operator==(const row_key&) const = default;
  };
  /// Half as long as a `monotonic_time`, for 17 years since the machine began.
  using row_time = std::chrono::time_point<monotonic_clock,
                                           std::chrono::duration<std::int32_t, std::ratio<1, 4>>>;
  struct row {
    slot source_region = no_slot;
    slot agent = no_slot;
    slot target = no_slot;
    slot newer = no_slot;
    slot older = no_slot;
    probe_values latest;
    row_time renewed{}; ///< when something new arrived, rounded down
  };
  static_assert(sizeof(row) == 64);
  struct row_traits {
    using key = row_key;
    static key key_of(const row& r) { return {r.source_region, r.agent, r.target}; }
    static std::uint64_t hash(const key& k);
  };

  view view_of(const row& r) const noexcept {
    const auto& t = targets_[r.target];
    return {r.source_region, r.agent, t.region, t.address, t.prober, &r.latest};
  }
  store_aggregates::place place_of(const row& r) const noexcept {
    const auto& t = targets_[r.target];
    return {r.source_region, t.region, t.address};
  }
  bool too_old(row_time then, monotonic_time now) const noexcept { return now - then >= ttl_; }
  bool ours(std::string_view region, std::string_view address, std::string_view prober) const;
  bool apply(const wire_value& series, const probe_values& probe, monotonic_time now);
  bool insert_row(const wire_value& series, slot target, const probe_values& probe,
                  monotonic_time now);
  void change_row(slot s, const probe_values& before);
  void erase_row(slot s);
  void note_end(const row& gone);

  nanoseconds ttl_;
  std::size_t max_rows_;
  store_part part_;
  store_texts texts_;
  store_targets targets_;
  store_kinds kinds_;
  slot_table<row, row_traits> rows_;
  store_ages ages_;
  store_aggregates aggregates_;
  std::uint64_t series_ = 0;
  bool watched_ = false;
  std::vector<ended_series> ended_;
};

} // namespace xprober
