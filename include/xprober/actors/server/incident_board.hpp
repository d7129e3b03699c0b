#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/actors/messages/incidents.hpp"
#include "xprober/actors/server/failure_texts.hpp"
#include "xprober/actors/server/pair_cells.hpp"
#include "xprober/actors/server/target_shelf.hpp"
#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/verdict/backlog_watch.hpp"
#include "xprober/verdict/counted_names.hpp"
#include "xprober/verdict/incident_book.hpp"
#include "xprober/verdict/target_groups.hpp"

namespace xprober {

/// What verdicts are made of: the states of all series and agents as matrices, and the names of
/// what stands in them.
///
/// Each kind of probe has up to two pictures. Where agents probe each other, sources and targets
/// are regions; everything else has agents as sources and addresses as targets. One more picture is
/// of the agents alone, so that one that probes nothing is missed, too.
///
/// An agent is called by its region where it is the only one there, or where all of the region are
/// in the same trouble: so the same trouble has one name in all pictures. How each agent is reached
/// is counted beside the pairs, as one of a region's agents may be dead while others are well.
///
/// What is told costs by what has changed; what goes through all agents is done once for each set
/// of pictures. Names, numbers and groups go with the last series that uses them.
class incident_board {
public:
  /// `parts`: of the store.
  explicit incident_board(std::uint32_t parts);
  ~incident_board();
  incident_board(const incident_board&) = delete;
  incident_board& operator=(const incident_board&) = delete;

  /// All agents, as the registry knows them. To be called before the first `take`: which targets
  /// are agents is judged when they are named.
  void set_agents(const agent_listing& listing);
  void set_labels(target_labels_ptr labels);
  /// Brings the groups of some more targets up to the labels; true where others are left. Nobody
  /// has to call it: `pictures` does what is left at once, of a million targets in a second or two.
  bool regroup_some();
  void take(const series_changes& changes);
  /// All parts have told all that there was when they were asked: no verdict is made before.
  bool complete() const noexcept { return incomplete_ == 0; }

  /// As it is now; valid until something changes. To be called for each look. Sources are `behind`
  /// there as long as `backlog_watch` has it.
  std::vector<kind_picture> pictures(wall_time now);

  /// How many series of each kind are in each state.
  std::vector<state_counts> state_totals() const;

  /// True where some agent probes a target of that name.
  bool is_probed(std::string_view target) const { return !targets_.find(target).empty(); }
  /// The targets that an incident names, as they are probed: for who watches them closely.
  std::vector<target_uid> targets_of(const incident& what) const;

  /// How much of what is named there is: for tests and the benchmark.
  struct extent {
    std::size_t agents = 0;
    std::size_t agent_numbers = 0; ///< those that are free included
    std::size_t regions = 0;
    std::size_t groups = 0;
  };
  extent size() const noexcept;

