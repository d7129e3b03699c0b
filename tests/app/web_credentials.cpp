#define CAF_SUITE web_credentials

#include "xprober/app/web_credentials.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "net/test_certs.hpp"
#include "net/thrown.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/dsl.hpp"

namespace web_credentials_suite {

using namespace xprober;
using app::read_web_credentials;

namespace {

struct fixture {
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{certs.path(name)} << text;
    return certs.path(name);
  }
  std::string problem() const {
    return test::thrown<net::setup_error>([this] { read_web_credentials(files, {}); });
  }

  test::test_certs certs;
  web_config files;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(web_credentials_tests, fixture)

CAF_TEST(without files there is nothing) {
  const auto none = read_web_credentials(files, {});
  CAF_CHECK(none.tls == nullptr);
  CAF_CHECK(none.access.token.empty() && none.access.read_token.empty());
  CAF_CHECK(!none.access.certificates);
}

CAF_TEST(files are read and what is in them makes the hash) {
  files.cert_file = certs.path("server.pem");
  files.key_file = certs.path("server.key");
  files.client_ca_file = certs.path("ca.pem");
  files.token_file = write("token", "operators-0123456789\n");
  const auto first = read_web_credentials(files, {});
  CAF_CHECK(first.tls != nullptr);
  CAF_CHECK_EQUAL(first.access.token, "operators-0123456789");
  CAF_CHECK(first.access.certificates);
  CAF_CHECK(read_web_credentials(files, {}).hash == first.hash);
  write("token", "operators-9876543210\n");
  const auto second = read_web_credentials(files, {});
  CAF_CHECK(second.hash != first.hash);
  files.client_ca_file = certs.path("other-ca.pem");
  CAF_CHECK(read_web_credentials(files, {}).hash != second.hash);
}

CAF_TEST(agents that join are no operators) {
  files.cert_file = certs.path("server.pem");
  files.key_file = certs.path("server.key");
  files.client_ca_file = certs.path("operators.pem");
  std::filesystem::copy_file(certs.path("ca.pem"), files.client_ca_file);
  const auto told = [this](const rpc_config& agents) {
    return test::thrown<net::setup_error>([&] { read_web_credentials(files, agents); });
  };
  rpc_config server;
  server.join_ca_file = certs.path("ca.pem");
  CAF_CHECK(told(server).starts_with("web.client_ca_file: " + files.client_ca_file +
                                     ": has the authority of agents that join (rpc.join_ca_file)"));
  server.join_ca_file = certs.path("other-ca.pem");
  read_web_credentials(files, server);

  // The authority that verifies the server may be that of operators, too.
  rpc_config agent;
  agent.ca_file = certs.path("ca.pem");
  agent.cert_file = certs.path("client.pem");
  read_web_credentials(files, agent);
  agent.renew = true;
  CAF_CHECK(told(agent).find("it has signed rpc.cert_file") != std::string::npos);
  files.client_ca_file = certs.path("other-ca.pem");
  read_web_credentials(files, agent);
}

CAF_TEST(proxies are addresses and blocks) {
  files.proxy_header = "X-Forwarded-User";
  files.proxy_networks = {"10.0.0.5", "2001:db8::/64"};
  files.proxy_operators = {"alice"};
  const net::access_rules rules{read_web_credentials(files, {}).access};
  CAF_CHECK(rules.is_proxy("10.0.0.5:1") && rules.is_proxy("[2001:db8::9]:1"));
  CAF_CHECK(!rules.is_proxy("10.0.0.6:1"));
  CAF_CHECK(rules.role_of_user("alice") == net::access_role::operating);
}

CAF_TEST(what cannot be used is named with its key) {
  files.token_file = write("token", "short\n");
  CAF_CHECK(problem().starts_with("web.token_file: " + files.token_file + ": has 5 characters"));
  files.token_file = write("token", "operators-0123456789\n");
  files.read_token_file = files.token_file;
  CAF_CHECK(problem().starts_with("web.read_token_file: "));
  files.read_token_file = certs.path("missing");
  CAF_CHECK(problem().starts_with("web.read_token_file: " + files.read_token_file));
  files.read_token_file.clear();
  files.cert_file = certs.path("server.pem");
  files.key_file = certs.path("client.key");
  CAF_CHECK(problem().starts_with("web.key_file: " + files.key_file));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace web_credentials_suite
