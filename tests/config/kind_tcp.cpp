#define CAF_SUITE kind_tcp

#include "xprober/config/kind_section.hpp"
#include "xprober/config/load.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_tcp_suite {

using namespace xprober;
using namespace xprober::config;
using namespace std::chrono_literals;

CAF_TEST(steps and TLS are read) {
  const auto got = parse_agent("tcp:\n"
                               "  timeout: 3s\n"
                               "  tls: true\n"
                               "  max_in_flight: 7\n"
                               "  tls_config: {server_name: a.test, min_version: TLS13}\n"
                               "  query_response:\n"
                               "    - {expect: '^220 (.*)', send: 'HELO $1'}\n"
                               "    - starttls: true\n"
                               "modules:\n"
                               "  ssh: {prober: tcp, timeout: 1s, tcp: {query_response: [{expect: "
                               "^SSH}]}}\n",
                               "a.yaml");
  CAF_CHECK_EQUAL(to_string(got.problems), "");
  CAF_CHECK(got.value.tcp.timeout == 3s);
  CAF_CHECK(got.value.tcp.tls);
  CAF_CHECK_EQUAL(got.value.tcp.max_in_flight, 7u);
  CAF_CHECK_EQUAL(got.value.tcp.tls_config.server_name, "a.test");
  CAF_CHECK(got.value.tcp.tls_config.min_version == tls_version::tls13);
  CAF_CHECK((got.value.tcp.query_response ==
             std::vector<tcp_step>{{"^220 (.*)", "HELO $1", false}, {"", "", true}}));
  const auto& ssh = got.value.modules.at("ssh");
  CAF_CHECK(ssh.prober == &kinds::tcp());
  CAF_CHECK(ssh.tcp.timeout == 1s);
  CAF_CHECK((ssh.tcp.query_response == std::vector<tcp_step>{{"^SSH", "", false}}));
  CAF_CHECK(ssh.tcp.tls);
}

CAF_TEST(what is wrong is named) {
  const auto found =
      to_string(parse_agent("tcp:\n"
                            "  query_response:\n"
                            "    - {expect: '('}\n"
                            "    - 5\n"
                            "    - {sent: x}\n"
                            "  tls_config: {min_version: TLS13, max_version: TLS12,\n"
                            "               cert_file: a.pem}\n"
                            "modules:\n"
                            "  m: {prober: tcp, tcp: {max_in_flight: 5}}\n",
                            "a.yaml")
                    .problems);
  CAF_MESSAGE(found);
  for (const auto* line :
       {"a.yaml:3: tcp.query_response[0].expect: ", "a.yaml:4: tcp.query_response[1]: is a",
        "a.yaml:5: tcp.query_response[2].sent: ", "tcp.tls_config.max_version: leaves no version",
        "tcp.tls_config.cert_file: stands alone", "modules.m.tcp.max_in_flight: "}) {
    CAF_CHECK(found.find(line) != std::string::npos);
  }
}

CAF_TEST(what is sent is not shown) {
  kind_settings settings;
  settings.tcp.query_response = {{"^220", "PASS hunter2", false}};
  const auto text = find_section(kinds::tcp())->text(settings);
  CAF_CHECK(text.find("^220") != std::string::npos);
  CAF_CHECK(text.find("hunter2") == std::string::npos);
  CAF_CHECK(text.find("min_version: TLS12") != std::string::npos);
}

CAF_TEST(TLS begins twice at most) {
  const auto found = to_string(
      parse_agent("tcp:\n  tls: true\n  query_response: [{starttls: true}, {starttls: true}]\n",
                  "a.yaml")
          .problems);
  CAF_CHECK(found.find("tcp.query_response: starts TLS 3 times") != std::string::npos);
}

} // namespace kind_tcp_suite
