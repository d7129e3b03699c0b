#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "xprober/actors/messages/common.hpp"
#include "xprober/app/config_reader.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::app {

/// Another part of the process that reads the same configuration: puts its own part of what was
/// read last into force and gives an empty text, or says what is wrong, and then nothing has
/// changed. Called on the server's I/O thread, last of all that may refuse, and awaited there.
using reload_partner = std::function<boost::asio::awaitable<std::string>()>;

/// A whole server: actors, RPC listener and web server, wired together. Construction binds both
/// addresses and reads the targets; `start` begins to serve.
class server_app {
public:
  /// Throws storage::state_directory_error, and net::setup_error for an address, certificate or
  /// token file that cannot be used, and for a target list that is refused. `descriptors` are those
  /// of the process that are this server's.
  server_app(server_config config, config_reader<server_config> read_again,
             std::uint64_t descriptors = descriptor_limit());
  ~server_app();
  server_app(const server_app&) = delete;
  server_app& operator=(const server_app&) = delete;

  void start();

  /// What the configuration hardly means: logged, and shown until a reload says something else.
  void warn(std::vector<std::string> warnings);

  /// Where the web server listens, and where agents connect to.
  std::string web_address() const;
  std::string rpc_address() const;

  /// Reads the configuration again and applies it, whole or not at all; what goes wrong is logged.
  /// Callable from any thread, however often; returns at once.
  void reload();

  /// Who has a part in this server's reloads from now on; null: nobody, and when this returns the
  /// one before is called no more; an answer of it may still be awaited. Call it after `start`, not
  /// on the I/O thread.
  void set_partner(reload_partner partner);

  /// Lets sessions finish and ends, within the configured `shutdown_timeout`.
  void stop();

  /// After `stop`: a file of a reload is still being read, which nothing can end, and the
  /// destructor would wait for it.
  bool is_reading() const;

  /// Asks the actors, through the I/O thread, as `/-/healthy` does. Where they answer in time,
  /// `well` is called on that thread; else nothing happens. Callable from any thread, from `start`
  /// to `stop`.
  void ask_health(std::function<void()> well);

  /// An actor has ended that was not told to; the process was asked to end (`end_process`).
  bool has_failed() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::app
