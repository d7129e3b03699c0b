#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string_view>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/clock_skew.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

/// How far the clock of each agent is off, as its batches tell. The journal owns it; the registry
/// and the counts are told of what changes.
class agent_clocks {
public:
  /// So many instances are watched. The next one takes the place of the one that was not heard of
  /// for longest: names are invented easily, and agents that run push every few seconds.
  static constexpr std::size_t most = 100'000;

  /// A batch came at `arrived_ms`. Returns what is to be taken out of its times, in ms: 0 for a
  /// clock that is off by less than `bearable_skew_ms`. Logs once that an agent's clock is far off.
  std::int64_t note(const batch_header& header, const agent_identity& agent,
                    std::int64_t arrived_ms);

  /// The batch was taken, and its newest result is of `newest_ms`, by this server's clock. What is
  /// to be told of it: once a second while such come late, and when they do no more.
  std::optional<agent_delivery> delivered(const batch_header& header, const agent_identity& agent,
                                          std::int64_t newest_ms, std::int64_t arrived_ms);

  /// This server's own clock was set: what was compared with it means nothing.
  void begin_again();

  /// True when an agent's skew has changed by 5 ms or was not told for 5 s: it is `changed()`.
  bool untold() const noexcept { return untold_; }
  agent_clock changed() noexcept {
    untold_ = false;
    return changed_;
  }

  /// How many are off by `bearable_skew_ms` or more, and the farthest of all. It walks over all, so
  /// where they are many it does nothing for a second after the last time.
  void count(journal_stats& counts, std::int64_t now_ms);

private:
  /// What is known of a clock.
  struct watched {
    clock_skew skew;
    std::int64_t told_ms = 0;
    std::int64_t told_at_ms = 0; ///< 0: never
    bool logged = false;
    std::int64_t late_told_at_ms = 0; ///< that it delivers late; 0: it does not
  };

  struct entry {
    watched clock;
    std::list<agent_instance>::iterator place; ///< in `heard_`
  };

  entry& entry_of(const agent_instance& instance);

  std::map<agent_instance, entry> clocks_;
  std::list<agent_instance> heard_; ///< the one that was heard of last stands last
  agent_clock changed_;
  std::int64_t counted_ms_ = 0; ///< Unix
  bool untold_ = false;
};

} // namespace xprober
