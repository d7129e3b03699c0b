#include "xprober/probes/stream/socket_operations.hpp"

#include <cerrno>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include "xprober/probes/stream/connection.hpp"

namespace asio = boost::asio;

namespace xprober::stream {

void socket_operation::told() {
  if (attempt()) {
    waits_.resume();
  } else {
    wait();
  }
}

void socket_operation::suspend(std::coroutine_handle<> waits) {
  waits_ = waits;
  wait();
}

bool connecting::await_ready() {
  error_ = over_.open(to_);
  return !connection::is_under_way(error_);
}

bool connecting::attempt() {
  if (!over_.is_open()) {
    error_ = connection::closed();
  } else {
    // Where it failed a second connect says why (Linux), or that the wait ended too early.
    error_ = over_.watched_.failed() ? over_.start_connect(to_) : error_code{};
  }
  return !connection::is_under_way(error_);
}

void connecting::wait() { over_.watched_.when_writable(*this); }

bool transfer::await_ready() {
  if (!over_.ssl_) {
    return attempt();
  }
  driven_.emplace(drive_tls());
  return driven_->begin();
}

void transfer::await_suspend(std::coroutine_handle<> waits) {
  if (driven_) {
    driven_->then(waits);
  } else {
    suspend(waits);
  }
}

std::optional<io_result> transfer::driven() const {
  return driven_ ? std::optional{driven_->take()} : std::nullopt;
}

task<io_result> writing::drive_tls() { return over_.write_tls(bytes_); }

error_code writing::await_resume() const {
  const auto by_tls = driven();
  return by_tls ? by_tls->error : error_;
}

bool writing::attempt() {
  while (!bytes_.empty()) {
    if (!over_.is_open()) {
      error_ = connection::closed();
      return true;
    }
    const auto sent = ::send(over_.socket_, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes_.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      over_.watched_.is_full();
      return false;
    } else if (errno != EINTR) {
      error_ = {errno, boost::system::system_category()};
      return true;
    }
  }
  return true;
}

void writing::wait() { over_.watched_.when_writable(*this); }

task<io_result> reading::drive_tls() { return over_.read_tls(into_); }

io_result reading::await_resume() const {
  const auto result = driven().value_or(result_);
  over_.note_input(into_.first(result.bytes));
  return result;
}

bool reading::attempt() {
  if (!over_.is_open()) {
    result_ = {connection::closed(), 0};
    return true;
  }
  if (!over_.watched_.readable() || over_.reads_left_ == 0) {
    return false;
  }
  --over_.reads_left_;
  result_ = over_.receive(into_);
  return result_.error != asio::error::would_block;
}

void reading::wait() {
  // Whoever waits for the socket leaves the others their turn, and so does who always has more to
  // read.
  const bool has_more = over_.watched_.readable();
  over_.reads_left_ = connection::reads_in_a_turn;
  if (has_more) {
    asio::post(over_.sockets_.executor(), [this] { told(); });
  } else {
    over_.watched_.when_readable(*this);
  }
}

} // namespace xprober::stream
