#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/app/web_credentials.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/net/byte_budget.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/router.hpp"

namespace xprober::app {

/// Where a web server listens, and what its connections may take.
struct web_port {
  std::string address;
  std::string key; ///< of the address in the configuration, for messages
  std::size_t connections = 1024;
  std::size_t peer_connections = 1024; ///< of one peer
  net::port_account account{};
  std::vector<std::string> names{};   ///< accepted in Host, see net::browser_guard
  std::vector<std::string> sending{}; ///< paths whose GET sends something
  web_credentials credentials{};      ///< its own, and what it asks of others
};

/// The names of this machine and those that the configuration adds.
std::vector<std::string> accepted_names(const web_config& config);

/// The web server of a role: a listener whose sessions serve the role's routes, over TLS where
/// there is a certificate, to those whom net::browser_guard and web::access_gate let pass.
class web_server {
public:
  /// Binds at once; the context does not run yet. Throws net::setup_error.
  web_server(boost::asio::io_context& context, web_port port,
             const std::function<void(net::router&)>& add_routes);

  /// Where it listens, with the real port: "127.0.0.1:8087".
  std::string address() const;

  /// From now on these names are accepted in Host. On the context's thread.
  void accept(std::vector<std::string> names);

  /// What everybody may look at, see `access_gate::publish`. On the context's thread, or before it
  /// runs.
  void publish(std::function<bool(const net::request_context&)> is_public);

  /// New connections have this certificate, new requests need these credentials. On the context's
  /// thread.
  void use(web_credentials credentials);

  /// Accepts no more and ends all sessions, within a second. Blocks; not to be called on the
  /// context's thread.
  void stop();

private:
  struct core;

  std::shared_ptr<core> core_;
  std::unique_ptr<net::listener> listener_;
};

} // namespace xprober::app
