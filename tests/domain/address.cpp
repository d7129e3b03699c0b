#define CAF_SUITE address
#include "xprober/domain/address.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace address_suite {

using namespace xprober;

CAF_TEST(addresses of both families are read and written in their short form) {
  const std::vector<std::pair<std::string, std::string>> good{
      {"127.0.0.1", "127.0.0.1"},
      {"::1", "::1"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:DB8::00ff", "2001:db8::ff"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
  };
  for (const auto& [text, canonical] : good) {
    const auto address = parse_ip(text);
    CAF_REQUIRE(address.has_value());
    CAF_CHECK_EQUAL(to_string(*address), canonical);
  }
  CAF_CHECK_EQUAL(parse_ip("192.0.2.1")->bits(), 32);
  CAF_CHECK_EQUAL(parse_ip("::")->bits(), 128);
}

CAF_TEST(what is no address is refused) {
  const std::vector<std::string> bad{"",
                                     "1.2.3",
                                     "1.2.3.256",
                                     "1.2.3.4.5",
                                     "01x.2.3.4",
                                     "[::1]",
                                     "fe80::1%l",
                                     ":::",
                                     "1.2.3.4/8",
                                     "host",
                                     " 1.2.3.4",
                                     "1.2.3.4 ",
                                     std::string("1.2.3.4\0", 8),
                                     std::string(500, '1')};
  for (const auto& text : bad) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_ip(text));
  }
}

CAF_TEST(host names) {
  for (const auto* name : {"a", "host", "host.example", "host.example.", "_srv.host-1.example",
                           "1a", "xn--bcher-kva.example"}) {
    CAF_CHECK(is_host_name(name));
  }
  for (const std::string& name :
       {std::string{}, std::string{"."}, std::string{"a..b"}, std::string{"-a"}, std::string{"a-"},
        std::string{"a b"}, std::string{"1.2.3.999"}, std::string{"12345"}, std::string{"a$b"},
        std::string(64, 'a'), std::string{"b\xC3\xBC"}}) {
    CAF_MESSAGE(name);
    CAF_CHECK(!is_host_name(name));
  }
}

CAF_TEST(host and port) {
  std::string error;
  const std::vector<std::pair<std::string, host_port>> good{
      {"127.0.0.1:6001", {"127.0.0.1", 6001}}, {":6001", {"", 6001}},
      {"[::1]:6001", {"::1", 6001}},           {"[fe80::1%eth0]:6001", {"fe80::1%eth0", 6001}},
      {"host.example:0", {"host.example", 0}}, {"h:65535", {"h", 65535}},
  };
  for (const auto& [text, expected] : good) {
    const auto parsed = parse_host_port(text, error);
    CAF_REQUIRE(parsed.has_value());
    CAF_CHECK(*parsed == expected);
    CAF_CHECK_EQUAL(to_string(*parsed), text);
  }
  for (const auto* text : {"", "host", "host:", "host:65536", "host:-1", "host:80x", "::1:80",
                           "[::1]", "[::1]80", "[::1:80", "[1.2.3.4]:80", "1.2.3.400:80", "a b:80",
                           "http://host:80", "[::1%eth0]:80", "[fe80::1%]:80"}) {
    error.clear();
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_host_port(text, error));
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(an address may have a port) {
  const std::vector<std::pair<std::string, std::string>> good{
      {"192.0.2.1", "192.0.2.1:53"},
      {"192.0.2.1:5353", "192.0.2.1:5353"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[2001:db8::1]", "[2001:db8::1]:53"},
      {"[2001:db8::1]:1", "[2001:db8::1]:1"}};
  for (const auto& [text, expected] : good) {
    std::string error;
    const auto parsed = parse_address_port(text, 53, error);
    CAF_MESSAGE(text << error);
    CAF_REQUIRE(parsed.has_value());
    CAF_CHECK_EQUAL(to_string(*parsed), expected);
  }
  for (const auto* text :
       {"", ":53", "host", "host:53", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:70000",
        "[192.0.2.1]:53", "[::1]x", "1.2.3", "fe80::1%eth0", "[fe80::1%eth0]:53"}) {
    std::string error;
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_address_port(text, 53, error));
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(URLs are cut into their parts) {
  std::string error;
  const auto plain = parse_url("HTTP://host.example", error);
  CAF_REQUIRE(plain.has_value());
  CAF_CHECK((*plain == url_parts{"http", "", "host.example", std::nullopt, ""}));
  const auto full = parse_url("https://u:p@[2001:db8::1]:8443/a/b?c=d:e@f#g", error);
  CAF_REQUIRE(full.has_value());
  CAF_CHECK((*full == url_parts{"https", "u:p", "2001:db8::1", 8443, "/a/b?c=d:e@f#g"}));
  const auto query = parse_url("http://h?x", error);
  CAF_REQUIRE(query.has_value());
  CAF_CHECK_EQUAL(query->target, "?x");
  CAF_CHECK(parse_url("http://h:/", error).has_value());
}

CAF_TEST(a zone of a URL stands apart from its host) {
  std::string error;
  for (const auto* text : {"http://[fe80::1%25eth0]:9090/x", "http://[fe80::1%eth0]:9090/x"}) {
    const auto url = parse_url(text, error);
    CAF_REQUIRE(url.has_value());
    CAF_CHECK((*url == url_parts{"http", "", "fe80::1", 9090, "/x", "eth0"}));
    CAF_CHECK_EQUAL(url->whole_host(), "fe80::1%eth0");
  }
  CAF_CHECK(!parse_url("http://[2001:db8::1%25eth0]/", error));
  CAF_CHECK(!parse_url("http://[fe80::1%25]x/", error));
}

CAF_TEST(malformed URLs are refused with a reason) {
  for (const auto* text :
       {"", "host/path", "://host", "http://", "http:///path", "http://:80/", "http://h:0/",
        "http://h:65536/", "http://h:x/", "http://a b/", "http://a/\nb", "ht tp://a", "h_p://a",
        "http://[::1/", "http://1.2.3/", "http://::1/"}) {
    std::string error;
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_url(text, error));
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(hosts of URLs can be of other scripts) {
  std::string error;
  CAF_CHECK(parse_url("http://b\u00FCcher.example:81/", error) ==
            (url_parts{"http", "", "xn--bcher-kva.example", 81, "/"}));
  CAF_CHECK(!parse_url("http://b\xFF"
                       "cher.example/",
                       error));
  CAF_CHECK(!parse_url("http://b\u00FC,cher.example/", error));
  CAF_CHECK(parse_host_port("b\u00FCcher.example:81", error) ==
            (host_port{"xn--bcher-kva.example", 81}));
  CAF_CHECK(!is_host_name("b\u00FCcher.example"));
}

} // namespace address_suite
