#include "xprober/net/dialer.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "xprober/net/connect.hpp"

namespace xprober::net {

namespace {

using boost::system::error_code;

/// For one of several addresses, as much of what is left permits.
constexpr milliseconds min_attempt_time{1000};
/// Of errors: a name can have very many addresses.
constexpr std::size_t longest_error = 1024;

/// The end of a step that may take `most`.
monotonic_time step_end(monotonic_time until, milliseconds most) {
  return most < time_left(until) ? monotonic_clock::now() + most : until;
}

} // namespace

dialer::dialer(asio::io_context& context, dns::resolver& resolver, host_port server,
               std::shared_ptr<asio::ssl::context> tls)
    : context_(context), resolver_(resolver), server_(std::move(server)), tls_(std::move(tls)),
      wake_(context) {}

void dialer::stop() {
  stopped_ = true;
  if (interrupt_) {
    interrupt_();
  }
}

asio::awaitable<dial_result> dialer::dial(monotonic_time until, milliseconds step) {
  const auto found = co_await resolve(step_end(until, step));
  dial_result result;
  if (found.error != probe_error::none) {
    result.error = result.reason = found.detail;
    co_return result;
  }
  result.error = result.reason = server_.host + ": the name has no address";
  std::string tried;
  auto untried = static_cast<std::int64_t>(found.addresses.size());
  for (const auto& address : found.addresses) {
    if (stopped_ || monotonic_clock::now() >= until) {
      break;
    }
    const auto share =
        std::max(time_left(until) / untried--, std::min(time_left(until), min_attempt_time));
    const tcp::endpoint to{address, server_.port};
    result = co_await dial_address(to, step_end(until, std::min(share, step)));
    if (result.connection) {
      break;
    }
    if (tried.size() < longest_error) {
      tried += (tried.empty() ? "" : "; ") + result.error;
    }
    result.error = tried;
  }
  co_return result;
}

asio::awaitable<dns::resolve_answer> dialer::resolve(monotonic_time until) {
  // The handler can still be queued when this dialer is gone: it asks first.
  auto answer = std::make_shared<std::optional<dns::resolve_answer>>();
  wake_.expires_at(until);
  const auto ticket =
      resolver_.resolve(server_.host, ip_family::ip4,
                        [this, weak = std::weak_ptr{answer}](const dns::resolve_answer& found) {
                          if (const auto waiting = weak.lock()) {
                            *waiting = found;
                            wake_.cancel();
                          }
                        });
  if (!stopped_) {
    interrupt_ = [this] { wake_.cancel(); };
    error_code ignored;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    interrupt_ = nullptr;
  }
  if (*answer) {
    co_return **answer;
  }
  dns::resolve_answer none;
  none.error = probe_error::resolve_timeout;
  none.detail = server_.host + ": the name was not resolved in time";
  co_return none;
}

asio::awaitable<dial_result> dialer::dial_address(tcp::endpoint to, monotonic_time until) {
  dial_result result;
  tcp::socket socket{context_};
  interrupt_ = [&socket] {
    error_code ignored;
    socket.close(ignored);
  };
  const auto error = co_await connect_tcp(socket, to, time_left(until));
  interrupt_ = nullptr;
  if (error) {
    result.reason =
        error == asio::error::timed_out ? std::string{"no connection in time"} : error.message();
  } else if (stopped_) {
    result.reason = "given up";
  } else {
    std::shared_ptr<stream> made =
        tls_ ? tls_stream(std::move(socket), *tls_) : plain_stream(std::move(socket));
    interrupt_ = [made] { made->close(); };
    result.reason = co_await made->handshake_as_client(server_.host, time_left(until));
    interrupt_ = nullptr;
    if (result.reason.empty()) {
      result.connection = std::move(made);
      co_return result;
    }
  }
  result.error = "connect " + endpoint_text(to) + ": " + result.reason;
  co_return result;
}

} // namespace xprober::net
