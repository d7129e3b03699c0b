#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/ingest_report.hpp"
#include "xprober/store/never_list.hpp"
#include "xprober/store/never_series.hpp"
#include "xprober/store/row_prospects.hpp"
#include "xprober/store/series_change.hpp"
#include "xprober/store/series_ends.hpp"
#include "xprober/store/series_memory.hpp"
#include "xprober/store/series_past.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/store/state_feed.hpp"
#include "xprober/store/store_aggregates.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_names.hpp"
#include "xprober/store/store_never.hpp"
#include "xprober/store/store_part.hpp"
#include "xprober/store/store_rows.hpp"
#include "xprober/store/store_sums.hpp"
#include "xprober/store/store_values.hpp"
#include "xprober/store/stored_probe.hpp"

namespace xprober {

/// The latest values of each (agent, source region, target), one row for each: the last probe, and
/// the state of the series with what led to it.
///
/// Texts are held once and counted, so a row is 84 bytes, and a bit in each state (`state_bits`).
/// Rows are chained from the newest to the oldest by the time at which something new arrived on the
/// server's own clock; what agents' clocks say only orders the probes of one row. The values of a
/// row that gets nothing new within the time to live go, and the same values sent again are nothing
/// new. The row itself stays for `keep` more: as `prober_fault` while the agent says that it cannot
/// probe, as `stale` otherwise. It goes at once where its target is forgotten or its agent has
/// left, and when its values go where nothing more is to come of it, see `row_prospects`.
///
/// A forgotten target's rows go at once. Its stragglers (agents that do not know yet) are taken and
/// dropped until none has come within the time to live, or until it is welcome again.
///
/// Of what is wanted and has no row it knows where it is to be probed from, see `never_series`.
///
/// One that is a part passes over what belongs to the others, see `store_part`.
///
/// The table itself decides what becomes of a probe, and when values and rows go. It tells what
/// happens to a row to those who know the rest: `store_rows` where rows are and how old they are,
/// `store_names` whose they are, `store_sums` what adds up, `series_past` what has been,
/// `store_never` what is missing, `state_feed` and `series_ends` who is to be told. Batches become
/// probes in `batch_probes` and `value_probes`.
class store_table {
public:
  static constexpr std::size_t default_max_rows = 8'000'000;

  explicit store_table(nanoseconds ttl, std::size_t max_rows = default_max_rows,
                       store_part part = {})
      : ttl_(ttl), max_rows_(max_rows / part.of), part_(part), never_(part) {}

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
  void want(wanted_targets_ptr wanted) {
    prospects_.want(wanted);
    never_.want(std::move(wanted));
  }
  /// See `row_prospects`.
  void set_listed_only(bool on) noexcept { prospects_.set_listed_only(on); }
  /// What is wanted and has no row; good until the next change of the table.
  const never_series& never() const { return never_.series(rows_, names_); }
  /// By type and regions; worked out anew only where one of the numbers has changed.
  const never_list& never_groups() const { return never_.groups(rows_, names_); }

  /// Agents that are no more, by region and address: their rows go. What comes of them all the same
  /// is taken, and waited for no longer than for its values, until they are welcome again.
  void forget_agents(const std::vector<agent_identity>& agents);
  void welcome_agents(const std::vector<agent_identity>& agents);

  /// Drops at most `limit` rows, or their values, that are too old; true if there are more.
  bool expire(monotonic_time now, std::size_t limit);

  /// From now on notes which series end: with their last row, and with each straggler of a
  /// forgotten target.
  void watch(bool on) { ends_.watch(on); }
  /// What has ended since; at most `series_ends::most` are noted.
  std::vector<ended_series> take_ended() { return ends_.take(); }

  void set_ttl(nanoseconds ttl) noexcept { ttl_ = ttl; }
  nanoseconds ttl() const noexcept { return ttl_; }
  /// For how long a row stays whose values are too old.
  void set_keep(nanoseconds keep) noexcept { keep_ = keep; }

  /// From now on notes which series have another state, all that are there first.
  void watch_states(bool on) { feed_.watch(on); }
  const state_feed& states() const noexcept { return feed_; }
  /// What has changed since and was not taken yet, at most `limit` series of it.
  series_changes take_states(std::size_t limit = state_feed::piece);

  std::size_t rows() const noexcept { return rows_.size(); }       ///< those without values, too
  std::uint64_t series() const noexcept { return sums_.values(); } ///< values held
  std::size_t texts() const noexcept { return names_.texts.size(); }
  std::size_t targets() const noexcept { return names_.targets.size(); } ///< the forgotten included

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
  series_status status(const view& of) const { return past_.status(*of.memory); }
  /// Its last failures since the start, the oldest first.
  std::vector<failure_run> failures(const view& of) const { return past_.failures(of.row); }

