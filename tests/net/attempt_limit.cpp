#define CAF_SUITE attempt_limit

#include "xprober/net/attempt_limit.hpp"

#include "caf/test/unit_test.hpp"

namespace attempt_limit_suite {

using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

const xprober::monotonic_time start{1000h};

peer_key peer(std::uint64_t number) { return {false, number}; }

} // namespace

CAF_TEST(a peer that fails too often waits for the next minute) {
  attempt_limit limit;
  for (std::uint32_t i = 0; i < attempt_limit::each_minute; ++i) {
    CAF_CHECK(limit.may_try(peer(1), start));
    limit.failed(peer(1), start);
  }
  CAF_CHECK(!limit.may_try(peer(1), start + 59s));
  CAF_CHECK(limit.may_try(peer(2), start + 59s));
  CAF_CHECK(limit.may_try(peer(1), start + 60s));
}

CAF_TEST(asking alone counts nothing) {
  attempt_limit limit;
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK(limit.may_try(peer(1), start));
  }
}

CAF_TEST(attempts can be counted whatever comes of them) {
  attempt_limit limit{3};
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(limit.take(peer(1), start, "a"));
  }
  CAF_CHECK(!limit.take(peer(1), start, "a"));
  CAF_CHECK(limit.take(peer(1), start, "b"));
  CAF_CHECK(limit.take(peer(1), start + 60s, "a"));
}

CAF_TEST(so many peers may fail in a minute) {
  attempt_limit limit;
  for (std::uint64_t i = 0; i < attempt_limit::most_peers; ++i) {
    limit.failed(peer(i), start);
  }
  CAF_CHECK(limit.may_try(peer(0), start));
  CAF_CHECK(!limit.may_try(peer(attempt_limit::most_peers), start));
  CAF_CHECK(limit.may_try(peer(attempt_limit::most_peers), start + 1min));
}

} // namespace attempt_limit_suite
