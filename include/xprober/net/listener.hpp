#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "xprober/domain/port_counters.hpp"
#include "xprober/net/session_control.hpp"

namespace xprober::net {

namespace asio = boost::asio;
using asio::ip::tcp;

struct listener_options {
  std::string key = "listen address"; ///< of the configuration, for messages
  /// Places. Where there is none for a new connection, one that only waits is dropped for it (see
  /// `connection_table`); where none waits, the new one is closed at once.
  std::size_t max_connections = 1024;
  std::size_t max_peer_connections = 1024;   ///< of one peer, likewise
  std::shared_ptr<port_counters> counters{}; ///< what happens to connections; null: not counted
};

/// Serves one connection; it has ended when the coroutine has. Exceptions are logged.
using connection_handler =
    std::function<asio::awaitable<void>(tcp::socket, std::shared_ptr<session_control>)>;

/// Accepts connections and keeps its sessions. Runs on the io_context it is given, which one thread
/// runs; all but the construction and `stop` happens there.
class listener {
public:
  /// Binds and listens at once, and accepts when the io_context runs. `address` is "host:port",
  /// "[::1]:port", or ":port" for every interface (IPv6 and IPv4 where the machine has both).
  /// Port 0 takes a free one. Throws setup_error, which says what is wrong and what to do.
  listener(asio::io_context& context, const std::string& address, connection_handler handler,
           listener_options options = {});
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Where it listens, with the real port.
  tcp::endpoint local_endpoint() const;

  /// Accepts no more and lets sessions finish what they have begun; those that are not done after
  /// `grace` are closed. Then calls `done`, on the io_context. Callable from any thread, once.
  void stop(std::chrono::milliseconds grace, std::function<void()> done = {});

  /// Sessions that have not ended.
  std::size_t connections() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace xprober::net
