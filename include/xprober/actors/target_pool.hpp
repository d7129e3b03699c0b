#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/target_compose.hpp"

namespace xprober {

/// Lists with more targets than this, together, are not all kept: the one that nobody has asked for
/// longest is put together again when it is needed. Its revision stays, so agents that have the
/// list are answered at once. About 300 MB of addresses.
inline constexpr std::uint64_t max_cached_targets = 8'000'000;

/// For so long after its start a server with a mesh leaves agents their lists of before: three of
/// their requests, so that the members have come back.
inline constexpr std::chrono::seconds mesh_warm_up{15};

/// Owns the configured targets and what the registry says of the mesh. Answers every agent with its
/// region's list, made once for all agents of the region, and tells the store which targets are no
/// longer in any list. A configuration that is wrong changes nothing.
struct target_pool_state {
  static constexpr const char* name = "target_pool";

  /// What agents of one region are answered.
  struct region_answers {
    std::string revision;
    targets_answer full;      ///< null where it was dropped for memory
    targets_answer unchanged; ///< for agents that have the revision already
    std::uint64_t size = 0;   ///< targets in the list
    std::uint64_t last_used = 0;
  };

  target_pool_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  target_universe universe; ///< catalog null: no configuration was read yet
  std::vector<agent_identity>
      members; ///< all that the registry knows, whether they are used or not
  std::uint64_t max_targets = 0;
  bool mesh = true;
  std::vector<caf::actor> label_listeners;
  bool ever_forgot = false; ///< the store may hold a grudge against a target that comes back
  monotonic_time began{};
  std::set<std::string, std::less<>> issued; ///< revisions that agents got during the warm-up
  std::uint64_t uses = 0;   ///< orders `last_used`
  std::uint64_t cached_targets = 0;
  std::uint64_t cache_limit = max_cached_targets;
  std::set<std::string, std::less<>> own_lists; ///< see `regions_with_own_list`
  /// Region "" stands for every region without a list of its own.
  std::map<std::string, region_answers, std::less<>> answers;

  caf::expected<targets_answer> answer(const get_targets_request& request);
  bool in_warm_up() const;
  pool_report configure(const pool_config& config);
  void update_mesh(const mesh_update& update);
  target_labels_ptr labels() const { return universe.catalog ? universe.catalog->labels : nullptr; }
  void add_listener(const caf::actor& listener);

private:
  void enter(target_universe next);
  std::vector<agent_identity> usable_members(const catalog_ptr& catalog) const;
  region_answers& answers_of(std::string_view region);
  void compose(region_answers& result, std::string_view region);
  void make_room(const region_answers& keep);
};

target_pool_actor::behavior_type
target_pool(target_pool_actor::stateful_pointer<target_pool_state> self, store_actor store,
            stats_actor stats);

} // namespace xprober
