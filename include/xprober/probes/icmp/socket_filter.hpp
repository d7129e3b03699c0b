#pragma once

#include <array>
#include <cstdint>

#include <linux/filter.h>

#include "xprober/domain/config.hpp"

namespace xprober::icmp {

/// A classic BPF program for a raw ICMP socket that lets only echo replies with one identifier
/// through, so that other programs' replies cost no wake-up and no space in the receive buffer.
/// IPv4 sockets see packets from their IP header on, IPv6 sockets from the ICMP header on.
using reply_filter = std::array<sock_filter, 7>;

/// The program for identifier `id` (host byte order).
reply_filter make_reply_filter(ip_family family, std::uint16_t id) noexcept;

} // namespace xprober::icmp
