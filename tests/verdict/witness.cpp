#define CAF_SUITE witness

#include "xprober/verdict/witness.hpp"

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace witness_suite {

using namespace worlds;

namespace {

struct fixture {
  named_world world{4, 50, false};
  incident_track track;

  fixture() { world.all_well(); }

  /// Of the cause that the world has now.
  void begin() {
    const auto picture = world.picture();
    const auto lead = name_cause(picture.found->causes.at(0), *picture.all, world, "icmp");
    track = incident_track::begin(lead, 1, {}, noon);
  }
  bool well() {
    const kind_picture kinds[] = {world.picture()};
    return is_well(track, kinds);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(witness_tests, fixture)

CAF_TEST(a target is well when most sources reach it) {
  for (std::uint32_t source = 0; source < 4; ++source) {
    world.result(source, 7, 3);
  }
  begin();
  CAF_CHECK(!well());
  world.result(0, 7, 0);
  CAF_CHECK(!well());
  world.result(1, 7, 0);
  CAF_CHECK(well());
}

CAF_TEST(no results show nothing and no name shows that it is over) {
  for (std::uint32_t source = 0; source < 4; ++source) {
    world.result(source, 7, 3);
  }
  begin();
  for (std::uint32_t source = 0; source < 4; ++source) {
    world.silence(source, 7);
  }
  CAF_CHECK(!well());
  world.remove_target(7);
  CAF_CHECK(well());
}

CAF_TEST(a source in trouble is not well) {
  for (std::uint32_t target = 0; target < 50; ++target) {
    world.result(2, target, 3);
  }
  begin();
  CAF_CHECK(track.what.kind == incident_kind::source);
  world.all_well();
  CAF_CHECK(well());
  world.trouble_of(2, prober_trouble::overload);
  CAF_CHECK(!well());
}

CAF_TEST(a path is well when its pair is) {
  world.result(2, 7, 20);
  begin();
  CAF_CHECK(track.what.pairs);
  CAF_CHECK(!well());
  world.result(2, 7, 0);
  CAF_CHECK(well());
}

CAF_TEST(a kind that is not probed any more is over) {
  world.result(2, 7, 20);
  begin();
  CAF_CHECK(is_well(track, {}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace witness_suite
