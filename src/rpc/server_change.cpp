#include "xprober/rpc/server_change.hpp"

#include <algorithm>

namespace xprober::rpc {

namespace {

std::vector<net::endpoint>::const_iterator find_server(const std::vector<net::endpoint>& servers,
                                                       const net::endpoint& wanted) {
  return std::ranges::find_if(servers, [&wanted](const net::endpoint& server) {
    return server.where == wanted.where && server.base_path == wanted.base_path;
  });
}

bool names(const std::vector<net::endpoint>& servers, const net::endpoint& wanted) {
  return find_server(servers, wanted) != servers.end();
}

} // namespace

server_change compare_servers(const net::endpoint& in_use,
                              const std::vector<net::endpoint>& answered,
                              const std::vector<net::endpoint>& next) {
  server_change change;
  const auto stays = find_server(next, in_use);
  change.moves = stays == next.end();
  change.first = change.moves ? 0 : static_cast<std::size_t>(stays - next.begin());
  for (const auto& server : answered) {
    auto& side = names(next, server) ? change.kept : change.left;
    if (!names(side, server)) {
      side.push_back(server);
    }
  }
  return change;
}

} // namespace xprober::rpc
