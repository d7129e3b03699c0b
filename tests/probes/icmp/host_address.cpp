#define CAF_SUITE host_address

#include "xprober/probes/icmp/host_address.hpp"

#include "caf/test/unit_test.hpp"

namespace host_address_suite {

using namespace xprober;
using namespace xprober::icmp;

namespace {

std::string round_trip(std::string_view text) {
  const parsed_target parsed = parse_target(text);
  return parsed.kind == target_kind::address ? to_string(parsed.address) : "not an address";
}

} // namespace

CAF_TEST(numeric_addresses_are_read_and_written) {
  CAF_CHECK_EQUAL(round_trip("192.0.2.1"), "192.0.2.1");
  CAF_CHECK_EQUAL(round_trip("2001:DB8::1"), "2001:db8::1");
  CAF_CHECK_EQUAL(round_trip("[::1]"), "::1");
  CAF_CHECK(parse_target("127.0.0.1").address.family == ip_family::ip4);
  CAF_CHECK(parse_target("::1").address.family == ip_family::ip6);
}

CAF_TEST(a_zone_names_an_interface) {
  CAF_CHECK_EQUAL(round_trip("fe80::1%lo"), "fe80::1%lo");
  CAF_CHECK(parse_target("fe80::1%lo").address.scope != 0);
  CAF_CHECK_EQUAL(round_trip("[fe80::1%lo]"), "fe80::1%lo");
  CAF_CHECK(parse_target("fe80::1%nosuchif").kind == target_kind::bad);
  CAF_CHECK(parse_target("fe80::1%").kind == target_kind::bad);
  // By its number, which is no part of a name.
  CAF_CHECK(parse_target("fe80::1%7654").address.scope == 7654u);
  for (const char* gone : {"fe80::1%6in4-wan", "fe80::1%1x", "fe80::1%99999999999", "fe80::1%0"}) {
    CAF_CHECK(parse_target(gone).kind == target_kind::bad);
    CAF_CHECK(parse_target(gone).problem.find("no interface") != std::string::npos);
  }
}

CAF_TEST(a_mapped_address_is_its_ip4_address) {
  CAF_CHECK(parse_target("::ffff:192.0.2.7").address == parse_target("192.0.2.7").address);
}

CAF_TEST(host_names_are_told_from_addresses) {
  const parsed_target name = parse_target("db-1.example.com");
  CAF_CHECK(name.kind == target_kind::name);
  CAF_CHECK_EQUAL(name.host, "db-1.example.com");
  CAF_CHECK(parse_target("localhost").kind == target_kind::name);
  CAF_CHECK_EQUAL(parse_target("B\u00FCcher.example").host, "xn--bcher-kva.example");
}

CAF_TEST(what_is_neither_is_refused_with_a_reason) {
  const std::string long_label(64, 'a');
  for (const std::string& text :
       {std::string{}, std::string{"300.1.2.3"}, std::string{"1.2.3"}, std::string{"a b"},
        std::string{"host/24"}, std::string{"::g"}, std::string{"[]"}, std::string{"a..b"},
        std::string{"\xFF.de"}, std::string{"x;reboot"}, long_label + ".example",
        std::string(100'000, 'x'), std::string(100'000, ':'), std::string("a\0b", 3)}) {
    const parsed_target parsed = parse_target(text);
    CAF_CHECK(parsed.kind == target_kind::bad);
    CAF_CHECK(!parsed.problem.empty());
    CAF_CHECK(parsed.problem.size() < 250);
  }
}

CAF_TEST(addresses_of_no_single_host_are_refused) {
  for (const char* text : {"0.0.0.0", "::", "224.0.0.1", "239.255.255.250", "255.255.255.255",
                           "ff02::1", "::ffff:0.0.0.0", "fe80::1", "[fe80::1]"}) {
    CAF_CHECK(parse_target(text).kind == target_kind::bad);
  }
}

CAF_TEST(socket_addresses_come_back_the_same) {
  for (const char* text : {"192.0.2.1", "2001:db8::1", "fe80::1%lo"}) {
    const host_address address = parse_target(text).address;
    sockaddr_in6 raw{};
    const socklen_t length = to_sockaddr(address, raw);
    CAF_CHECK_EQUAL(length,
                    address.family == ip_family::ip4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    CAF_CHECK(from_sockaddr(raw) == address);
  }
}

CAF_TEST(a_source_fits_only_the_same_host) {
  const auto address = [](const char* text) { return parse_target(text).address; };
  CAF_CHECK(same_host(address("192.0.2.1"), address("192.0.2.1")));
  CAF_CHECK(!same_host(address("192.0.2.1"), address("192.0.2.2")));
  CAF_CHECK(!same_host(address("127.0.0.1"), address("::1")));
  host_address zoned = address("fe80::1%lo");
  host_address other = zoned;
  ++other.scope;
  CAF_CHECK(!same_host(zoned, other));
  other.scope = 0;
  CAF_CHECK(same_host(zoned, other));
}

} // namespace host_address_suite
