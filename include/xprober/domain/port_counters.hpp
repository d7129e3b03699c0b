#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "xprober/domain/counter.hpp"

namespace xprober {

/// What a port that is listened on counts of its connections and of what they hold.
struct port_counters {
  std::string port;                   ///< the key of its address in the configuration
  std::uint64_t connections = 0;      ///< now
  std::uint64_t places = 0;           ///< the most connections at a time
  std::uint64_t held_bytes = 0;       ///< large messages and answers that connections hold now
  std::uint64_t dropped_idle = 0;     ///< connections closed in favour of new ones
  std::uint64_t refused_full = 0;     ///< connections closed at once: no place at the port
  std::uint64_t refused_peer = 0;     ///< the same: no place of the peer's
  std::uint64_t refused_messages = 0; ///< messages and answers for which there was no room
  std::uint64_t foreign_users = 0;    ///< requests whose `web.proxy_header` was of no proxy

  bool operator==(const port_counters&) const = default;

  static std::span<const counter<port_counters>> counters() noexcept;
};

} // namespace xprober
