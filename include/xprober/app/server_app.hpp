#pragma once

#include <memory>
#include <string>

#include "xprober/app/agent_app.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::app {

/// A whole server: actors, RPC listener and web server, wired together. Construction binds both
/// addresses and reads the targets; `start` begins to serve.
class server_app {
public:
  /// Throws net::setup_error for an address, certificate or token file that cannot be used, and for
  /// a target list that is refused.
  server_app(server_config config, config_reader<server_config> read_again);
  ~server_app();
  server_app(const server_app&) = delete;
  server_app& operator=(const server_app&) = delete;

  void start();

  /// Where the web server listens, and where agents connect to.
  std::string web_address() const;
  std::string rpc_address() const;

  /// Reads the configuration again and applies it; what goes wrong is logged. Callable from any
  /// thread; returns at once.
  void reload();

  /// Lets sessions finish and ends, within the configured `shutdown_timeout`.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::app
