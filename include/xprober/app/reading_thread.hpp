#pragma once

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xprober::app {

/// A thread for what reads files, one thing at a time: a file system that does not answer, or a
/// large file, holds up no session. Outlived by the context of whoever awaits it.
class reading_thread {
public:
  reading_thread();
  /// Waits for what is being read, without bound.
  ~reading_thread();
  reading_thread(const reading_thread&) = delete;
  reading_thread& operator=(const reading_thread&) = delete;

  /// What `work()` gives there; throws what it throws. Never comes back after `refuse`.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F>> run(F work) {
    return boost::asio::co_spawn(context_, once(std::move(work)), boost::asio::use_awaitable);
  }

  /// Nothing is begun any more. Callable from any thread.
  void refuse() { context_.stop(); }

  /// Once nothing is begun any more: whether what was begun is over, for which it waits so long at
  /// most. Where it is not, nobody can end it, and what it uses must stay.
  bool is_over_within(std::chrono::nanoseconds longest);

private:
  template <class F>
  static boost::asio::awaitable<std::invoke_result_t<F>> once(F work) {
    co_return work();
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::promise<void> ended_;
  std::future<void> over_;
  std::thread thread_;
};

} // namespace xprober::app
