#define CAF_SUITE actor_host

#include "xprober/app/actor_host.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "xprober/base/log.hpp"

#include "caf/test/unit_test.hpp"

namespace actor_host_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() { log::set_level(log::level::off); }

  std::atomic<int> failures{0};
  app::actor_host host{{"server", "1"}, 1, [this] { ++failures; }};

  /// An actor that ends as `text` says.
  caf::actor spawn() {
    // With an argument: CAF dereferences a null pointer to none.
    return host.spawn(
        actor_kind::journal,
        [](caf::event_based_actor* self, int) -> caf::behavior {
          return {[self](const std::string& text) {
            if (text == "throw") {
              throw std::runtime_error("broken");
            }
            self->quit(text == "normal" ? caf::exit_reason::normal
                                        : caf::exit_reason::user_shutdown);
          }};
        },
        0);
  }

  /// Tells an actor, and waits until it has ended.
  void end(const caf::actor& actor, const std::string& text) {
    caf::scoped_actor self{host.system()};
    self->send(actor, text);
    self->wait_for(actor);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(actor_host_tests, fixture)

CAF_TEST(an actor that fails ends the process) {
  end(spawn(), "throw");
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (failures == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  CAF_CHECK_EQUAL(failures, 1);
  CAF_CHECK(host.has_failed());
}

CAF_TEST(one end is enough for many actors that fail) {
  for (int i = 0; i < 4; ++i) {
    end(spawn(), "throw");
  }
  host.stop_actors();
  CAF_CHECK_EQUAL(failures, 1);
  CAF_CHECK(host.has_failed());
}

CAF_TEST(every spawned actor is asked whether it answers) {
  const auto well = spawn();
  CAF_CHECK_EQUAL(host.ask_health(10s).sentence, "healthy");
  end(spawn(), "throw");
  auto report = host.ask_health(10s);
  // The last answer may be a second old.
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (report.healthy && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(20ms);
    report = host.ask_health(10s);
  }
  CAF_CHECK(!report.healthy);
  CAF_CHECK_EQUAL(report.sentence, "these parts have ended: journal 2");
}

CAF_TEST(an actor that was told to end is no failure) {
  end(spawn(), "normal");
  end(spawn(), "user_shutdown");
  const auto asked = spawn();
  caf::anon_send_exit(asked, caf::exit_reason::kill);
  const auto last = spawn();
  host.stop_actors();
  CAF_CHECK_EQUAL(failures, 0);
  CAF_CHECK(!host.has_failed());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace actor_host_suite
