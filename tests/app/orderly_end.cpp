#define CAF_SUITE orderly_end

#include "xprober/app/orderly_end.hpp"

#include "support/child_process.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"

#include "caf/test/unit_test.hpp"

namespace orderly_end_suite {

using namespace xprober;
using namespace std::chrono_literals;
using test::child_process;

namespace {

struct config : caf::actor_system_config {
  config() {
    register_messages(*this);
    bridge::register_errors(*this);
  }
};

/// An actor of the interface `Handle` that knows these messages alone.
template <class Handle>
Handle fake(caf::actor_system& system, caf::behavior handlers) {
  const auto behave = [](caf::event_based_actor*, const caf::behavior& known) { return known; };
  return caf::actor_cast<Handle>(system.spawn(behave, handlers));
}

/// In a process of its own, whose log the test reads; gives what was pushed as its status.
int end_with(const caf::behavior& terminating, bool dead, std::chrono::milliseconds timeout) {
  log::init(log::level::info);
  config settings;
  app::agent_end end;
  {
    caf::actor_system system{settings};
    const auto pusher = fake<pusher_actor>(system, {[](flush_atom) -> flush_report {
                                             return {.pushed = 7, .pending = 2, .kept = 3};
                                           }});
    const auto terminator = fake<terminator_actor>(system, terminating);
    if (dead) {
      caf::scoped_actor self{system};
      caf::anon_send_exit(terminator, caf::exit_reason::kill);
      self->wait_for(terminator);
    }
    end = app::end_in_order(system, terminator, pusher, timeout);
    caf::anon_send_exit(terminator, caf::exit_reason::kill);
    caf::anon_send_exit(pusher, caf::exit_reason::kill);
  }
  log::shutdown();
  return static_cast<int>(end.pushed);
}

} // namespace

CAF_TEST(the terminator tells what is left) {
  child_process child{[] {
    return end_with({[](stop_atom) -> flush_report { return {.pushed = 4, .pending = 5}; }}, false,
                    10s);
  }};
  CAF_CHECK(child.says("results that no server took are lost with this process results=5"));
  CAF_CHECK_EQUAL(child.wait(), "exit 4");
}

CAF_TEST(a dead terminator is no timeout and costs no results) {
  child_process child{
      [] { return end_with({[](stop_atom) -> flush_report { return {}; }}, true, 10s); }};
  CAF_CHECK(child.says("the shutdown is not in order: a part of it has failed error="));
  CAF_CHECK(child.says("stay in the spool until the next start results=3"));
  CAF_CHECK_EQUAL(child.wait(), "exit 7");
}

CAF_TEST(a terminator that does not answer is a timeout) {
  child_process child{[] {
    const auto silent = [](stop_atom) -> caf::result<flush_report> {
      return caf::delegated<flush_report>{};
    };
    return end_with({silent}, false, 50ms);
  }};
  CAF_CHECK(child.says("the shutdown took longer than shutdown_timeout"));
  CAF_CHECK_EQUAL(child.wait(), "exit 0");
}

} // namespace orderly_end_suite
