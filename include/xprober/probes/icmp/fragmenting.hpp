#pragma once

#include <cstdint>

namespace xprober::icmp {

/// Where IPv4 echoes that are longer than a link carries are fragmented.
enum class fragmenting : std::uint8_t {
  never,       ///< nowhere: no link that they meet is so small. The kernel picks no identification
  where_known, ///< here, once a router has said that its link is too small
  anywhere,    ///< by routers, too
};

} // namespace xprober::icmp
