#pragma once

#include <cstdint>

namespace xprober {

/// What `limits:` of both files says of connections to the program's own ports.
struct connection_limits {
  std::uint32_t connections = 16'000; ///< of one port; also bounded by the files that may be open
  /// Of one peer at one port: agents behind one address share them.
  std::uint32_t connections_per_peer = 1024;
  /// What messages that come in, are worked on or wait to be sent hold, at all ports. No less than
  /// the largest message, which is 64 MiB.
  std::uint64_t bytes = std::uint64_t{256} << 20U;
  std::uint64_t bytes_per_peer = std::uint64_t{128} << 20U;
  /// What the process may hold before it gives up load, see `memory_gate`; 0: what its control
  /// group may.
  std::uint64_t memory = 0;

  bool operator==(const connection_limits&) const = default;
};

} // namespace xprober
