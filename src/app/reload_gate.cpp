#include "xprober/app/reload_gate.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/exception_text.hpp"
#include "xprober/base/log.hpp"

namespace xprober::app {

namespace asio = boost::asio;

/// One reload and those who wait for it.
struct reload_gate::round {
  round(asio::io_context& context, work what)
      : does(std::move(what)), over(context, asio::steady_timer::time_point::max()) {}

  work does;
  asio::steady_timer over; ///< cancelled at the end
  std::string problems;
  std::exception_ptr failed;
};

reload_gate::reload_gate(asio::io_context& context, work reload)
    : context_(context), reload_(std::move(reload)) {}

reload_gate::~reload_gate() = default;

void reload_gate::request() {
  asio::post(context_, [this] { join(); });
}

asio::awaitable<std::string> reload_gate::reload() {
  const auto mine = join();
  co_return co_await end_of(mine);
}

asio::awaitable<std::string> reload_gate::take_turn(work other) {
  const auto mine = add(std::move(other));
  co_return co_await end_of(mine);
}

asio::awaitable<std::string> reload_gate::end_of(std::shared_ptr<round> mine) {
  boost::system::error_code cancelled;
  co_await mine->over.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (mine->failed) {
    std::rethrow_exception(mine->failed);
  }
  co_return mine->problems;
}

std::shared_ptr<reload_gate::round> reload_gate::join() {
  if (!next_) {
    next_ = add(reload_);
  }
  return next_;
}

std::shared_ptr<reload_gate::round> reload_gate::add(work what) {
  waiting_.push_back(std::make_shared<round>(context_, std::move(what)));
  if (!current_ && waiting_.size() == 1) {
    // Behind what waits already: the rest of a burst of requests joins this one.
    asio::post(context_, [this] { begin(); });
  }
  return waiting_.back();
}

void reload_gate::begin() {
  current_ = waiting_.front();
  waiting_.pop_front();
  if (current_ == next_) {
    next_ = nullptr;
  }
  asio::co_spawn(context_, current_->does(),
                 [this](const std::exception_ptr& failed, std::string problems) {
                   ended(failed, std::move(problems));
                 });
}

void reload_gate::ended(const std::exception_ptr& failed, std::string problems) {
  if (failed) {
    log::error("main", "a reload failed of an error of its own",
               {{"error", exception_text(failed)}});
  }
  const auto over = std::exchange(current_, nullptr);
  over->failed = failed;
  over->problems = std::move(problems);
  over->over.cancel();
  if (!waiting_.empty()) {
    asio::post(context_, [this] { begin(); });
  }
}

} // namespace xprober::app
