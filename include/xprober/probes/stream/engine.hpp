#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/probes/probe_engine.hpp"
#include "xprober/probes/stream/plan.hpp"
#include "xprober/probes/stream/stall_watch.hpp"

namespace xprober::stream {

struct engine_options {
  /// Called on the engine's thread once a second, and a last time when it stops. Must not block.
  std::function<void(const engine_report&)> report;
  std::size_t max_queued = 2'000'000; ///< probes that wait for a place; more are refused
  /// A probe during which the engine's thread stood still for longer is the prober's own fault.
  nanoseconds stall_tolerance = stall_watch::usual_tolerance;
};

/// The engine of all kinds that probe over connections. Probes run on a thread of its own: at most
/// `max_in_flight` at a time, and no more than the process may open files (RLIMIT_NOFILE, looked at
/// once a second), which all engines share with ports and files: see `descriptor_budget`. Who waits
/// gets a place as `places` says, so that targets that hang keep no place from the others. The wait
/// for a place is the outcome's `start_lag`; it counts against neither the probe's deadline nor its
/// target.
///
/// Every probe that came before `stop` is counted as started once and as finished once, also where
/// it never had a place: what was started is finished, in flight, or waits after it gave its place
/// back.
class engine : public probe_engine {
public:
  /// Starts the thread. Throws std::runtime_error that names the key of what cannot be used.
  engine(engine_kind kind, const agent_config& config, engine_options options = {});
  ~engine() override;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// After `stop` `done` is called at once; where `max_queued` is passed, soon. Callable from any
  /// thread, but not while another one is in `stop`.
  void start(probe_request request, probe_completion done) override;

  /// Reads the files that the settings name and compiles their expressions.
  std::string prepare(const agent_config& config) override;
  void commit() override;

  /// Reports, then calls `done`, on the engine's thread. After `stop` nothing is called.
  void report(std::function<void()> done) override;

  /// Calls `done` once no probe runs or waits for a place, on the engine's thread. Callable from
  /// any thread. After `stop` it is not called.
  void drain(std::function<void()> done) override;

  /// Answers all probes with `probe_error::shutdown` and ends the thread. Can be called again;
  /// not from a completion.
  void stop() override;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::stream
