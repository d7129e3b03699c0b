#define CAF_SUITE target_text
#include "xprober/domain/target_text.hpp"

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"

#include "caf/test/unit_test.hpp"

namespace target_text_suite {

using namespace xprober;

CAF_TEST(only where targets are addresses a block stands for all of it) {
  CAF_CHECK_EQUAL(read_target(kinds::icmp(), "10.0.0.0/24").size(), 256U);
  CAF_CHECK_EQUAL(read_target(prober_name{"module"}, "10.0.0.0/24").size(), 256U);
  CAF_CHECK_EQUAL(read_target(kinds::icmp(), "10.0.0.1").size(), 1U);
  CAF_CHECK(!read_target(kinds::icmp(), "10.0.0.1").block);
  for (const auto* kind : {&kinds::http(), &kinds::tcp(), &kinds::tls()}) {
    CAF_CHECK(!read_target(*kind, "10.0.0.0/24").problem.empty());
  }
  // A reverse zone of RFC 2317.
  CAF_CHECK_EQUAL(read_target(kinds::dns(), "0/25.2.0.192.in-addr.arpa").problem, "");
}

CAF_TEST(no kind takes what is too long or no text) {
  for (const auto& kind : builtin_kinds()) {
    CAF_CHECK(!read_target(kind, std::string(max_address_bytes + 1, 'a')).problem.empty());
    CAF_CHECK(!read_target(kind, "a\xFF:1").problem.empty());
    CAF_CHECK(!read_target(kind, "").problem.empty());
    CAF_CHECK(!allowed_targets(kind).empty());
  }
}

CAF_TEST(a host with a port may be of another script) {
  std::string error;
  const auto got = parse_host_port_target("b\u00FCcher.example:443", error);
  CAF_REQUIRE(got);
  CAF_CHECK((*got == host_port{"b\u00FCcher.example", 443}));
  CAF_CHECK((*parse_host_port_target("[::1]:80", error) == host_port{"::1", 80}));
  for (const auto* bad :
       {"b\u00FCcher.example", "b\u00FCcher.example:0", "b\u00FCcher.example:x", ":80"}) {
    error.clear();
    CAF_CHECK(!parse_host_port_target(bad, error));
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(names come with their server and port) {
  std::string error;
  const auto at = [&](std::string_view text) {
    const auto got = parse_name_target(text, error);
    return got ? got->name + "|" + got->server + "|" + std::to_string(got->port) : "bad";
  };
  CAF_CHECK_EQUAL(at("a.example"), "a.example||0");
  CAF_CHECK_EQUAL(at("a@192.0.2.53"), "a|192.0.2.53|0");
  CAF_CHECK_EQUAL(at("a@192.0.2.53:5353"), "a|192.0.2.53|5353");
  CAF_CHECK_EQUAL(at("a@2001:db8::1"), "a|2001:db8::1|0");
  CAF_CHECK_EQUAL(at("a@[2001:db8::1]"), "a|2001:db8::1|0");
  CAF_CHECK_EQUAL(at("a@[2001:db8::1]:53"), "a|2001:db8::1|53");
  CAF_CHECK_EQUAL(at("me@a.example@ns"), "me@a.example|ns|0");
  CAF_CHECK_EQUAL(error, "");
  for (const auto* bad :
       {"", "@ns", "a@", "a@ns:0", "a@ns:99999", "a@:53", "a@[ns]", "a b", "a@a b"}) {
    error.clear();
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(at(bad), "bad");
    CAF_CHECK(!error.empty());
  }
}

} // namespace target_text_suite
