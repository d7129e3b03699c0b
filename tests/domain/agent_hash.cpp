#define CAF_SUITE agent_hash

#include "xprober/domain/agent_hash.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_hash_suite {

using namespace xprober;

CAF_TEST(an agent is told by its region and its address) {
  const auto one = agent_hash("eu", "10.0.0.1");
  CAF_CHECK_EQUAL(agent_hash("eu", "10.0.0.1"), one);
  CAF_CHECK_NOT_EQUAL(agent_hash("us", "10.0.0.1"), one);
  CAF_CHECK_NOT_EQUAL(agent_hash("eu", "10.0.0.2"), one);
  CAF_CHECK_NOT_EQUAL(agent_hash("eu10.", "0.0.1"), one);
  CAF_CHECK_NOT_EQUAL(agent_hash("10.0.0.1", "eu"), one);
}

} // namespace agent_hash_suite
