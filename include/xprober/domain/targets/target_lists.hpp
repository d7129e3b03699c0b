#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/targets/target_change.hpp"
#include "xprober/domain/targets/target_compose.hpp"

namespace xprober {

/// Lists with more targets than this, together, are not all kept: the one that nobody has asked for
/// longest is put together again when it is needed. Its revision stays, so agents that have the
/// list are answered at once. About 300 MB of addresses; a group counts as four more, so that a
/// mesh of thousands of regions with one agent each, whose lists grow with its square, is bounded,
/// too.
inline constexpr std::uint64_t max_cached_targets = 8'000'000;

/// Changes are remembered for differences up to so many addresses in all, and so many changes.
inline constexpr std::uint64_t max_change_targets = 500'000;
inline constexpr std::size_t max_changes = 256;

/// Lists that are known at the same time. With sharding each agent has one, so a stranger could
/// make many.
inline constexpr std::size_t max_lists = 20'000;

/// Earlier revisions of a list that are recognised.
inline constexpr std::size_t max_past_revisions = 32;

/// The lists of all regions, each made once for all agents that get it, with their revisions and
/// the differences between them. Where agents of a region share targets, each has a list of its
/// own.
class target_lists {
public:
  using answer = std::shared_ptr<const get_targets_response>;

  /// The agents of one region that share its targets.
  struct crew {
    std::vector<std::string> names; ///< addresses, sorted
    rendezvous owners;
  };
  using crew_ptr = std::shared_ptr<const crew>;

  /// One list.
  struct entry {
    std::string region;
    std::string address; ///< of the agent; empty: the list is for all agents of the region
    std::string revision;
    std::uint64_t hash = 0; ///< `revision` as a number
    std::uint64_t size = 0; ///< targets in the list
    answer full;            ///< null: to be put together when it is needed
    answer unchanged;       ///< for agents that have the revision already; null: a new entry
    std::uint64_t last_used = 0;
    std::uint64_t step = 0; ///< of the universe that the list was made from
    crew_ptr agents;        ///< null: nothing is shared

  private:
    friend class target_lists;
    struct past {
      std::uint64_t hash;
      std::uint64_t step;
      crew_ptr agents;
    };
    std::deque<past> history;              ///< what the list was before, oldest first
    std::map<std::uint64_t, answer> ready; ///< differences to this list, by the base's hash
    std::uint64_t full_cost = 0;           ///< of `full`, in addresses
    std::uint64_t ready_targets = 0;       ///< of `ready`, likewise
  };

  const target_universe& universe() const noexcept { return universe_; }

  /// All targets have changed; says how.
  universe_change enter(target_universe next);

  /// The agents that are there, sorted by region, then address.
  void set_agents(std::vector<agent_identity> agents);

  /// The list of an agent as it is now. Valid until the next call of anything here.
  entry& look_up(std::string_view region, std::string_view local_ip);

  /// The answer to an agent that has the list `base` and can apply a difference to it (empty: it
  /// has none, or cannot): the difference where it is known and shorter, else the whole list.
  answer answer_from(entry& list, std::string_view base);

  std::size_t size() const noexcept { return entries_.size(); }
  std::uint64_t cached_targets() const noexcept { return cached_targets_; }
  void set_cache_limit(std::uint64_t targets) noexcept { cache_limit_ = targets; }

private:
  using key = std::pair<std::string, std::string>;

  bool is_shared(std::string_view region);
  crew_ptr crew_of(std::string_view region, const std::string& address);
  list_viewer viewer_of(const entry& list, const crew_ptr& agents) const;
  void bring_up(entry& list);
  void compose(entry& list);
  answer difference(entry& list, std::uint64_t base);
  answer make_difference(const entry& list, std::uint64_t base, const list_difference& moves) const;
  bool collect(const entry& list, std::uint64_t step, const crew_ptr& agents,
               const crew_ptr& agents_now, list_difference& out) const;
  void renew(entry& list, std::uint64_t hash, std::uint64_t size);
  void drop_full(entry& list);
  void drop_ready(entry& list);
  answer keep_ready(entry& list, std::uint64_t base, const list_difference& moves);
  void make_room(const entry& keep);
  void forget_oldest();

  target_universe universe_;
  std::vector<agent_identity> agents_;
  std::uint64_t step_ = 0;              ///< goes up with every universe
  std::deque<universe_change> changes_; ///< the last one led to `step_`
  std::uint64_t changes_size_ = 0;
  std::set<std::string, std::less<>> own_lists_;    ///< see `regions_with_own_list`
  std::map<std::string, bool, std::less<>> shared_; ///< regions looked up in this universe
  std::map<std::string, crew_ptr, std::less<>> crews_;
  /// By region and, with sharding, address. Region "" stands for every region without a list of its
  /// own and without sharding.
  std::map<key, entry> entries_;
  std::uint64_t uses_ = 0; ///< orders `last_used`
  std::uint64_t cached_targets_ = 0;
  std::uint64_t cache_limit_ = max_cached_targets;
};

} // namespace xprober
