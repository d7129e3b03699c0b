#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/app/config_reader.hpp"
#include "xprober/app/orderly_end.hpp"
#include "xprober/app/probers.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober::app {

/// A whole agent: engines, actors, RPC client and web server, wired together. Construction binds
/// the web address and opens sockets; `start` begins to probe.
class agent_app {
public:
  /// Throws storage::state_directory_error, net::setup_error for an address, certificate or token
  /// file that cannot be used, and what an engine throws for its settings. `probers` are the kinds
  /// that it probes.
  agent_app(agent_config config, agent_identity identity, config_reader<agent_config> read_again,
            const std::vector<prober_entry>& probers = builtin_probers());
  ~agent_app();
  agent_app(const agent_app&) = delete;
  agent_app& operator=(const agent_app&) = delete;

  void start();

  /// Servers and credentials stay as they are at a reload, as in `standalone`, whose server has
  /// them at its own start. Call it before `start`.
  void keep_servers();

  /// What the configuration hardly means: logged, and shown until a reload says something else.
  void warn(std::vector<std::string> warnings);

  /// Where the web server listens, "127.0.0.1:8087".
  std::string web_address() const;

  /// Reads the configuration again and applies it, whole or not at all; what goes wrong is logged.
  /// Callable from any thread, however often; returns at once.
  void reload();

  /// The same with a configuration that somebody else has read, in its turn among the reloads. Its
  /// files are read on a thread for that. Awaitable from any context; nothing comes back after
  /// `stop`. Call it from `start` to `stop`.
  boost::asio::awaitable<std::string> apply(agent_config next);

  /// The targets and their latest results; waits for the actors, a second at most.
  target_listing targets() const;

  /// Ends in order within the configured `shutdown_timeout`, then a little for teardown.
  agent_end stop();

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
