#define CAF_SUITE host_text
#include "xprober/domain/host_text.hpp"

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target_text.hpp"

#include "caf/test/unit_test.hpp"

namespace host_text_suite {

using namespace xprober;

CAF_TEST(only where one listens the host may be missing) {
  std::string error;
  target_host host;
  std::string_view text = ":80";
  CAF_CHECK(!take_host(text, {}, host, error));
  CAF_CHECK_EQUAL(error, "the host is missing");
  text = ":80";
  CAF_CHECK(take_host(text, {.may_be_empty = true}, host, error));
  CAF_CHECK_EQUAL(text, ":80");
  CAF_CHECK(host == target_host{});
}

CAF_TEST(what stands between brackets is an IPv6 address) {
  for (std::string_view text : {"[1::2::3]", "[127.0.0.1]", "[]", "[a.test]"}) {
    std::string error;
    target_host host;
    CAF_CHECK(!take_host(text, {}, host, error));
    CAF_CHECK_EQUAL(error, "the IPv6 address is not valid");
  }
}

CAF_TEST(a port has a least one) {
  std::string error;
  std::uint16_t port = 0;
  CAF_CHECK(read_port(":65535", port, error));
  CAF_CHECK_EQUAL(port, 65535);
  CAF_CHECK(!read_port(":0", port, error));
  CAF_CHECK_EQUAL(error, "the port is not a number from 1 to 65535");
  CAF_CHECK(read_port(":0", port, error, 0));
  CAF_CHECK(!read_port("", port, error));
  CAF_CHECK_EQUAL(error, "the port is missing");
}

CAF_TEST(whoever reads a URL takes the same hosts) {
  std::string error;
  for (const auto* good :
       {"http://a/", "http://[::1]:81/", "http://[fe80::1%25eth0]:9090/", "http://u:p@a:81/x",
        "http://[fe80::1%eth0]/", "http://b\u00FCcher.example/", "http://192.0.2.1:/"}) {
    CAF_MESSAGE(good);
    const auto url = parse_url(good, error);
    const auto target = parse_url_target(good, error);
    CAF_REQUIRE(url && target);
    CAF_CHECK_EQUAL(url->whole_host(), target->host.whole());
    CAF_CHECK_EQUAL(url->port.value_or(80), target->port);
    CAF_CHECK_EQUAL(url->userinfo, target->user.value_or(""));
    CAF_CHECK_EQUAL(url->target, target->rest);
  }
  for (const auto* bad : {"http://", "http://:80/", "http://a:0/", "http://a:x/", "http://[::1/",
                          "http://[::1]x/", "http://::1/", "http://[2001:db8::1%25eth0]/",
                          "http://1.2.3/", "http://[fe80::1%25]x/", "http://a..b/"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK(!parse_url(bad, error));
    CAF_CHECK(!parse_url_target(bad, error));
  }
}

CAF_TEST(a user with control characters is none) {
  std::string error;
  CAF_CHECK(can_be_sent("", error));
  CAF_CHECK(can_be_sent("u:p%40%zz%", error));
  CAF_CHECK_EQUAL(error, "");
  for (const auto* bad : {"u%0Aser:pw", "u:%00", "u%7f", "u:%0d%0aX: y"}) {
    CAF_CHECK(!can_be_sent(bad, error));
    CAF_CHECK_EQUAL(error, "the user or the password holds a control character");
    CAF_CHECK_EQUAL(read_target(kinds::http(), "http://" + std::string{bad} + "@a/").problem,
                    error);
  }
}

} // namespace host_text_suite
