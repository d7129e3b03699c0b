#pragma once

// Include this after all other headers: see actor_fixture.hpp.

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "support/actor_fixture.hpp"

/// Time, messages and ends of actors for a test. Make it the last member of a fixture: it kills the
/// actors it keeps before the fakes that they use are gone, and before the fixture's own destructor
/// runs all timers, which never ends while an actor with a periodic one lives.
class actor_reaper {
public:
  explicit actor_reaper(xprober_fixture& fixture) : fixture_(fixture) {}

  actor_reaper(const actor_reaper&) = delete;
  actor_reaper& operator=(const actor_reaper&) = delete;

  ~actor_reaper() {
    settle();
    for (const auto& actor : kept_) {
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    }
    settle();
  }

  /// Runs what the actor does at its birth; the actor ends with the test.
  template <class Handle>
  Handle keep(Handle actor) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    settle();
    return actor;
  }

  /// An actor of the test's own; `make_behavior(self)` says how it behaves. The framework
  /// dereferences a null pointer when a function without further arguments is spawned, so it is
  /// handed over as one.
  template <class Handle, class F>
  Handle fake(F make_behavior) {
    return keep(fixture_.sys.spawn([](typename Handle::pointer self, const F& make) ->
                                   typename Handle::behavior_type { return make(self); },
                                   std::move(make_behavior)));
  }

  /// Handles all messages; no time passes.
  void settle() { fixture_.consume_messages(); }

  xprober::monotonic_time now() const { return fixture_.sched.clock().now(); }

  /// Lets time pass from timer to timer, all messages handled at each. Returns how many timers
  /// went off.
  std::size_t pass(caf::timespan length) {
    std::size_t fired = 0;
    settle();
    auto& clock = fixture_.sched.clock();
    const auto end = now() + length;
    while (!clock.schedule().empty() && clock.schedule().begin()->first <= end) {
      fired +=
          clock.advance_time(std::max(clock.schedule().begin()->first - now(), caf::timespan{0}));
      settle();
    }
    clock.advance_time(end - now());
    settle();
    return fired;
  }

  /// The clock moves on at once, as for a process that was held up.
  void jump(caf::timespan length) {
    fixture_.sched.clock().advance_time(length);
    settle();
  }

  /// The answer of an actor, after all messages were handled and all timers that are due went off.
  /// No time passes: an actor that does not answer until then gives `sec::request_timeout`.
  template <class T, class Handle, class... Ts>
  caf::expected<T> ask(const Handle& actor, Ts... args) {
    auto request = fixture_.self->request(actor, caf::infinite, std::move(args)...);
    pass(caf::timespan{0});
    caf::expected<T> answer{caf::make_error(caf::sec::request_timeout)};
    if (fixture_.self->peek_at_next_mailbox_element() != nullptr) {
      request.receive([&](T& value) { answer = std::move(value); },
                      [&](caf::error& why) { answer = std::move(why); });
    }
    return answer;
  }

  /// Answers a request that `actor`, a fake, has put off; `answer` is a value or an error.
  template <class Handle, class Promise, class T>
  void deliver(const Handle& actor, Promise& promise, T answer) {
    // The thread that ran the actor last left its own context there.
    fixture_.deref(actor).context(nullptr);
    promise.deliver(std::move(answer));
    settle();
  }

  /// The state of a live actor.
  template <class State, class Handle>
  State& state_of(const Handle& actor) {
    return fixture_.template deref<typename Handle::template stateful_base<State>>(actor).state;
  }

private:
  xprober_fixture& fixture_;
  std::vector<caf::strong_actor_ptr> kept_;
};
