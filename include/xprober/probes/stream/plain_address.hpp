#pragma once

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "xprober/domain/address.hpp"

namespace xprober::stream {

/// The same address without its zone.
inline ip_address plain_address(const boost::asio::ip::address& address) {
  ip_address plain;
  plain.v6 = address.is_v6();
  if (plain.v6) {
    std::ranges::copy(address.to_v6().to_bytes(), plain.bytes.begin());
  } else {
    std::ranges::copy(address.to_v4().to_bytes(), plain.bytes.begin());
  }
  return plain;
}

} // namespace xprober::stream
