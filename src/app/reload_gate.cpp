#include "xprober/app/reload_gate.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"

namespace xprober::app {

namespace asio = boost::asio;

/// One reload and those who wait for it.
struct reload_gate::round {
  explicit round(asio::io_context& context)
      : over(context, asio::steady_timer::time_point::max()) {}

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
  boost::system::error_code cancelled;
  co_await mine->over.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (mine->failed) {
    std::rethrow_exception(mine->failed);
  }
  co_return mine->problems;
}

std::shared_ptr<reload_gate::round> reload_gate::join() {
  if (!next_) {
    next_ = std::make_shared<round>(context_);
    if (!current_) {
      // Behind what waits already: the rest of a burst of requests joins this one.
      asio::post(context_, [this] { begin(); });
    }
  }
  return next_;
}

void reload_gate::begin() {
  current_ = std::exchange(next_, nullptr);
  asio::co_spawn(context_, reload_(),
                 [this](const std::exception_ptr& failed, std::string problems) {
                   ended(failed, std::move(problems));
                 });
}

void reload_gate::ended(const std::exception_ptr& failed, std::string problems) {
  if (failed) {
    log::error("main", "a reload failed of an error of its own");
  }
  const auto over = std::exchange(current_, nullptr);
  over->failed = failed;
  over->problems = std::move(problems);
  over->over.cancel();
  if (next_) {
    asio::post(context_, [this] { begin(); });
  }
}

} // namespace xprober::app
