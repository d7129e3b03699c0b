#pragma once

#include <array>
#include <memory>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober {

/// What all targets of an agent need, once for all of them. Never changes.
struct target_context {
  std::array<probe_engine*, probe_type_count> engines{}; ///< by type; they outlive the actors
  results_actor results;
  target_manager_actor manager;
  stats_actor stats;
};

/// One target: on a tick it starts one probe on its engine, on the engine's answer it sends one
/// result to `results`. A tick that finds the last probe still running is counted, not queued.
/// The manager spawns and kills it. Kept small: there can be a million of them.
struct target_state {
  static constexpr const char* name = "target";

  /// So many results, and so many failures, make up a target's story.
  static constexpr std::size_t history_length = 5;

  target_actor::pointer self = nullptr;
  target_ref spec;
  std::shared_ptr<const target_context> context;
  probe_result_ptr last_telling;          ///< the latest that says something of the target
  std::vector<probe_result_ptr> results;  ///< the last ones, oldest first
  std::vector<probe_result_ptr> failures; ///< the last ones, oldest first
  std::uint32_t generation = 0;           ///< of the probe under way or the last one
  std::uint32_t ticks = 0;
  std::uint32_t skipped_busy = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
  std::uint32_t local_errors = 0;
  bool probing = false;

  void begin_probe(monotonic_time due);
  void end_probe(const probe_done& done);
  target_story describe() const;

private:
  void log_change(const probe_result& result) const;
};

target_actor::behavior_type target(target_actor::stateful_pointer<target_state> self,
                                   target_ref spec, std::shared_ptr<const target_context> context);

/// "waiting", "ok" or "failing", by the latest result. A local error leaves the target as it was
/// known, so the caller passes the latest result that says something of it.
std::string_view target_state_name(const probe_result* last) noexcept;

} // namespace xprober
