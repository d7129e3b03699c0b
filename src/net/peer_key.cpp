#include "xprober/net/peer_key.hpp"

#include <cstddef>

namespace xprober::net {

namespace {

namespace ip = boost::asio::ip;

} // namespace

peer_key peer_of(const ip::address& address) {
  if (address.is_v4()) {
    return {false, address.to_v4().to_uint()};
  }
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    return {false, ip::make_address_v4(ip::v4_mapped, v6).to_uint()};
  }
  peer_key key{true, 0};
  const auto bytes = v6.to_bytes();
  for (std::size_t i = 0; i < 8; ++i) {
    key.prefix = (key.prefix << 8U) | bytes[i];
  }
  return key;
}

peer_key peer_of(std::string_view endpoint) {
  auto host = endpoint.substr(0, endpoint.rfind(':'));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  const auto address = ip::make_address(std::string{host}, error);
  return error ? peer_key{} : peer_of(address);
}

std::string peer_name(std::string_view endpoint) {
  const auto peer = peer_of(endpoint);
  return peer.v6 ? "network " + std::to_string(peer.prefix)
                 : "address " + ip::address_v4{static_cast<std::uint32_t>(peer.prefix)}.to_string();
}

} // namespace xprober::net
