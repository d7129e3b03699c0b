#define CAF_SUITE actor_round

#include "xprober/actors/actor_round.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/compact_actor.hpp"

#include "support/actor_reaper.hpp"

namespace actor_round_suite {

using namespace xprober;

namespace {

using number_pin = caf::typed_actor<caf::reacts_to<std::uint64_t>>;

/// What all actors of a test have seen, in the order they did.
struct record {
  std::vector<std::pair<std::size_t, std::uint64_t>> seen; ///< actor and number
  std::vector<std::size_t> handed_on;                      ///< how many had been seen by then
  std::size_t refused = 0;                                 ///< times that no round ran
  std::size_t taken = 0;                                   ///< without a message
  std::size_t deepest = 0;                                 ///< most that waited
  std::size_t exited = 0;
};

record* current = nullptr;

void hand_on(caf::execution_unit* host) {
  CAF_CHECK(host != nullptr);
  current->handed_on.push_back(current->seen.size());
}

/// Notes what it gets, and has it handed on; throws at 13.
class noter final : public compact_actor {
public:
  using behavior_type = number_pin::behavior_type;

  noter(caf::actor_config& config, std::size_t number) : compact_actor(config), number_(number) {}

  void take(const std::uint64_t& value) {
    current->taken += current_mailbox_element() == nullptr ? 1U : 0U;
    current->deepest = std::max(current->deepest, mailbox_depth());
    if (value == 13) {
      throw std::runtime_error("thirteen");
    }
    current->seen.emplace_back(number_, value);
    current->refused += actor_round::at_end(hand_on) ? 0U : 1U;
  }

protected:
  bool handle(caf::message_view& message) override {
    auto& content = message.content();
    if (!content.match_elements<std::uint64_t>()) {
      return false;
    }
    take(content.get_as<std::uint64_t>(0));
    return true;
  }

  void on_exit() override { ++current->exited; }
  caf::error handle_exception(const std::exception_ptr&) override {
    return caf::make_error(caf::sec::runtime_error);
  }

private:
  std::size_t number_;
};

struct round_fixture : xprober_fixture {
  record notes;
  std::vector<number_pin> actors;
  actor_reaper reaper{*this};

  round_fixture() { current = &notes; }

  void spawn(std::size_t number) {
    for (std::size_t i = 0; i < number; ++i) {
      actors.push_back(reaper.keep(sys.spawn<noter>(i)));
    }
  }

  void hand(std::size_t number, std::uint64_t value) {
    auto& actor = *caf::actor_cast<caf::abstract_actor*>(actors[number]);
    actor_round::hand(static_cast<noter&>(actor), std::uint64_t{value});
  }

  void send_all(std::uint64_t value) {
    for (const auto& actor : actors) {
      caf::anon_send(actor, value);
    }
  }

