#include "xprober/probes/stream/connection.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/error.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace asio = boost::asio;

namespace xprober::stream {

namespace {

constexpr std::size_t max_dropped_after_end = 64UL * 1024;
constexpr unsigned reads_in_a_row = 16;

error_code eof() { return asio::error::eof; }
error_code last_error() { return {errno, boost::system::system_category()}; }

// Called by OpenSSL around each use of the socket. Of a peer that always has more to say it would
// else go on to read, inside of one call, too: tickets and empty records end none.
long count_reads(BIO* bio, int what, const char*, std::size_t, int, long, int result,
                 std::size_t*) {
  if (what != BIO_CB_READ) {
    return result;
  }
  auto& left = *reinterpret_cast<unsigned*>(BIO_get_callback_arg(bio));
  BIO_clear_retry_flags(bio);
  if (left == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  --left;
  return result;
}

} // namespace

connection::~connection() { close(); }

error_code connection::closed() noexcept { return asio::error::operation_aborted; }

bool connection::is_under_way(const error_code& connect) noexcept {
  return connect.failed() &&
         (connect == asio::error::in_progress || connect == asio::error::already_started ||
          connect == asio::error::interrupted);
}

error_code connection::open(const endpoint& to) {
  abort();
  ssl_.reset();
  outer_.reset();
  socket_ = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) {
    return last_error();
  }
  all_was_read_ = false;
  auto error = start_connect(to);
  if (!error || is_under_way(error)) {
    // After the connect: a socket that does nothing yet would be told to be closed.
    const auto unwatched = sockets_.add(socket_, watched_, around_);
    error = unwatched ? unwatched : error;
  }
  return error;
}

error_code connection::start_connect(const endpoint& to) noexcept {
  const bool done =
      ::connect(socket_, to.data(), static_cast<socklen_t>(to.size())) == 0 || errno == EISCONN;
  return done ? error_code{} : last_error();
}

// Runs an OpenSSL operation until it is through, waiting for the socket where it has to.
template <class Operation>
task<io_result> connection::drive(Operation operation) {
  for (;;) {
    if (!is_open()) { // its descriptor may be another's by now
      co_return io_result{closed(), 0};
    }
    ERR_clear_error();
    errno = 0;
    const int result = operation();
    const int number = errno;
    if (result > 0) {
      co_return io_result{{}, static_cast<std::size_t>(result)};
    }
    error_code error;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      if (reads_left_ == 0) {
        error = co_await yield();
      } else {
        watched_.has_nothing();
        co_await watched_.until_readable();
        reads_left_ = reads_in_a_turn;
      }
      break;
    case SSL_ERROR_WANT_WRITE:
      watched_.is_full();
      co_await watched_.until_writable();
      break;
    case SSL_ERROR_ZERO_RETURN: error = eof(); break;
    case SSL_ERROR_SYSCALL:
      error = number ? error_code{number, boost::system::system_category()} : eof();
      break;
    default:
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        error = eof();
      } else {
        tls_error_ = take_tls_error();
        error = make_error_code(boost::system::errc::protocol_error);
      }
    }
    if (error) {
      co_return io_result{error, 0};
    }
  }
}

// Sets what the new session reads from and writes to.
bool connection::attach() {
  if (!outer_) {
    if (SSL_set_fd(ssl_.get(), socket_) != 1) {
      return false;
    }
    auto* below = SSL_get_rbio(ssl_.get());
    BIO_set_callback_arg(below, reinterpret_cast<char*>(&reads_left_));
    BIO_set_callback_ex(below, &count_reads);
    return true;
  }
  auto* below = BIO_new(BIO_f_ssl());
  if (below == nullptr) {
    return false;
  }
  // The BIO's end would else send a close over a descriptor that may be another's by then.
  SSL_set_quiet_shutdown(outer_.get(), 1);
  BIO_ctrl(below, BIO_C_SET_SSL, BIO_NOCLOSE, outer_.get()); // the macro has a C cast
  SSL_set_bio(ssl_.get(), below, below);
  return true;
}

