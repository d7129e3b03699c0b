#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "xprober/domain/recycler.hpp"

namespace xprober::stream {

using io_executor = boost::asio::io_context::executor_type;
using error_code = boost::system::error_code;
using endpoint = boost::asio::ip::tcp::endpoint;

/// What all coroutines of an engine's thread have. Their frames are blocks of the recycler.
struct task_frame {
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { give_block(block, bytes); }
};

/// A coroutine on the engine's thread: it begins when it is awaited, and whoever awaits it goes on
/// where it ends. One that does not have to wait for anything costs little more than a call.
/// (Asio's coroutines take an aligned block for each frame, look through 32 of them for it, and
/// keep a stack of their own: a third of all instructions of an HTTP probe.)
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle of) noexcept : of_(of) {}
  task(task&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (of_) {
      of_.destroy();
    }
  }

  /// For whoever awaits it by other means than `co_await`. Runs it, as far as it gets at once; true
  /// if that was its end. Else `then` says who goes on at its end, and takes the result.
  bool begin() const {
    of_.resume();
    return of_.done();
  }
  void then(std::coroutine_handle<> waits) const noexcept { of_.promise().waits = waits; }
  T take() const { return of_.promise().take(); }

  class awaiter {
  public:
    explicit awaiter(const task& of) noexcept : of_(of) {}
    /// It is waited for only if it could not end at once.
    bool await_ready() const { return of_.begin(); }
    void await_suspend(std::coroutine_handle<> waits) const noexcept { of_.then(waits); }
    T await_resume() const { return of_.take(); }

  private:
    const task& of_;
  };
  awaiter operator co_await() && noexcept { return awaiter{*this}; }

private:
  handle of_;
};

/// The end of a task goes on where it is awaited.
struct task_end {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
    return ended.promise().waits ? ended.promise().waits : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct task_promise : task_frame {
  std::suspend_always initial_suspend() const noexcept { return {}; }
  task_end final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }
  void rethrow() const {
    if (thrown != nullptr) [[unlikely]] {
      std::rethrow_exception(thrown);
    }
  }

  std::coroutine_handle<> waits; ///< for its end; null: nobody does yet
  std::exception_ptr thrown;
};

template <class T>
struct task<T>::promise_type : task_promise {
  task get_return_object() noexcept { return task{handle::from_promise(*this)}; }
  template <class Value>
  void return_value(Value&& value) {
    result.emplace(std::forward<Value>(value));
  }
  T take() {
    rethrow();
    return std::move(*result);
  }

  std::optional<T> result;
};

template <>
struct task<void>::promise_type : task_promise {
  task get_return_object() noexcept { return task{handle::from_promise(*this)}; }
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

/// A coroutine that nobody awaits.
struct detached_task {
  struct promise_type : task_frame {
    detached_task get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// Runs the task that `body` gives and nobody awaits, from inside this call on, and calls `done`
/// with what it threw or null at its end; both are kept until then. What `done` throws comes out of
/// the io_context.
template <class Body, class Done>
detached_task spawn(io_executor executor, Body body, Done done) {
  std::exception_ptr thrown;
  try {
    co_await body();
  } catch (...) {
    thrown = std::current_exception();
  }
  try {
    done(thrown);
  } catch (...) {
    thrown = std::current_exception();
    boost::asio::post(executor, [thrown] { std::rethrow_exception(thrown); });
  }
}

/// Goes on behind what the thread has to do now.
class others_turn {
public:
  explicit others_turn(const io_executor& executor) noexcept : executor_(executor) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waits) const { boost::asio::post(executor_, waits); }
  void await_resume() const noexcept {}

private:
  io_executor executor_;
};

/// Awaits an operation of Asio's that tells but an error: `begin` begins it with the handler it is
/// given.
template <class Begin>
class asio_wait {
public:
  explicit asio_wait(Begin begin) : begin_(std::move(begin)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waits) {
    begin_([this, waits](const error_code& error) {
      error_ = error;
      waits.resume();
    });
  }
  error_code await_resume() const noexcept { return error_; }

private:
  Begin begin_;
  error_code error_;
};

} // namespace xprober::stream
