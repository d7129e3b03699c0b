#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/state_bits.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/failure_runs.hpp"
#include "xprober/store/never_list.hpp"
#include "xprober/store/never_series.hpp"
#include "xprober/store/recent_results.hpp"
#include "xprober/store/series_memory.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/store/state_feed.hpp"
#include "xprober/store/store_agents.hpp"
#include "xprober/store/store_ages.hpp"
#include "xprober/store/store_aggregates.hpp"
#include "xprober/store/store_failures.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_targets.hpp"
#include "xprober/store/store_texts.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

struct batch_row;

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

/// One probe as it enters the store.
struct stored_probe {
  probe_values values; ///< none of the prober's own fault, but the kind and the stamp
  probe_state state = probe_state::ok;
  store_failures::texts failure{}; ///< of what did not succeed; texts may be empty
};

/// The latest values of each (agent, source region, target), one row for each: the last probe, and
/// the state of the series with what led to it.
///
/// Texts are held once and counted, so a row is 84 bytes, and a bit in each state (`state_bits`).
/// Rows are chained from the newest to the oldest by the time at which something new arrived on the
/// server's own clock; what agents' clocks say only orders the probes of one row. The values of a
/// row that gets nothing new within the time to live go, and the same values sent again are nothing
/// new. The row itself stays for `keep` more: as `prober_fault` while the agent says that it cannot
/// probe, as `stale` otherwise. It goes at once where its target is forgotten or its agent has
/// left.
///
/// A forgotten target's rows go at once. Its stragglers (agents that do not know yet) are taken and
/// dropped until none has come within the time to live, or until it is welcome again.
///
/// Of what is wanted and has no row it knows where it is to be probed from, see `never_series`.
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
  /// All that is wanted from now on. Where targets or regions are others than before, the next
  /// question goes through all rows once.
  void want(wanted_targets_ptr wanted);
  /// What is wanted and has no row; good until the next change of the table.
  const never_series& never() const;
  /// By type and regions; worked out anew only where one of the numbers has changed.
  const never_list& never_groups() const;

  /// Agents that are no more, by region and address: their rows go.
  void forget_agents(const std::vector<agent_identity>& agents);

  /// Drops at most `limit` rows, or their values, that are too old; true if there are more.
  bool expire(monotonic_time now, std::size_t limit);

  /// From now on notes which series end: with their last row, and with each straggler of a
  /// forgotten target.
  void watch(bool on);
  /// What has ended since; at most `most_ended` are noted.
  std::vector<ended_series> take_ended() { return std::exchange(ended_, {}); }
  static constexpr std::size_t most_ended = 2'000'000;

  void set_ttl(nanoseconds ttl) noexcept { ttl_ = ttl; }
  nanoseconds ttl() const noexcept { return ttl_; }
  /// For how long a row stays whose values are too old.
  void set_keep(nanoseconds keep) noexcept { keep_ = keep; }

  /// From now on notes which series have another state, all that are there first.
  void watch_states(bool on) { feed_.watch(on); }
  const state_feed& states() const noexcept { return feed_; }
  /// What has changed since and was not taken yet, at most `limit` series of it.
  series_changes take_states(std::size_t limit = state_feed::piece);

  std::size_t rows() const noexcept { return rows_.size(); } ///< those without values, too
  std::uint64_t series() const noexcept { return series_; }  ///< values held
  std::size_t texts() const noexcept { return texts_.size(); }
  std::size_t targets() const noexcept { return targets_.size(); } ///< the forgotten included

  /// One row, to be looked at. Equal texts have equal numbers.
  struct view {
    slot source_region = no_slot;
    slot agent = no_slot;
    slot target_region = no_slot;
    slot address = no_slot;
    slot prober = no_slot;                ///< the name of what it was probed with
    const probe_values* latest = nullptr; ///< may be too old: see `for_each_silent`
    const series_memory* memory = nullptr;
    slot row = no_slot;
  };
  series_status status(const view& of) const;
  /// Its last failures since the start, the oldest first.
  std::vector<failure_run> failures(const view& of) const { return runs_.of(failures_, of.row); }

  /// Its last results, the oldest first: all there are once it was asked for, see `recent_results`.
  std::vector<past_result> results(const view& of) const;

  /// What was remembered of a series before a restart, unless it is there already: a row without
  /// values, whose state counts for the time to live. `last_unix`: the stamp of its last result;
  /// those that come again are no new ones.
  void restore(const wire_value& series, const kind_ptr& kind, const series_status& status,
               float deviation_ms, std::uint32_t last_unix, monotonic_time now);

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
      visit(view_of(s));
    }
  }

  /// Calls `visit(const view&)` for each row that is not too old, newest first.
  template <class Visitor>
  void for_each_fresh(monotonic_time now, Visitor&& visit) const {
    for (slot s = ages_.newest(); s != no_slot && !too_old(rows_[s].renewed, now);
         s = rows_[s].older) {
      visit(view_of(s));
    }
  }

  /// Calls `visit(const view&)` for each row whose values are too old, or that never had any.
  template <class Visitor>
  void for_each_silent(Visitor&& visit) const {
    for (const auto* ages : {&waiting_, &stale_}) {
      for (slot s = ages->newest(); s != no_slot; s = rows_[s].older) {
        visit(view_of(s));
      }
    }
  }

  /// All rows by the state that is remembered of them.
  using row_states = state_bits<series_state, series_state_count>;
  const row_states& states_of_rows() const noexcept { return by_state_; }

  /// Goes on with a walk over the rows in some states: calls `visit(const view&, bool fresh)` for
  /// the next `most` of them from the number `next` on, which moves on; `fresh`: its values are not
  /// too old. False once there are no more. A row keeps its number, so a walk in steps meets each
  /// that stays as it is exactly once.
  template <class Visitor>
  bool for_some(slot& next, row_states::selection states, std::size_t most, monotonic_time now,
                Visitor&& visit) const {
    for (; most > 0; --most) {
      const auto s = by_state_.next(next, states);
      if (!s) {
        return false;
      }
      const auto& r = rows_[*s];
      visit(view_of(*s), chain_of(r) == row_chain::fresh && !too_old(r.renewed, now));
      next = *s + 1;
    }
    return true;
  }