task<error_code> connection::handshake(const tls_context& context, const tls_peer& peer,
                                       tls_report& report) {
  tls_error_ = {};
  if (outer_) {
    co_return make_error_code(boost::system::errc::operation_not_supported);
  }
  outer_ = std::move(ssl_);
  ssl_ = context.new_session(peer, report);
  if (!ssl_ || !attach()) {
    co_return make_error_code(boost::system::errc::not_enough_memory);
  }
  // Several small messages go out one after the other; a plain request is one write.
  const int at_once = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  const auto result = co_await drive([this] { return SSL_do_handshake(ssl_.get()); });
  if (!result.error) {
    read_session(ssl_.get(), report.summary);
  }
  co_return result.error;
}

task<io_result> connection::write_tls(std::string_view bytes) {
  // Without partial writes enabled a success is all of it.
  return drive([this, bytes] {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  });
}

task<io_result> connection::read_tls(std::span<char> into) {
  return drive(
      [this, into] { return SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())); });
}

/// What there is to read, or `would_block`.
io_result connection::receive(std::span<char> into) noexcept {
  // What came before the end can be read once that is known, and nothing comes after it.
  const bool was_ended = watched_.ended();
  for (;;) {
    const auto got = ::recv(socket_, into.data(), into.size(), 0);
    if (got > 0) {
      const auto size = static_cast<std::size_t>(got);
      if (size < into.size()) {
        watched_.was_read();
        all_was_read_ = was_ended;
      }
      return {{}, size};
    }
    if (got == 0) {
      return {eof(), 0};
    }
    if (errno == EAGAIN) {
      watched_.has_nothing();
    }
    if (errno != EINTR) {
      return {last_error(), 0};
    }
  }
}

bool connection::ended_in_record() const noexcept {
  if (!ssl_ || (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0) {
    return false;
  }
  // "RB": the record's head was read and not its body. What is pending is a part of either.
  return SSL_has_pending(ssl_.get()) == 1 ||
         std::string_view{SSL_rstate_string(ssl_.get())} == "RB";
}

void connection::note_input(std::span<const char> bytes) noexcept {
  if (input_ != nullptr) {
    input_->add(std::as_bytes(bytes));
  }
}

task<error_code> connection::yield() {
  co_await others_turn{sockets_.executor()};
  reads_left_ = reads_in_a_turn;
  co_return is_open() ? error_code{} : closed();
}

bool connection::end_tls() noexcept {
  if (!ssl_ || !is_open()) {
    return false;
  }
  ERR_clear_error();
  SSL_shutdown(ssl_.get()); // the socket never blocks; what does not fit is not said
  ERR_clear_error();
  return true;
}

/// Reads what has come and forgets it; `would_block` where there is no more for now, no error after
/// a few reads.
error_code connection::drop_input(std::size_t& dropped) noexcept {
  std::array<char, 4096> bytes;
  for (unsigned reads = 0; reads < reads_in_a_row; ++reads) {
    const auto got = receive(bytes);
    if (got.error) {
      return got.error;
    }
    dropped += got.bytes;
  }
  return {};
}

bool connection::closed_by_peer() {
  std::size_t dropped = 0;
  if (!is_open() || (!all_was_read_ && drop_input(dropped) != asio::error::eof)) {
    return false;
  }
  close();
  return true;
}

task<void> connection::await_close() {
  error_code error;
  for (std::size_t total = 0; is_open() && !error && total < max_dropped_after_end;) {
    if (!watched_.readable()) {
      co_await watched_.until_readable();
    }
    error = is_open() ? drop_input(total) : closed();
    if (error == asio::error::would_block) {
      error = {};
    }
  }
  if (error == asio::error::eof) {
    close();
  }
  abort();
}

void connection::abort() {
  if (is_open()) {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
  }
}

void connection::close() {
  if (is_open()) {
    sockets_.remove(watched_);
    ::close(std::exchange(socket_, -1));
  }
}

} // namespace xprober::stream
