#define CAF_SUITE target_limits
#include "xprober/domain/target_limits.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/config.hpp"

#include "caf/test/unit_test.hpp"

namespace target_limits_suite {

using namespace xprober;

namespace {

using texts = std::vector<std::string>;

target_limits limits(const texts& allowed, const texts& denied) {
  return {allowed, denied, target_limits::key_names{}};
}

std::string refusal(const target_limits& of, std::string_view address, std::string_view host = "") {
  const auto parsed = parse_ip(address);
  CAF_REQUIRE(parsed);
  return of.refusal_of(host, *parsed);
}

bool is_refused(const texts& entries) {
  try {
    const host_patterns taken{entries};
    return taken.empty();
  } catch (const std::invalid_argument&) {
    return true;
  }
}

} // namespace

CAF_TEST(by default what names no host and what is link - local is denied) {
  const auto of_agent = make_target_limits(agent_config{});
  const std::vector<std::pair<const char*, const char*>> denied{
      {"0.0.0.0", "unspecified"},        {"::", "unspecified"},
      {"169.254.169.254", "link_local"}, {"169.254.0.1", "link_local"},
      {"fe80::1", "link_local"},         {"fd00:ec2::254", "link_local"},
      {"fd20:ce::254", "link_local"},    {"255.255.255.255", "broadcast"},
      {"224.0.0.1", "multicast"},        {"ff02::1", "multicast"}};
  for (const auto& [address, word] : denied) {
    const auto why = refusal(*of_agent, address);
    CAF_CHECK(why == std::string{address} + " is denied by denied_targets (" + word + ")");
  }
  for (const auto* address : {"127.0.0.1", "::1", "10.0.0.1", "192.0.2.1", "100.64.0.1",
                              "169.253.255.255", "169.255.0.0", "fec0::1", "fd00:ec3::1"}) {
    CAF_CHECK_EQUAL(refusal(*of_agent, address), "");
  }
}

CAF_TEST(an address within another one is looked through) {
  const auto of = limits({}, {"link_local", "10.0.0.0/8"});
  CAF_CHECK_EQUAL(refusal(of, "::ffff:10.0.0.1"),
                  "::ffff:10.0.0.1 is denied by denied_targets (10.0.0.0/8)");
  CAF_CHECK_EQUAL(refusal(of, "64:ff9b::a9fe:a9fe"),
                  "64:ff9b::a9fe:a9fe leads to 169.254.169.254, which is denied by denied_targets "
                  "(link_local)");
  for (const auto* address : {"64:ff9b:1::a00:1",      // of a prefix of 96 bits
                              "64:ff9b:1:a00:0:100::", // of one of 48 bits: 10.0.0.1
                              "2002:a00:1::1",         // 6to4
                              "::10.0.0.1"}) {
    CAF_CHECK(refusal(of, address).find("leads to 10.0.0.1, which is denied by") !=
              std::string::npos);
  }
  const auto of_agent = make_target_limits(agent_config{});
  CAF_CHECK_EQUAL(refusal(*of_agent, "64:ff9b:1::c000:201"), "");
  for (const auto* address : {"64:ff9b::c000:201", "2002:c000:201::1", "::1", "2001:a00:1::1"}) {
    CAF_CHECK_EQUAL(refusal(of, address), "");
  }
}

CAF_TEST(a mapped address is allowed as the address that is sent to and no gateway is) {
  const auto of = limits({"192.0.2.0/24"}, {});
  CAF_CHECK_EQUAL(refusal(of, "::ffff:192.0.2.1"), "");
  CAF_CHECK_EQUAL(refusal(of, "64:ff9b::c000:201"), "64:ff9b::c000:201 is not in allowed_targets");
  CAF_CHECK_EQUAL(refusal(limits({"::ffff:192.0.2.0/120"}, {}), "192.0.2.1"), "");
}

CAF_TEST(what is denied is denied whatever is allowed) {
  const auto of = limits({"10.0.0.0/8", "*.example.com"}, {"10.1.0.0/16", "bad.example.com"});
  CAF_CHECK_EQUAL(refusal(of, "10.0.0.1"), "");
  CAF_CHECK_EQUAL(refusal(of, "10.1.0.1"), "10.1.0.1 is denied by denied_targets (10.1.0.0/16)");
  CAF_CHECK_EQUAL(refusal(of, "192.0.2.1"), "192.0.2.1 is not in allowed_targets");
  CAF_CHECK_EQUAL(refusal(of, "192.0.2.1", "a.example.com"), "");
  CAF_CHECK_EQUAL(refusal(of, "10.1.0.1", "a.example.com"),
                  "a.example.com: 10.1.0.1 is denied by denied_targets (10.1.0.0/16)");
  CAF_CHECK_EQUAL(refusal(of, "192.0.2.1", "a.test"),
                  "a.test: 192.0.2.1 is not in allowed_targets");
  CAF_CHECK_EQUAL(of.refusal_of_name("BAD.example.com."),
                  "BAD.example.com. is denied by denied_targets (bad.example.com)");
  CAF_CHECK_EQUAL(of.refusal_of_name("a.test"), "");
}

CAF_TEST(patterns of names) {
  const host_patterns of{{"host.example", "*.below.example", ".both.example", "localhost.",
                          "b\xC3\xBC"
                          "cher.example"}};
  for (const auto* name :
       {"host.example", "HOST.example.", "a.below.example", "a.b.below.example", "both.example",
        "a.both.example", "localhost", "xn--bcher-kva.example"}) {
    CAF_CHECK(!of.find_name(name).empty());
  }
  for (const auto* name : {"a.host.example", "below.example", "xbelow.example", "xboth.example",
                           "localhost.test", "example", ""}) {
    CAF_CHECK_EQUAL(of.find_name(name), "");
  }
  CAF_CHECK_EQUAL(of.find_name("a.both.example"), ".both.example");
}

CAF_TEST(the widest of blocks within each other is named) {
  const host_patterns of{{"10.1.0.0/16", "10.0.0.0/8", "10.0.0.7", "11.0.0.0/9", "::/0"}};
  CAF_CHECK_EQUAL(of.find(*parse_ip("10.1.2.3")), "10.0.0.0/8");
  CAF_CHECK_EQUAL(of.find(*parse_ip("10.0.0.7")), "10.0.0.0/8");
  CAF_CHECK_EQUAL(of.find(*parse_ip("11.127.255.255")), "11.0.0.0/9");
  CAF_CHECK_EQUAL(of.find(*parse_ip("11.128.0.0")), "");
  CAF_CHECK_EQUAL(of.find(*parse_ip("9.255.255.255")), "");
  CAF_CHECK_EQUAL(of.find(*parse_ip("2001:db8::1")), "::/0");
}

CAF_TEST(a host that a proxy finds must stand by its name) {
  const auto of = limits({"10.0.0.0/8", "*.example.com"}, {"bad.example.com"});
  CAF_CHECK_EQUAL(of.refusal_unresolved("a.example.com"), "");
  CAF_CHECK_EQUAL(of.refusal_unresolved("bad.example.com"),
                  "bad.example.com is denied by denied_targets (bad.example.com)");
  CAF_CHECK(of.refusal_unresolved("a.test").starts_with("a.test is not in allowed_targets, where"));
  CAF_CHECK_EQUAL(limits({}, {"private"}).refusal_unresolved("a.test"), "");
}

CAF_TEST(a wrong entry is refused with what is allowed) {
  for (const auto* entry :
       {"", "linklocal", "metadta", "*", "*.", ".", "10.0.0", "10.0.0.0/33", "a b.example",
        "http://host.example/", "host.example:80", "-a.example", "fe80::1%eth0", "a..b"}) {
    const auto problem = host_patterns::problem_of(entry);
    CAF_CHECK(problem.find("is not allowed") != std::string::npos);
    CAF_CHECK(problem.find("unspecified, loopback, link_local, private, broadcast, multicast, "
                           "metadata") != std::string::npos);
    CAF_CHECK(is_refused({entry}));
  }
  for (const auto* entry : {"private", "10.0.0.1", "2001:db8::/32", "a.example", "*.example",
                            ".example", "localhost."}) {
    CAF_CHECK_EQUAL(host_patterns::problem_of(entry), "");
  }
}

CAF_TEST(an error names the key) {
  try {
    limits({}, {"linklocal"});
    CAF_FAIL("it was taken");
  } catch (const std::invalid_argument& wrong) {
    CAF_CHECK(std::string{wrong.what()}.starts_with("denied_targets: 'linklocal' is not allowed"));
  }
  CAF_CHECK(limits_to({}, "secret_hosts") == nullptr);
  const auto hosts = limits_to({"a.example"}, "modules.m.secret_hosts");
  CAF_CHECK_EQUAL(refusal(*hosts, "192.0.2.1", "b.example"),
                  "b.example: 192.0.2.1 is not in modules.m.secret_hosts");
}

} // namespace target_limits_suite
