#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "xprober/net/peer_key.hpp"
#include "xprober/net/session_control.hpp"

namespace xprober::net {

/// The connections of one port: whose they are, and which of them would be missed least. Where a
/// new one finds no place, the one goes that has waited longest: first among those that have not
/// brought a request yet, then among those that have and are idle, then among those whose request
/// is still coming in, then among those that have not taken their answer. One whose request is
/// worked on is never dropped. A peer that has all the places
/// that a peer may have loses one of its own. Pure.
class connection_table {
public:
  using id = std::uint64_t;

  struct limits {
    std::size_t connections = 1024;
    std::size_t peer_connections = 1024; ///< of one peer
  };

  enum class verdict : std::uint8_t {
    admitted,
    port_full, ///< refused: requests of all are worked on
    peer_full, ///< refused: all of the peer's are
  };

  struct admission {
    verdict what = verdict::admitted;
    std::optional<id> dropped{}; ///< who has to go, and is in the table no more
  };

  explicit connection_table(limits most) : limits_(most) {}

  /// A connection that is not in the table comes. It counts as being worked on until `enter` says
  /// something else.
  admission admit(id connection, const peer_key& peer);

  /// What a connection does from now on; nothing happens where it is not in the table.
  void enter(id connection, session_stage stage);

  void remove(id connection);

  std::size_t size() const noexcept { return entries_.size(); }

private:
  struct place {
    session_stage stage = session_stage::fresh;
    std::uint64_t since = 0; ///< of `turn_`
    id connection = 0;

    auto operator<=>(const place&) const = default;
  };
  struct entry {
    peer_key peer;
    std::optional<place> waiting; ///< nothing while its request is worked on
  };
  struct peer_entry {
    std::size_t connections = 0;
    std::set<place> waiting; ///< who goes first stands first
  };

  void wait_no_more(entry& known);

  limits limits_;
  std::map<id, entry> entries_;
  std::map<peer_key, peer_entry> peers_;
  std::set<place> waiting_;
  std::uint64_t turn_ = 0;
};

} // namespace xprober::net
