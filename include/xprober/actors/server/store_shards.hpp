#pragma once

#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// A store in several parts, each an actor that holds the targets whose names' hash is its own (see
/// `store_part`). To everybody else it is a store: every message goes to all parts, and their
/// answers are added up. Spawn it when there is more than one worker.
struct store_shards_state {
  static constexpr const char* name = "store_shards";

  store_actor::pointer self = nullptr;
  std::vector<store_actor> shards;

  template <class Message>
  caf::result<push_response> push(const Message& message);
  caf::result<store_view> view(const store_query& query);
  caf::result<certificate_list> certificates(const certificate_request& wanted);
  caf::result<done_atom> tell();
  caf::result<kept_page> kept(const kept_states_request& from);
};

store_actor::behavior_type store_shards(store_actor::stateful_pointer<store_shards_state> self,
                                        std::vector<store_actor> shards);

} // namespace xprober
