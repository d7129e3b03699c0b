#define CAF_SUITE target

#include "xprober/probes/dns/target.hpp"

#include <cstdio>
#include <fstream>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace target_suite {

using namespace xprober::dns_query;

namespace {

std::string read(std::string_view text) {
  const auto got = parse_target(text);
  return got.target
             ? got.target->name + " " + got.target->server + " " + std::to_string(got.target->port)
             : "bad";
}

} // namespace

CAF_TEST(names and servers) {
  CAF_CHECK_EQUAL(read("a.example"), "a.example.  0");
  CAF_CHECK_EQUAL(read("a.example."), "a.example.  0");
  CAF_CHECK_EQUAL(read(".@192.0.2.1"), ". 192.0.2.1 0");
  CAF_CHECK_EQUAL(read("a@192.0.2.1:5353"), "a. 192.0.2.1 5353");
  CAF_CHECK_EQUAL(read("a@ns.example"), "a. ns.example 0");
  CAF_CHECK_EQUAL(read("a@ns.example:53"), "a. ns.example 53");
  CAF_CHECK_EQUAL(read("a@2001:db8::1"), "a. 2001:db8::1 0");
  CAF_CHECK_EQUAL(read("a@[2001:db8::1]"), "a. 2001:db8::1 0");
  CAF_CHECK_EQUAL(read("a@[2001:db8::1]:53"), "a. 2001:db8::1 53");
  CAF_CHECK_EQUAL(read("hostmaster@example@192.0.2.1"), "hostmaster@example. 192.0.2.1 0");
}

CAF_TEST(names of other scripts are as the DNS has them) {
  CAF_CHECK_EQUAL(read("m\xC3\xBCnchen.example@192.0.2.1"), "xn--mnchen-3ya.example. 192.0.2.1 0");
  CAF_CHECK_EQUAL(read("_sip.m\xC3\xBCnchen.example."), "_sip.xn--mnchen-3ya.example.  0");
  CAF_CHECK_EQUAL(read("a@m\xC3\xBCnchen.example:53"), "a. xn--mnchen-3ya.example 53");
  CAF_CHECK_EQUAL(read("\xFF.example"), "bad");
  CAF_CHECK(parse_target("\xFF.example").error.find("none that the DNS can hold") !=
            std::string::npos);
}

CAF_TEST(what is neither says what is allowed) {
  for (const auto* bad : {"", "@192.0.2.1", "a@", "a@ns.example:", "a@ns.example:0", "a@:53",
                          "a@b c", "a@[ns.example]", "a@192.0.2.1:99999"}) {
    const auto got = parse_target(bad);
    CAF_CHECK(!got.target);
    CAF_CHECK(got.error.find("NAME@SERVER:PORT") != std::string::npos);
  }
}

CAF_TEST(the server of the system) {
  CAF_CHECK_EQUAL(first_server({"192.0.2.1:5353", "192.0.2.2"}, "/dev/null"), "192.0.2.1:5353");
  CAF_CHECK_EQUAL(first_server({}, "/dev/null"), "127.0.0.1");
  const auto path = "resolv." + std::to_string(::getpid()) + ".conf";
  std::ofstream{path} << "# nameserver 192.0.2.9\nsearch example\nnameserver   2001:db8::53\n"
                         "nameserver 192.0.2.2\n";
  CAF_CHECK_EQUAL(first_server({}, path.c_str()), "2001:db8::53");
  std::remove(path.c_str());
}

} // namespace target_suite
