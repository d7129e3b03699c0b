#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/agent/target.hpp"

namespace xprober {

/// A list may always take away fewer targets than this, whatever share of all they are.
inline constexpr std::uint64_t unprotected_removals = 10;

/// Owns the only list of targets. The syncer hands it lists and differences; it spawns and kills
/// target actors, and tells the ticker and `results` who is there. A target whose module is built
/// on another kind than before, or whose URL names another user, is a new target. A list is applied
/// in small steps, so that a million new targets do not hold up the ticks of those that are there
/// already.
struct target_manager_state {
  static constexpr const char* name = "target_manager";

  struct entry {
    target_ref spec;         ///< null: the index is free
    target_actor actor;      ///< invalid while a failed target waits to come back
    std::uint32_t epoch = 0; ///< of the last list that named it
    std::uint32_t seen = 0;  ///< of the last list that was checked and names it
  };

  /// What a job does now. A list goes from `check`, if it may take away too much, to `add` and
  /// `sweep`; a difference from `take_out` to `add`.
  enum class phase : std::uint8_t { check, take_out, add, sweep };

  struct job {
    list_update update;
    caf::typed_response_promise<apply_report> promise;
    apply_report report;
    phase at = phase::add;
    std::size_t group = 0;
    std::size_t item = 0;
    std::size_t sweep = 0;          ///< index up to which entries were checked for removal
    std::uint64_t found = 0;        ///< targets of ours that the check has found in the list
    std::uint64_t unknown_gone = 0; ///< of a difference: removed targets of unknown types

    bool is_difference() const noexcept { return update.removed != nullptr; }
  };

  using hash_index = std::unordered_multimap<std::uint64_t, target_index>;

  struct failure {
    std::uint32_t count = 0;
    monotonic_time last{};
  };

  target_manager_actor::pointer self = nullptr;
  results_actor results;
  stats_actor stats;
  /// Every target holds it as well, so whoever lets go of it last, after `stop` the last target
  /// that ends, tells the manager: no need to monitor a million targets. Null after `stop`.
  std::shared_ptr<const target_context> context;
  ticker_actor ticker;
  std::vector<entry> entries;     ///< by target index
  std::vector<target_index> free; ///< indices of `entries` that can be used again
  hash_index by_hash;
  std::deque<job> jobs; ///< the first is being applied
  std::unordered_map<target_index, failure> failures;
  engine_table engines;                   ///< their kinds are known by their names
  std::vector<prober_name> modules;       ///< sorted
  std::vector<std::string> unknown_types; ///< already logged
  std::uint32_t epoch = 0;
  target_stats counts;
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
  bool advance(job& j, std::size_t& budget);
  std::uint64_t present() const noexcept { return entries.size() - free.size(); }
  std::uint64_t count_known(const target_list& groups) const;
  bool takes_too_much(const job& j, std::uint64_t removed) const noexcept;
  void hold(job& j, std::uint64_t removed);
  template <class Visitor>
  bool for_each_named(job& j, const target_list& groups, std::size_t& budget, Visitor&& visit);
  bool check_named(job& j, std::size_t& budget);
  bool take_out(job& j, std::size_t& budget);
  bool add_named(job& j, std::size_t& budget);
  hash_index::iterator find_entry(std::uint64_t hash, const target_uid& uid);
  bool remove_unnamed(job& j, std::size_t& budget);
  void finish_job();
  std::optional<prober_name> find_prober(std::string_view text) const;
  void add(job& j, target_uid uid, std::optional<std::string> user, std::size_t& budget);
  void spawn(entry& e);
  void kill(entry& e);
  void note_unknown_type(const target_group& group);
  std::string known_types() const;
  void report_lifecycle();
};

target_manager_actor::behavior_type
target_manager(target_manager_actor::stateful_pointer<target_manager_state> self,
               const engine_table& engines, results_actor results, ticker_actor ticker,
               stats_actor stats, std::vector<prober_name> modules);

} // namespace xprober
