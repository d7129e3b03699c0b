#define CAF_SUITE track_index

#include "xprober/verdict/track_index.hpp"

#include <utility>

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

CAF_TEST(one that blames very many is met as any other) {
  const auto keys = [](std::uint64_t from, std::size_t count, std::uint64_t step = 1) {
    name_keys all(count);
    for (auto& key : all) {
      key = std::exchange(from, from + step);
    }
    return all;
  };
  track_index index;
  const auto wide = track(1, keys(10, 1000, 2), keys(5000, 2 * track_index::wide), {9, 11});
  const auto narrow = track(2, {}, {5000, 5001});
  index.add(wide);
  index.add(narrow);
  const auto few = index.overlaps(found(cause_type::target, {}, {1, 5000, 5002, 9999}));
  CAF_REQUIRE_EQUAL(few.size(), 2u);
  CAF_CHECK(few.at(1).targets == 2u);
  CAF_CHECK(few.at(2).targets == 1u);
  const auto many = index.overlaps(found(cause_type::target, {}, keys(4500, 1500), {12, 5001}));
  CAF_CHECK(many.at(1).targets == 1000u);
  CAF_CHECK(many.at(1).also == 2u);
  const auto sources = index.overlaps(found(cause_type::source, keys(10, 1000), {}));
  CAF_REQUIRE_EQUAL(sources.size(), 1u);
  CAF_CHECK(sources.at(1).sources == 500u);
  CAF_CHECK(index.overlaps(found(cause_type::path, {11}, {9})).at(1).ends == 2u);
  CAF_CHECK(index.overlaps(found(cause_type::target, {}, {1, 7001})).empty());
  index.clear();
  CAF_CHECK(index.overlaps(found(cause_type::target, {}, {5000})).empty());
}

CAF_TEST(what was cleared is known no more) {
  track_index index;
  index.add(track(1, {}, {5}));
  index.clear();
  CAF_CHECK(index.overlaps(found(cause_type::target, {}, {5})).empty());
}

} // namespace track_index_suite
