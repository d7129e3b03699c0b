#define CAF_SUITE checks

#include "xprober/probes/dns/checks.hpp"

#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace checks_suite {

using namespace xprober;
using namespace xprober::dns_query;

namespace {

std::vector<record> addresses(std::initializer_list<const char*> all) {
  std::vector<record> records;
  for (const auto* address : all) {
    records.push_back({"a.example.", 1, 1, 300, address, 0});
  }
  return records;
}

bool passes(const dns_rr_checks& config, const std::vector<record>& records) {
  return !record_checks{config, "answer"}.judge(records);
}

} // namespace

CAF_TEST(one record that matches) {
  dns_rr_checks c;
  c.fail_if_matches_regexp = {"192\\.0\\.2\\.7$", "^b"};
  CAF_CHECK(passes(c, addresses({"192.0.2.1", "192.0.2.2"})));
  CAF_CHECK(!passes(c, addresses({"192.0.2.1", "192.0.2.7"})));
  CAF_CHECK(passes(c, {}));
}

CAF_TEST(all records match) {
  dns_rr_checks c;
  c.fail_if_all_match_regexp = {"192\\.0\\.2"};
  CAF_CHECK(!passes(c, addresses({"192.0.2.1", "192.0.2.2"})));
  CAF_CHECK(passes(c, addresses({"192.0.2.1", "198.51.100.1"})));
  CAF_CHECK(passes(c, {}));
}

CAF_TEST(one record that does not match) {
  dns_rr_checks c;
  c.fail_if_not_matches_regexp = {"\\tIN\\tA\\t192"};
  CAF_CHECK(passes(c, addresses({"192.0.2.1", "192.0.2.2"})));
  CAF_CHECK(!passes(c, addresses({"192.0.2.1", "10.0.0.1"})));
  CAF_CHECK(!passes(c, {}));
}

CAF_TEST(no record matches) {
  dns_rr_checks c;
  c.fail_if_none_matches_regexp = {"198", "10\\."};
  CAF_CHECK(passes(c, addresses({"192.0.2.1", "10.0.0.1"})));
  CAF_CHECK(!passes(c, addresses({"192.0.2.1"})));
  CAF_CHECK(!passes(c, {}));
}

CAF_TEST(codes) {
  message answer;
  answer.rcode = 3;
  dns_probe_config config;
  auto wrong = answer_checks{config}.judge(answer);
  CAF_REQUIRE(wrong);
  CAF_CHECK_EQUAL(wrong->error, probe_error::bad_rcode);
  CAF_CHECK_EQUAL(wrong->detail, "the server answered NXDOMAIN");
  config.valid_rcodes = {"NOERROR", "nxdomain"};
  CAF_CHECK(!answer_checks{config}.judge(answer));
}

CAF_TEST(each section has its own checks) {
  message answer;
  answer.authorities = addresses({"192.0.2.1"});
  dns_probe_config config;
  config.validate_authority_rrs.fail_if_matches_regexp = {"192"};
  const auto wrong = answer_checks{config}.judge(answer);
  CAF_REQUIRE(wrong);
  CAF_CHECK_EQUAL(wrong->error, probe_error::bad_answer);
  CAF_CHECK_EQUAL(wrong->detail.find("authority: 'a.example.\t300\tIN\tA\t192.0.2.1' matches"), 0u);
}

CAF_TEST(keys of what cannot be used) {
  const auto problem = [](const dns_probe_config& config) -> std::string {
    try {
      const answer_checks made{config};
      return "taken";
    } catch (const std::runtime_error& wrong) {
      return wrong.what();
    }
  };
  dns_probe_config config;
  config.valid_rcodes = {"NOPE"};
  CAF_CHECK_EQUAL(problem(config).find("dns.valid_rcodes: 'NOPE'"), 0u);
  config.valid_rcodes = {};
  config.validate_additional_rrs.fail_if_all_match_regexp = {"("};
  CAF_CHECK_EQUAL(
      problem(config).find("dns.validate_additional_rrs.fail_if_all_match_regexp: '(' is not"), 0u);
}

} // namespace checks_suite
