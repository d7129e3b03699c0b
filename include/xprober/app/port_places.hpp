#pragma once

#include <cstddef>
#include <cstdint>

namespace xprober::app {

/// How many connections each port of a server takes.
struct server_places {
  std::size_t rpc = 0;
  std::size_t page = 0;
  std::size_t files = 0; ///< kept for what is no connection to a port
};

/// Shares the descriptors that a process may have open: 256 of them, at most half, are kept for
/// files, receivers and lists behind URLs. The pages have a quarter of the others at most, the
/// agents' port what is left, and neither more than `wanted`; so the one cannot starve the other.
server_places places_of_server(std::uint64_t descriptors, std::uint64_t wanted) noexcept;

/// Connections to an agent's page: a sixteenth of the descriptors, which the engines of probes
/// leave to it (see descriptor_budget); 16 at least, and no more than `wanted`.
std::size_t places_of_agent(std::uint64_t descriptors, std::uint64_t wanted) noexcept;

} // namespace xprober::app
