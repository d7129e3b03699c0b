#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xprober/actors/snapshot.hpp"
#include "xprober/app/config_reading.hpp"
#include "xprober/app/probers.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober::app {

/// What is left after an agent has ended.
struct agent_end {
  std::uint64_t pushed = 0;  ///< results that the server took during the shutdown
  std::uint64_t pending = 0; ///< results that no server took, lost with the process
  std::uint64_t kept = 0;    ///< results in the spool: they are pushed after the next start
};

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

  /// What the configuration hardly means: logged, and shown until a reload says something else.
  void warn(std::vector<std::string> warnings);

  /// Where the web server listens, "127.0.0.1:8087".
  std::string web_address() const;

  /// Reads the configuration again and applies it, whole or not at all; what goes wrong is logged.
  /// Callable from any thread, however often; returns at once.
  void reload();

  /// The same with a configuration that somebody else has read. Waits until it is in force, or says
  /// what cannot be used, for people, and then nothing has changed. Call it from `start` to `stop`,
  /// not on a thread of the agent.
  std::string apply(agent_config next);

  /// The targets and their latest results; waits for the actors, a second at most.
  target_listing targets() const;

  /// Ends in order within the configured `shutdown_timeout`, then a little for teardown.
  agent_end stop();

  /// An actor has ended that was not told to; the process was asked to end (`end_process`).
  bool has_failed() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::app
