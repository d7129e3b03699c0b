#define CAF_SUITE peer_key

#include "xprober/net/peer_key.hpp"

#include <string_view>

#include "caf/test/unit_test.hpp"

namespace peer_key_suite {

using namespace xprober::net;

namespace {

bool same(std::string_view a, std::string_view b) { return peer_of(a) == peer_of(b); }

} // namespace

CAF_TEST(an address of ipv4 is a peer whatever its port) {
  CAF_CHECK(same("192.0.2.1:1", "192.0.2.1:65535"));
  CAF_CHECK(!same("192.0.2.1:1", "192.0.2.2:1"));
  CAF_CHECK(same("192.0.2.1:1", "[::ffff:192.0.2.1]:1"));
}

CAF_TEST(a network of 64 bits is a peer of ipv6) {
  CAF_CHECK(same("[2001:db8::1]:1", "[2001:db8::ffff:1]:2"));
  CAF_CHECK(!same("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"));
  // Nothing that IPv4 has is taken for it.
  CAF_CHECK(!same("[::1]:1", "0.0.0.0:1"));
}

CAF_TEST(what is no address is one peer) {
  CAF_CHECK(same("", "nonsense"));
  CAF_CHECK(!same("", "127.0.0.1:1"));
}

CAF_TEST(the same peer has the same name) {
  CAF_CHECK_EQUAL(peer_name("192.0.2.1:50000"), "address 192.0.2.1");
  CAF_CHECK_EQUAL(peer_name("[::ffff:192.0.2.1]:1"), "address 192.0.2.1");
  CAF_CHECK_EQUAL(peer_name("[2001:db8::1]:1"), peer_name("[2001:db8::ffff:1]:2"));
  CAF_CHECK(peer_name("[2001:db8::1]:1") != peer_name("[2001:db8:0:1::1]:1"));
}

} // namespace peer_key_suite
