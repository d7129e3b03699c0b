#define CAF_SUITE file_edit

#include "xprober/config/file_edit.hpp"

#include <fstream>
#include <sstream>

#include "xprober/config/load.hpp"

#include "caf/test/unit_test.hpp"

namespace file_edit_suite {

using xprober::config::with_other_keys;

CAF_TEST(keys become comments and the new ones come to the end) {
  const std::string before = "# the region\n"
                             "region: \"\"\n"
                             "rpc_server_addr:\n"
                             "- 10.0.0.1:6001\n"
                             "rpc:   # credentials\n"
                             "  ca_file: \"\"\n"
                             "\n"
                             "# of it\n"
                             "  cert_file: x\n"
                             "rpc_timeout: 5\n"
                             "web: {a: b}\n";
  CAF_CHECK(with_other_keys(before, {"region", "rpc_server_addr", "rpc"}, "region: eu\n") ==
            "# the region\n"
            "# region: \"\"\n"
            "# rpc_server_addr:\n"
            "# - 10.0.0.1:6001\n"
            "# rpc:   # credentials\n"
            "#   ca_file: \"\"\n"
            "\n"
            "# of it\n"
            "#   cert_file: x\n"
            "rpc_timeout: 5\n"
            "web: {a: b}\n"
            "\n"
            "region: eu\n");
  CAF_CHECK(with_other_keys("", {"rpc"}, "rpc: {}\n") == "rpc: {}\n");
  CAF_CHECK(with_other_keys("a: 1", {"rpc"}, "rpc: {}\n") == "a: 1\n\nrpc: {}\n");
}

CAF_TEST(the shipped files get what joining and init write) {
  const auto shipped = [](const std::string& name) {
    std::stringstream text;
    text << std::ifstream{std::string{XPROBER_CONFIG_DIR} + "/" + name}.rdbuf();
    return text.str();
  };
  const auto agent = xprober::config::parse_agent(
      with_other_keys(shipped("agent.yaml"), {"region", "rpc_server_addr", "rpc"},
                      "region: eu\nrpc_server_addr: https://s:6001\n"
                      "rpc:\n  ca_file: /c\n  cert_file: /a\n  key_file: /a\n  renew: true\n"),
      "agent.yaml");
  CAF_REQUIRE(agent.ok());
  CAF_CHECK(agent.value.region == "eu");
  CAF_CHECK(agent.value.rpc.renew);
  const auto server = xprober::config::parse_server(
      with_other_keys(shipped("server.yaml"),
                      {"rpc_listen_addr", "metrics_listen_addr", "rpc", "web"},
                      "rpc_listen_addr: :7001\nmetrics_listen_addr: :7002\n"
                      "rpc: {cert_file: /c, key_file: /k, join_ca_file: /a, join_key_file: /b}\n"
                      "web: {cert_file: /c, key_file: /k, token_file: /t}\n"),
      "server.yaml");
  CAF_REQUIRE(server.ok());
  CAF_CHECK(server.value.rpc.join_key_file == "/b");
  CAF_CHECK(server.value.rpc_listen_addr == ":7001");
}

} // namespace file_edit_suite
