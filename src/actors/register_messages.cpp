#include "xprober/actors/register_messages.hpp"

#include <caf/all.hpp>

#include "xprober/actors/messages/agent.hpp"
#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/server.hpp"

namespace xprober {

// A role's block must end before the next one's begins.
static_assert(caf::id_block::xprober_common::end <= first_agent_type_id);
static_assert(caf::id_block::xprober_agent::end <= first_server_type_id);

void register_messages(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::xprober_common>();
  config.add_message_types<caf::id_block::xprober_agent>();
  config.add_message_types<caf::id_block::xprober_server>();
}

} // namespace xprober
