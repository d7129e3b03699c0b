#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "xprober/net/listener.hpp"
#include "xprober/net/router.hpp"

namespace xprober::app {

/// The web server of a role: a listener whose sessions serve the role's routes.
class web_server {
public:
  /// Binds at once. `key` is the address's key in the configuration, for messages. Throws
  /// net::setup_error.
  web_server(boost::asio::io_context& context, const std::string& address, std::string key,
             const std::function<void(net::router&)>& add_routes);

  /// Where it listens, with the real port: "127.0.0.1:8087".
  std::string address() const;

  /// Accepts no more and ends all sessions, within a second. Blocks; not to be called on the
  /// context's thread.
  void stop();

private:
  std::shared_ptr<net::router> router_;
  std::unique_ptr<net::listener> listener_;
};

} // namespace xprober::app
