#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"

namespace xprober::test {

/// What the stand-in for the incidents actor has, set before it is asked, and what it was told.
struct fake_incident_queue {
  std::string receiver;
  std::vector<storage::queued_notice> notices;
  std::vector<incident> open;
  std::atomic<std::uint64_t> through{0}; ///< told, by sequence
};

inline incidents_actor::behavior_type fake_incidents(incidents_actor::pointer,
                                                     std::shared_ptr<fake_incident_queue> queue) {
  return {
      [](const series_changes_ptr&) { return done_atom_v; },
      [](const agent_listing_ptr&) {},
      [](const target_labels_ptr&) {},
      [](const incident_rules&) {},
      [](look_atom) {},
      [](certificates_atom) {},
      [](prune_atom) {},
      [](report_atom) { return done_atom_v; },
      [queue](const notice_request& request) {
        auto due = std::make_shared<std::vector<storage::queued_notice>>();
        for (const auto& notice : queue->notices) {
          if (request.receiver == queue->receiver && notice.sequence > queue->through) {
            due->push_back(notice);
          }
        }
        return notice_list{due};
      },
      [queue](const notices_told& told) {
        queue->through = told.sequence;
        return done_atom_v;
      },
      [queue](open_incidents_atom) {
        return incident_list{std::make_shared<const std::vector<incident>>(queue->open)};
      },
      [](const incident_request&) { return incident_answer{}; },
      [](const incident_by_id&) { return incident_ptr{}; },
      [](const acknowledge_incident&) { return incident_ptr{}; },
      [](get_mutes_atom) { return mute_list{std::make_shared<const std::vector<mute>>()}; },
      [](const add_mute&) { return mute_added{}; },
      [](const remove_mute&) { return false; },
  };
}

} // namespace xprober::test
