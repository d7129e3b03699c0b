#define CAF_SUITE connection_table

#include "xprober/net/connection_table.hpp"

#include "caf/test/unit_test.hpp"

namespace connection_table_suite {

using namespace xprober::net;

namespace {

using enum session_stage;
using verdict = connection_table::verdict;

const peer_key one{false, 1};
const peer_key two{false, 2};

struct fixture {
  connection_table table{{4, 3}};

  /// Who had to go for a new connection; 0: nobody.
  connection_table::id come(connection_table::id id, const peer_key& peer, session_stage stage) {
    const auto made = table.admit(id, peer);
    CAF_CHECK(made.what == verdict::admitted);
    table.enter(id, stage);
    return made.dropped.value_or(0);
  }

  verdict refused(const peer_key& peer) {
    const auto made = table.admit(99, peer);
    CAF_CHECK(!made.dropped);
    return made.what;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_table_tests, fixture)

CAF_TEST(there are as many as there are places) {
  for (const connection_table::id id : {1U, 2U, 3U}) {
    CAF_CHECK_EQUAL(come(id, one, answering), 0u);
  }
  CAF_CHECK(refused(one) == verdict::peer_full);
  CAF_CHECK_EQUAL(come(4, two, answering), 0u);
  CAF_CHECK(refused(two) == verdict::port_full);
  CAF_CHECK_EQUAL(table.size(), 4u);
  table.remove(1);
  table.remove(1);
  CAF_CHECK_EQUAL(table.size(), 3u);
  CAF_CHECK_EQUAL(come(5, one, answering), 0u);
}

CAF_TEST(who has waited longest goes first) {
  come(1, one, idle);
  come(2, two, idle);
  come(3, two, idle);
  come(4, one, idle);
  // Waiting on is no new wait, but a request is.
  table.enter(1, answering);
  table.enter(1, idle);
  table.enter(2, idle);
  CAF_CHECK_EQUAL(come(5, one, answering), 2u);
  CAF_CHECK_EQUAL(come(6, two, answering), 3u);
  CAF_CHECK_EQUAL(table.size(), 4u);
  // One that was dropped says nothing any more.
  table.enter(2, idle);
  table.remove(2);
  CAF_CHECK_EQUAL(table.size(), 4u);
}

CAF_TEST(who has brought nothing goes before who is idle and who is idle before who sends) {
  come(1, one, receiving);
  come(2, one, idle);
  come(3, two, fresh);
  come(4, two, answering);
  CAF_CHECK_EQUAL(come(5, two, answering), 3u);
  CAF_CHECK_EQUAL(come(6, two, answering), 2u);
  CAF_CHECK_EQUAL(table.admit(7, one).dropped.value_or(0), 1u);
  CAF_CHECK(refused(one) == verdict::port_full);
}

CAF_TEST(who does not take an answer is the last to go and goes) {
  come(1, one, sending);
  come(2, one, sending);
  come(3, two, receiving);
  come(4, two, answering);
  table.enter(1, sending);
  CAF_CHECK_EQUAL(come(5, two, answering), 3u);
  CAF_CHECK_EQUAL(come(6, one, answering), 1u);
  CAF_CHECK_EQUAL(come(7, one, answering), 2u);
  CAF_CHECK(refused(one) == verdict::port_full);
}

CAF_TEST(a peer that has all it may have loses one of its own) {
  come(1, two, fresh);
  come(2, one, idle);
  come(3, one, answering);
  come(4, one, answering);
  CAF_CHECK_EQUAL(come(5, one, answering), 2u);
  CAF_CHECK(refused(one) == verdict::peer_full);
  CAF_CHECK_EQUAL(come(6, two, answering), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace connection_table_suite
