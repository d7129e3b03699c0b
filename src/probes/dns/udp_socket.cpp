#include "xprober/probes/dns/udp_socket.hpp"

#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace asio = boost::asio;

namespace xprober::dns_query {

namespace {

constexpr std::size_t max_datagram = 65535;

// One for all sockets of an engine's thread: a probe that waits holds none.
std::span<std::uint8_t> buffer_of_thread() {
  thread_local std::vector<std::uint8_t> buffer(max_datagram);
  return buffer;
}

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
  for (;;) {
    stream::asio_wait until_readable{
        [this](auto done) { socket_.async_wait(asio::socket_base::wait_read, std::move(done)); }};
    auto error = co_await until_readable;
    if (!error && !socket_.is_open()) {
      error = asio::error::operation_aborted;
    }
    const auto into = buffer_of_thread();
    const auto size = error ? 0 : socket_.receive(asio::buffer(into.data(), into.size()), 0, error);
    // What has come and is broken (its checksum) is gone when it is to be read.
    if (error != asio::error::would_block) {
      co_return datagram{error, into.first(error ? 0 : size)};
    }
  }
}

void udp_socket::close() noexcept {
  if (socket_.is_open()) {
    stream::error_code ignored;
    socket_.close(ignored);
  }
}

} // namespace xprober::dns_query
