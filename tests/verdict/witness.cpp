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

CAF_TEST(what others reach is not well while most of those that missed it are silent) {
  constexpr std::uint32_t missing = 3;
  named_world many{8, 50, false};
  many.all_well();
  for (std::uint32_t source = 0; source < missing; ++source) {
    many.result(source, 7, 12);
  }
  const auto picture = many.picture();
  track = incident_track::begin(name_cause(picture.found->causes.at(0), *picture.all, many, "icmp"),
                                1, {}, noon);
  CAF_CHECK(!track.what.pairs);
  const auto is_well_there = [&] {
    const kind_picture kinds[] = {many.picture()};
    return is_well(track, kinds);
  };
  for (std::uint32_t source = 0; source < missing; ++source) {
    many.trouble_of(source, prober_trouble::silent); // their last results are still there
  }
  CAF_CHECK(!is_well_there());
  for (std::uint32_t source = 0; source < missing; ++source) {
    for (std::uint32_t target = 0; target < 50; ++target) {
      many.silence(source, target);
    }
  }
  CAF_CHECK(!is_well_there());
  for (std::uint32_t source = 0; source < missing; ++source) {
    many.trouble_of(source, prober_trouble::none);
    many.result(source, 3, 0); // of others they speak
  }
  CAF_CHECK(!is_well_there());
  many.result(0, 7, 0);
  many.result(1, 7, 0);
  CAF_CHECK(is_well_there());
}

CAF_TEST(a source is not well while what it missed is silent) {
  for (std::uint32_t target = 0; target < 40; ++target) {
    world.result(2, target, 3);
  }
  begin();
  for (std::uint32_t target = 0; target < 40; ++target) {
    world.silence(2, target);
  }
  CAF_CHECK(!well());
  for (std::uint32_t target = 0; target < 20; ++target) {
    world.result(2, target, 0);
  }
  CAF_CHECK(well());
}

CAF_TEST(a path of which nothing is heard since it failed is not well) {
  world.result(2, 7, 20);
  begin();
  world.silence(2, 7);
  CAF_CHECK(!well());
  world.forget(2, 7);
  CAF_CHECK(well()); // nobody probes it any more
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
