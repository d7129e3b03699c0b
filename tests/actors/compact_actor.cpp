#define CAF_SUITE compact_actor

#include "xprober/actors/compact_actor.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"

#include "support/actor_reaper.hpp"

namespace compact_actor_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using probe_pin = caf::typed_actor<caf::reacts_to<std::uint64_t>, caf::reacts_to<take_results>,
                                   caf::replies_to<describe_atom>::with<std::uint64_t>>;

struct record {
  std::vector<std::uint64_t> seen;
  std::size_t deepest = 0;
  bool exited = false;
  bool destroyed = false;
};

/// Notes what it gets; answers with the sum; throws at 13.
class noter final : public compact_actor {
public:
  using behavior_type = probe_pin::behavior_type;

  noter(caf::actor_config& config, std::shared_ptr<record> notes)
      : compact_actor(config), notes_(std::move(notes)) {}
  ~noter() override { notes_->destroyed = true; }

protected:
  bool handle(caf::message_view& message) override {
    auto& content = message.content();
    notes_->deepest = std::max(notes_->deepest, mailbox_depth());
    if (content.match_elements<std::uint64_t>()) {
      const auto value = content.get_as<std::uint64_t>(0);
      if (value == 13) {
        throw std::runtime_error("thirteen");
      }
      notes_->seen.push_back(value);
      return true;
    }
    if (content.match_elements<describe_atom>()) {
      std::uint64_t sum = 0;
      for (const auto value : notes_->seen) {
        sum += value;
      }
      response(sum);
      return true;
    }
    return false;
  }

  void on_exit() override { notes_->exited = true; }

  caf::error handle_exception(const std::exception_ptr& thrown) override {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      return caf::make_error(caf::sec::runtime_error, e.what());
    }
  }

private:
  std::shared_ptr<record> notes_;
};

struct compact_fixture : xprober_fixture {
  std::shared_ptr<record> notes = std::make_shared<record>();
  actor_reaper reaper{*this};
  probe_pin subject = sys.spawn<noter>(notes);

  void send(std::uint64_t value) { caf::anon_send(subject, value); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(compact_actor_tests, compact_fixture)

CAF_TEST(messages are handled in the order they came) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    send(i == 13 ? 1000 : i);
  }
  reaper.settle();
  CAF_REQUIRE_EQUAL(notes->seen.size(), 100U);
  for (std::uint64_t i = 0; i < 100; ++i) {
    CAF_CHECK_EQUAL(notes->seen[i], i == 13 ? 1000 : i);
  }
  CAF_CHECK_EQUAL(notes->deepest, 99U);
}

CAF_TEST(a request is answered) {
  send(40);
  send(2);
  const auto sum = reaper.ask<std::uint64_t>(subject, describe_atom_v);
  CAF_REQUIRE(sum);
  CAF_CHECK_EQUAL(*sum, 42U);
}

CAF_TEST(a message without a handler changes nothing and a request without one is refused) {
  caf::anon_send(subject, take_results{1});
  caf::anon_send(caf::actor_cast<caf::actor>(subject), std::string{"what"});
  const auto answer =
      reaper.ask<std::uint64_t>(caf::actor_cast<caf::actor>(subject), std::string{"what"});
  CAF_REQUIRE(!answer);
  CAF_CHECK(answer.error() == caf::sec::unexpected_message);
  CAF_CHECK(reaper.ask<std::uint64_t>(subject, describe_atom_v));
}

CAF_TEST(an exception ends the actor with its reason and refuses what waits) {
  std::string reason;
  subject->attach_functor([&](const caf::error& why) { reason = sys.render(why); });
  send(13);
  const auto answer = reaper.ask<std::uint64_t>(subject, describe_atom_v);
  CAF_CHECK(!answer);
  CAF_CHECK(reason.find("thirteen") != std::string::npos);
  send(1);
  CAF_CHECK(!reaper.ask<std::uint64_t>(subject, describe_atom_v));
  CAF_CHECK(notes->seen.empty());
}

CAF_TEST(it can be killed and monitored) {
  bool ended = false;
  subject->attach_functor([&] { ended = true; });
  send(1);
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  send(2);
  reaper.settle();
  CAF_CHECK(ended);
  CAF_CHECK_EQUAL(notes->seen.size(), 1U);
  CAF_CHECK(notes->exited);
  CAF_CHECK(!notes->destroyed);
  subject = nullptr;
  CAF_CHECK(notes->destroyed);
}

CAF_TEST(it is gone when nobody holds it) {
  subject = nullptr;
  CAF_CHECK(notes->exited);
  CAF_CHECK(notes->destroyed);
}

CAF_TEST(a turn has a bounded number of messages) {
  for (std::uint64_t i = 20; i < 30; ++i) {
    send(i);
  }
  // The test's scheduler lets an actor handle one message in a turn.
  sched.run_once();
  CAF_CHECK_EQUAL(notes->seen.size(), 1U);
  reaper.settle();
  CAF_CHECK_EQUAL(notes->seen.size(), 10U);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(many threads can send at once) {
  // A real scheduler: every message of every sender arrives once, and each sender's in their order.
  constexpr std::uint64_t senders = 8;
  constexpr std::uint64_t each = 20'000;
  const auto notes = std::make_shared<record>();
  {
    xprober_config config;
    config.set("scheduler.max-threads", std::size_t{4});
    caf::actor_system system{config};
    const probe_pin subject = system.spawn<noter>(notes);
    caf::scoped_actor self{system};
    for (std::uint64_t s = 0; s < senders; ++s) {
      self->spawn<caf::monitored>(
          [subject, s](caf::event_based_actor* me, std::uint64_t number) {
            for (std::uint64_t i = 0; i < number; ++i) {
              me->send(subject, (s + 1) << 32 | i);
            }
          },
          each);
    }
    std::uint64_t ended = 0;
    self->receive_for(ended, senders)([](const caf::down_msg&) {});
    // All has been sent, so this is handled last.
    bool answered = false;
    self->request(subject, 60s, describe_atom_v)
        .receive([&](std::uint64_t) { answered = true; },
                 [&](const caf::error& why) { CAF_FAIL(system.render(why)); });
    CAF_CHECK(answered);
  }
  CAF_REQUIRE_EQUAL(notes->seen.size(), senders * each);
  std::vector<std::uint64_t> next(senders, 0);
  std::size_t out_of_order = 0;
  for (const auto value : notes->seen) {
    auto& expected = next.at((value >> 32) - 1);
    out_of_order += (value & 0xFFFFFFFF) == expected++ ? 0U : 1U;
  }
  CAF_CHECK_EQUAL(out_of_order, 0U);
}

} // namespace compact_actor_suite
