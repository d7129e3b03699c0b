#pragma once

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "xprober/probes/stream/task.hpp"

namespace xprober::stream {

/// Runs `work` on a thread of the pool and gives its answer, or what it threw, back on the
/// coroutine's own.
template <class Work>
class run_on {
public:
  using answer_type = std::invoke_result_t<Work&>;

  run_on(boost::asio::thread_pool& pool, const io_executor& home, Work work)
      : pool_(pool), home_(home), work_(std::move(work)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waits) {
    boost::asio::post(pool_, [this, waits, home = boost::asio::make_work_guard(home_)] {
      try {
        answer_ = work_();
      } catch (...) {
        thrown_ = std::current_exception();
      }
      boost::asio::post(home.get_executor(), waits);
    });
  }
  answer_type await_resume() {
    if (thrown_) {
      std::rethrow_exception(thrown_);
    }
    return std::move(answer_);
  }

private:
  boost::asio::thread_pool& pool_;
  io_executor home_;
  Work work_;
  answer_type answer_{};
  std::exception_ptr thrown_;
};

} // namespace xprober::stream
