#define CAF_SUITE in_turns

#include "xprober/probes/stream/in_turns.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace in_turns_suite {

using namespace xprober::stream;

namespace {

struct fixture {
  boost::asio::io_context io;
  unsigned left = 1000;
  unsigned in_a_row = 0;
  unsigned most = 0;
  std::function<void()> within = [] {};
  in_turns work{io.get_executor(),
                [this] {
                  if (left == 0) {
                    return false;
                  }
                  --left;
                  most = std::max(most, ++in_a_row);
                  within();
                  return true;
                },
                [this] { work.go(); }};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(in_turns_tests, fixture)

CAF_TEST(all steps are taken and others have their turn between them) {
  const std::function<void()> other = [&] {
    in_a_row = 0;
    if (left > 0) {
      boost::asio::post(io, other);
    }
  };
  boost::asio::post(io, other);
  CAF_CHECK(work.go());
  CAF_CHECK(left > 0);
  io.run();
  CAF_CHECK_EQUAL(left, 0u);
  CAF_CHECK_EQUAL(most, in_turns::steps_in_a_turn);
}

CAF_TEST(a step within a step is none) {
  unsigned refused = 0;
  within = [&] { refused += work.go() ? 0U : 1U; };
  work.go();
  io.run();
  CAF_CHECK_EQUAL(left, 0u);
  CAF_CHECK_EQUAL(refused, 1000u);
}

CAF_TEST(it goes on once however often it is begun meanwhile) {
  for (int i = 0; i < 3; ++i) {
    work.go();
  }
  CAF_CHECK_EQUAL(left, 1000u - 3 * in_turns::steps_in_a_turn);
  io.run_one();
  CAF_CHECK_EQUAL(left, 1000u - 4 * in_turns::steps_in_a_turn);
  io.run_one();
  CAF_CHECK_EQUAL(left, 1000u - 5 * in_turns::steps_in_a_turn);
}

CAF_TEST(what a step throws keeps nothing from the next ones) {
  within = [] { throw std::runtime_error("of a step"); };
  try {
    work.go();
    CAF_FAIL("nothing was thrown");
  } catch (const std::runtime_error&) {
  }
  within = [] {};
  CAF_CHECK(work.go());
  io.run();
  CAF_CHECK_EQUAL(left, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace in_turns_suite
