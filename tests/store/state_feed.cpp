#define CAF_SUITE state_feed

#include "xprober/store/state_feed.hpp"

#include <utility>
#include <vector>

#include "caf/test/dsl.hpp"

namespace state_feed_suite {

using namespace xprober;

namespace {

constexpr series_sight well{series_state::ok, 0};

using rows = std::vector<std::pair<slot, series_state>>;

rows taken(state_feed& feed, std::size_t limit, slot bound = 0) {
  rows all;
  feed.take(limit, bound,
            [&](slot row, const series_sight& before) { all.emplace_back(row, before.state); });
  return all;
}

state_feed listed() {
  state_feed feed;
  feed.watch(true);
  taken(feed, 100);
  return feed;
}

} // namespace

CAF_TEST(nobody watches and nothing is noted) {
  state_feed feed;
  feed.note(1, well);
  feed.note_gone(2, 0, 0, well);
  CAF_CHECK(feed.empty());
}

CAF_TEST(a list of all comes first and in pieces) {
  state_feed feed;
  feed.watch(true);
  CAF_CHECK(feed.has_enough());
  CAF_CHECK_EQUAL(taken(feed, 2, 5).size(), 2U);
  CAF_CHECK(feed.listing());
  feed.note(0, well);
  feed.note(4, well);            // comes with the list
  feed.note_gone(3, 0, 0, well); // was not told
  const auto rest = taken(feed, 10, 5);
  CAF_CHECK(rest == (rows{{0, series_state::ok},
                          {2, series_state::never},
                          {3, series_state::never},
                          {4, series_state::never}}));
  CAF_CHECK(!feed.listing());
  CAF_CHECK(feed.empty());
}

CAF_TEST(a row waits once with what was told and the oldest comes first) {
  auto feed = listed();
  feed.note(7, well);
  feed.note(3, {});
  feed.note(7, {series_state::failing, 1});
  CAF_CHECK(taken(feed, 1) == (rows{{7, series_state::ok}}));
  CAF_CHECK(taken(feed, 1) == (rows{{3, series_state::never}}));
  CAF_CHECK(feed.empty());
}

CAF_TEST(what is gone is told by what was told of it) {
  auto feed = listed();
  feed.note(1, well);
  feed.note_gone(1, 10, 11, {series_state::failing, 3});
  feed.note(2, {});
  feed.note_gone(2, 10, 12, well); // nobody knew of it
  feed.note(1, {});                // another row with the number
  std::vector<series_change> gone;
  feed.take_gone(10, gone);
  CAF_REQUIRE_EQUAL(gone.size(), 1U);
  CAF_CHECK_EQUAL(gone[0].agent, 10U);
  CAF_CHECK_EQUAL(gone[0].target, 11U);
  CAF_CHECK(gone[0].before == well);
  CAF_CHECK(taken(feed, 10) == (rows{{1, series_state::never}}));
}

CAF_TEST(a number is named once until it is forgotten) {
  state_feed feed;
  feed.watch(true);
  CAF_CHECK(feed.names_agent(5));
  CAF_CHECK(!feed.names_agent(5));
  CAF_CHECK(feed.names_target(5));
  feed.forget_agent(5);
  feed.forget_target(500);
  CAF_CHECK(feed.names_agent(5));
  CAF_CHECK(!feed.names_target(5));
}

CAF_TEST(rows that come and go while nobody takes them cost nothing) {
  auto feed = listed();
  for (std::size_t i = 0; i < 3 * state_feed::enough; ++i) {
    feed.note(1, {});
    feed.note_gone(1, 0, 0, well);
  }
  feed.note(1, {});
  CAF_CHECK(!feed.has_enough());
  CAF_CHECK_EQUAL(taken(feed, 10).size(), 1U);
}

} // namespace state_feed_suite
