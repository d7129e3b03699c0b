#define CAF_SUITE mesh_gate

#include "xprober/domain/targets/mesh_gate.hpp"

#include "caf/test/unit_test.hpp"

namespace mesh_gate_suite {

using namespace xprober;
using namespace std::chrono_literals;
using verdict = mesh_gate::verdict;

namespace {

const monotonic_time t0{1h};

} // namespace

CAF_TEST(a gate without a word is open) {
  mesh_gate gate;
  CAF_CHECK(gate.judge("192.0.2.1", "198.51.100.1:9") == verdict::open);
  for (int i = 0; i < 1000; ++i) {
    CAF_CHECK(gate.admit(t0));
  }
}

CAF_TEST(without networks an address is that of the connection) {
  const mesh_gate gate{{}, 100};
  CAF_CHECK(gate.judge("192.0.2.1", "192.0.2.1:40000") == verdict::open);
  CAF_CHECK(gate.judge("192.0.2.1", "[::ffff:192.0.2.1]:40000") == verdict::open);
  CAF_CHECK(gate.judge("2001:db8::1", "[2001:db8::1]:40000") == verdict::open);
  CAF_CHECK(gate.judge("192.0.2.1", "192.0.2.2:40000") == verdict::other_peer);
  CAF_CHECK(gate.judge("192.0.2.1", "[2001:db8::1]:40000") == verdict::other_peer);
  CAF_CHECK(gate.judge("192.0.2.1", "") == verdict::other_peer);
  CAF_MESSAGE("what comes over loopback is from here or through a proxy");
  CAF_CHECK(gate.judge("192.0.2.1", "127.0.0.1:40000") == verdict::open);
  CAF_CHECK(gate.judge("192.0.2.1", "[::1]:40000") == verdict::open);
}

CAF_TEST(networks say whose addresses may be members) {
  const mesh_gate gate{{"10.0.0.0/9", "192.0.2.7", "2001:db8::/33"}, 100};
  for (const auto* in : {"10.0.0.0", "10.127.255.255", "192.0.2.7", "2001:db8:7fff::1"}) {
    CAF_CHECK(gate.judge(in, "198.51.100.1:9") == verdict::open);
  }
  for (const auto* out : {"10.128.0.0", "11.0.0.1", "192.0.2.6", "2001:db8:8000::1", "::1"}) {
    CAF_CHECK(gate.judge(out, "127.0.0.1:9") == verdict::other_network);
  }
}

CAF_TEST(more than so many in a minute wait) {
  mesh_gate gate{{}, 10};
  int came = 0;
  for (int i = 0; i < 100; ++i) {
    came += gate.admit(t0) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(came, 10);
  CAF_CHECK(!gate.admit(t0 + 5s));
  CAF_CHECK(gate.admit(t0 + 6s));
  CAF_CHECK(!gate.admit(t0 + 6s));
  came = 0;
  for (int i = 0; i < 100; ++i) {
    came += gate.admit(t0 + 1h) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(came, 10);
}

} // namespace mesh_gate_suite
