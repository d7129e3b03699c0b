#pragma once

#include <cstddef>
#include <vector>

#include "xprober/net/endpoint.hpp"

namespace xprober::rpc {

/// What another list of servers means to an agent that has one. Pure.
struct server_change {
  /// The server in use is not in the new list: its target list and its abilities count no more.
  bool moves = false;
  std::size_t first = 0;           ///< where the new list is begun: the server in use, if it stays
  std::vector<net::endpoint> left; ///< have answered this agent and are not in the new list
  std::vector<net::endpoint> kept; ///< have answered, and are in it
};

/// `in_use` is the server that was spoken to last, or is to be next; `answered` are all that have
/// answered this process. Servers are the same where host, port and path are: how they are spoken
/// to does not count.
server_change compare_servers(const net::endpoint& in_use,
                              const std::vector<net::endpoint>& answered,
                              const std::vector<net::endpoint>& next);

} // namespace xprober::rpc
