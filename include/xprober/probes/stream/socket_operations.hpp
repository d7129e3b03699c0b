#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "xprober/probes/stream/reactor.hpp"
#include "xprober/probes/stream/task.hpp"

namespace xprober::stream {

class connection;

struct io_result {
  error_code error;
  std::size_t bytes = 0;
};

/// What is awaited of a connection, where the call stands. An operation is tried at once, and again
/// each time that its socket is told, until there is a result; so it is no coroutine, and holds no
/// frame while it waits. (TLS has the coroutine that drives OpenSSL.)
class socket_operation : protected reactor::watched::waiter {
protected:
  explicit socket_operation(connection& over) noexcept : over_(over) {}
  ~socket_operation() = default;

  /// True once there is a result. Where the connection is closed, that is one.
  virtual bool attempt() = 0;
  /// Has `told` called when the next attempt can have a result.
  virtual void wait() = 0;

  void told() override;
  void suspend(std::coroutine_handle<> waits);

  connection& over_;

private:
  std::coroutine_handle<> waits_;
};

/// The connect to an endpoint, which outlives it.
class connecting final : socket_operation {
public:
  connecting(connection& over, const endpoint& to) noexcept : socket_operation(over), to_(to) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waits) { suspend(waits); }
  error_code await_resume() const noexcept { return error_; }

private:
  bool attempt() override;
  void wait() override;

  const endpoint& to_;
  error_code error_;
};

/// What carries bytes: over the socket itself by attempts, over TLS by the coroutine that drives
/// OpenSSL.
class transfer : protected socket_operation {
public:
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waits);

protected:
  using socket_operation::socket_operation;
  ~transfer() = default;

  virtual task<io_result> drive_tls() = 0;
  /// Of what was driven over TLS; nothing of a plain connection.
  std::optional<io_result> driven() const;

private:
  std::optional<task<io_result>> driven_;
};

/// A write of all the bytes.
class writing final : public transfer {
public:
  writing(connection& over, std::string_view bytes) noexcept : transfer(over), bytes_(bytes) {}
  error_code await_resume() const;

private:
  bool attempt() override;
  void wait() override;
  task<io_result> drive_tls() override;

  std::string_view bytes_; ///< that are not sent yet
  error_code error_;
};

/// A read of some bytes.
class reading final : public transfer {
public:
  reading(connection& over, std::span<char> into) noexcept : transfer(over), into_(into) {}
  io_result await_resume() const;

private:
  bool attempt() override;
  void wait() override;
  task<io_result> drive_tls() override;

  std::span<char> into_;
  io_result result_;
};

} // namespace xprober::stream
