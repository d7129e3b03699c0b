#define CAF_SUITE agent_state

#include "xprober/domain/agent_state.hpp"

#include <set>

#include "caf/test/unit_test.hpp"

namespace agent_state_suite {

using namespace xprober;

CAF_TEST(each state has a name of its own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < agent_state_count; ++i) {
    names.insert(to_string(static_cast<agent_state>(i)));
  }
  CAF_CHECK_EQUAL(names.size(), agent_state_count);
  CAF_CHECK_EQUAL(names.count("unknown"), 0u);
  CAF_CHECK_EQUAL(to_string(agent_state::lost), "lost");
}

} // namespace agent_state_suite
