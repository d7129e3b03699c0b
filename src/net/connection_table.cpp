#include "xprober/net/connection_table.hpp"

namespace xprober::net {

connection_table::admission connection_table::admit(id connection, const peer_key& peer) {
  admission made;
  const auto known = peers_.find(peer);
  if (known != peers_.end() && known->second.connections >= limits_.peer_connections) {
    if (known->second.waiting.empty()) {
      return {verdict::peer_full};
    }
    made.dropped = known->second.waiting.begin()->connection;
  } else if (entries_.size() >= limits_.connections) {
    if (waiting_.empty()) {
      return {verdict::port_full};
    }
    made.dropped = waiting_.begin()->connection;
  }
  if (made.dropped) {
    remove(*made.dropped);
  }
  entries_.emplace(connection, entry{peer, std::nullopt});
  ++peers_[peer].connections;
  return made;
}

void connection_table::enter(id connection, session_stage stage) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) {
    return;
  }
  auto& known = found->second;
  if (known.waiting && known.waiting->stage == stage) {
    return; // it has waited for longer
  }
  wait_no_more(known);
  if (stage != session_stage::answering) {
    known.waiting = place{stage, ++turn_, connection};
    waiting_.insert(*known.waiting);
    peers_[known.peer].waiting.insert(*known.waiting);
  }
}

void connection_table::remove(id connection) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) {
    return;
  }
  wait_no_more(found->second);
  const auto peer = peers_.find(found->second.peer);
  if (--peer->second.connections == 0) {
    peers_.erase(peer);
  }
  entries_.erase(found);
}

void connection_table::wait_no_more(entry& known) {
  if (known.waiting) {
    waiting_.erase(*known.waiting);
    peers_[known.peer].waiting.erase(*known.waiting);
    known.waiting.reset();
  }
}

} // namespace xprober::net
