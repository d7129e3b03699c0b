#include "xprober/rpc/goodbye.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"

namespace xprober::rpc {

namespace {

/// What one goodbye is to the others: whoever answers last ends the waiting.
struct farewell {
  farewell(boost::asio::io_context& context, std::size_t count) : over(context), left(count) {}

  boost::asio::steady_timer over;
  std::size_t left;
};

void note_answer_of(const std::string& server, const call_result& result) {
  if (const auto* error = std::get_if<caf::error>(&result)) {
    // One that is away, or that knows no goodbyes.
    log::info("rpc", "a server that is left has not heard the goodbye",
              {{"server", server}, {"error", bridge::error_text(*error)}});
  } else {
    log::info("rpc", "said goodbye to a server", {{"server", server}});
  }
}

} // namespace

boost::asio::awaitable<void> say_goodbye(boost::asio::io_context& context, client_options options,
                                         client_credentials credentials,
                                         std::vector<net::endpoint> servers, leave_request goodbye,
                                         std::chrono::milliseconds longest) {
  const auto waiting = std::make_shared<farewell>(context, servers.size());
  options.first_server = 0;
  options.call_timeout = longest;
  std::vector<std::unique_ptr<client_engine>> engines;
  for (const auto& server : servers) {
    options.servers = {server.text};
    engines.push_back(std::make_unique<client_engine>(context, options, credentials));
    engines.back()->call(goodbye, [waiting, name = server.text](call_result&& result) {
      note_answer_of(name, result);
      if (--waiting->left == 0) {
        waiting->over.cancel();
      }
    });
  }
  if (waiting->left > 0) {
    boost::system::error_code ignored;
    waiting->over.expires_after(longest);
    co_await waiting->over.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
}

} // namespace xprober::rpc
