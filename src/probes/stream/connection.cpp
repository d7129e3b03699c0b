#include "xprober/probes/stream/connection.hpp"

#include <array>
#include <cerrno>
#include <tuple>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace asio = boost::asio;

namespace xprober::stream {

namespace {

constexpr std::size_t max_dropped_after_end = 64UL * 1024;
constexpr unsigned reads_in_a_row = 16;
constexpr asio::use_awaitable_t<io_executor> use_plain_task;

error_code eof() { return asio::error::eof; }

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

task<error_code> connection::connect(const endpoint& to) {
  abort();
  ssl_.reset();
  outer_.reset();
  error_code error;
  socket_.open(to.protocol(), error);
  if (error) {
    co_return error;
  }
  socket_.non_blocking(true, error);
  if (error) {
    co_return error;
  }
  // A second connect says how the first one ended (Linux), or that the wait ended too early: one
  // system call where Asio's own operation needs two.
  for (error = start_connect(to);
       error == asio::error::in_progress || error == asio::error::already_started ||
       error == asio::error::interrupted;
       error = start_connect(to)) {
    std::tie(error) = co_await socket_.async_wait(asio::socket_base::wait_write, use_task);
    if (error || !socket_.is_open()) {
      co_return error ? error : error_code{asio::error::operation_aborted};
    }
  }
  co_return error;
}

error_code connection::start_connect(const endpoint& to) noexcept {
  const bool done =
      ::connect(socket_.native_handle(), to.data(), static_cast<socklen_t>(to.size())) == 0 ||
      errno == EISCONN;
  return done ? error_code{} : error_code{errno, boost::system::system_category()};
}

// Runs an OpenSSL operation until it is through, waiting for the socket where it has to.
template <class Operation>
task<io_result> connection::drive(Operation operation) {
  for (;;) {
    if (!socket_.is_open()) { // its descriptor may be another's by now
      co_return io_result{asio::error::operation_aborted, 0};
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
        std::tie(error) = co_await socket_.async_wait(asio::socket_base::wait_read, use_task);
        reads_left_ = reads_in_a_turn;
      }
      break;
    case SSL_ERROR_WANT_WRITE:
      std::tie(error) = co_await socket_.async_wait(asio::socket_base::wait_write, use_task);
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
    if (SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) {
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
  error_code error;
  if (!ssl_ || !attach()) {
    co_return make_error_code(boost::system::errc::not_enough_memory);
  }
  // Several small messages go out one after the other; a plain request is one write.
  socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  const auto result = co_await drive([this] { return SSL_do_handshake(ssl_.get()); });
  if (!result.error) {
    read_session(ssl_.get(), report.summary);
  }
  co_return result.error;
}

task<error_code> connection::write(std::string_view bytes) {
  if (!ssl_) {
    // Nearly always all of it fits at once.
    error_code error;
    const auto sent = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error == asio::error::would_block || (!error && sent < bytes.size())) {
      bytes.remove_prefix(sent);
      std::size_t written = 0;
      std::tie(error, written) =
          co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), use_task);
    }
    co_return error;
  }
  // Without partial writes enabled a success is all of it.
  const auto result = co_await drive([this, bytes] {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  });
  co_return result.error;
}

task<io_result> connection::read(std::span<char> into) {
  if (!ssl_) {
    const auto [error, bytes] =
        co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), use_task);
    note_input(into.first(bytes));
    co_return io_result{error, bytes};
  }
  const auto result = co_await drive(
      [this, into] { return SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())); });
  note_input(into.first(result.bytes));
  co_return result;
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
  co_await asio::post(socket_.get_executor(), use_plain_task);
  reads_left_ = reads_in_a_turn;
  co_return socket_.is_open() ? error_code{} : error_code{asio::error::operation_aborted};
}

bool connection::end_tls() noexcept {
  if (!ssl_ || !socket_.is_open()) {
    return false;
  }
  ERR_clear_error();
  SSL_shutdown(ssl_.get()); // the socket never blocks; what does not fit is not said
  ERR_clear_error();
  return true;
}

bool connection::closed_by_peer() noexcept {
  std::array<char, 4096> dropped;
  error_code error;
  for (unsigned reads = 0; !error && reads < reads_in_a_row; ++reads) {
    socket_.read_some(asio::buffer(dropped), error);
  }
  if (error == asio::error::eof) {
    socket_.close(error);
    return true;
  }
  return false;
}

task<void> connection::await_close() {
  // Small enough for Asio to keep the frame: each probe whose server closes late has one.
  std::array<char, 512> dropped;
  for (std::size_t total = 0; total < max_dropped_after_end;) {
    const auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(dropped), use_task);
    if (error == asio::error::eof) {
      error_code ignored;
      socket_.close(ignored);
    }
    if (error) {
      break;
    }
    total += bytes;
  }
  abort();
}

void connection::abort() noexcept {
  if (socket_.is_open()) {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    socket_.close(ignored);
  }
}

} // namespace xprober::stream
