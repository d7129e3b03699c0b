#include "xprober/probes/dns/udp_socket.hpp"

namespace asio = boost::asio;

namespace xprober::dns_query {

namespace {

constexpr std::size_t max_datagram = 65535;

} // namespace

stream::error_code udp_socket::connect(const asio::ip::address& address, std::uint16_t port) {
  const asio::ip::udp::endpoint to{address, port};
  stream::error_code error;
  close();
  socket_.open(to.protocol(), error);
  if (!error) {
    socket_.connect(to, error);
  }
  if (!error) {
    socket_.non_blocking(true, error);
  }
  return error;
}

stream::error_code udp_socket::send(std::span<const std::uint8_t> bytes) {
  stream::error_code error;
  socket_.send(asio::buffer(bytes.data(), bytes.size()), 0, error);
  return error;
}

stream::task<udp_socket::datagram> udp_socket::receive() {
  buffer_.resize(max_datagram);
  const auto [error, size] =
      co_await socket_.async_receive(asio::buffer(buffer_), stream::use_task);
  co_return datagram{error, std::span{buffer_}.first(error ? 0 : size)};
}

void udp_socket::close() noexcept {
  if (socket_.is_open()) {
    stream::error_code ignored;
    socket_.close(ignored);
  }
}

} // namespace xprober::dns_query
