#include "xprober/bridge/ask.hpp"

#include <boost/asio/redirect_error.hpp>

namespace xprober::bridge::detail {

boost::asio::awaitable<void> wait(boost::asio::steady_timer& timer,
                                  std::chrono::milliseconds timeout) {
  timer.expires_after(timeout);
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

void send_job(const caf::actor& gateway, std::function<void(caf::event_based_actor*)> job) {
  caf::anon_send(gateway,
                 gateway_job{std::make_shared<const std::function<void(caf::event_based_actor*)>>(
                     std::move(job))});
}

} // namespace xprober::bridge::detail
