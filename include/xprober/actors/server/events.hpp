#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// What is kept for readers who come back: so many events, and about so many bytes.
inline constexpr std::size_t most_kept_events = 4096;
inline constexpr std::size_t most_kept_event_bytes = 4UL * 1024 * 1024;

/// A reader who is waiting is answered after this time, also with nothing.
inline constexpr std::chrono::seconds longest_event_wait{15};
/// So many can wait; for a further one the first of them is answered earlier. Some of them may have
/// gone: their questions stay.
inline constexpr std::size_t most_waiting_readers = 200;

/// Counts of states are told once in this time.
inline constexpr std::chrono::seconds state_counts_pause{1};
/// Of so many kinds at most: agents can describe kinds of their own.
inline constexpr std::size_t most_counted_kinds = 1000;

/// Owns what has changed lately. Others tell it, and never hear of it; readers ask for what came
/// behind the last event that they know, and wait where there is none. What is too much is dropped,
/// the oldest first; a reader who has missed something is told so.
struct events_state {
  static constexpr const char* name = "events";

  /// Of a kind.
  struct counted {
    state_counts latest;
    state_counts told;
  };
  struct kept_event {
    std::shared_ptr<const told_event> event;
    std::size_t bytes = 0;
  };
  struct waiting_reader {
    caf::typed_response_promise<event_page_ptr> promise;
    event_request request;
    monotonic_time until{};
  };

  events_actor::pointer self = nullptr;
  stats_actor stats;
  std::string run;
  std::uint64_t last = 0;      ///< number of the newest event
  std::deque<kept_event> kept; ///< without gaps, the newest is `last`
  std::size_t kept_bytes = 0;
  std::deque<waiting_reader> waiting;    ///< in the order in which their time is over
  std::map<std::string, counted> counts; ///< by kind
  bool answer_armed = false;
  bool counts_armed = false; ///< counts were told, and the pause after it lasts

  void add(const event_record& record);
  caf::result<event_page_ptr> answer(const event_request& request);
  void answer_late();
  void tell_counts();

private:
  void hold(const state_counts& fresh);
  void tell(event_record record);
  void answer_all();
  void answer_first();
  void arm_answer();
  bool is_lost(const event_request& request) const noexcept;
  event_page_ptr page_for(const event_request& request) const;
};

/// Random, so that no other run has it: 16 hexadecimal digits.
std::string new_event_run();

/// `run` tells the numbers of this run from those of others.
events_actor::behavior_type events(events_actor::stateful_pointer<events_state> self,
                                   stats_actor stats, std::string run);

} // namespace xprober
