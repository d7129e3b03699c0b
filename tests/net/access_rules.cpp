#define CAF_SUITE access_rules

#include "xprober/net/access_rules.hpp"

#include "caf/test/unit_test.hpp"

namespace access_rules_suite {

using namespace xprober::net;

namespace {

const access_settings both{"operators-token", "readers-token", false};

} // namespace

CAF_TEST(a request needs what it does) {
  using verb = http::verb;
  CAF_CHECK(need_of(verb::get, "/-/healthy", false) == access_need::nothing);
  CAF_CHECK(need_of(verb::get, "/-/ready", false) == access_need::nothing);
  CAF_CHECK(need_of(verb::post, "/api/v1/sign-in", false) == access_need::nothing);
  CAF_CHECK(need_of(verb::get, "/sign-in", false) == access_need::nothing);
  CAF_CHECK(need_of(verb::get, "/metrics", false) == access_need::reading);
  CAF_CHECK(need_of(verb::head, "/", false) == access_need::reading);
  CAF_CHECK(need_of(verb::get, "/no/such/path", false) == access_need::reading);
  CAF_CHECK(need_of(verb::get, "/-/healthy/", false) == access_need::reading);
  CAF_CHECK(need_of(verb::get, "/probe", true) == access_need::operating);
  CAF_CHECK(need_of(verb::post, "/-/reload", false) == access_need::operating);
  CAF_CHECK(need_of(verb::delete_, "/api/v1/agents/a/b", false) == access_need::operating);
  CAF_CHECK(need_of(verb::unknown, "/", false) == access_need::operating);
}

CAF_TEST(each role may do what it is for) {
  using need = access_need;
  using role = access_role;
  using verdict = access_verdict;
  CAF_CHECK(judge_access(need::nothing, role::nobody) == verdict::allowed);
  CAF_CHECK(judge_access(need::reading, role::nobody) == verdict::unknown);
  CAF_CHECK(judge_access(need::operating, role::nobody) == verdict::unknown);
  CAF_CHECK(judge_access(need::nothing, role::reader) == verdict::allowed);
  CAF_CHECK(judge_access(need::reading, role::reader) == verdict::allowed);
  CAF_CHECK(judge_access(need::operating, role::reader) == verdict::forbidden);
  CAF_CHECK(judge_access(need::nothing, role::operating) == verdict::allowed);
  CAF_CHECK(judge_access(need::reading, role::operating) == verdict::allowed);
  CAF_CHECK(judge_access(need::operating, role::operating) == verdict::allowed);
}

CAF_TEST(a token is known again and nothing else is) {
  const access_rules rules{both};
  CAF_CHECK(!rules.is_open());
  CAF_CHECK(rules.role_of_token("operators-token") == access_role::operating);
  CAF_CHECK(rules.role_of_token("readers-token") == access_role::reader);
  for (const auto* wrong : {"", "operators-toke", "operators-token ", "OPERATORS-TOKEN"}) {
    CAF_CHECK(rules.role_of_token(wrong) == access_role::nobody);
  }
  CAF_CHECK(rules.role_of_certificate() == access_role::nobody);
}

CAF_TEST(without a token an empty one is nobodys) {
  const access_rules open;
  CAF_CHECK(open.is_open());
  CAF_CHECK(open.role_of_token("") == access_role::nobody);
  const access_rules certified{{"", "", true}};
  CAF_CHECK(!certified.is_open());
  CAF_CHECK(!certified.has_tokens());
  CAF_CHECK(certified.role_of_token("") == access_role::nobody);
  CAF_CHECK(certified.role_of_certificate() == access_role::operating);
  const access_rules reading{{"", "readers-token", false}};
  CAF_CHECK(!reading.is_open());
  CAF_CHECK(reading.role_of_token("") == access_role::nobody);
}

CAF_TEST(a header has a token or another scheme) {
  CAF_CHECK(bearer_token("Bearer abc") == "abc");
  CAF_CHECK(bearer_token("bearer  abc ") == "abc");
  CAF_CHECK(bearer_token("Bearer ") == "");
  CAF_CHECK(!bearer_token(""));
  CAF_CHECK(!bearer_token("Basic abc"));
  CAF_CHECK(!bearer_token("Bearerabc"));
}

CAF_TEST(a proxy in the networks says who asks) {
  access_settings settings;
  settings.proxy_header = "X-Forwarded-User";
  settings.proxy_networks = {{*xprober::parse_ip("192.0.2.0"), 28},
                             {*xprober::parse_ip("2001:db8::5"), 128}};
  settings.proxy_operators = {"alice"};
  const access_rules rules{settings};
  CAF_CHECK(!rules.is_open() && !rules.has_tokens());
  for (const auto* peer : {"192.0.2.15:50000", "[2001:db8::5]:1"}) {
    CAF_CHECK(rules.is_proxy(peer));
  }
  for (const auto* peer : {"192.0.2.16:50000", "[2001:db8::6]:1", "192.0.2.15", "", "unknown"}) {
    CAF_CHECK(!rules.is_proxy(peer));
  }
  CAF_CHECK(rules.role_of_user("alice") == access_role::operating);
  CAF_CHECK(rules.role_of_user("Alice") == access_role::reader);
  CAF_CHECK(rules.role_of_user("*") == access_role::reader);
  CAF_CHECK(rules.role_of_user("") == access_role::nobody);
  settings.proxy_operators = {"*"};
  CAF_CHECK(access_rules{settings}.role_of_user("bob") == access_role::operating);
  CAF_CHECK(access_rules{settings}.role_of_user("") == access_role::nobody);
  CAF_CHECK(!access_rules{}.is_proxy("192.0.2.15:50000"));
}

CAF_TEST(rules know which token has changed) {
  const access_rules now{both};
  const access_rules next{{"operators-token", "another", true}};
  CAF_CHECK(now.has_same_token(access_role::operating, next));
  CAF_CHECK(!now.has_same_token(access_role::reader, next));
  CAF_CHECK(!now.has_same_token(access_role::operating, access_rules{}));
  CAF_CHECK(access_rules{}.has_same_token(access_role::reader, access_rules{}));
}

} // namespace access_rules_suite
