#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <variant>

#include "xprober/actors/actors.hpp"
#include "xprober/rpc/caller.hpp"

namespace xprober::rpc {

/// INTERNAL: a call of the rpc_client actor is done.
struct call_done {
  std::uint64_t id = 0;
  std::shared_ptr<call_result> result; ///< for one reader, who may move it out
};

/// From now on calls go by another engine; those that are under way are the old one's.
struct use_caller {
  std::shared_ptr<caller> engine; ///< not null
};

} // namespace xprober::rpc

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::rpc::call_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::rpc::use_caller)

namespace xprober::rpc {

/// The actor's whole interface; others know it as `rpc_client_actor`.
using rpc_client_impl_actor = rpc_client_actor::extend<
    // the configuration names other servers; every call of before has been handed on by then
    replies_to<use_caller>::with<done_atom>,
    // INTERNAL: an answer, sent from the I/O thread
    reacts_to<call_done>>;

/// The connection to the server, as an actor.
/// Owns the promises of calls that have no answer yet. Syncer and pusher send it requests, the
/// engine answers. Each request is answered once: with the server's answer or with an error whose
/// text names the server.
struct rpc_client_state {
  static constexpr const char* name = "rpc_client";

  using promise = std::variant<
      caf::typed_response_promise<get_targets_response>, caf::typed_response_promise<push_response>,
      caf::typed_response_promise<push_batch_response>, caf::typed_response_promise<leave_response>,
      caf::typed_response_promise<questions_response>,
      caf::typed_response_promise<chains_response>>;

  rpc_client_impl_actor::pointer self = nullptr;
  std::shared_ptr<caller> engine;
  std::map<std::uint64_t, promise> outstanding;
  std::uint64_t next_id = 1;

  /// Hands a call to the engine.
  template <class Response>
  caf::typed_response_promise<Response> begin(call_request request);
  void finish(const call_done& done);
};

/// The behaviour: `system.spawn(rpc::rpc_client, engine, stats)`. `stats` may be null.
rpc_client_impl_actor::behavior_type
rpc_client(rpc_client_impl_actor::stateful_pointer<rpc_client_state> self,
           std::shared_ptr<caller> engine, const stats_actor& stats);

} // namespace xprober::rpc