private:
  /// Where a row is chained.
  enum class row_chain : std::uint8_t {
    fresh,   ///< its values count
    waiting, ///< none count, its state does: its agent cannot probe, or it is from before a restart
    stale,   ///< neither
  };
  struct row_key {
    slot agent = no_slot;
    slot target = no_slot;
    bool operator==(const row_key&) const = default;
  };
  /// Half as long as a `monotonic_time`, for 17 years since the machine began.
  using row_time = std::chrono::time_point<monotonic_clock,
                                           std::chrono::duration<std::int32_t, std::ratio<1, 4>>>;
  struct row {
    slot agent = no_slot; ///< of `agents_`
    slot target = no_slot;
    slot newer = no_slot;
    slot older = no_slot;
    probe_values latest;
    row_time renewed{}; ///< when something new arrived, rounded down
    series_memory memory;
  };
  static_assert(sizeof(row) == 84);
  struct row_traits {
    using key = row_key;
    static key key_of(const row& r) { return {r.agent, r.target}; }
    static std::uint64_t hash(const key& k);
  };

  view view_of(slot s) const noexcept {
    const auto& r = rows_[s];
    const auto& a = agents_[r.agent];
    const auto& t = targets_[r.target];
    return {a.region, a.address, t.region, t.address, t.prober, &r.latest, &r.memory, s};
  }
  store_aggregates::place place_of(const row& r) const noexcept {
    const auto& t = targets_[r.target];
    return {agents_[r.agent].region, t.region, t.address};
  }
  static row_chain chain_of(const row& r) noexcept {
    return static_cast<row_chain>(r.memory.chain);
  }
  store_ages& ages_of(row_chain c) noexcept {
    return c == row_chain::fresh ? ages_ : c == row_chain::waiting ? waiting_ : stale_;
  }
  bool too_old(row_time then, monotonic_time now) const noexcept { return now - then >= ttl_; }
  bool ours(std::string_view region, std::string_view address, std::string_view prober) const;
  stored_probe make_probe(kind_number number, const batch_row& read, const probe_kind& kind) const;
  bool apply(const wire_value& series, const stored_probe& probe, monotonic_time now);
  void apply_measured(slot s, const stored_probe& probe, monotonic_time now);
  void apply_fault(slot s, const stored_probe& probe, monotonic_time now);
  bool insert_row(const wire_value& series, slot target, const stored_probe& probe,
                  monotonic_time now);
  slot add_row(const wire_value& series, slot target, kind_number kind, monotonic_time now);
  void change_row(slot s, const probe_values& before);
  void change_values(slot s, const probe_values& values);
  void move_kind(const row& r, kind_number before);
  void enter_values(slot s);
  void leave_values(slot s);
  void chain_row(slot s, row_chain to, monotonic_time now);
  void end_values(slot s, monotonic_time now);
  void silence_row(slot s);
  void enter_silence(slot s);
  void note_result(slot s, const stored_probe& probe);
  template <class Change>
  void change_memory(slot s, Change&& change);
  void set_failure(series_memory& memory, const store_failures::texts& texts);
  void release_failure(slot failure) {
    if (failure != no_slot) {
      failures_.release(failure);
    }
  }
  void tell_row(slot s, const series_sight& before, series_changes& out,
                std::unordered_map<slot, std::uint32_t>& failures);
  void erase_row(slot s);
  template <class Wanted>
  void erase_rows(Wanted&& wanted);
  void note_end(const row& gone);
  std::uint64_t uid_hash_of(slot target) const;
  void note_reported(const row& fresh);
  void note_unreported(const row& gone);

  nanoseconds ttl_;
  std::size_t max_rows_;
  store_part part_;
  nanoseconds keep_{0};
  store_texts texts_;
  store_agents agents_;
  store_targets targets_;
  store_kinds kinds_;
  mutable store_failures failures_; ///< see `recent_`
  failure_runs runs_;
  mutable recent_results recent_; ///< a question begins to keep what it asks for
  slot_table<row, row_traits> rows_;
  store_ages ages_;
  store_ages waiting_;
  store_ages stale_;
  row_states by_state_;
  state_feed feed_;
  std::unordered_map<slot, std::uint32_t> restored_; ///< rows, with the stamp of the last result
  store_aggregates aggregates_;
  std::uint64_t series_ = 0;
  bool watched_ = false;
  std::vector<ended_series> ended_;
  wanted_targets_ptr wanted_;
  // Brought up by the next question: what is wanted changes more often than anybody asks.
  mutable bool never_due_ = false; ///< `never_` is not of `wanted_` yet
  mutable never_series never_;
  mutable never_list never_groups_;
  mutable std::uint64_t never_groups_of_ = 0; ///< `never_.changes()` that they are of
};

} // namespace xprober
