#pragma once

#include <cstdint>
#include <span>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/ip/udp.hpp>

#include "xprober/probes/stream/task.hpp"

namespace xprober::dns_query {

/// A UDP socket that is connected to one server: the kernel hands on nothing of anybody else, and
/// tells where the server's machine refuses. Its port is the kernel's random choice.
class udp_socket {
public:
  explicit udp_socket(const stream::io_executor& executor) : socket_(executor) {}

  /// Sends nothing.
  stream::error_code connect(const boost::asio::ip::address& address, std::uint16_t port);

  /// One datagram.
  stream::error_code send(std::span<const std::uint8_t> bytes);

  struct datagram {
    stream::error_code error;
    /// Valid until any socket of this thread receives the next one.
    std::span<const std::uint8_t> bytes;
  };
  stream::task<datagram> receive();

  /// Ends what waits.
  void close() noexcept;

private:
  boost::asio::basic_datagram_socket<boost::asio::ip::udp, stream::io_executor> socket_;
};

} // namespace xprober::dns_query