  /// Until an agent has said how often it probes.
  static constexpr std::chrono::milliseconds usual_period{15'000};
  /// As the configuration of agents has it.
  static constexpr std::chrono::milliseconds longest_period{std::chrono::hours{24}};
  /// Who delivers results that are older than `late_results_s`, or says that such wait, is behind,
  /// and for so long after it: its next results come with its next batch, and take their way.
  static constexpr std::chrono::seconds behind_rest{3};
  /// Who is late or lost may have been cut off with it, and is taken to be behind for as long as it
  /// may take to try again.
  static constexpr std::chrono::seconds behind_rest_of_others{15};
  /// Who is back from being late or lost delivers what it has between two looks, maybe: the others
  /// are waited for, too. So they are from the first one that is back, for so long, and anew when
  /// nobody has come back for as long: one that comes and goes holds up nobody for good.
  static constexpr std::chrono::seconds returns_of_one_outage{60};

private:
  enum class view : std::uint8_t { targets, pairs, agents };
  class names;
  struct kind_board;
  struct agent {
    std::string region;
    std::string address;
    std::string shown;                       ///< see above
    std::uint32_t region_number = no_number; ///< `no_number`: the number stands for nobody
    bool by_region = false;                  ///< it is called by its region
    bool there = false;                      ///< in the registry's list, and not left
    agent_state state = agent_state::ok;
    prober_trouble trouble = prober_trouble::none;
    bool spoilt = false; ///< by its trouble: what it measures says nothing of its targets
    failure_text says{};
    std::uint64_t series = 0;
    std::uint64_t known = 0;     ///< series with a result of the target
    std::uint64_t fault = 0;     ///< series with own faults
    cell_counts cell{};          ///< in the picture of agents
    std::int64_t waits_unix = 0; ///< what it says of a backlog: its results are in up to here
    std::int64_t told_unix = 0;  ///< of its newest result since the last look; 0: none
    std::int64_t heard_unix = 0; ///< by our clock, when it asked or was told of last
    std::int64_t slow_s = 0; ///< seconds that its clock is behind, and so are its results' times
    wall_time late_until{};  ///< see `behind_rest`
    backlog_watch backlog{};
    bool back = false;   ///< it was late or lost, and has been heard since the last look
    bool late = false;   ///< it delivers, and is waited for
    bool behind = false; ///< it, or those that were cut off with it

    source_info info() const noexcept { return {region_number, trouble, behind}; }
  };
  struct target_type {
    prober_name prober;
    kind_board* kind = nullptr;
    bool mesh = false; ///< the target is an agent
  };
  std::uint32_t agent_number(const std::string& region, const std::string& address);
  void forget_agent(std::uint32_t number);
  kind_board& kind_of(const std::string& name);
  std::uint16_t type_number(const series_changes::target_name& target, bool mesh);
  std::uint32_t target_number(std::uint32_t part, std::uint32_t number) const {
    return number * parts_ + part;
  }
  void name_target(std::uint32_t part, const series_changes::target_name& target);
  void forget_target(std::uint32_t target);
  void group_target(std::uint32_t target);
  void change(std::uint32_t part, const series_change& what, const series_changes& all);
  void change_target(kind_board& kind, std::uint32_t source, std::uint32_t target,
                     const cell_counts& before, cell_counts after, std::string_view sentence);
  void change_reach(kind_board& kind, std::uint32_t target, const cell_counts& before,
                    const cell_counts& after);
  void change_pair(kind_board& kind, std::uint32_t from, std::uint32_t to,
                   const cell_counts& before, const cell_counts& after, std::string_view sentence);
  void note_line(agent& a, const agent_line& line);
  bool is_late(agent& a, wall_time now);
  bool opens_wait(wall_time now);
  bool take_back(wall_time now);
  void watch_backlogs(wall_time now);
  void judge_agents();
  void judge(agent& a) const;
  static prober_trouble trouble_in_kinds(const agent& a) noexcept;
  void name_agents();
  void place_agents();
  source_info region_info(std::uint32_t region) const;
  const std::vector<std::uint32_t>& agents_of(std::uint32_t region) const;
  std::vector<std::uint32_t> agents_shown_as(std::string_view name) const;
  const label_list* labels_of(std::uint32_t target) const;

  std::uint32_t parts_;
  std::vector<bool> part_complete_;
  std::uint32_t incomplete_; ///< parts that have not told all yet
  counted_names regions_;    ///< used by agents and by targets
  std::map<std::pair<std::string, std::string>, std::uint32_t> agent_numbers_;
  std::vector<agent> agents_;
  std::vector<std::uint32_t> free_agents_;
  bool unjudged_ = true; ///< something has changed since agents were judged
  /// Agents by the hash of what they are called, sorted; empty: to be made.
  mutable std::vector<std::pair<std::uint64_t, std::uint32_t>> shown_;
  std::vector<std::vector<std::uint32_t>> of_region_;    ///< agents, by the number of their region
  std::vector<std::vector<std::uint32_t>> store_agents_; ///< agents by part and its number
  std::map<std::pair<std::string, std::string>, agent_state> members_; ///< see `set_agents`
  std::uint64_t words_ = 0;                                            ///< see `kind_picture`
  std::vector<target_type> types_;
  std::map<std::tuple<std::string, std::string, bool>, std::uint16_t> type_numbers_;
  target_shelf targets_;
  target_groups groups_;
  target_labels_ptr labels_;
  std::uint32_t regrouped_ = 0; ///< targets below it have the groups of `labels_`
  bool regrouping_ = false;
  failure_texts failures_;
  /// Of the targets of all kinds: a number is one of one kind at a time.
  evidence::columns columns_ = std::make_shared<std::vector<evidence::column>>();
  std::map<std::string, std::unique_ptr<kind_board>, std::less<>> kinds_;
  evidence agent_evidence_{false};
  verdict_keeper agent_verdict_;
  std::unique_ptr<names> agent_names_;
  std::chrono::milliseconds period_{usual_period};
  wall_time others_until_{}; ///< see `behind_rest_of_others`
  wall_time returns_from_{}; ///< when the first one was back: see `returns_of_one_outage`
  wall_time returned_{};     ///< when the newest one was
};

} // namespace xprober
