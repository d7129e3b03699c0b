#define CAF_SUITE register_messages

#include "xprober/actors/register_messages.hpp"

#include <string>
#include <typeindex>
#include <vector>

#include "support/actor_fixture.hpp"

namespace register_messages_suite {

using namespace xprober;

namespace {

// An id in a block is all that makes a type a message, and nothing else does.
struct stranger {};
static_assert(caf::allowed_unsafe_message_type<tick>::value);
static_assert(caf::allowed_unsafe_message_type<handler_report>::value);
static_assert(caf::allowed_unsafe_message_type<store_view>::value);
static_assert(!caf::allowed_unsafe_message_type<stranger>::value);
static_assert(!caf::allowed_unsafe_message_type<std::string>::value);
static_assert(!caf::allowed_unsafe_message_type<std::vector<tick>>::value);

// The blocks of the roles do not overlap.
static_assert(caf::type_id<handler_report>::value < first_agent_type_id);
static_assert(caf::type_id<tick>::value >= first_agent_type_id);
static_assert(caf::type_id<tick>::value < first_server_type_id);
static_assert(caf::type_id<agent_seen>::value >= first_server_type_id);

std::string name_of(const caf::actor_system_config& config, const std::type_info& type) {
  const auto at = config.type_names_by_rtti.find(std::type_index{type});
  return at == config.type_names_by_rtti.end() ? std::string{} : at->second;
}

} // namespace

CAF_TEST(messages of every role are known by their names) {
  caf::actor_system_config config;
  CAF_CHECK_EQUAL(name_of(config, typeid(tick)), "");
  register_messages(config);
  CAF_CHECK_EQUAL(name_of(config, typeid(handler_report)), "xprober::handler_report");
  CAF_CHECK_EQUAL(name_of(config, typeid(tick)), "xprober::tick");
  CAF_CHECK_EQUAL(name_of(config, typeid(agent_seen)), "xprober::agent_seen");
  CAF_CHECK_EQUAL(name_of(config, typeid(stranger)), "");
}

} // namespace register_messages_suite
