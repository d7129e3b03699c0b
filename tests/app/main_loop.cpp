#define CAF_SUITE main_loop

#include "xprober/app/main_loop.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "support/child_process.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/app/actor_host.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/signals.hpp"

#include "caf/test/unit_test.hpp"

namespace main_loop_suite {

using namespace xprober;
using namespace std::chrono_literals;
using test::child_process;
using test::say;

namespace {

/// As a service has it, in a process of its own.
struct service {
  service() {
    hold_signals();
    end_at_once_on_signals();
    log::init(log::level::info);
  }
  ~service() { log::shutdown(); }

  caf::actor spawn() {
    // With an argument: CAF dereferences a null pointer to none.
    return host.spawn(
        actor_kind::journal,
        [](caf::event_based_actor* self, std::string_view name) -> caf::behavior {
          guard_actor(self, name);
          return {[](const std::string& text) { throw std::runtime_error(text); }};
        },
        std::string_view{"journal"});
  }

  /// Returns after the actor has ended of an exception.
  void fail(const caf::actor& actor) {
    caf::scoped_actor self{host.system()};
    self->send(actor, std::string{"poison"});
    self->wait_for(actor);
  }

  app::actor_host host{{"server", "1"}, 2, [] { app::end_process(1s); }};
};

int run_until_signal_alone() {
  hold_signals();
  end_at_once_on_signals();
  app::main_loop_hooks hooks;
  hooks.reload = [] {};
  hooks.tick_interval = 10ms;
  hooks.tick = [] {
    say("running\n");
    return true;
  };
  const int number = app::run_until_signal(hooks);
  std::this_thread::sleep_for(2ms); // what an end takes
  return number == SIGTERM ? 5 : 6;
}

} // namespace

CAF_TEST(who watches is asked at once and again) {
  child_process child{[] {
    hold_signals();
    end_at_once_on_signals();
    int asked = 0;
    app::main_loop_hooks hooks;
    hooks.reload = [] {};
    hooks.watch = [&] { ++asked; };
    hooks.watch_interval = 5ms;
    hooks.tick = [&] { return asked < 3; };
    hooks.tick_interval = 10ms;
    return app::run_until_signal(hooks) == 0 ? 5 : 6;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 5");
}

CAF_TEST(an actor that fails during the start ends the process with a status and a line) {
  child_process child{[] {
    service started;
    const auto actor = started.spawn();
    caf::anon_send(actor, std::string{"poison"});
    for (;;) {
      ::pause();
    }
    return 9;
  }};
  CAF_CHECK(child.says("a part of the program has failed"));
  CAF_CHECK(child.says("poison"));
  CAF_CHECK_EQUAL(child.wait(), "exit 70");
}

CAF_TEST(actors that fail during the end do not cut it off) {
  child_process child{[] {
    service running;
    const auto first = running.spawn();
    const auto second = running.spawn();
    app::main_loop_hooks hooks;
    hooks.reload = [] {};
    hooks.tick_interval = 10ms;
    hooks.tick = [&] {
      caf::anon_send(first, std::string{"poison"});
      return true;
    };
    const int number = app::run_until_signal(hooks);
    running.fail(second);
    app::end_process(1s);
    running.host.stop_actors();
    say("in order\n");
    return number == SIGTERM && running.host.has_failed() ? 1 : 9;
  }};
  CAF_CHECK(child.says("in order"));
  CAF_CHECK_EQUAL(child.wait(), "exit 1");
}

CAF_TEST(hangups while the loop ends are harmless) {
  for (int i = 0; i < 50; ++i) {
    child_process child{run_until_signal_alone};
    CAF_REQUIRE(child.says("running"));
    ::kill(child.pid(), SIGTERM);
    // Until it has ended; who has ended and was not waited for takes signals, too.
    for (int sent = 0; sent < 2000; ++sent) {
      ::kill(child.pid(), SIGHUP);
    }
    CAF_CHECK_EQUAL(child.wait(), "exit 5");
  }
}

} // namespace main_loop_suite
