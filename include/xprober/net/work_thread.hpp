#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace xprober::net {

/// A message of which so much is made or read at once costs its thread less than a millisecond: it
/// need not go to a `work_thread`.
inline constexpr std::size_t quick_bytes = 16UL * 1024;

/// A thread for what would hold up the sessions' own: large answers are made and packed there,
/// large requests are read. One thing at a time, in the order in which they came, so that no more
/// than one of them is in memory half made. What waits is bounded by the number of connections.
///
/// `stop` before the contexts end whose coroutines await something.
class work_thread {
public:
  /// `name` is that of the thread, 15 bytes at most.
  explicit work_thread(const char* name = "work");
  ~work_thread();
  work_thread(const work_thread&) = delete;
  work_thread& operator=(const work_thread&) = delete;

  /// What `work()` gives there; throws what it throws, and std::runtime_error where it is not begun
  /// any more. It may use what belongs to the coroutine that awaits it: that ends before it only
  /// together with its context, which is after `stop`.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&>> run(F work);

  /// The same, and nothing where it has not come back by `until`. It may be under way then, so it
  /// owns all that it uses; what has not begun by then never does.
  template <class F>
  boost::asio::awaitable<std::optional<std::invoke_result_t<F&>>>
  run_until(F work, boost::asio::steady_timer::time_point until);

  /// What has begun is finished, and nothing else is begun. Blocks; from the owner's thread.
  void stop();

private:
  template <class R>
  struct waiting {
    explicit waiting(const boost::asio::any_io_executor& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    std::optional<R> result;
    std::exception_ptr thrown;
    bool done = false;
  };

  /// The thread's end of it: comes back exactly once, at the latest when it is destroyed.
  template <class R>
  class return_slot;

  template <class F>
  std::shared_ptr<waiting<std::invoke_result_t<F&>>> begin(boost::asio::any_io_executor executor,
                                                           F work);
  void post(std::function<void()> job);
  static std::exception_ptr not_begun();
  static boost::asio::awaitable<void> wait(boost::asio::steady_timer& timer,
                                           boost::asio::steady_timer::time_point until);

  std::unique_ptr<boost::asio::io_context> context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

template <class R>
class work_thread::return_slot {
public:
  return_slot(boost::asio::any_io_executor executor, std::weak_ptr<waiting<R>> waiter)
      : executor_(std::move(executor)), waiter_(std::move(waiter)) {}
  return_slot(const return_slot&) = delete;
  return_slot& operator=(const return_slot&) = delete;
  ~return_slot() {
    if (!returned_) {
      come_back({}, not_begun());
    }
  }

  bool is_awaited() const noexcept { return !waiter_.expired(); }

  void come_back(std::optional<R> result, std::exception_ptr thrown) {
    returned_ = true;
    boost::asio::post(executor_, [waiter = waiter_, result = std::move(result),
                                  thrown = std::move(thrown)]() mutable {
      if (const auto alive = waiter.lock()) {
        alive->result = std::move(result);
        alive->thrown = std::move(thrown);
        alive->done = true;
        alive->timer.cancel();
      }
    });
  }

private:
  boost::asio::any_io_executor executor_;
  std::weak_ptr<waiting<R>> waiter_;
  bool returned_ = false;
};

template <class F>
auto work_thread::begin(boost::asio::any_io_executor executor, F work)
    -> std::shared_ptr<waiting<std::invoke_result_t<F&>>> {
  using result_type = std::invoke_result_t<F&>;
  auto waiter = std::make_shared<waiting<result_type>>(executor);
  auto slot = std::make_shared<return_slot<result_type>>(std::move(executor), waiter);
  // Shared, since a function object is copied where it is handed on.
  auto owned = std::make_shared<F>(std::move(work));
  post([slot = std::move(slot), owned = std::move(owned)] {
    if (!slot->is_awaited()) {
      return;
    }
    std::optional<result_type> result;
    std::exception_ptr thrown;
    try {
      result.emplace((*owned)());
    } catch (...) {
      thrown = std::current_exception();
    }
    slot->come_back(std::move(result), std::move(thrown));
  });
  return waiter;
}

template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> work_thread::run(F work) {
  constexpr auto never = boost::asio::steady_timer::time_point::max();
  auto result = co_await run_until(std::move(work), never);
  co_return std::move(*result);
}

template <class F>
boost::asio::awaitable<std::optional<std::invoke_result_t<F&>>>
work_thread::run_until(F work, boost::asio::steady_timer::time_point until) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto waiter = begin(executor, std::move(work));
  while (!waiter->done && boost::asio::steady_timer::clock_type::now() < until) {
    co_await wait(waiter->timer, until);
  }
  if (waiter->thrown) {
    std::rethrow_exception(waiter->thrown);
  }
  co_return std::move(waiter->result);
}

} // namespace xprober::net
