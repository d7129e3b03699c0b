#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

/// A server without a network, behind the interface of the RPC client: it keeps what it was asked,
/// and the test says what it answers.
class fake_server {
public:
  using sync_promise = caf::typed_response_promise<xprober::get_targets_response>;
  using push_promise = caf::typed_response_promise<xprober::push_response>;
  using batch_promise = caf::typed_response_promise<xprober::push_batch_response>;

  xprober::rpc_client_actor spawn(caf::actor_system& system) { return system.spawn(&behave, this); }

  static caf::error unreachable() {
    return caf::make_error(caf::sec::cannot_connect_to_node, "no server at 127.0.0.1:6001");
  }

  std::vector<xprober::get_targets_request> syncs; ///< all that came
  std::vector<xprober::push_request> pushes;       ///< all that came
  std::vector<xprober::leave_request> goodbyes;    ///< all that came
  std::vector<xprober::questions_request> asked;   ///< all that came
  xprober::questions_response questions;           ///< what the next of them is answered with
  xprober::get_targets_response list;              ///< what a sync is answered with
  std::vector<std::string> batches;                ///< all that came
  std::int64_t rejects = 0;                        ///< rows of each batch
  std::vector<xprober::chains_request> chains;     ///< all that came
  xprober::chains_response chains_reply;           ///< to the next; sequence 0: as it should be
  std::deque<caf::typed_response_promise<xprober::chains_response>> held_chains;
  bool knows_batches = true;
  bool reachable = true;
  bool hold = false; ///< answer nothing; the promises are kept
  std::deque<sync_promise> held_syncs;
  std::deque<push_promise> held_pushes;
  std::deque<batch_promise> held_batches;
  std::deque<caf::typed_response_promise<xprober::leave_response>> held_goodbyes;

private:
  using client = xprober::rpc_client_actor;

  static client::behavior_type behave(client::pointer self, fake_server* server) {
    return {
        [self, server](xprober::get_targets_request& request) {
          server->syncs.push_back(std::move(request));
          auto list = server->list;
          list.content_hash = xprober::set_hash(list.targets) + xprober::set_hash(list.added) -
                              xprober::set_hash(list.removed);
          return answer(*server, self, server->held_syncs, list);
        },
        [self, server](xprober::push_request& request) {
          const auto values = static_cast<std::int32_t>(request.values.size());
          server->pushes.push_back(std::move(request));
          return answer(*server, self, server->held_pushes, xprober::push_response{values});
        },
        [self, server](xprober::leave_request& request) {
          server->goodbyes.push_back(std::move(request));
          return answer(*server, self, server->held_goodbyes, xprober::leave_response{true});
        },
        [server](xprober::questions_request& request) {
          server->asked.push_back(std::move(request));
          return std::exchange(server->questions, {});
        },
        [self, server](xprober::chains_request& request) {
          server->chains.push_back(request);
          auto reply = std::exchange(server->chains_reply, {});
          if (reply.sequence == 0 && !reply.again) {
            reply.sequence = request.sequence + 1;
          }
          return answer(*server, self, server->held_chains, reply);
        },
        [self, server](
            xprober::push_batch_request& request) -> caf::result<xprober::push_batch_response> {
          if (!server->knows_batches) {
            return caf::make_error(caf::sec::runtime_error,
                                   "rpc: can't find method Server.PushBatch");
          }
          xprober::batch_header header;
          xprober::read_batch_header(*request.bytes, header);
          server->batches.push_back(*request.bytes);
          return answer(*server, self, server->held_batches,
                        xprober::push_batch_response{xprober::to_text(header.instance),
                                                     static_cast<std::int64_t>(header.sequence),
                                                     std::int64_t{header.rows} - server->rejects,
                                                     server->rejects,
                                                     false,
                                                     {}});
        },
    };
  }

  template <class T>
  static caf::result<T> answer(const fake_server& server, client::pointer self,
                               std::deque<caf::typed_response_promise<T>>& held, const T& value) {
    if (server.hold) {
      held.push_back(self->make_response_promise<T>());
      return held.back();
    }
    if (!server.reachable) {
      return unreachable();
    }
    return value;
  }
};