  std::vector<std::size_t> order() const {
    std::vector<std::size_t> actors_seen;
    for (const auto& [actor, number] : notes.seen) {
      actors_seen.push_back(actor);
    }
    return actors_seen;
  }
};

using numbers = std::vector<std::size_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(actor_round_tests, round_fixture)

CAF_TEST(actors that a round wakes are one job and run in their order) {
  spawn(5);
  {
    const actor_round together;
    send_all(7);
    caf::anon_send(actors[1], std::uint64_t{8});
    CAF_CHECK(sched.jobs.empty());
  }
  CAF_CHECK_EQUAL(sched.jobs.size(), 1U);
  CAF_CHECK(notes.seen.empty());
  sched.run_once();
  CAF_CHECK((order() == numbers{0, 1, 2, 3, 4}));
  CAF_CHECK((notes.handed_on == numbers{5}));
  reaper.settle(); // what came beside the first message
  CAF_CHECK((order() == numbers{0, 1, 2, 3, 4, 1}));
  CAF_CHECK_EQUAL(notes.seen.back().second, 8U);
}

CAF_TEST(without a round each is a job of its own and nothing is handed on) {
  spawn(3);
  send_all(1);
  CAF_CHECK_EQUAL(sched.jobs.size(), 3U);
  reaper.settle();
  CAF_CHECK((order() == numbers{0, 1, 2}));
  CAF_CHECK_EQUAL(notes.refused, 3U);
  CAF_CHECK(notes.handed_on.empty());
}

CAF_TEST(a round within a round ends with the outer one) {
  spawn(2);
  std::optional<actor_round> outer{std::in_place};
  {
    const actor_round inner;
    caf::anon_send(actors[1], std::uint64_t{1});
  }
  CAF_CHECK(sched.jobs.empty());
  caf::anon_send(actors[0], std::uint64_t{1});
  outer.reset();
  CAF_CHECK_EQUAL(sched.jobs.size(), 1U);
  reaper.settle();
  CAF_CHECK((order() == numbers{1, 0}));
}

CAF_TEST(a long round has turns and loses nobody) {
  spawn(600);
  {
    const actor_round together;
    send_all(1);
  }
  sched.run_once();
  CAF_CHECK(notes.seen.size() < 600);
  CAF_CHECK(!notes.seen.empty());
  reaper.settle();
  CAF_REQUIRE_EQUAL(notes.seen.size(), 600U);
  for (std::size_t i = 0; i < 600; ++i) {
    CAF_REQUIRE_EQUAL(notes.seen[i].first, i);
  }
  CAF_CHECK(notes.handed_on.size() > 1);
  CAF_CHECK_EQUAL(notes.handed_on.back(), 600U);
}

CAF_TEST(what is handed over is taken in its order and is no message) {
  spawn(3);
  {
    const actor_round together;
    hand(2, 1);
    hand(0, 2);
    hand(2, 3); // it is spoken for: a message, and behind the first
    caf::anon_send(actors[1], std::uint64_t{4});
    caf::anon_send(actors[0], std::uint64_t{5});
    CAF_CHECK(notes.seen.empty());
  }
  CAF_CHECK_EQUAL(sched.jobs.size(), 1U);
  sched.run_once();
  using seen = std::vector<std::pair<std::size_t, std::uint64_t>>;
  CAF_CHECK((notes.seen == seen{{2, 1}, {2, 3}, {0, 2}, {0, 5}, {1, 4}}));
  CAF_CHECK_EQUAL(notes.taken, 2U);
  CAF_CHECK_EQUAL(notes.deepest, 1U); // what had come was seen, and not lost by that
  CAF_CHECK((notes.handed_on == numbers{5}));
  send_all(6); // they wait for messages as before
  reaper.settle();
  CAF_CHECK_EQUAL(notes.seen.size(), 8U);
}

CAF_TEST(what is handed to one with messages comes behind them) {
  spawn(1);
  caf::anon_send(actors[0], std::uint64_t{1});
  caf::anon_send(actors[0], std::uint64_t{2});
  {
    const actor_round together;
    hand(0, 3);
  }
  reaper.settle();
  CAF_CHECK((order() == numbers{0, 0, 0}));
  CAF_CHECK_EQUAL(notes.seen[2].second, 3U);
  CAF_CHECK_EQUAL(notes.taken, 0U);
}

CAF_TEST(what is handed over without a round is a message) {
  spawn(1);
  hand(0, 3);
  CAF_CHECK_EQUAL(sched.jobs.size(), 1U);
  reaper.settle();
  CAF_CHECK_EQUAL(notes.seen.size(), 1U);
  CAF_CHECK_EQUAL(notes.taken, 0U);
}

CAF_TEST(a reference is handed over with what comes) {
  spawn(1);
  auto to = caf::actor_cast<caf::strong_actor_ptr>(actors[0]);
  auto second = to;
  const auto held = to->strong_refs.load();
  {
    const actor_round together;
    actor_round::hand<noter>(to, std::uint64_t{1});
    CAF_CHECK(to == nullptr);
    CAF_CHECK_EQUAL(second->strong_refs.load(), held);
    actor_round::hand<noter>(second, std::uint64_t{2}); // a message
    CAF_CHECK(second == nullptr);
  }
  reaper.settle();
  using seen = std::vector<std::pair<std::size_t, std::uint64_t>>;
  CAF_CHECK((notes.seen == seen{{0, 1}, {0, 2}}));
  CAF_CHECK_EQUAL(caf::actor_cast<caf::strong_actor_ptr>(actors[0])->strong_refs.load(), held - 1);
}

CAF_TEST(who throws at what is handed over ends and the others go on) {
  spawn(3);
  std::string reason;
  actors[1]->attach_functor([&](const caf::error& why) { reason = sys.render(why); });
  {
    const actor_round together;
    hand(0, 1);
    hand(1, 13);
    hand(1, 2);
    hand(2, 3);
  }
  reaper.settle();
  CAF_CHECK((order() == numbers{0, 2}));
  CAF_CHECK(reason.find("runtime_error") != std::string::npos);
  CAF_CHECK_EQUAL(notes.exited, 1U);
}

CAF_TEST(a round that never runs holds nobody) {
  spawn(2);
  const auto references = [this](std::size_t number) {
    return caf::actor_cast<caf::strong_actor_ptr>(actors[number])->strong_refs.load();
  };
  const auto before = references(0);
  {
    const actor_round together;
    hand(0, 1);
    hand(0, 2);
  }
  CAF_CHECK_EQUAL(references(0), before + 1); // the second is a message
  auto* const job = sched.jobs.front();
  sched.jobs.pop_front();
  caf::intrusive_ptr_release(job);
  CAF_CHECK_EQUAL(references(0), before);
  CAF_CHECK(notes.seen.empty());
}

CAF_TEST(who ends in a round keeps nobody from running) {
  spawn(3);
  {
    const actor_round together;
    caf::anon_send_exit(actors[0], caf::exit_reason::kill);
    send_all(1);
    actors[1] = nullptr;
  }
  reaper.settle();
  CAF_CHECK((order() == numbers{1, 2}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace actor_round_suite
