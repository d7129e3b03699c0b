#include "xprober/net/work_thread.hpp"

#include <stdexcept>

#include <pthread.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/signals.hpp"

namespace xprober::net {

work_thread::work_thread(const char* name)
    : context_(std::make_unique<boost::asio::io_context>(1)), work_(context_->get_executor()),
      thread_(thread_without_signals([context = context_.get(), name] {
        ::pthread_setname_np(::pthread_self(), name);
        context->run();
      })) {}

work_thread::~work_thread() { stop(); }

void work_thread::stop() {
  if (!thread_.joinable()) {
    return;
  }
  context_->stop();
  thread_.join();
  // What was not begun comes back as such while those who wait for it are there.
  work_.reset();
  context_.reset();
}

void work_thread::post(std::function<void()> job) {
  if (context_) {
    boost::asio::post(*context_, std::move(job));
  }
}

std::exception_ptr work_thread::not_begun() {
  return std::make_exception_ptr(std::runtime_error("this process is ending"));
}

boost::asio::awaitable<void> work_thread::wait(boost::asio::steady_timer& timer,
                                               boost::asio::steady_timer::time_point until) {
  timer.expires_at(until);
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

} // namespace xprober::net