  /// Its last results, the oldest first: all there are once it was asked for, see `recent_results`.
  std::vector<past_result> results(const view& of) const {
    return past_.results(of.row, *of.memory, *of.latest, kinds()[of.latest->kind]);
  }

  /// What was remembered of a series before a restart, unless it is there already: a row without
  /// values, whose state counts for the time to live. `last_unix`: the stamp of its last result;
  /// those that come again are no new ones.
  void restore(const wire_value& series, const kind_ptr& kind, const series_status& status,
               float deviation_ms, std::uint32_t last_unix, monotonic_time now);

  const std::string& text(slot s) const noexcept { return names_.texts[s]; }

  /// The kinds of the rows.
  const store_kinds& kinds() const noexcept { return sums_.kinds(); }

  /// Over all rows, those that are too old and not dropped yet included: see `for_each_stale`.
  const store_aggregates& aggregates() const noexcept { return sums_.aggregates(); }

  /// Calls `visit(const view&)` for each row that is too old and was not dropped yet.
  template <class Visitor>
  void for_each_stale(monotonic_time now, Visitor&& visit) const {
    rows_.for_each_overdue(ttl_, now, [&](slot s) { visit(view_of(s)); });
  }

  /// Calls `visit(const view&)` for each row that is not too old, newest first.
  template <class Visitor>
  void for_each_fresh(monotonic_time now, Visitor&& visit) const {
    rows_.for_each_heard(ttl_, now, [&](slot s) { visit(view_of(s)); });
  }

  /// Calls `visit(const view&)` for each row whose values are too old, or that never had any.
  template <class Visitor>
  void for_each_silent(Visitor&& visit) const {
    rows_.for_each_silent([&](slot s) { visit(view_of(s)); });
  }

  /// All rows by the state that is remembered of them.
  using row_states = store_rows::states;
  const row_states& states_of_rows() const noexcept { return rows_.by_state(); }

  /// Goes on with a walk over the rows in some states: calls `visit(const view&, bool fresh)` for
  /// the next `most` of them from the number `next` on, which moves on; `fresh`: its values are not
  /// too old. False once there are no more. A row keeps its number, so a walk in steps meets each
  /// that stays as it is exactly once.
  template <class Visitor>
  bool for_some(slot& next, row_states::selection states, std::size_t most, monotonic_time now,
                Visitor&& visit) const {
    for (; most > 0; --most) {
      const auto s = rows_.by_state().next(next, states);
      if (!s) {
        return false;
      }
      const auto& r = rows_[*s];
      visit(view_of(*s), r.chain() == row_chain::fresh && !r.is_silent_for(ttl_, now));
      next = *s + 1;
    }
    return true;
  }

private:
  view view_of(slot s) const noexcept {
    const auto& r = rows_[s];
    const auto& a = names_.agents[r.agent];
    const auto& t = names_.targets[r.target];
    return {a.region, a.address, t.region, t.address, t.prober, &r.latest, &r.memory, s};
  }
  store_sums::place place_of(const series_row& r) const noexcept {
    return names_.place_of(r.agent, r.target);
  }
  template <class Probes>
  ingest_report take(Probes& probes, monotonic_time now);
  bool apply(const wire_value& series, const stored_probe& probe, monotonic_time now);
  void apply_measured(slot s, const stored_probe& probe, monotonic_time now);
  void apply_fault(slot s, const stored_probe& probe, monotonic_time now);
  bool insert_row(const wire_value& series, slot target, const stored_probe& probe,
                  monotonic_time now);
  slot add_row(const wire_value& series, slot target, kind_number kind, monotonic_time now);
  void begin_values(slot s, monotonic_time now);
  void leave_values(slot s);
  void end_values(slot s, monotonic_time now);
  void silence_row(slot s);
  void note_result(slot s, const stored_probe& probe);
  template <class Change>
  void change_memory(slot s, Change&& change);
  void erase_row(slot s);
  template <class Wanted>
  void erase_rows(Wanted&& wanted);

  nanoseconds ttl_;
  std::size_t max_rows_;
  store_part part_;
  nanoseconds keep_{0};
  store_names names_;
  store_rows rows_;
  store_sums sums_;
  series_past past_;
  store_never never_;
  row_prospects prospects_;
  series_ends ends_;
  state_feed feed_;
};

} // namespace xprober
