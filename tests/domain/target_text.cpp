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

CAF_TEST(addresses blocks and names are told apart) {
  std::string error;
  const auto host = [&](std::string_view text) {
    const auto got = parse_address_target(text, error);
    return !got         ? "bad"
           : got->block ? "block"
                        : got->host.whole() + (got->host.address ? "" : " ?");
  };
  CAF_CHECK_EQUAL(host("10.1.2.3"), "10.1.2.3");
  CAF_CHECK_EQUAL(host("2001:db8::1"), "2001:db8::1");
  CAF_CHECK_EQUAL(host("[2001:db8::1]"), "2001:db8::1");
  CAF_CHECK_EQUAL(host("fe80::1%eth0"), "fe80::1%eth0");
  CAF_CHECK_EQUAL(host("[fe80::1%eth0]"), "fe80::1%eth0");
  CAF_CHECK_EQUAL(host("10.4.0.0/24"), "block");
  CAF_CHECK_EQUAL(host("2001:db8::/120"), "block");
  CAF_CHECK_EQUAL(host("host.example"), "host.example ?");
  CAF_CHECK_EQUAL(host("host.example."), "host.example. ?");
  CAF_CHECK_EQUAL(host("b\u00FCcher.example"), "xn--bcher-kva.example ?");
  CAF_CHECK_EQUAL(error, "");
  for (const auto& bad : {std::string{},
                          std::string{"10.1.2"},
                          std::string{"10.1.2.300"},
                          std::string{"10.0.0.0/33"},
                          std::string{"10.0.0.0/-1"},
                          std::string{"10.0.0.0/"},
                          std::string{"10.0.0.0/8/8"},
                          std::string{"::/129"},
                          std::string{"host/24"},
                          std::string{"a b"},
                          std::string{"\xFF.de"},
                          std::string{"b\u00FCcher example"},
                          std::string{"-c"},
                          std::string{"$(reboot)"},
                          std::string{"http://host/"},
                          std::string{"10.0.0.1%eth0"},
                          std::string{"2001:db8::1%eth0"},
                          std::string{"fe80::1%"},
                          std::string{"fe80::1%a/b"},
                          std::string{"[::1"},
                          std::string{"[::1]x"},
                          std::string{"[host]"},
                          std::string{"host:80"},
                          std::string(10000, 'a')}) {
    CAF_MESSAGE(bad.substr(0, 40));
    CAF_CHECK_EQUAL(host(bad), "bad");
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(what no host is at is refused in words) {
  const auto problem = [](const char* text) { return read_target(kinds::icmp(), text).problem; };
  CAF_CHECK_EQUAL(problem("0.0.0.0"), "0.0.0.0 is the unspecified address: it names no host");
  CAF_CHECK_EQUAL(problem("239.1.1.1"),
                  "239.1.1.1 is a multicast address: it names a group, not a host");
  CAF_CHECK_EQUAL(problem("255.255.255.255"),
                  "255.255.255.255 is the broadcast address: it names no single host");
  CAF_CHECK_EQUAL(problem("fe80::1"),
                  "fe80::1 is a link-local address and its zone is missing: add the interface, as "
                  "in fe80::1%eth0 or http://[fe80::1%25eth0]/");
  CAF_CHECK_EQUAL(problem("169.254.1.1"), "");
}

CAF_TEST(urls are cut where their parts end) {
  std::string error;
  const auto cut = [&](std::string_view text) {
    const auto got = parse_url_target(text, error);
    return !got ? "bad"
                : (got->tls ? "tls " : "") + got->user.value_or("-") + " " + got->host.whole() +
                      " " + std::to_string(got->port) + " " + got->rest;
  };
  CAF_CHECK_EQUAL(cut("http://a"), "- a 80 ");
  CAF_CHECK_EQUAL(cut("HTTPS://a?b#c"), "tls - a 443 ?b#c");
  CAF_CHECK_EQUAL(cut("a:81/b?c=http://d/e"), "- a 81 /b?c=http://d/e");
  CAF_CHECK_EQUAL(cut("127.0.0.1:81/?c=http://d@e/"), "- 127.0.0.1 81 /?c=http://d@e/");
  CAF_CHECK_EQUAL(cut("http://u:p@ss@a/b@c"), "u:p@ss a 80 /b@c");
  CAF_CHECK_EQUAL(cut("u:p@a"), "u:p a 80 ");
  CAF_CHECK_EQUAL(cut("http://u%20r:p%0@a/%0A"), "u%20r:p%0 a 80 /%0A");
  CAF_CHECK_EQUAL(cut("http://@a:/"), " a 80 /");
  CAF_CHECK_EQUAL(cut("http://[fe80::1%25v0]:81/"), "- fe80::1%v0 81 /");
  CAF_CHECK_EQUAL(cut("http://[fe80::1%v0]/"), "- fe80::1%v0 80 /");
  CAF_CHECK_EQUAL(cut("http://[fe80::1%25]/"), "- fe80::1%25 80 /"); // the interface called 25
  CAF_CHECK_EQUAL(cut("2001:db8::1"), "- 2001:db8::1 80 ");
  CAF_CHECK_EQUAL(cut("http://b\u00FCcher.example/\u00FC x"),
                  "- xn--bcher-kva.example 80 /\u00FC x");
  CAF_CHECK_EQUAL(error, "");
  for (const auto* bad :
       {"", "http://", "http:///x", "ftp://a/", "://a/", "http://a:0/", "http://a:65536/",
        "http://a:b/", "http://a b/", "http://a\tb/", "http://u:p/w@a/", "10.0.0.0/24",
        "http://[::1/", "http://::1/", "http://[fe80::1%25v0/x]/", "http://%61/",
        "http://u%0Aser:pw@a/", "http://u:p%00@a/", "u:p%7F@a"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(cut(bad), "bad");
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(whoever a user may be is not shown) {
  CAF_CHECK_EQUAL(without_user("http://u:p@a/b"), "http://...@a/b");
  CAF_CHECK_EQUAL(without_user("http://u:p/q@a/b"), "http://...@a/b");
  CAF_CHECK_EQUAL(without_user("u:p://q@a"), "...@a");
  CAF_CHECK_EQUAL(without_user("a/b?c=http://d@e"), "...@e");
  CAF_CHECK_EQUAL(without_user("http://a/b"), "http://a/b");
  CAF_CHECK_EQUAL(without_user(kinds::dns(), "a.example@ns"), "a.example@ns");
  CAF_CHECK_EQUAL(without_user(kinds::dns(), "u:p@ns"), "...@ns");
}

CAF_TEST(a host with a port may be of another script) {
  std::string error;
  const auto at = [&](std::string_view text) {
    const auto got = parse_host_port_target(text, error);
    return got ? got->host.whole() + " " + std::to_string(got->port) : "bad";
  };
  CAF_CHECK_EQUAL(at("b\u00FCcher.example:443"), "xn--bcher-kva.example 443");
  CAF_CHECK_EQUAL(at("[::1]:80"), "::1 80");
  CAF_CHECK_EQUAL(at("[fe80::1%eth0]:80"), "fe80::1%eth0 80");
  for (const auto* bad : {"b\u00FCcher.example", "b\u00FCcher.example:0", "b\u00FCcher.example:x",
                          ":80", "::1:80", "[::1]", "[fe80::1]:80", "0.0.0.0:80", "a:"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(at(bad), "bad");
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(names come with their server and port) {
  std::string error;
  const auto at = [&](std::string_view text) {
    const auto got = parse_name_target(text, error);
    return got ? got->name + "|" + (got->server ? got->server->whole() : "") + "|" +
                     std::to_string(got->port)
               : "bad";
  };
  CAF_CHECK_EQUAL(at("a.example"), "a.example.||0");
  CAF_CHECK_EQUAL(at("a.example."), "a.example.||0");
  CAF_CHECK_EQUAL(at("a@192.0.2.53"), "a.|192.0.2.53|0");
  CAF_CHECK_EQUAL(at("a@192.0.2.53:5353"), "a.|192.0.2.53|5353");
  CAF_CHECK_EQUAL(at("a@2001:db8::1"), "a.|2001:db8::1|0");
  CAF_CHECK_EQUAL(at("a@[2001:db8::1]"), "a.|2001:db8::1|0");
  CAF_CHECK_EQUAL(at("a@[2001:db8::1]:53"), "a.|2001:db8::1|53");
  CAF_CHECK_EQUAL(at("a@fe80::1%eth0"), "a.|fe80::1%eth0|0");
  CAF_CHECK_EQUAL(at(".@ns.example"), ".|ns.example|0");
  CAF_CHECK_EQUAL(at("me@a.example@ns"), "me@a.example.|ns|0");
  CAF_CHECK_EQUAL(at("_sip.m\u00FCnchen.example@m\u00FCnchen.example:53"),
                  "_sip.xn--mnchen-3ya.example.|xn--mnchen-3ya.example|53");
  CAF_CHECK_EQUAL(error, "");
  for (const auto* bad :
       {"", "@ns", "a@", "a@ns:", "a@ns:0", "a@ns:99999", "a@:53", "a@[ns]", "a b", "a@a b", "a..b",
        "..", ".a", "\xFF.example", "a@0.0.0.0", "a@fe80::1"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(at(bad), "bad");
    CAF_CHECK(!error.empty());
  }
}

CAF_TEST(of what is left out the first few are named) {
  bad_targets bad;
  for (const auto* text : {"a", "b", "c", "d", "e", "f"}) {
    bad.add(text);
  }
  CAF_CHECK_EQUAL(bad.count, 6u);
  CAF_CHECK_EQUAL(bad.first.size(), 5u);
  bad.remove("b");
  bad.remove("f");
  CAF_CHECK_EQUAL(bad.count, 4u);
  CAF_CHECK_EQUAL(bad.first, (std::vector<std::string>{"a", "c", "d", "e"}));
}

} // namespace target_text_suite
