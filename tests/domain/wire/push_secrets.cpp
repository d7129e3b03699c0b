#define CAF_SUITE push_secrets
#include "xprober/domain/wire/push_secrets.hpp"

#include "caf/test/unit_test.hpp"

namespace push_secrets_suite {

using namespace xprober;

namespace {

push_request of(const std::string& type, const std::string& address) {
  push_request request;
  request.values.resize(2);
  request.values[0].probe_type = "icmp";
  request.values[0].target_addr = "192.0.2.1";
  request.values[1].probe_type = type;
  request.values[1].target_addr = address;
  return request;
}

} // namespace

CAF_TEST(results of older agents are of the targets as they are shown) {
  const auto cleaned = without_secrets(of("http", "http://u:p@h/?token=a"));
  CAF_REQUIRE(cleaned);
  CAF_CHECK((*cleaned == of("http", "http://h/?token=***")));
}

CAF_TEST(what has no secrets is left as it is) {
  CAF_CHECK(!without_secrets(of("http", "http://h/?a=b")));
  CAF_CHECK(!without_secrets(of("dns", "a.example@192.0.2.53")));
  CAF_CHECK(!without_secrets(of("icmp", "192.0.2.2")));
  CAF_CHECK(!without_secrets({}));
}

} // namespace push_secrets_suite
