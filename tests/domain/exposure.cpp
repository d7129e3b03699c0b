#define CAF_SUITE exposure

#include "xprober/domain/exposure.hpp"

#include "caf/test/unit_test.hpp"

namespace exposure_suite {

using namespace xprober;

CAF_TEST(loopback needs nothing) {
  for (const auto* address : {"127.0.0.1:6002", "127.8.8.8:1", "[::1]:6002", "localhost:6002"}) {
    CAF_MESSAGE(address);
    CAF_CHECK_EQUAL(exposure_problem(address, "web", {}), "");
  }
}

CAF_TEST(what others reach needs TLS and a credential) {
  for (const auto* address :
       {":6002", "0.0.0.0:6002", "[::]:6002", "192.0.2.1:6002", "host:6002"}) {
    CAF_MESSAGE(address);
    CAF_CHECK(!exposure_problem(address, "web", {}).empty());
    CAF_CHECK(!exposure_problem(address, "web", {true, false}).empty());
    CAF_CHECK(!exposure_problem(address, "web", {false, true}).empty());
    CAF_CHECK_EQUAL(exposure_problem(address, "web", {true, true}), "");
  }
  CAF_CHECK_EQUAL(exposure_problem(":1", "web", {}),
                  "is reached by other machines and has no TLS and no credential; allowed are "
                  "web.cert_file and web.key_file with web.token_file or web.client_ca_file, an "
                  "address of loopback such as 127.0.0.1, and everything with insecure: true");
  CAF_CHECK_EQUAL(exposure_problem(":1", "rpc", {true, false}),
                  "is reached by other machines and has no credential; allowed are rpc.token_file "
                  "or rpc.client_ca_file, an address of loopback such as 127.0.0.1, and everything "
                  "with insecure: true");
}

CAF_TEST(the files of a section protect its port) {
  web_config web;
  CAF_CHECK(!protection_of(web).tls && !protection_of(web).credential);
  web.cert_file = "/c";
  CAF_CHECK(protection_of(web).tls && !protection_of(web).credential);
  for (auto key : {&web_config::token_file, &web_config::read_token_file,
                   &web_config::client_ca_file, &web_config::proxy_header}) {
    auto with = web;
    with.*key = "/f";
    CAF_CHECK(protection_of(with).credential);
  }
  rpc_config rpc;
  CAF_CHECK(!protection_of(rpc).tls && !protection_of(rpc).credential);
  rpc.cert_file = "/c";
  rpc.token_file = "/t";
  CAF_CHECK(protection_of(rpc).tls && protection_of(rpc).credential);
  rpc.token_file.clear();
  rpc.client_ca_file = "/a";
  CAF_CHECK(protection_of(rpc).credential);
}

} // namespace exposure_suite
