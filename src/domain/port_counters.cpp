#include "xprober/domain/port_counters.hpp"

namespace xprober {

std::span<const counter<port_counters>> port_counters::counters() noexcept {
  using s = port_counters;
  static constexpr counter<s> all[] = {
      {"port", count_of<s, &s::port>, {}, "The key of the port's address in the configuration."},
      {"connections", count_of<s, &s::connections>, "port_connections",
       "Connections at a port of this process.", as_gauge},
      {"places", count_of<s, &s::places>, "port_places",
       "The most connections that a port takes at a time.", as_gauge},
      {"held_bytes", count_of<s, &s::held_bytes>, "port_held_bytes",
       "Large messages and answers that the connections of a port hold.", as_gauge},
      {"dropped_idle", count_of<s, &s::dropped_idle>, "port_dropped_idle_total",
       "Connections that waited longest and were closed in favour of new ones."},
      {"refused_full", count_of<s, &s::refused_full>, "port_refused_full_total",
       "Connections closed at once because all places of the port were at work."},
      {"refused_peer", count_of<s, &s::refused_peer>, "port_refused_peer_total",
       "Connections closed at once because all places of their peer were at work."},
      {"refused_messages", count_of<s, &s::refused_messages>, "port_refused_messages_total",
       "Messages and answers refused because too much was held, in all or for their peer."},
      {"foreign_users", count_of<s, &s::foreign_users>, "port_foreign_users_total",
       "Requests with the header web.proxy_header that did not come from a proxy; it was ignored."},
  };
  return all;
}

} // namespace xprober
