#pragma once

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Takes a batch from `results` once in an interval, pushes it, and lets go of it only when it is
/// acknowledged. While more than a batch is pending it goes on at once; after a failure it waits
/// for the next interval, and the same batch goes first.
struct pusher_state {
  static constexpr const char* name = "pusher";

  /// Results in one batch: three values of about 170 bytes each make it 5 MB on the wire at most.
  static constexpr std::uint64_t batch_size = 10'000;

  pusher_actor::pointer self = nullptr;
  agent_identity identity;
  results_actor results;
  rpc_client_actor client;
  stats_actor stats;
  nanoseconds interval{0};
  monotonic_time next{};
  std::uint64_t generation = 0; ///< of the armed timer
  bool pushing = false;
  bool take_again = false; ///< a flush began after the batch under way was asked for
  bool reachable = true;   ///< the last attempt worked, or none was made yet
  std::vector<caf::typed_response_promise<flush_report>> flushes; ///< waiting for the end
  std::uint64_t acked_before_flush = 0;
  push_stats counts;

  void start();
  void set_interval(nanoseconds length);
  void due(std::uint64_t timer_generation);
  void flush(caf::typed_response_promise<flush_report> promise);

private:
  void arm();
  void take();
  void push(const result_batch& batch);
  void acknowledged(const push_response& answer, std::uint64_t values);
  void let_go(std::uint64_t id, std::uint64_t number);
  void failed(const caf::error& why);
  void idle();
};

pusher_actor::behavior_type pusher(pusher_actor::stateful_pointer<pusher_state> self,
                                   agent_identity identity, results_actor results,
                                   rpc_client_actor client, stats_actor stats,
                                   caf::timespan interval);

} // namespace xprober
