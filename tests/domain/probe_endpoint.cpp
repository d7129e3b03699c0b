#define CAF_SUITE probe_endpoint
#include "xprober/domain/probe_endpoint.hpp"

#include "xprober/domain/config.hpp"

#include "caf/test/unit_test.hpp"

namespace probe_endpoint_suite {

using namespace xprober;

CAF_TEST(what only this machine reaches) {
  for (const auto* address :
       {"127.0.0.1:8087", "127.1.2.3:0", "[::1]:8087", "localhost:8087", "LOCALHOST:1"}) {
    CAF_CHECK(is_loopback_listener(address));
  }
  for (const auto* address : {":8087", "0.0.0.0:8087", "[::]:8087", "10.0.0.1:8087",
                              "[2001:db8::1]:80", "localhost.example:80", "", "127.0.0.1"}) {
    CAF_CHECK(!is_loopback_listener(address));
  }
}

CAF_TEST(the endpoint is there on loopback and beyond it where somebody says so) {
  agent_config config;
  CAF_CHECK_EQUAL(probe_endpoint_problem(config), "");
  config.http_addr = ":8087";
  CAF_CHECK(probe_endpoint_problem(config).find("probe_endpoint.enabled is auto") !=
            std::string::npos);
  config.probe_endpoint.enabled = true;
  CAF_CHECK_EQUAL(probe_endpoint_problem(config), "");
  config.max_probe_requests = 0;
  CAF_CHECK(probe_endpoint_problem(config).find("max_probe_requests is 0") != std::string::npos);
  config = agent_config{};
  config.probe_endpoint.enabled = false;
  CAF_CHECK(probe_endpoint_problem(config).find("probe_endpoint.enabled is false") !=
            std::string::npos);
}

} // namespace probe_endpoint_suite
