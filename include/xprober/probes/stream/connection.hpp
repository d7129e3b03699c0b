#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "xprober/probes/internal_fault.hpp"
#include "xprober/probes/stream/reactor.hpp"
#include "xprober/probes/stream/socket_operations.hpp"
#include "xprober/probes/stream/task.hpp"
#include "xprober/probes/stream/tls.hpp"

namespace xprober::stream {

/// One TCP connection, with TLS on it where wanted. TLS is driven on the socket itself, so nothing
/// is buffered twice. `abort()` may be called while an operation waits: it then ends with an error.
class connection {
public:
  /// What is read is added to `input`, which outlives the connection; null: to nothing. `around`:
  /// the memory of who uses it, see `reactor::add`.
  explicit connection(reactor& sockets, input_digest* input = nullptr, reactor::memory around = {})
      : sockets_(sockets), around_(around), input_(input) {}
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// A connection that stood before is cut. Gives an error_code.
  connecting connect(const endpoint& to) noexcept { return {*this, to}; }

  /// The TLS handshake over the connection, or, where it has TLS with a proxy already, inside of
  /// that. A third one is `operation_not_supported`. `report` must live as long as the connection.
  task<error_code> handshake(const tls_context& context, const tls_peer& peer, tls_report& report);

  /// Gives an error_code, once all was sent.
  writing write(std::string_view bytes) noexcept { return {*this, bytes}; }

  /// Gives an io_result. An end of the stream is `boost::asio::error::eof`, also where TLS was not
  /// closed in form: many servers just close.
  reading read(std::span<char> into) noexcept { return {*this, into}; }

  /// True where what was read ended within a record of TLS: something of it is missing.
  bool ended_in_record() const noexcept;

  /// Lets the others of this thread go on, in work that does not wait for the socket by itself.
  /// operation_aborted: the connection was closed meanwhile.
  task<error_code> yield();

  /// True, and closed, if the other side has closed its end already; drops what came before that.
  bool closed_by_peer();

  /// Says that TLS is over; false where there is none. Servers that take a connection without this
  /// for broken write so into their logs.
  bool end_tls() noexcept;

  /// Waits until the other side has closed its end, and drops what still comes, a little of it.
  /// The side that closes first keeps the port in TIME_WAIT for a minute; let it be the server.
  task<void> await_close();

  /// Closes, with a reset if the other side has not closed: no port stays behind.
  void abort();

  /// Why the last TLS operation failed; without text if it was the socket's error.
  const stream::tls_error& tls_error() const noexcept { return tls_error_; }

private:
  friend class connecting;
  friend class transfer;
  friend class writing;
  friend class reading;
  static constexpr unsigned reads_in_a_turn = 16;

  template <class Operation>
  task<io_result> drive(Operation operation);
  task<io_result> write_tls(std::string_view bytes);
  task<io_result> read_tls(std::span<char> into);
  bool attach();
  void note_input(std::span<const char> bytes) noexcept;
  bool is_open() const noexcept { return socket_ >= 0; }
  static error_code closed() noexcept;
  static bool is_under_way(const error_code& connect) noexcept;
  error_code open(const endpoint& to);
  error_code start_connect(const endpoint& to) noexcept;
  io_result receive(std::span<char> into) noexcept;
  error_code drop_input(std::size_t& dropped) noexcept;
  void close();

  reactor& sockets_;
  reactor::watched watched_;
  reactor::memory around_;
  int socket_ = -1;
  bool all_was_read_ = false; ///< and the other side had ended before
  ssl_ptr outer_;             ///< with a proxy, where `ssl_` is inside of it
  ssl_ptr ssl_;
  input_digest* input_;
  unsigned reads_left_ = reads_in_a_turn; ///< that OpenSSL may make before the others' turn
  stream::tls_error tls_error_;
};

} // namespace xprober::stream
