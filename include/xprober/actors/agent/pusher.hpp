#pragma once

#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Once in an interval it moves what `results` holds into the spool, whatever the server does, and
/// pushes the spool's batches, oldest first, each until it is acknowledged. After a failure it
/// waits for the next interval. A server that takes no batches gets the results in the old form;
/// until a server has said what it takes, nothing is pushed: a batch that came in the old form
/// could not be recognised when it comes again.
struct pusher_state {
  static constexpr const char* name = "pusher";

  /// Results in one batch: in the old form three values of about 170 bytes each, 5 MB at most.
  static constexpr std::uint64_t batch_size = 10'000;

  pusher_actor::pointer self = nullptr;
  results_actor results;
  spool_actor spool;
  rpc_client_actor client;
  stats_actor stats;
  nanoseconds interval{0};
  monotonic_time next{};
  std::uint64_t generation = 0; ///< of the armed timer
  bool spooling = false;        ///< results are on their way into the spool
  bool spool_again = false;     ///< a flush began after the last results were asked for
  bool pushing = false;
  bool reachable = true;                      ///< the last attempt worked, or none was made yet
  std::optional<std::uint32_t> batch_version; ///< as the server says; nothing before it has
  std::vector<caf::typed_response_promise<flush_report>> flushes; ///< waiting for the end
  std::uint64_t acked_before_flush = 0;
  std::uint64_t unspooled = 0; ///< results that the spool did not take
  spool_report spooled;        ///< as last told
  push_stats counts;

  void start();
  void look_at_spool();
  void set_interval(nanoseconds length);
  void due(std::uint64_t timer_generation);
  void know(const server_abilities& server);
  void change_server();
  void flush(caf::typed_response_promise<flush_report> promise);

private:
  void arm();
  void spool_results();
  void taken(result_batch& batch);
  void spooled_all();
  void push_oldest();
  void push(const spool_item& item);
  void push_plain(const spool_item& item);
  void took(const spool_item& item, const push_batch_response& answer);
  void took_plain(const push_response& answer, std::uint64_t values);
  void succeeded();
  void let_go(const spool_item& item);
  void note(const spool_report& report);
  void failed(const caf::error& why);
  void idle();
  void end_flush();
};

pusher_actor::behavior_type pusher(pusher_actor::stateful_pointer<pusher_state> self,
                                   results_actor results, spool_actor spool,
                                   rpc_client_actor client, stats_actor stats,
                                   caf::timespan interval);

} // namespace xprober
