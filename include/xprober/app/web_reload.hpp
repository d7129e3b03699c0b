#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/app/reading_thread.hpp"
#include "xprober/app/web_credentials.hpp"
#include "xprober/app/web_server.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::app {

/// Has a web server use what its section `web` says after a reload, and what its files hold when
/// these have changed: certificates are renewed by others, who tell nobody.
class web_reload {
public:
  /// The sections of a configuration that say who is an operator.
  struct sections {
    web_config web;
    rpc_config rpc; ///< beside it, see read_web_credentials

    bool operator==(const sections&) const = default;
  };

  /// `key` and `address` are of the port, `now` are the sections and `hash` that of the credentials
  /// that the server began with. All others must outlive the context's thread.
  web_reload(boost::asio::io_context& context, reading_thread& files, web_server& web,
             std::string key, std::string address, sections now, const net::secret_hash& hash);

  /// Reads what new sections name; what is wrong with it, empty where nothing is. Nothing else
  /// happens before `commit`. Blocks on the disk; for any thread, while nobody else uses this.
  std::string prepare(const sections& next, bool insecure);

  /// Puts what was prepared into force. On the context's thread.
  void commit();

  /// Looks into the files each `interval` from now on, for as long as the context runs. What cannot
  /// be used is logged, and what was read before stays in force.
  void watch(std::chrono::milliseconds interval = std::chrono::minutes{1});

private:
  struct found {
    web_credentials credentials;
    std::string problem; ///< not empty: there are none
  };
  struct prepared {
    sections config;
    std::vector<std::string> names;
    web_credentials credentials;
  };

  static found look(const sections& files);
  boost::asio::awaitable<void> keep_looking(std::chrono::milliseconds interval);
  void take(found what);

  boost::asio::io_context& context_;
  reading_thread& files_;
  web_server& web_;
  std::string key_;
  std::string address_; ///< where it listens, whatever a reload says
  sections now_;
  net::secret_hash hash_;
  std::string told_; ///< the last problem in the log
  std::optional<prepared> next_;
  boost::asio::steady_timer timer_;
};

} // namespace xprober::app
