#pragma once

// What the incidents actor takes and gives. Their type ids stand in server.hpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/storage/incident_file.hpp"
#include "xprober/store/certificates.hpp"
#include "xprober/store/series_change.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/mute.hpp"

namespace xprober {

/// From a part of the store: series that have another state. A part sends the next one when the
/// last one was taken.
using series_changes_ptr = std::shared_ptr<const series_changes>;

/// Who takes `series_changes_ptr` of the store, from all series on; null: nobody.
struct watch_states {
  caf::actor watcher;
};

/// From the registry, whenever something has changed, and every few seconds.
using agent_listing_ptr = std::shared_ptr<const agent_listing>;

/// Who takes `agent_listing_ptr` of the registry; the first comes at once.
struct watch_agents {
  caf::actor watcher;
};

/// How incidents are opened and what is said of them; `alerts` and `status` of the configuration.
struct incident_rules {
  std::uint32_t results = 3;            ///< `alerts.for`
  std::vector<incident_label> labels{}; ///< `alerts.labels`
  /// Who takes from the queue of notices, by the names that they are known by there.
  std::vector<std::string> receivers{};
  /// Of these groups it is noted when anything is known of them (`matchers_text`).
  std::vector<status_group> groups{};

  bool operator==(const incident_rules&) const = default;
};

/// What a receiver is to be told next. The answer is empty where there is nothing now.
struct notice_request {
  std::string receiver;
  std::size_t limit = 100;
};
using notice_list = std::shared_ptr<const std::vector<storage::queued_notice>>;

/// A receiver was told this notice and all before it, or they are given up. Answered when that is
/// on disk.
struct notices_told {
  std::string receiver;
  std::uint64_t sequence = 0;
};

/// A question for `/api/v1/incidents`.
struct incident_request {
  storage::incident_query query;
  bool with_known = false; ///< also when anything was known of groups, since `query.since`
};
using incident_answer = std::shared_ptr<const storage::incident_page>;

struct incident_by_id {
  std::uint64_t id = 0;
};
/// Null: there is none of that id, or none that is open where it has to be.
using incident_ptr = std::shared_ptr<const incident>;

struct acknowledge_incident {
  std::uint64_t id = 0;
  acknowledgement by;
};

using incident_list = std::shared_ptr<const std::vector<incident>>;
using mute_list = std::shared_ptr<const std::vector<mute>>;

struct add_mute {
  mute fresh;
};
/// Its number; 0: there are too many.
struct mute_added {
  std::uint64_t id = 0;
};
struct remove_mute {
  std::uint64_t id = 0;
};

/// Certificates that end soon, or are shown by one of these targets: see `find_certificates`.
struct certificate_request {
  std::int64_t until_unix = 0;
  std::vector<std::string> targets; ///< sorted
};
using certificate_list = std::shared_ptr<const std::vector<seen_certificate>>;

/// How many series of a kind are in each state.
struct state_counts {
  std::string kind;
  std::array<std::uint64_t, series_state_count> series{}; ///< by `series_state`

  bool operator==(const state_counts&) const = default;
};

/// Something that has changed, for those who follow `/api/v1/events`: an incident as it is now, an
/// agent as it is now, or the states of a kind, which are told once a second at most.
struct event_record {
  std::variant<incident_ptr, agent_line, state_counts> what;
};

/// An event with its number, which begins with 1 in each run of the server.
struct told_event {
  std::uint64_t number = 0;
  event_record record;
};

/// What came behind an event. An empty `run`: nothing yet, but where to begin.
struct event_request {
  std::uint64_t after = 0; ///< its number
  std::string run{};       ///< in which it had that number
  std::size_t limit = 64;
  bool wait = true; ///< where there is nothing, for as long as `longest_event_wait`
};

/// Empty where nothing has happened in that time.
struct event_page {
  std::string run;
  std::vector<std::shared_ptr<const told_event>> events;
  std::uint64_t through = 0; ///< where to go on: the number of the last event that is behind it
  bool lost = false; ///< what was asked for is not kept any more: there are no events, begin anew
};
using event_page_ptr = std::shared_ptr<const event_page>;

} // namespace xprober
