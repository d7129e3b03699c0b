#define CAF_SUITE signals

#include "xprober/base/signals.hpp"

#include <csignal>
#include <string>
#include <thread>

#include "support/child_process.hpp"

#include "caf/test/unit_test.hpp"

namespace signals_suite {

using namespace xprober;
using test::child_process;
using test::say;

namespace {

const std::string killed = "signal " + std::to_string(SIGTERM);

/// Says that it is ready, and waits for signals.
[[noreturn]] void wait_for_signals() {
  say("ready\n");
  for (;;) {
    ::pause();
  }
}

volatile std::sig_atomic_t taken = 0;
extern "C" void take_signal(int number) { taken = number; }

} // namespace

CAF_TEST(somebody ends a service that starts and that is no failure) {
  child_process child{[] {
    end_at_once_on_signals();
    wait_for_signals();
    return 9;
  }};
  CAF_REQUIRE(child.says("ready"));
  ::kill(child.pid(), SIGTERM);
  CAF_CHECK_EQUAL(child.wait(), "exit 0");
}

CAF_TEST(a service that fails while it starts ends as a failure) {
  child_process child{[] {
    end_at_once_on_signals();
    std::thread{signal_failure}.join();
    wait_for_signals();
    return 9;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 70");
}

CAF_TEST(a failure does not cut off the end and somebody does) {
  child_process child{[] {
    die_of_signals();
    std::thread{signal_failure}.join();
    signal_failure();
    wait_for_signals();
    return 9;
  }};
  CAF_REQUIRE(child.says("ready"));
  ::kill(child.pid(), SIGTERM);
  CAF_CHECK_EQUAL(child.wait(), killed);
}

CAF_TEST(a failure between two who take signals waits for the second) {
  child_process child{[] {
    hold_signals();
    std::thread{signal_failure}.join();
    die_of_signals();
    release_signals();
    return 5;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 5");
}

CAF_TEST(an end that hangs is cut off) {
  child_process child{[] {
    end_within(std::chrono::seconds{1});
    end_within(std::chrono::seconds{100});
    for (;;) {
      ::pause();
    }
    return 9;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 70");
}

CAF_TEST(signals are noted and go on) {
  child_process child{[] {
    std::signal(SIGTERM, take_signal);
    note_signals();
    const bool none = noted_signal() == 0;
    ::raise(SIGTERM);
    const bool both = noted_signal() == SIGTERM && taken == SIGTERM;
    forget_noted_signal();
    return none && both && noted_signal() == 0 ? 7 : 8;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 7");
}

} // namespace signals_suite
