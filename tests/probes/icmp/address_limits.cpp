#define CAF_SUITE address_limits
#include "xprober/probes/icmp/address_limits.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace address_limits_suite {

using namespace xprober;
using namespace xprober::icmp;

namespace {

using texts = std::vector<std::string>;

const target_limits of_agent{{}, {"127.0.0.2", "link_local", "*.denied.test"}, {}};
const target_limits of_asker{{"127.0.0.0/8"}, {}, {"probe_endpoint.allowed_targets", {}}};

} // namespace

CAF_TEST(a target is refused before it is resolved) {
  const address_limits both{&of_agent, &of_asker};
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("127.0.0.2")),
                  "127.0.0.2 is denied by denied_targets (127.0.0.2)");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("::ffff:127.0.0.2")),
                  "127.0.0.2 is denied by denied_targets (127.0.0.2)");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("fe80::1%lo")),
                  "fe80::1 is denied by denied_targets (link_local)");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("a.denied.test")),
                  "a.denied.test is denied by denied_targets (*.denied.test)");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("192.0.2.1")),
                  "192.0.2.1 is not in probe_endpoint.allowed_targets");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("127.0.0.1")), "");
  CAF_CHECK_EQUAL(both.refusal_of(parse_target("a.test")), "");
  const address_limits none;
  CAF_CHECK_EQUAL(none.refusal_of(parse_target("127.0.0.2")), "");
}

CAF_TEST(of several addresses those that are allowed are left) {
  const address_limits both{&of_agent, &of_asker};
  texts some{"127.0.0.2", "127.0.0.1", "192.0.2.1", "fe80::1%lo"};
  CAF_CHECK_EQUAL(both.keep_allowed("a.test", some), "");
  CAF_CHECK((some == texts{"127.0.0.1"}));
  texts denied{"127.0.0.2"};
  CAF_CHECK_EQUAL(both.keep_allowed("a.test", denied),
                  "a.test: 127.0.0.2 is denied by denied_targets (127.0.0.2)");
  texts nothing;
  CAF_CHECK_EQUAL(both.keep_allowed("a.test", nothing), "");
}

} // namespace address_limits_suite
