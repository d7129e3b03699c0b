#define CAF_SUITE checks
#include "xprober/config/checks.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace checks_suite {

using namespace xprober::config;

namespace {

template <class Check>
void expect(Check is_wrong, std::initializer_list<std::string> good,
            std::initializer_list<std::string> bad) {
  for (const auto& text : good) {
    CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(is_wrong(text), "");
  }
  for (const auto& text : bad) {
    const auto reason = is_wrong(text);
    CAF_MESSAGE(reason);
    CAF_CHECK(!reason.empty());
    CAF_CHECK(reason.find('\n') == std::string::npos);
  }
}

} // namespace

CAF_TEST(regions) {
  expect(check_region, {"cn-south", "US East", "\xE5\x8C\x97\xE4\xBA\xAC", std::string(256, 'r')},
         {"", "a\xC2\x85", "\xFF", "a\nb", "a\x7F", std::string(257, 'r')});
}

CAF_TEST(addresses to listen on) {
  expect(check_listen_address,
         {"127.0.0.1:6001", ":6001", "[::1]:6001", "[::]:0", "localhost:6001", "0.0.0.0:6001",
          "[fe80::1%eth0]:6001"},
         {"", "6001", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:6001", "[::1]",
          "http://127.0.0.1:6001", "a b:1", "300.0.0.1:6001"});
}

CAF_TEST(addresses of servers) {
  expect(check_server_address,
         {"127.0.0.1:6001", "[::1]:6001", "server.example:6001", "http://server.example",
          "https://server.example:8443/xprober", "http://[::1]:6001/", "msgpack://h:6001",
          "msgpacks://h:6001/", "HTTP://h", "[fe80::1%eth0]:6001", "http://[fe80::1%25eth0]:6001/",
          "b\u00FCcher.example:6001"},
         {"0.0.0.0:6001",
          "[::]:6001",
          "[fe80::1]:6001",
          "http://0.0.0.0/",
          "https://[::]/",
          "http://[fe80::1]/",
          "http://224.0.0.1/",
          "msgpack://255.255.255.255:6001",
          "",
          ":6001",
          "h",
          "h:0",
          "h:70000",
          "tcp://h:1",
          "ftp://h",
          "msgpack://h",
          "msgpack://h:6001/path",
          "http://",
          "https://u:p@h",
          "http://h/?q",
          "http://h/#f",
          "http://a b",
          "a:1,b:2"});
}

CAF_TEST(numeric addresses) {
  expect(check_ip, {"127.0.0.1", "::1"}, {"", "localhost", "127.0.0.1/8", "[::1]", "1.2.3"});
}

CAF_TEST(addresses of this machine) {
  expect(check_own_ip, {"127.0.0.1", "192.0.2.1", "::1", "2001:db8::1"},
         {"", "localhost", "0.0.0.0", "::", "::ffff:0.0.0.0", "224.0.0.1", "255.255.255.255",
          "ff02::1", "fe80::1", "fe80::1%eth0", "[::1]"});
  CAF_CHECK(check_own_ip("fe80::1").starts_with("fe80::1 is a link-local address, which needs"));
}

CAF_TEST(DNS servers) {
  expect(check_dns_server, {"192.0.2.1", "192.0.2.1:5353", "::1", "[2001:db8::1]:53", "[::1]"},
         {"", "dns.example", "0.0.0.0", "0.0.0.0:53", "::", "[::]:53", "fe80::1", "[fe80::1]:53",
          "fe80::1%eth0", "[fe80::1%eth0]:53", "224.0.0.251", "192.0.2.1:0"});
  CAF_CHECK(check_dns_server("fe80::1").find("a link-local address needs a zone, and one with") !=
            std::string::npos);
}

CAF_TEST(metadata services) {
  expect(check_metadata_url,
         {"http://169.254.169.254", "http://127.0.0.1:8080/", "http://[fd00:ec2::254]"},
         {"", "169.254.169.254", "https://169.254.169.254", "http://metadata.example",
          "http://169.254.169.254/latest", "http://u@169.254.169.254"});
}

CAF_TEST(log levels) {
  expect(check_log_level, {"trace", "debug", "info", "warn", "error", "critical", "off"},
         {"", "INFO", "warning", "verbose"});
}

CAF_TEST(headers) {
  expect(check_header_name, {"Accept", "X-a_b.c", "Host", "User-Agent"},
         {"", "a b", "a:b", "a\r\nb", "\xC3\xBC", "Content-Length", "transfer-encoding",
          "Connection"});
  expect(check_header_value, {"", "text/html; q=0.5", "a\tb", "\xC3\xBC"},
         {"a\r\nX: y", std::string("a\0", 2), std::string(9000, 'x')});
}

