#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/liveness.hpp"

namespace xprober {

/// Whoever asks how it stands waits no longer for those that have not answered.
inline constexpr std::chrono::seconds health_deadline{2};
/// So old may an answer be: however many ask, there is one round in that time.
inline constexpr std::chrono::seconds health_age{1};
/// All are asked so often without a question, so that a silence is noticed when it begins.
inline constexpr std::chrono::seconds health_interval{5};

/// How long an actor of a kind may be silent before it does not live: 10 s where it shares its
/// thread with others, since a list or a snapshot of millions of series takes seconds; 30 s where
/// it waits for the disk, which a write of all that the kernel has may hold up as long.
nanoseconds patience_of(actor_kind kind) noexcept;

/// Asks all vital actors whether they answer: every `health_interval`, and when somebody wants to
/// know. One that has not answered yet is not asked again, so nothing piles up in its mailbox.
/// `/-/healthy` asks it, and so can a watchdog; where all threads of actors are held up it does not
/// answer either.
struct health_state {
  static constexpr const char* name = "health";

  health_actor::pointer self = nullptr;
  stats_actor stats;
  std::vector<caf::actor_addr> actors; ///< in the order of `parts`; they may have ended
  liveness parts;
  std::vector<caf::typed_response_promise<health_report>> asking;
  std::uint64_t round = 0;                ///< the number of the last one
  bool under_way = false;                 ///< it has not ended
  std::optional<monotonic_time> ended_at; ///< the last round
  bool was_healthy = true;                ///< as it was logged last

  void watch(const vital_actor& added);
  caf::result<health_report> report();
  void begin_round();
  void end_round(std::uint64_t number);

private:
  void ask(std::size_t number);
  void answered(std::size_t number);
  void finish();
  void note(const health_report& now);
};

health_actor::behavior_type health(health_actor::stateful_pointer<health_state> self,
                                   stats_actor stats);

} // namespace xprober
