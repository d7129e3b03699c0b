#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/question_desk.hpp"
#include "xprober/domain/targets/target_lists.hpp"
#include "xprober/domain/targets/wanted_targets.hpp"

namespace xprober {

/// For so long after its start a server with a mesh, or with targets that agents share, leaves
/// agents their lists of before: three of their requests, so that the members have come back.
inline constexpr std::chrono::seconds mesh_warm_up{15};

/// Owns the configured targets and what the registry says of the mesh. Answers every agent with its
/// list or what has changed in it, made once for all agents that have it, and tells the store which
/// targets are no longer in any list, and which are wanted from where. A configuration that is
/// wrong changes nothing. What is asked of agents waits here, since here they come.
struct target_pool_state {
  static constexpr const char* name = "target_pool";

  target_pool_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  target_lists lists; ///< of a universe without a catalog: no configuration was read yet
  /// The whole mesh as the registry knows it, the lost ones too, whether they are used or not.
  std::vector<agent_identity> members;
  std::vector<agent_identity> active; ///< those of them that ask for their targets
  wanted_targets_ptr wanted;          ///< as the store was last told; null: it was not
  std::uint64_t max_targets = 0;
  bool mesh = true;
  std::vector<caf::actor> label_listeners;
  std::vector<caf::actor> entered_listeners; ///< of all targets
  bool ever_forgot = false; ///< the store may hold a grudge against a target that comes back
  /// When the first agent could be answered. Not the start: reading a journal can take longer than
  /// the members of the mesh need to come back.
  std::optional<monotonic_time> first_asked;
  std::set<std::string, std::less<>> issued; ///< revisions that agents got during the warm-up
  std::vector<std::string> warnings;         ///< as stats was last told
  bool sources_noted = false;                ///< it was told at all
  question_desk questions;

  caf::expected<targets_answer> answer(const get_targets_request& request);
  bool in_warm_up(const target_lists::entry& list) const;
  pool_report configure(const pool_config& config);
  void update_mesh(const mesh_update& update);
  target_labels_ptr labels() const {
    const auto& catalog = lists.universe().catalog;
    return catalog ? catalog->labels : nullptr;
  }
  void add_listener(const caf::actor& listener);
  void add_entered_listener(const caf::actor& listener);

private:
  caf::expected<targets_answer> list_for(const get_targets_request& request);
  /// Tells stats of regions that are to probe targets and that no agent has.
  void note_missing_sources();
  /// False: it is the one that there is.
  bool enter(target_universe next);
  void tell_entered();
  /// Where it is another than before.
  void tell_wanted();
  std::vector<agent_identity> usable_members(const catalog_ptr& catalog) const;
};

target_pool_actor::behavior_type
target_pool(target_pool_actor::stateful_pointer<target_pool_state> self, store_actor store,
            stats_actor stats);

} // namespace xprober
