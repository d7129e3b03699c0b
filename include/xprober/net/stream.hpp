#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "xprober/domain/clock.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

/// What became of a read or a write.
struct io_result {
  boost::system::error_code error;
  std::size_t bytes = 0;
};

/// True if the peer or this side just ended the connection: nothing worth a warning.
bool is_disconnect(const boost::system::error_code& error) noexcept;

/// A connection, with or without TLS: what the sessions of all protocols read and write. One read
/// and one write may be under way at a time. Everything happens on the socket's executor.
class stream {
public:
  virtual ~stream() = default;

  /// Reads what is there, at least one byte; first what was given to `unread`. Ends with an error
  /// when nothing came within `timeout` (beast::error::timeout) or the connection ended.
  asio::awaitable<io_result> read_some(asio::mutable_buffer into, milliseconds timeout);

  /// Writes everything. Ends with an error when for `timeout` nothing could be written.
  virtual asio::awaitable<io_result> write(std::vector<asio::const_buffer> parts,
                                           milliseconds timeout) = 0;

  /// Writes everything until `until` is over, whatever the peer takes meanwhile; then the error is
  /// beast::error::timeout.
  virtual asio::awaitable<io_result> write_until(std::vector<asio::const_buffer> parts,
                                                 monotonic_time until) = 0;

  /// Puts bytes back in front of what the next `read_some` gives.
  void unread(std::string bytes);

  /// The server's side of a handshake. Empty on success, else why it failed. Nothing without TLS.
  virtual asio::awaitable<std::string> handshake_as_server(milliseconds timeout) = 0;

  /// The client's side: sends `host` as the server's name and verifies that the certificate is
  /// for it (a name or an address). Empty on success, else why it failed. Nothing without TLS.
  virtual asio::awaitable<std::string> handshake_as_client(std::string host,
                                                           milliseconds timeout) = 0;

  /// Ends the connection so that the peer gets all that was written: says goodbye, then reads and
  /// drops what still comes, for a second and 256 KiB at most.
  asio::awaitable<void> finish();

  /// Ends the connection at once; operations under way end with an error.
  virtual void close() noexcept = 0;

  /// True for an idle connection that can be used again: still open, and nothing has come that
  /// nobody asked for.
  virtual bool reusable() noexcept = 0;

  /// True when the peer has ended its side of the connection, or there is none any more. Reads
  /// nothing and waits for nothing.
  virtual bool peer_gone() noexcept = 0;

  virtual bool secure() const noexcept = 0;
  /// True when the peer's certificate was there and verified.
  virtual bool peer_verified() const noexcept = 0;
  /// The common name of the subject of a certificate that was verified; empty where there is none.
  virtual std::string peer_name() const = 0;
  /// The peer's socket address, e.g. "127.0.0.1:50000" or "[::1]:50000".
  virtual const std::string& peer() const noexcept = 0;

private:
  virtual asio::awaitable<io_result> receive(asio::mutable_buffer into, milliseconds timeout) = 0;
  virtual asio::awaitable<void> say_goodbye(milliseconds timeout) = 0;

  std::string unread_;
};

std::unique_ptr<stream> plain_stream(tcp::socket socket);

/// `context` must outlive the stream.
std::unique_ptr<stream> tls_stream(tcp::socket socket, asio::ssl::context& context);

/// "127.0.0.1:80" or "[::1]:80"; IPv4 addresses that IPv6 maps are shown as IPv4.
std::string endpoint_text(const tcp::endpoint& endpoint);

/// Looks at the first byte that the peer sends and leaves it in the socket. 0x16 is the first byte
/// of a TLS handshake (RFC 8446, 5.1). -1 when the connection ended or nothing came in time.
asio::awaitable<int> peek_first_byte(tcp::socket& socket, milliseconds timeout);
inline constexpr int tls_first_byte = 0x16;

} // namespace xprober::net
