#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/probes/probe_engine.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::http {

/// Configurations by the name of their module.
using module_configs = std::map<std::string, http_config, std::less<>>;

struct engine_options {
  /// Called on the engine's thread once a second, and a last time when it stops. Must not block.
  std::function<void(const http_counters&)> counters;
  dns::resolver_options resolver;
  std::size_t max_queued = 2'000'000; ///< probes that wait for a place; more are refused
  std::string user_agent;             ///< empty: "xprober/VERSION"
};

/// Probes http and https URLs on a thread of its own: at most `max_in_flight` at a time, and no
/// more than the process may open files (RLIMIT_NOFILE, looked at once a second). Who waits gets a
/// place as `places` says, so that targets that hang keep no place from the others. The wait for a
/// place is the outcome's `start_lag`; it counts against neither the probe's deadline nor its
/// target. Of `http_counters`, `failed` holds failures of targets; what this machine could not do
/// is in `local_errors`; probes ended by `stop` are `finished` alone.
class engine : public probe_engine {
public:
  /// Starts the thread. `modules` are for the targets that name them, `config` is for all others,
  /// and its `max_in_flight` for the engine. Throws std::runtime_error that names the key
  /// of what cannot be used, as `make_settings` does.
  explicit engine(const http_config& config, engine_options options = {},
                  const module_configs& modules = {});
  ~engine() override;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// After `stop` `done` is called at once; where `max_queued` is passed, soon. Callable from any
  /// thread, but not while another one is in `stop`.
  void start(probe_request request, probe_completion done) override;

  /// Calls `counters` of the options, then `done`, on the engine's thread. After `stop` nothing is
  /// called.
  void report(std::function<void()> done) override;

  /// Takes another configuration for the probes that have not begun. From any thread. Throws as
  /// the constructor does, and then the old one stays in force.
  void reconfigure(const http_config& config, const module_configs& modules = {});

  /// As `reconfigure`, in two steps: reads what the configuration names (certificates, secrets) and
  /// throws where that cannot be used; what it returns puts it into force and cannot fail.
  [[nodiscard]] std::function<void()> prepare(const http_config& config,
                                              const module_configs& modules = {});

  /// How names are resolved from now on. From any thread.
  void set_dns(dns::resolver_options options);

  /// Calls `done` once no probe runs or waits for a place, on the engine's thread. Callable from
  /// any thread. After `stop` it is not called.
  void drain(std::function<void()> done);

  /// Answers all probes with `probe_error::shutdown` and ends the thread. Can be called again;
  /// not from a completion.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::http
