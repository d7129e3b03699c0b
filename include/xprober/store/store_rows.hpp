#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/state_bits.hpp"
#include "xprober/store/series_memory.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/store/store_ages.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// Where a row is chained.
enum class row_chain : std::uint8_t {
  fresh,   ///< its values count
  waiting, ///< none count, its state does: its agent cannot probe, or it is from before a restart
  stale,   ///< neither
};

/// What a store has of one series. A store has millions of them: 84 bytes.
struct series_row {
  /// Half as long as a `monotonic_time`, for 17 years since the machine began.
  using time = std::chrono::time_point<monotonic_clock,
                                       std::chrono::duration<std::int32_t, std::ratio<1, 4>>>;

  slot agent = no_slot; ///< of `store_agents`
  slot target = no_slot;
  slot newer = no_slot; ///< in its chain
  slot older = no_slot;
  probe_values latest;
  time renewed{}; ///< when something new arrived, rounded down
  series_memory memory;

  row_chain chain() const noexcept { return static_cast<row_chain>(memory.chain); }
  /// True where nothing new has arrived for so long.
  bool is_silent_for(nanoseconds span, monotonic_time now) const noexcept {
    return now - renewed >= span;
  }
};
static_assert(sizeof(series_row) == 84);

/// The rows of a store: found by agent and target, each in one of three chains, which go from the
/// newest to the oldest by the time at which something new arrived, and with a bit for its state.
/// What a row's numbers stand for and what adds up over rows is known elsewhere.
class store_rows {
public:
  using states = state_bits<series_state, series_state_count>;

  /// `no_slot` where there is none.
  slot find(slot agent, slot target) const { return rows_.find({agent, target}); }
  series_row& operator[](slot row) noexcept { return rows_[row]; }
  const series_row& operator[](slot row) const noexcept { return rows_[row]; }
  std::size_t size() const noexcept { return rows_.size(); }
  /// All numbers are below this; one that no row has stands for `series_row{}`.
  slot bound() const noexcept { return rows_.bound(); }

  /// A row that is not there yet, without values, in the chain of the stale ones.
  slot add(slot agent, slot target, kind_number kind, monotonic_time now);
  void erase(slot row);

  /// Something new arrived: to the new end of a chain.
  void renew(slot row, row_chain to, monotonic_time now) {
    auto& r = rows_[row];
    chain(r.chain()).unlink(rows_, row);
    r.renewed = std::chrono::floor<series_row::time::duration>(now);
    r.memory.chain = static_cast<std::uint8_t>(to);
    chain(to).link(rows_, row);
  }
  /// Nothing more is heard of it: to the stale ones, by the time at which something new arrived
  /// last.
  void silence(slot row);

  /// The state that the row's memory has now counts. To be called whenever it is another.
  void note_state(slot row) { by_state_.set(row, rows_[row].memory.state); }
  const states& by_state() const noexcept { return by_state_; }

  /// `no_slot` where a chain is empty.
  slot newest(row_chain of) const noexcept { return chain(of).newest(); }
  slot oldest(row_chain of) const noexcept { return chain(of).oldest(); }

  /// Calls `visit(slot)` for each row, chain after chain; it may erase the row that it is given.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for_each_of(row_chain::fresh, visit);
    for_each_silent(visit);
  }
  /// The same for those whose values do not count.
  template <class Visitor>
  void for_each_silent(Visitor&& visit) const {
    for_each_of(row_chain::waiting, visit);
    for_each_of(row_chain::stale, visit);
  }
  /// Calls `visit(slot)` for each of the fresh ones of which something new has arrived within
  /// `ttl`, newest first.
  template <class Visitor>
  void for_each_heard(nanoseconds ttl, monotonic_time now, Visitor&& visit) const {
    for (slot s = newest(row_chain::fresh); s != no_slot && !rows_[s].is_silent_for(ttl, now);
         s = rows_[s].older) {
      visit(s);
    }
  }
  /// Calls `visit(slot)` for the other fresh ones, which are not dropped yet, oldest first.
  template <class Visitor>
  void for_each_overdue(nanoseconds ttl, monotonic_time now, Visitor&& visit) const {
    for (slot s = oldest(row_chain::fresh); s != no_slot && rows_[s].is_silent_for(ttl, now);
         s = rows_[s].newer) {
      visit(s);
    }
  }

private:
  struct row_key {
    slot agent = no_slot;
    slot target = no_slot;
    bool operator==(const row_key&) const = default;
  };
  struct traits {
    using key = row_key;
    static key key_of(const series_row& r) { return {r.agent, r.target}; }
    static std::uint64_t hash(const key& k);
  };

  store_ages& chain(row_chain of) noexcept { return chains_[static_cast<std::size_t>(of)]; }
  const store_ages& chain(row_chain of) const noexcept {
    return chains_[static_cast<std::size_t>(of)];
  }
  template <class Visitor>
  void for_each_of(row_chain of, Visitor&& visit) const {
    for (slot s = newest(of); s != no_slot;) {
      const slot next = rows_[s].older;
      visit(s);
      s = next;
    }
  }

  slot_table<series_row, traits> rows_;
  std::array<store_ages, 3> chains_; ///< by `row_chain`
  states by_state_;
};

} // namespace xprober
