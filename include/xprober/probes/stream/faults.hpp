#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/stream/counters.hpp"

namespace xprober::stream {

/// What a socket's error says where a connection could not be made: refused, reset,
/// connect_timeout, unreachable, connect_failed, or a fault of this machine (local_no_socket,
/// local_send).
probe_error connect_fault(const boost::system::error_code& error) noexcept;

/// False where this machine has no route to `to`, or no address of its own to reach it from, such
/// as any of IPv6. What connect(2) then says it also says for a router that has answered so
/// (ENETUNREACH) and where no local port is free (EADDRNOTAVAIL). Sends nothing.
bool has_way_to(const boost::asio::ip::address& to) noexcept;

/// True for the broadcast address of a network that this machine is in: the kernel refuses it as if
/// there were no way to it. Sends nothing.
bool is_own_broadcast(const boost::asio::ip::address& to) noexcept;

/// What a socket's error says on a connection that stood: reset, early_close or a local fault.
probe_error stream_fault(const boost::system::error_code& error) noexcept;

/// Counts what was lacking here when a connection was not made: descriptors, ports or memory.
void count_shortage(const boost::system::error_code& error, stream_counters& counters) noexcept;

} // namespace xprober::stream
