#define CAF_SUITE track_index

#include "xprober/verdict/track_index.hpp"

#include "caf/test/unit_test.hpp"

namespace track_index_suite {

using namespace xprober;

namespace {

incident_track track(std::uint64_t id, name_keys sources, name_keys targets, name_keys also = {}) {
  incident_track made;
  made.what.id = id;
  made.sources = std::move(sources);
  made.targets = std::move(targets);
  made.also = std::move(also);
  return made;
}

finding found(cause_type type, name_keys sources, name_keys targets, name_keys also = {}) {
  finding made;
  made.type = type;
  made.sources = std::move(sources);
  made.targets = std::move(targets);
  made.also = std::move(also);
  return made;
}

} // namespace

CAF_TEST(what a cause has in common with each incident is counted by sides) {
  track_index index;
  index.add(track(1, {}, {5, 6}));
  index.add(track(2, {5}, {7}));
  const auto common = index.overlaps(found(cause_type::target, {}, {5, 6, 7}));
  CAF_REQUIRE_EQUAL(common.size(), 2u);
  CAF_CHECK(common.at(1).targets == 2u);
  CAF_CHECK(common.at(1).sources == 0u);
  CAF_CHECK(common.at(2).targets == 1u);
  CAF_CHECK(index.overlaps(found(cause_type::source, {6}, {})).empty());
}

CAF_TEST(other names meet on either side and the ends of a path what was called otherwise) {
  track_index index;
  index.add(track(1, {5}, {6}, {9}));
  const auto also = index.overlaps(found(cause_type::prober, {1}, {}, {5, 6}));
  CAF_REQUIRE_EQUAL(also.size(), 1u);
  CAF_CHECK(also.at(1).also == 2u);
  const auto path = index.overlaps(found(cause_type::path, {1}, {9}));
  CAF_REQUIRE_EQUAL(path.size(), 1u);
  CAF_CHECK(path.at(1).ends == 1u);
  CAF_CHECK(index.overlaps(found(cause_type::target, {}, {9})).empty());
}

CAF_TEST(what was cleared is known no more) {
  track_index index;
  index.add(track(1, {}, {5}));
  index.clear();
  CAF_CHECK(index.overlaps(found(cause_type::target, {}, {5})).empty());
}

} // namespace track_index_suite
