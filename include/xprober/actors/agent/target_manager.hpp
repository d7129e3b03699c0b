#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/agent/list_application.hpp"
#include "xprober/actors/agent/prober_directory.hpp"
#include "xprober/actors/agent/respawn_waits.hpp"
#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/agent/target_table.hpp"

namespace xprober {

/// Owns the only list of targets. The syncer hands it lists and differences; it applies them one
/// after the other, step by step, spawns and kills target actors accordingly, and tells the ticker
/// and `results` who is there. A target that dies of an error comes back.
struct target_manager_state {
  static constexpr const char* name = "target_manager";

  struct job {
    list_update update;
    caf::typed_response_promise<apply_report> promise;
  };

  target_manager_actor::pointer self = nullptr;
  results_actor results;
  stats_actor stats;
  /// Every target holds it as well, so whoever lets go of it last, after `stop` the last target
  /// that ends, tells the manager: no need to monitor a million targets. Null after `stop`.
  target_context_ptr context;
  ticker_actor ticker;
  target_table table;
  std::vector<target_actor> actors; ///< by target index; invalid while one waits to come back
  prober_directory probers;
  std::deque<job> jobs;                     ///< the first is being applied
  std::optional<list_application> applying; ///< the first job
  std::vector<target_change> changes;       ///< of one step
  respawn_waits waits;
  target_stats counts;
  unknown_types unknown;             ///< of the lists
  std::vector<std::string> warnings; ///< as stats was last told
  lifecycle_report lifecycle{actor_kind::target};
  bool stopped = false;
  bool targets_ended = false;
  std::vector<caf::typed_response_promise<done_atom>> stopping; ///< waiting for the targets' end

  void apply(list_update update, caf::typed_response_promise<apply_report> promise);
  void step();
  void set_modules(module_list list);
  void target_died(const target_failed& failed);
  void respawn(const target_ref& spec);
  target_actor find(std::uint64_t hash) const;
  void stop(caf::typed_response_promise<done_atom> promise);
  void all_ended();

private:
  void begin_job();
  void finish_job();
  void spawn(const target_ref& spec);
  void end(const target_ref& spec);
  void report_counts();
  void limit_outcomes();
  void warn_of_unknown_types();
  void report_lifecycle();
};

target_manager_actor::behavior_type
target_manager(target_manager_actor::stateful_pointer<target_manager_state> self,
               const engine_table& engines, results_actor results, ticker_actor ticker,
               stats_actor stats, std::vector<prober_name> modules, waiting_outcomes* outcomes);

} // namespace xprober
