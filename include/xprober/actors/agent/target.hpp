#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/agent/result_gist.hpp"
#include "xprober/actors/agent/target_states.hpp"
#include "xprober/actors/compact_actor.hpp"
#include "xprober/probes/engine_table.hpp"

namespace xprober {

/// What all targets of an agent need, once for all of them. Never changes. The manager hears of its
/// end: then there is no target any more.
struct target_context {
  engine_table engines; ///< they outlive the actors
  results_actor results;
  target_manager_actor manager;
  stats_actor stats;
  waiting_outcomes* outcomes = nullptr; ///< outlives the actors and the engines; null: no limit
  reference_count references = {};

  ~target_context();
};

using target_context_ptr = counted_ptr<const target_context>;

/// One target: on a tick it starts one probe on its engine, on the engine's answer it sends one
/// result to `results`. A tick that finds the last probe still running, or too many outcomes that
/// wait for `results`, is counted, not queued. A probe whose answer could not be told ends at the
/// next tick, as a fault of the prober's own. The manager spawns and kills it. Kept small: there
/// can be a million of them.
class target final : public compact_actor {
public:
  using behavior_type = target_actor::behavior_type;

  /// So many results, and so many failures, make up a target's story.
  static constexpr std::size_t history_length = 5;

  target(caf::actor_config& config, target_ref spec, target_context_ptr context);

  const char* name() const override { return "target"; }

  void prefetch_state() const noexcept override;

  /// As the messages do: for `actor_round::hand`.
  void take(const tick& now);
  void take(probe_done& answer);

  /// The probe under way will have no answer: there was no memory for it, or its engine has let go
  /// of it. From any thread.
  void note_unanswered() noexcept { unanswered_.store(true, std::memory_order_release); }

protected:
  bool handle(caf::message_view& message) override;
  void on_exit() override;
  caf::error handle_exception(const std::exception_ptr& thrown) override;

private:
  enum class verdict : std::uint8_t { none, ok, failing };

  /// What only targets that have something to tell have: failures, and the results of kinds with
  /// phases, for which a gist has no place. The oldest come first.
  struct long_history {
    std::vector<probe_result_ptr> results;
    std::vector<probe_result_ptr> failures;
  };

  void begin_probe(monotonic_time due);
  void end_probe(probe_done& answer);
  void end_unanswered();
  void give_up_probe(probe_error error, std::string_view why);
  void remember(probe_result_ptr result);
  void note_own_fault(const probe_outcome& outcome);
  void log_change(const probe_outcome& outcome) const;
  void log_state(std::string_view what, const probe_outcome& outcome) const;
  target_story describe() const;

  const target_ref spec_;
  target_context_ptr context_;
  probe_result_ptr last_;
  std::unique_ptr<long_history> long_history_;
  std::array<result_gist, history_length - 1> gists_{}; ///< a ring
  std::uint32_t generation_ = 0;                        ///< of the probe under way or the last one
  std::uint32_t ticks_ = 0;
  std::uint32_t skipped_busy_ = 0;
  std::uint32_t succeeded_ = 0;
  std::uint32_t failed_ = 0;
  std::uint32_t local_errors_ = 0;
  std::uint8_t next_gist_ = 0;
  std::uint8_t gist_count_ = 0;
  verdict verdict_ = verdict::none; ///< of the latest result that says something of the target
  std::uint8_t own_faults_ = 0; ///< of the prober's own since then, in a row, as far as they count
  bool probing_ = false;
  std::atomic<bool> unanswered_{false};
};

/// By the latest result, null before the first: a fault of the prober's own says nothing of the
/// target, neither that it fails nor that it is still well.
target_state target_state_of(const probe_result* last) noexcept;

} // namespace xprober
