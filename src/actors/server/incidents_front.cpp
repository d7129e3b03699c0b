#include "xprober/actors/server/incidents_front.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"

namespace xprober {

incidents_actor::behavior_type
incidents_front(incidents_actor::stateful_pointer<incidents_front_state> self,
                incidents_actor incidents) {
  guard_actor(self, "incidents_front");
  self->state.incidents = std::move(incidents);
  const auto pass = [self](const auto& message) { self->send(self->state.incidents, message); };
  const auto ask = [self](const auto& message) {
    return self->delegate(self->state.incidents, message);
  };
  return {
      [ask](const series_changes_ptr& changes) { return ask(changes); },
      [pass](const agent_listing_ptr& listing) { pass(listing); },
      [pass](const target_labels_ptr& labels) { pass(labels); },
      [pass](const incident_rules& next) { pass(next); },
      [pass](look_atom now) { pass(now); },
      [pass](certificates_atom now) { pass(now); },
      [pass](prune_atom now) { pass(now); },
      [ask](report_atom now) { return ask(now); },
      [ask](const notice_request& request) { return ask(request); },
      [ask](const notices_told& by) { return ask(by); },
      [ask](open_incidents_atom now) { return ask(now); },
      [ask](const incident_request& request) { return ask(request); },
      [ask](const incident_by_id& wanted) { return ask(wanted); },
      [ask](const acknowledge_incident& request) { return ask(request); },
      [ask](get_mutes_atom now) { return ask(now); },
      [ask](const add_mute& request) { return ask(request); },
      [ask](const remove_mute& gone) { return ask(gone); },
  };
}

} // namespace xprober
