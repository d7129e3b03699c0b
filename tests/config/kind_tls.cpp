#define CAF_SUITE kind_tls

#include "xprober/config/kind_section.hpp"
#include "xprober/config/load.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_tls_suite {

using namespace xprober;
using namespace xprober::config;

CAF_TEST(a protocol before TLS is read and shown) {
  const auto got =
      parse_agent("tls: {starttls: smtp, tls_config: {insecure_skip_verify: true}}\n", "a.yaml");
  CAF_CHECK_EQUAL(to_string(got.problems), "");
  CAF_CHECK(got.value.tls.starttls == starttls_protocol::smtp);
  CAF_CHECK(got.value.tls.tls_config.insecure_skip_verify);
  const auto text = find_section(kinds::tls())->text(got.value);
  CAF_CHECK(text.find("starttls: smtp") != std::string::npos);
  CAF_CHECK(text.find("insecure_skip_verify: true") != std::string::npos);
}

CAF_TEST(one that there is not is named with those that there are) {
  const auto found = to_string(parse_agent("tls:\n  starttls: xmpp\n", "a.yaml").problems);
  CAF_MESSAGE(found);
  CAF_CHECK(found.find("a.yaml:2: tls.starttls: 'xmpp'") != std::string::npos);
  CAF_CHECK(found.find("postgres") != std::string::npos);
}

} // namespace kind_tls_suite