CAF_TEST(targets fit their type) {
  expect([](std::string_view text) { return check_target("icmp", text); },
         {"10.1.2.3", "10.4.0.0/24", "::1", "2001:db8::/64", "host.example", "fe80::1%eth0",
          "[::1]", "[fe80::1%eth0]", "0.0.0.0/24"},
         {"",
          "http://host/",
          "0.0.0.0",
          "::",
          "[::]",
          "::ffff:0.0.0.0",
          "255.255.255.255",
          "224.0.0.1",
          "224.0.0.0/24",
          "ff02::1",
          "fe80::1",
          "fe80::/64",
          "[::1]:80",
          "[10.1.2.3]",
          "10.4.0.0/40",
          "10.4.0",
          "a b",
          "-f",
          "host;reboot",
          "host:80"});
  expect([](std::string_view text) { return check_target("http", text); },
         {"http://host.example/", "https://[::1]:8443/x?y=z", "host.example", "10.1.2.3/health",
          "host:8080", "127.0.0.1:1/login?next=http://127.0.0.1/home", "a/?u=ftp://b@c/",
          "http://u:p@ss@host/", "http://[fe80::1%25eth0]:1/", "http://[fe80::1%eth0]/",
          "fe80::1%eth0", "::1", "http://a/b c?d[]=\"e\""},
         {"", "http://0.0.0.0/", "0.0.0.0:80", "http://[::]:1/", "http://[fe80::1]/", "fe80::1",
          "http://[2001:db8::1%25eth0]/", "http://255.255.255.255/", "http://1.2.3/", " http://a/",
          "10.4.0.0/24", "ftp://host/", "http://", "http://a b/", "http://h:0/"});
  for (const auto* type : {"tcp", "tls"}) {
    expect([&](std::string_view text) { return check_target(type, text); },
           {"host.example:443", "10.1.2.3:22", "[fe80::1%eth0]:22", "[::1]:443",
            "b\u00FCcher.example:443"},
           {"", "host.example", "10.4.0.0/24", "10.4.0.0/24:80", "host:0", "host:70000", ":443",
            "http://host/", "a b:1", "0.0.0.0:1", "[::]:1", "[fe80::1]:1", "http://host:1"});
  }
  expect([](std::string_view text) { return check_target("dns", text); },
         {"host.example", ".", "*.example.com", "0/25.2.0.192.in-addr.arpa", "a@192.0.2.53",
          "a@[2001:db8::1]:53", "a@[2001:db8::1]", "a@2001:db8::1", "a@ns.example:5353",
          "hostmaster@example.com@ns.example", "a@fe80::1%eth0", "a@[fe80::1%eth0]:53",
          "a\\.b.example", "a\\255.example"},
         {"", "a@0.0.0.0", "a@fe80::1", "a..b", ".a", "a\\256.example", "a\\", std::string(64, 'a'),
          "@192.0.2.53", "a@", "a b@192.0.2.53", "a@ns.example:0", "a@http://x/", "a@-",
          std::string(255, 'a')});
}

CAF_TEST(a password is in no message) {
  for (const auto* type : {"http", "odd"}) {
    const auto wrong = check_target(type, "ftp://me:secret@host/");
    CAF_CHECK(wrong.find("'ftp://...@host/' is not a target for") != std::string::npos);
    CAF_CHECK(wrong.find("secret") == std::string::npos);
  }
  for (const auto* type : {"icmp", "http", "tcp", "tls", "dns", "odd"}) {
    for (const auto* text :
         {"http://me:sec/ret@[host]/", "http://me:sec/ret@ho st:0/", "sec:ret@ho st", "ret:sec@:0",
          "http://sec ret?x#me@host/", " http://me:secret@host/"}) {
      const auto wrong = check_target(type, text);
      CAF_MESSAGE(wrong);
      CAF_CHECK(!wrong.empty());
      CAF_CHECK(wrong.find("sec") == std::string::npos);
      CAF_CHECK(wrong.find("ret@") == std::string::npos);
    }
  }
  for (const auto check : {check_server_address, check_metadata_url, check_listen_address}) {
    const auto wrong = check("http://me:secret@host:x/");
    CAF_CHECK(!wrong.empty());
    CAF_CHECK(wrong.find("secret") == std::string::npos);
  }
}

CAF_TEST(types of probes are kinds and names of modules) {
  expect(check_prober_type, {"icmp", "http", "http_2xx", "post.v1"}, {"", "t c p", "a/b"});
  expect(check_module_name, {"http_2xx", "post.v1"}, {"icmp", "http", "", "a b"});
}

CAF_TEST(a target of a module may be of any form) {
  expect([](std::string_view text) { return check_target("odd", text); },
         {"10.1.2.3", "10.4.0.0/24", "host.example", "http://host/", "host:443",
          "_sip._tcp.example@192.0.2.53"},
         {"", "ftp://host/", "http://a b/"});
}

} // namespace checks_suite
