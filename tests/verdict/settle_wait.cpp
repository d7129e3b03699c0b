#define CAF_SUITE settle_wait

#include "xprober/verdict/settle_wait.hpp"

#include "caf/test/unit_test.hpp"

namespace settle_wait_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'767'268'800s};
constexpr std::uint32_t results = 3;

finding found(name_keys targets, std::uint32_t run) {
  finding made;
  made.targets = std::move(targets);
  made.run = run;
  return made;
}

bool waits(settle_wait& wait, const finding& what, wall_time now) {
  const bool does = wait.waits(what, results, 15s, now);
  wait.end_look(now);
  return does;
}

} // namespace

CAF_TEST(what has just begun to fail waits for a moment) {
  settle_wait wait;
  CAF_CHECK(waits(wait, found({5}, 3), noon));
  CAF_CHECK(waits(wait, found({5}, 3), noon + 2s));
  CAF_CHECK(!waits(wait, found({5}, 3), noon + 3s));
}

CAF_TEST(what had failed for long waits for all) {
  settle_wait wait;
  for (auto after = 0s; after < 600s; after += 1s) {
    CAF_REQUIRE(waits(wait, found({5}, 12), noon + after));
  }
}

CAF_TEST(what grows is the same) {
  settle_wait wait;
  CAF_CHECK(waits(wait, found({5}, 3), noon));
  CAF_CHECK(!waits(wait, found({5, 6}, 3), noon + 3s));
}

CAF_TEST(what was gone meanwhile begins anew) {
  settle_wait wait;
  CAF_CHECK(waits(wait, found({5}, 3), noon));
  wait.end_look(noon + 1s);
  CAF_CHECK(waits(wait, found({5}, 3), noon + 3s));
}

CAF_TEST(a clock that is set back makes nobody wait for it) {
  settle_wait wait;
  CAF_CHECK(waits(wait, found({5}, 3), noon));
  CAF_CHECK(waits(wait, found({5}, 3), noon - 1h));
  CAF_CHECK(!waits(wait, found({5}, 3), noon - 1h + 3s));
}

} // namespace settle_wait_suite
