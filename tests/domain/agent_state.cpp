#define CAF_SUITE agent_state

#include "xprober/domain/agent_state.hpp"

#include <set>
#include <string>
#include <string_view>

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

CAF_TEST(what keeps an agent from some targets leaves its other results as true as ever) {
  for (const auto reason :
       {own_faults::no_icmp_permission, own_faults::no_ipv6, own_faults::unknown_modules,
        own_faults::spool_full, own_faults::certificate_ends}) {
    CAF_MESSAGE(std::string{reason});
    CAF_CHECK(!own_faults::spoil_results(reason));
  }
  for (const std::string_view reason : {own_faults::overload, own_faults::clock_off,
                                        own_faults::no_name_server, std::string_view{"flooded"}}) {
    CAF_MESSAGE(std::string{reason});
    CAF_CHECK(own_faults::spoil_results(reason));
  }
}

} // namespace agent_state_suite
