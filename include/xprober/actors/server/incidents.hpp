#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/chain_actors.hpp"
#include "xprober/actors/server/incident_answers.hpp"
#include "xprober/actors/server/incident_board.hpp"
#include "xprober/actors/server/incident_keeper.hpp"
#include "xprober/store/lost_agents.hpp"
#include "xprober/verdict/incident_book.hpp"

namespace xprober {

/// Verdicts are made so often.
inline constexpr std::chrono::seconds look_interval{1};
/// Verdicts take at most this share of a core: where they are long they are rarer.
inline constexpr int look_share = 20;
/// Certificates are looked at so often, and of what groups anything is known.
inline constexpr std::chrono::seconds certificate_interval{60};
/// And first so long after the start, when agents have told theirs.
inline constexpr std::chrono::seconds first_certificate_look{10};

/// Whom the incidents actor asks and hears from.
struct incident_sources {
  store_actor store;
  registry_actor registry;
  target_pool_actor pool;
  stats_actor stats;
  history_actor history{}; ///< null: there is none
  events_actor events{};   ///< null: nobody follows what changes
  chains_actor chains{};   ///< names what ends; null: nobody does
};

/// Owns what is known of the states of all series, the incidents and their file. It begins to judge
/// when the registry has said which agents there are: before, everybody would be missing; and all
/// parts of the store which states all series have: that comes in pieces.
///
/// However many messages come, a verdict is made once a second at most, in two steps: causes, and
/// what becomes of them. What comes between these waits, as causes are by numbers that it would
/// change; the store waits for nothing, it tells the next states when the last were taken.
///
/// What has become of incidents is written before anybody is told (`incident_keeper`); what the
/// disk does not take is tried again at every look. Whoever asks is answered by
/// `incident_answers`. Blocks: spawn it detached.
struct incidents_state {
  static constexpr const char* name = "incidents";

  incidents_actor::pointer self = nullptr;
  incident_sources from;
  std::unique_ptr<incident_board> board;
  incident_book book{{}};
  incident_keeper keeper{book};
  incident_answers answers{book, keeper, [this] { return write(); }};
  incident_rules rules;
  incident_stats counts;
  std::map<std::pair<std::string, std::string>, agent_state> agents; ///< as events told them
  target_labels_ptr labels;                                          ///< null: not told yet
  lost_agents lost;
  bool begun = false; ///< the registry has said which agents there are
  /// Between the steps of a look; empty: no look is under way.
  std::vector<kind_picture> pictures;
  nanoseconds look_took{0}; ///< the first step of it
  /// What came meanwhile.
  struct waiting {
    std::vector<std::pair<series_changes_ptr, caf::typed_response_promise<done_atom>>> changes;
    agent_listing_ptr agents;
    std::optional<target_labels_ptr> labels;
  } held;

  void configure(const incident_rules& next);
  caf::result<done_atom> take_changes(const series_changes_ptr& changes);
  void take_agents(const agent_listing_ptr& listing);
  void take_labels(const target_labels_ptr& labels);
  void look();
  void look_at_certificates();
  void prune();
  void report();

private:
  bool prepare();
  void judge();
  void take_held();
  void keep(std::vector<incident_change> changes);
  bool write();
  void tell_agents(const agent_listing& listing);
  void tell_states();
  void watch_closely();
  /// Asks of which groups anything is known now, and keeps that.
  void note_known();
  void keep_known(const store_snapshot& counted);
  /// `chains` may be null.
  void judge_certificates(const std::vector<seen_certificate>& seen, const chain_page* chains);
  void name_certificates(const certificate_list& seen, std::int64_t until_unix);
  void count_open();
};

incidents_actor::behavior_type incidents(incidents_actor::stateful_pointer<incidents_state> self,
                                         const std::string& directory, const incident_rules& rules,
                                         std::uint32_t parts, incident_sources from);

} // namespace xprober
