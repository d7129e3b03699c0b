#define CAF_SUITE kind_dns

#include "xprober/config/kind_section.hpp"
#include "xprober/config/load.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_dns_suite {

using namespace xprober;
using namespace xprober::config;

CAF_TEST(questions and checks are read and shown) {
  const auto got = parse_agent("dns:\n"
                               "  query_type: SOA\n"
                               "  query_class: CH\n"
                               "  transport_protocol: tcp\n"
                               "  recursion_desired: false\n"
                               "  dns_over_tls: true\n"
                               "  valid_rcodes: [NOERROR, NXDOMAIN]\n"
                               "  validate_answer_rrs: {fail_if_none_matches_regexp: ['ns1\\.']}\n",
                               "a.yaml");
  CAF_CHECK_EQUAL(to_string(got.problems), "");
  const auto& dns = got.value.dns;
  CAF_CHECK_EQUAL(dns.query_type, "SOA");
  CAF_CHECK_EQUAL(dns.query_class, "CH");
  CAF_CHECK(dns.transport_protocol == dns_transport::tcp);
  CAF_CHECK(!dns.recursion_desired && dns.dns_over_tls && dns.tcp_fallback);
  CAF_CHECK((dns.valid_rcodes == std::vector<std::string>{"NOERROR", "NXDOMAIN"}));
  CAF_CHECK(
      (dns.validate_answer_rrs.fail_if_none_matches_regexp == std::vector<std::string>{"ns1\\."}));
  const auto text = find_section(kinds::dns())->text(got.value);
  for (const auto* part : {"query_type: \"SOA\"", "transport_protocol: tcp",
                           "fail_if_none_matches_regexp: [\"ns1\\\\.\"]"}) {
    CAF_CHECK(text.find(part) != std::string::npos);
  }
}

CAF_TEST(what is wrong is named) {
  const auto found = to_string(parse_agent("dns:\n"
                                           "  query_type: NOPE\n"
                                           "  query_class: XX\n"
                                           "  valid_rcodes: [NOERROR, WHAT]\n"
                                           "  validate_authority_rrs: {fail_if_matches_regexp: "
                                           "['(']}\n",
                                           "a.yaml")
                                   .problems);
  CAF_MESSAGE(found);
  for (const auto* line : {"a.yaml:2: dns.query_type: 'NOPE' is not a record type",
                           "a.yaml:3: dns.query_class: 'XX' is not a class", "dns.valid_rcodes",
                           "dns.validate_authority_rrs.fail_if_matches_regexp"}) {
    CAF_CHECK(found.find(line) != std::string::npos);
  }
}

} // namespace kind_dns_suite
