#define CAF_SUITE probe_time

#include "xprober/probes/stream/probe_time.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "caf/test/unit_test.hpp"

namespace probe_time_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace std::chrono_literals;

namespace {

struct fixture {
  boost::asio::io_context io;
  stall_watch stalls;
  int cuts = 0;
  probe_time time{io.get_executor(), stalls, [this] { ++cuts; }};
  std::shared_ptr<int> owner = std::make_shared<int>(0);
  monotonic_time now = monotonic_clock::now();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(probe_time_tests, fixture)

CAF_TEST(a guard cuts when its time has passed) {
  time.begin(now, now + 1s);
  CAF_CHECK_EQUAL(time.limit_ms(), 1000);
  time.guard(now + 10ms, owner);
  CAF_CHECK(!time.expired());
  io.run();
  CAF_CHECK(time.expired());
  CAF_CHECK_EQUAL(cuts, 1);
}

CAF_TEST(a later guard takes over) {
  time.begin(now, now + 1s);
  time.guard(now + 1ms, owner);
  time.guard(now + 30ms, owner);
  boost::asio::steady_timer between{io, 10ms};
  between.async_wait([&](error_code) { CAF_CHECK_EQUAL(cuts, 0); });
  io.run();
  CAF_CHECK_EQUAL(cuts, 1);
}

CAF_TEST(a guard without its owner does nothing) {
  time.begin(now, now + 1s);
  time.guard(now + 1ms, owner);
  owner.reset();
  io.run();
  CAF_CHECK_EQUAL(cuts, 0);
}

CAF_TEST(a pause is no time of the probe and no guard cuts in it) {
  time.begin(now, now + 100ms);
  time.guard(now + 1ms, owner);
  time.pause();
  io.run();
  CAF_CHECK_EQUAL(cuts, 0);
  CAF_CHECK(!time.expired());
  time.go_on(5s);
  CAF_CHECK(time.begun() == now + 5s);
  CAF_CHECK(time.deadline() == now + 5100ms);
  CAF_CHECK_EQUAL(time.limit_ms(), 100);
}

CAF_TEST(what the thread stood still is given back once) {
  stalls.begin(now);
  time.begin(now, now + 1s);
  stalls.beat(now + stall_watch::interval + 2s);
  CAF_CHECK(time.stalled() >= 2s);
  CAF_CHECK(time.give_back());
  CAF_CHECK(time.deadline() >= now + 3s);
  stalls.end();
  CAF_CHECK(!time.give_back());
}

CAF_TEST(a thread that never runs in time ends a probe all the same) {
  stalls.begin(now - 1s); // without beats it is late for ever
  time.begin(now, now + 60ms);
  time.guard(now + 60ms, owner);
  io.run_for(10s);
  CAF_CHECK_EQUAL(cuts, 1);
  CAF_CHECK(time.expired());
  CAF_CHECK(time.starved());
  CAF_CHECK(monotonic_clock::now() >= now + 240ms);

  io.restart();
  probe_time another{io.get_executor(), stalls, [] {}};
  another.begin(monotonic_clock::now(), monotonic_clock::now() + 60ms);
  bool ended = false;
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        co_await another.wait_for([] { return false; });
        ended = true;
      },
      [](const std::exception_ptr&) {});
  io.run_for(10s);
  CAF_CHECK(ended);
  CAF_CHECK(another.starved());
}

CAF_TEST(a probe that had its time after a stall is not starved) {
  stalls.begin(now - 1s);
  time.begin(now, now + 60ms);
  time.guard(now + 60ms, owner);
  boost::asio::steady_timer soon{io, 100ms};
  soon.async_wait([&](error_code) {
    stalls.beat(monotonic_clock::now());
    stalls.end();
  });
  io.run();
  CAF_CHECK(time.expired());
  CAF_CHECK(!time.starved());
}

CAF_TEST(a probe that begins after a stall and before its beat has lost nothing) {
  stalls.begin(now - 10s);
  time.begin(now, now + 1s);
  stalls.beat(now + 5ms);
  CAF_CHECK(time.stalled() == 0ns);
  CAF_CHECK(!time.give_back());
  CAF_CHECK(time.deadline() == now + 1s);
  stalls.end();
}

CAF_TEST(a wait ends when it is over or at the deadline) {
  time.begin(now, now + 20ms);
  bool over = false;
  int ended = 0;
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        co_await time.wait_for([&] { return over; });
        ++ended;
        over = false;
        co_await time.wait_for([&] { return over; });
        ++ended;
      },
      [](const std::exception_ptr&) {});
  boost::asio::post(io, [&] {
    over = true;
    time.wake();
  });
  io.run();
  CAF_CHECK_EQUAL(ended, 2);
  CAF_CHECK(monotonic_clock::now() >= now + 20ms);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace probe_time_suite
