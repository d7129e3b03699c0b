#include "xprober/net/connect.hpp"

#include <memory>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace xprober::net {

asio::awaitable<boost::system::error_code> connect_tcp(tcp::socket& socket, tcp::endpoint to,
                                                       milliseconds timeout) {
  // The timer's handler can still be queued when this coroutine is done: it asks first.
  auto waiting = std::make_shared<bool>(true);
  auto timed_out = std::make_shared<bool>(false);
  asio::steady_timer timer{socket.get_executor(), timeout};
  timer.async_wait([waiting, timed_out, &socket](const boost::system::error_code& error) {
    boost::system::error_code ignored;
    if (!error && *waiting) {
      *timed_out = true;
      socket.close(ignored);
    }
  });
  boost::system::error_code error;
  co_await socket.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
  *waiting = false;
  timer.cancel();
  if (error) {
    boost::system::error_code ignored;
    socket.close(ignored);
  }
  co_return *timed_out ? boost::system::error_code{asio::error::timed_out} : error;
}

} // namespace xprober::net
