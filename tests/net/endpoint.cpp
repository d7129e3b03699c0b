#define CAF_SUITE endpoint

#include "xprober/net/endpoint.hpp"

#include "caf/test/unit_test.hpp"

namespace endpoint_suite {

using namespace xprober;
using namespace xprober::net;

namespace {

endpoint parsed(const std::string& text) {
  std::string error;
  const auto result = parse_endpoint(text, error);
  if (!result) {
    CAF_FAIL(error);
  }
  return *result;
}

} // namespace

CAF_TEST(every_form_of_the_configuration_is_read) {
  CAF_CHECK(parsed("10.0.0.1:6001") ==
            (endpoint{transport::msgpack, false, {"10.0.0.1", 6001}, "", "10.0.0.1:6001"}));
  CAF_CHECK(parsed("[::1]:6001").where == (host_port{"::1", 6001}));
  CAF_CHECK(parsed("msgpack://srv:6001") ==
            (endpoint{transport::msgpack, false, {"srv", 6001}, "", "msgpack://srv:6001"}));
  CAF_CHECK(parsed("msgpacks://srv:6001").tls);
  CAF_CHECK(parsed("http://srv") ==
            (endpoint{transport::http, false, {"srv", 80}, "", "http://srv"}));
  CAF_CHECK(parsed("https://srv/x/").where == (host_port{"srv", 443}));
  CAF_CHECK_EQUAL(parsed("https://srv:8443/a/b/").base_path, "/a/b");
  for (const auto* text :
       {"[fe80::1%eth0]:80", "http://[fe80::1%25eth0]", "msgpack://[fe80::1%25eth0]:80/"}) {
    CAF_CHECK(parsed(text).where == (host_port{"fe80::1%eth0", 80}));
  }
}

CAF_TEST(wrong_addresses_are_named) {
  for (const auto* text :
       {"", "srv", ":6001", "srv:0", "ftp://srv:21", "msgpack://srv", "http://", "srv:x"}) {
    std::string error;
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_endpoint(text, error).has_value());
    CAF_CHECK_EQUAL(error.find("rpc_server_addr: " + std::string{text} + ": "), 0u);
  }
}

} // namespace endpoint_suite
