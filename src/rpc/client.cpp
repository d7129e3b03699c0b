#include "xprober/rpc/client.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/bridge/error.hpp"

namespace xprober::rpc {

namespace {

template <class Response>
void deliver(caf::typed_response_promise<Response>& waiting, call_result& result) {
  if (auto* answer = std::get_if<Response>(&result)) {
    waiting.deliver(std::move(*answer));
  } else if (auto* error = std::get_if<caf::error>(&result)) {
    waiting.deliver(std::move(*error));
  } else {
    waiting.deliver(make_error(bridge::ec::bad_message, "the answer is of another call"));
  }
}

} // namespace

template <class Response>
caf::typed_response_promise<Response> rpc_client_state::begin(call_request request) {
  const auto id = next_id++;
  auto waiting = self->make_response_promise<caf::typed_response_promise<Response>>();
  outstanding.emplace(id, waiting);
  // The engine keeps the completion: it must not keep the actor alive.
  const auto me = caf::actor_cast<caf::weak_actor_ptr>(self->ctrl());
  engine->call(std::move(request), [me, id](call_result&& result) {
    if (const auto alive = caf::actor_cast<caf::strong_actor_ptr>(me)) {
      caf::anon_send(caf::actor_cast<rpc_client_impl_actor>(alive),
                     call_done{id, std::make_shared<call_result>(std::move(result))});
    }
  });
  return waiting;
}

void rpc_client_state::finish(const call_done& done) {
  const auto found = outstanding.find(done.id);
  if (found == outstanding.end()) {
    return;
  }
  auto waiting = std::move(found->second);
  outstanding.erase(found);
  std::visit([&](auto& promised) { deliver(promised, *done.result); }, waiting);
}

rpc_client_impl_actor::behavior_type
rpc_client(rpc_client_impl_actor::stateful_pointer<rpc_client_state> self,
           std::shared_ptr<caller> engine, const stats_actor& stats) {
  guard_actor(self, rpc_client_state::name);
  self->state.self = self;
  self->state.engine = std::move(engine);
  return {
      [self, stats](get_targets_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<get_targets_response>(std::move(request));
      },
      [self, stats](push_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<push_response>(std::move(request));
      },
      [self, stats](push_batch_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<push_batch_response>(std::move(request));
      },
      [self, stats](leave_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<leave_response>(std::move(request));
      },
      [self, stats](questions_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<questions_response>(std::move(request));
      },
      [self, stats](chains_request& request) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        return self->state.begin<chains_response>(std::move(request));
      },
      [self](const use_caller& next) {
        self->state.engine = next.engine;
        return done_atom_v;
      },
      [self, stats](const call_done& done) {
        handler_meter meter{self, actor_kind::rpc_client, stats};
        self->state.finish(done);
      },
  };
}

} // namespace xprober::rpc
