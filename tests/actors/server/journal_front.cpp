#define CAF_SUITE journal_front

#include "xprober/actors/server/journal_front.hpp"

#include <memory>
#include <string>

#include "support/actor_reaper.hpp"

namespace journal_front_suite {

using namespace xprober;

namespace {

struct fixture : xprober_fixture {
  actor_reaper reaper{*this};
  int told = 0; ///< one-way messages that the journal got
  journal_actor behind = reaper.fake<journal_actor>([this](journal_actor::pointer) {
    return journal_actor::behavior_type{
        [](const push_batch_request&) {
          push_batch_response answer;
          answer.accepted = 7;
          return answer;
        },
        [](const push_request&) { return push_response{5}; },
        [](prepare_atom, const journal_readers&) { return done_atom_v; },
        [](commit_atom) { return done_atom_v; },
        [this](abandon_atom) { ++told; },
        [](const reader_begin& begin) { return reader_start{{3, 0, 0}, begin.reader, 9}; },
        [](const read_request& request) {
          journal_page page;
          page.records.emplace_back().id = request.after + 1;
          return page;
        },
        [](const reader_progress&) { return done_atom_v; },
        [this](const series_ended&) { ++told; },
        [](await_replay_atom) { return done_atom_v; },
        [this](const set_result_ttl&) { ++told; },
        [this](const limits_config&) { ++told; },
        [this](const memory_strain&) { ++told; },
        [this](const targets_entered&) { ++told; },
        [this](prune_atom) { ++told; },
        [](get_problem_atom) { return std::string{"full"}; },
        [this](retry_atom) { ++told; },
        [this](replay_atom) { ++told; },
    };
  });
  journal_actor front = reaper.keep(sys.spawn(journal_front, behind));

  caf::expected<push_batch_response> push() {
    return reaper.ask<push_batch_response>(
        front, push_batch_request{std::make_shared<const std::string>("batch")});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_front_tests, fixture)

CAF_TEST(everything is passed on and answered) {
  const auto batch = push();
  CAF_REQUIRE(batch);
  CAF_CHECK_EQUAL(batch->accepted, 7);
  const auto values = reaper.ask<push_response>(front, push_request{});
  CAF_REQUIRE(values);
  CAF_CHECK(*values == push_response{5});
  CAF_CHECK(reaper.ask<done_atom>(front, prepare_atom_v, journal_readers{}));
  CAF_CHECK(reaper.ask<done_atom>(front, commit_atom_v));
  const auto start = reaper.ask<reader_start>(front, reader_begin{"a"});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->journal, "a");
  const auto page = reaper.ask<journal_page>(front, read_request{"a", 3});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->records.at(0).id, 4u);
  CAF_CHECK(reaper.ask<done_atom>(front, reader_progress{}));
  CAF_CHECK(reaper.ask<done_atom>(front, await_replay_atom_v));
  caf::anon_send(front, abandon_atom_v);
  caf::anon_send(front, series_ended{});
  caf::anon_send(front, set_result_ttl{});
  caf::anon_send(front, retry_atom_v);
  reaper.settle();
  CAF_CHECK_EQUAL(told, 4);
  const auto problem = reaper.ask<std::string>(front, get_problem_atom_v);
  CAF_CHECK(problem && *problem == "full");
}

CAF_TEST(no ended journal is kept alive) {
  caf::anon_send_exit(front, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(behind, caf::exit_reason::user_shutdown);
  reaper.settle();
  CAF_CHECK(!push());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace journal_front_suite
