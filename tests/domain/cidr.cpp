#define CAF_SUITE cidr
#include "xprober/domain/cidr.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace cidr_suite {

using namespace xprober;

namespace {

ip_block block(std::string_view text) {
  std::string error;
  const auto parsed = parse_block(text, error);
  if (!parsed) {
    CAF_FAIL("not a block: " << text << ": " << error);
  }
  return *parsed;
}

std::vector<std::string> all(std::string_view text, std::uint64_t limit = 1000) {
  std::vector<std::string> result;
  for_each_address(block(text), limit,
                   [&](const ip_address& address) { result.push_back(to_string(address)); });
  return result;
}

} // namespace

CAF_TEST(a block stands for every address in it) {
  CAF_CHECK_EQUAL(all("10.4.0.0/30"),
                  (std::vector<std::string>{"10.4.0.0", "10.4.0.1", "10.4.0.2", "10.4.0.3"}));
  CAF_CHECK_EQUAL(all("10.4.0.9/32"), (std::vector<std::string>{"10.4.0.9"}));
  CAF_CHECK_EQUAL(all("2001:db8::fffe/127"),
                  (std::vector<std::string>{"2001:db8::fffe", "2001:db8::ffff"}));
  CAF_CHECK_EQUAL(all("10.4.0.0/24").size(), 256u);
}

CAF_TEST(bits after the prefix are cleared) {
  CAF_CHECK(block("10.4.0.7/24") == block("10.4.0.0/24"));
  CAF_CHECK_EQUAL(to_string(block("10.255.255.255/13").first), "10.248.0.0");
  CAF_CHECK_EQUAL(to_string(block("2001:db8:ffff::1/33").first), "2001:db8:8000::");
  CAF_CHECK_EQUAL(to_string(block("255.255.255.255/0").first), "0.0.0.0");
}

CAF_TEST(sizes of blocks saturate) {
  CAF_CHECK_EQUAL(block("0.0.0.0/0").size(), std::uint64_t{1} << 32);
  CAF_CHECK_EQUAL(block("::/65").size(), std::uint64_t{1} << 63);
  CAF_CHECK_EQUAL(block("::/64").size(), UINT64_MAX);
  CAF_CHECK_EQUAL(block("::/0").size(), UINT64_MAX);
  CAF_CHECK_EQUAL(block("::1/128").size(), 1u);
}

CAF_TEST(counting carries over bytes) {
  CAF_CHECK_EQUAL(to_string(block("10.0.0.0/8").at(0x00FFFFFF)), "10.255.255.255");
  CAF_CHECK_EQUAL(to_string(block("10.4.0.0/16").at(256)), "10.4.1.0");
  CAF_CHECK_EQUAL(to_string(block("2001:db8::/32").at(UINT64_MAX)),
                  "2001:db8::ffff:ffff:ffff:ffff");
}

CAF_TEST(a visit is bounded) {
  CAF_CHECK_EQUAL(all("::/0", 3), (std::vector<std::string>{"::", "::1", "::2"}));
}

CAF_TEST(targets are told apart) {
  const std::vector<std::pair<std::string, target_kind>> good{
      {"10.1.2.3", target_kind::address},     {"::1", target_kind::address},
      {"fe80::1%eth0", target_kind::address}, {"10.4.0.0/24", target_kind::block},
      {"2001:db8::/120", target_kind::block}, {"host.example", target_kind::host_name},
      {"localhost", target_kind::host_name},  {"http://127.0.0.1:6002/-/healthy", target_kind::url},
      {"https://host", target_kind::url},     {"b\u00FCcher.example", target_kind::host_name},
  };
  for (const auto& [text, kind] : good) {
    std::string error;
    CAF_MESSAGE(text);
    const auto parsed = parse_target(text, error);
    CAF_REQUIRE(parsed.has_value());
    CAF_CHECK(parsed->kind == kind);
    CAF_CHECK_EQUAL(parsed->size(), text == "10.4.0.0/24" || text == "2001:db8::/120" ? 256u : 1u);
  }
}

CAF_TEST(what is no target is refused with a reason) {
  for (const auto& text : {std::string{},
                           std::string{"10.1.2"},
                           std::string{"10.1.2.300"},
                           std::string{"10.0.0.0/33"},
                           std::string{"10.0.0.0/-1"},
                           std::string{"10.0.0.0/"},
                           std::string{"10.0.0.0/8/8"},
                           std::string{"::/129"},
                           std::string{"host/24"},
                           std::string{"[::1]"},
                           std::string{"a b"},
                           std::string{"\xFF.de"},
                           std::string{"b\u00FCcher example"},
                           std::string{"-c"},
                           std::string{"$(reboot)"},
                           std::string{"ftp://host/"},
                           std::string{"http://"},
                           std::string{"10.0.0.1%eth0"},
                           std::string{"2001:db8::1%eth0"},
                           std::string{"fe80::1%"},
                           std::string{"fe80::1%a/b"},
                           std::string(10000, 'a')}) {
    std::string error;
    CAF_MESSAGE(text.substr(0, 40));
    CAF_CHECK(!parse_target(text, error));
    CAF_CHECK(!error.empty());
  }
}

} // namespace cidr_suite
