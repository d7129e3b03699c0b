#define CAF_SUITE trace

#include "xprober/probes/http/trace.hpp"

#include "caf/test/unit_test.hpp"

namespace trace_suite {

using namespace xprober;
using namespace xprober::http;
using namespace std::chrono_literals;

namespace {

using phases = decltype(http_summary::phases_ms);

const monotonic_time zero{};

phases of(const phase_trace& trace) {
  http_summary summary;
  trace.fill(summary);
  return summary.phases_ms;
}

} // namespace

CAF_TEST(all phases of an https probe) {
  phase_trace t;
  t.begin_hop();
  t.resolved(5ms);
  t.connecting(zero + 5ms);
  t.connected(zero + 15ms, true);
  t.secured(zero + 35ms);
  t.written(zero + 36ms);
  t.first_byte(zero + 66ms);
  t.finished(zero + 106ms);
  CAF_CHECK(of(t) == (phases{5.f, 10.f, 20.f, 30.f, 40.f}));
}

CAF_TEST(tls is zero for http once connected) {
  phase_trace t;
  t.begin_hop();
  t.resolved(1ms);
  CAF_CHECK(of(t) == (phases{1.f, {}, {}, {}, {}}));
  CAF_CHECK(t.current() == http_phase::connect);
  t.connecting(zero);
  t.connected(zero + 2ms, false);
  CAF_CHECK(of(t) == (phases{1.f, 2.f, 0.f, {}, {}}));
  CAF_CHECK(t.current() == http_phase::processing);
}

CAF_TEST(an unfinished handshake has no tls phase) {
  phase_trace t;
  t.begin_hop();
  t.resolved(0ms);
  t.connecting(zero);
  t.connected(zero + 2ms, true);
  CAF_CHECK(of(t) == (phases{0.f, 2.f, {}, {}, {}}));
  CAF_CHECK(t.current() == http_phase::tls);
}

CAF_TEST(resolve sums over the hops and the others are of the last) {
  phase_trace t;
  for (int hop = 1; hop <= 2; ++hop) {
    const auto begin = zero + hop * 1s;
    t.begin_hop();
    t.resolved(3ms);
    t.connecting(begin);
    t.connected(begin + hop * 1ms, false);
    t.written(begin + 10ms);
    t.first_byte(begin + 10ms + hop * 2ms);
    t.finished(begin + 20ms + hop * 3ms);
  }
  CAF_CHECK(of(t) == (phases{6.f, 2.f, 0.f, 4.f, 12.f}));
}

CAF_TEST(a hop that fails leaves nothing of the one before) {
  phase_trace t;
  t.begin_hop();
  t.resolved(3ms);
  t.connecting(zero);
  t.connected(zero + 1ms, false);
  t.written(zero);
  t.first_byte(zero + 1ms);
  t.begin_hop();
  CAF_CHECK(of(t) == phases{});
  CAF_CHECK(t.current() == http_phase::resolve);
}

CAF_TEST(no phase is negative) {
  phase_trace t;
  t.begin_hop();
  t.resolved(0ms);
  t.connecting(zero + 5ms);
  t.connected(zero + 4ms, false);
  CAF_CHECK(of(t)[1] == 0.f);
}

} // namespace trace_suite
