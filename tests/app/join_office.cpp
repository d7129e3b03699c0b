#define CAF_SUITE join_office

#include "xprober/app/join_office.hpp"

#include <fstream>

#include "storage/folder.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/storage/join_file.hpp"

#include "caf/test/unit_test.hpp"

namespace join_office_suite {

using namespace xprober;
using app::make_join_office;
using app::make_join_token;

namespace {

struct fixture {
  fixture() {
    config.join_ca_file = folder.file("ca.pem");
    config.join_key_file = folder.file("ca.key");
    std::ofstream{config.join_ca_file} << authority.certificate;
    std::ofstream{config.join_key_file} << authority.key;
    config.certificate_life = std::chrono::hours{2};
  }

  std::shared_ptr<rpc::join_desk> desk() const { return make_join_office(config, folder.path()); }

  std::string token(std::vector<std::string> regions = {"eu"}, int seconds = 60) const {
    return make_join_token(authority, std::move(regions), {"10.0.0.0/8"},
                           std::chrono::seconds{seconds});
  }

  static rpc::join_request wish(const std::string& token) {
    return {token, "", "host-1", make_certificate_request().certificate};
  }

  made_certificate authority = make_authority();
  test::folder folder;
  rpc_config config;
};

bool says(const rpc::join_answer& answer, std::string_view part) {
  return answer.refusal.find(part) != std::string::npos && answer.certificate.empty();
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(join_office_tests, fixture)

CAF_TEST(a token gives one agent a certificate and speaks for its region) {
  const auto office = desk();
  CAF_CHECK(office->authority() == authority.certificate);
  CAF_CHECK(office->refresh() != nullptr);
  const auto used = token();
  const auto asked = wish(used);
  const auto answer = office->join(asked);
  CAF_CHECK_EQUAL(answer.refusal, "");
  CAF_CHECK(answer.name.starts_with("host-1-"));
  CAF_CHECK(answer.regions == std::vector<std::string>{"eu"});
  CAF_CHECK(certificate_span_of(answer.certificate).has_value());
  CAF_REQUIRE(answer.grants != nullptr);
  const auto grant = answer.grants->at(answer.name);
  CAF_CHECK_EQUAL(grant->why_not("eu", "10.1.2.3"), "");
  CAF_CHECK(grant->why_not("us", "10.1.2.3").find("joined with") != std::string::npos);
  CAF_CHECK(!grant->why_not("eu", "11.1.2.3").empty());
  CAF_MESSAGE("the second is refused, also by the next process, and the first may ask again");
  CAF_CHECK(says(office->join(wish(used)), "was used by host-1-"));
  const auto next = desk();
  CAF_CHECK(says(next->join(wish(used)), "was used by host-1-"));
  CAF_CHECK(next->join(asked).name == answer.name);
}

CAF_TEST(tokens of others and old ones are refused) {
  const auto office = desk();
  const auto others = make_join_token(make_authority(), {"eu"}, {}, std::chrono::seconds{60});
  CAF_CHECK(says(office->join(wish(others)), "not one of this server's"));
  std::string ignored;
  auto changed = *read_join_token(token(), ignored);
  changed.token.regions = {"us"};
  CAF_CHECK(says(office->join(wish(to_text(changed))), "not one of this server's"));
  CAF_CHECK(says(office->join(wish(token({"eu"}, 0))), "has expired"));
  CAF_CHECK(says(office->join(wish("nothing")), "not a join token"));
  auto without = wish(token());
  without.request = "none";
  CAF_CHECK(says(office->join(without), "no request"));
}

CAF_TEST(who was revoked is not renewed) {
  const auto office = desk();
  const auto name = office->join(wish(token())).name;
  const auto request = make_certificate_request().certificate;
  const auto renewed = office->renew(name, request);
  CAF_CHECK_EQUAL(renewed.refusal, "");
  CAF_CHECK(renewed.name == name);
  CAF_CHECK(says(office->renew("somebody", request), "has not joined"));
  office->refresh();
  CAF_CHECK(office->refresh() == nullptr);
  storage::join_file{folder.path()}.change(
      [&](const join_book&) { return revoke_line(name, 1'800'000'000); });
  CAF_CHECK(says(office->renew(name, request), "was revoked"));
  const auto now = desk()->refresh();
  CAF_REQUIRE(now != nullptr);
  CAF_CHECK(now->at(name) == nullptr);
}

CAF_TEST(an authority that cannot sign is no authority) {
  const auto why = [](const rpc_config& of, const std::string& state_dir) {
    try {
      make_join_office(of, state_dir);
      return std::string{};
    } catch (const net::setup_error& problem) {
      return std::string{problem.what()};
    }
  };
  CAF_CHECK_EQUAL(why({}, ""), "");
  CAF_CHECK(make_join_office({}, "") == nullptr);
  CAF_CHECK(why(config, "").find("state_dir") != std::string::npos);
  std::ofstream{config.join_key_file} << make_authority().key;
  CAF_CHECK(why(config, folder.path()).find("rpc.join_key_file") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace join_office_suite
