#include "xprober/config/read.hpp"

namespace xprober::config {

void read_connection_limits(section& limits, connection_limits& out) {
  // No message is larger than the least, so that each has room when nothing else is held.
  constexpr auto least = std::uint64_t{64} << 20U;
  constexpr auto most = std::uint64_t{1} << 40U;
  limits.number("connections", out.connections, 16, 1'000'000);
  limits.number("connections_per_peer", out.connections_per_peer, 1, 1'000'000);
  limits.size("bytes", out.bytes, least, most);
  limits.size("bytes_per_peer", out.bytes_per_peer, least, most);
  limits.size("memory", out.memory, 0, most);
}

} // namespace xprober::config
