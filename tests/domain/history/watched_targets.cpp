#define CAF_SUITE watched_targets

#include "xprober/domain/history/watched_targets.hpp"

#include <string>
#include <vector>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace watched_targets_suite {

using namespace xprober;

namespace {

constexpr std::int64_t noon = 1'767'268'800;
constexpr std::int64_t day = watched_targets::kept_seconds;

std::vector<target_uid> uids(const std::string& region, std::size_t count) {
  std::vector<target_uid> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back({region, "10.0.0." + std::to_string(i), kinds::icmp()});
  }
  return all;
}

} // namespace

CAF_TEST(a target is watched for a day after the last question and since the first) {
  watched_targets subject;
  CAF_CHECK(subject.find(7) == nullptr);
  CAF_CHECK_EQUAL(subject.ask(7, noon).since_unix, noon);
  CAF_CHECK_EQUAL(subject.ask(7, noon + 100).since_unix, noon);
  subject.expire(noon + 100 + day);
  CAF_CHECK(subject.find(7) != nullptr);
  subject.expire(noon + 101 + day);
  CAF_CHECK(subject.find(7) == nullptr);
  CAF_CHECK_EQUAL(subject.ask(7, noon + 2 * day).since_unix, noon + 2 * day);
}

CAF_TEST(one question more takes the place of the oldest one) {
  watched_targets subject;
  const auto most = static_cast<std::int64_t>(watched_targets::most_asked);
  for (std::int64_t i = 0; i < most; ++i) {
    subject.ask(static_cast<std::uint64_t>(i), noon + i);
  }
  subject.ask(0, noon + most);
  subject.ask(1000, noon); // the clock was set back
  CAF_CHECK_EQUAL(subject.size(), watched_targets::most_asked);
  CAF_CHECK(subject.find(0) != nullptr);
  CAF_CHECK(subject.find(1) == nullptr);
  CAF_CHECK(subject.find(1000) != nullptr);
}

CAF_TEST(a large incident takes no place from questions and keeps its own targets) {
  watched_targets subject;
  subject.ask(7, noon);
  const auto many = uids("us", watched_targets::most_named + 50);
  CAF_CHECK_EQUAL(subject.name(many, noon), 50u);
  CAF_CHECK_EQUAL(subject.size(), watched_targets::most_named + 1);
  CAF_CHECK(subject.find(7) != nullptr);
  CAF_CHECK(subject.find(stable_hash(many[0])) != nullptr);
  CAF_CHECK(*subject.find(stable_hash(many[0]))->uid == many[0]);
  // The same in another order: those that are watched stay.
  std::vector<target_uid> turned{many.rbegin(), many.rend()};
  CAF_CHECK_EQUAL(subject.name(turned, noon + 10), 50u);
  CAF_CHECK_EQUAL(subject.find(stable_hash(many[0]))->since_unix, noon);
  CAF_CHECK(subject.find(stable_hash(many.back())) == nullptr);
}

CAF_TEST(another incident takes the places of those that are named no more) {
  watched_targets subject;
  subject.name(uids("us", watched_targets::most_named), noon);
  const auto fresh = uids("eu", 30);
  CAF_CHECK_EQUAL(subject.name(fresh, noon + 60), 0u);
  CAF_CHECK_EQUAL(subject.size(), watched_targets::most_named);
  for (const auto& uid : fresh) {
    CAF_CHECK(subject.find(stable_hash(uid)) != nullptr);
  }
}

CAF_TEST(who is both asked for and named stays until both are over) {
  watched_targets subject;
  const auto named = uids("us", 1);
  const auto hash = stable_hash(named[0]);
  subject.ask(hash, noon);
  subject.name(named, noon + 1000);
  subject.expire(noon + day + 500);
  CAF_REQUIRE(subject.find(hash) != nullptr);
  CAF_CHECK_EQUAL(subject.find(hash)->asked_unix, 0);
  CAF_CHECK_EQUAL(subject.find(hash)->since_unix, noon);
  subject.expire(noon + day + 1001);
  CAF_CHECK(subject.empty());
}

CAF_TEST(what is kept goes on and the others begin with what is there now) {
  watched_targets before;
  before.ask(1, noon);
  before.ask(2, noon);
  before.learn(2, {"us", "a:1", kinds::tcp()});
  watched_targets subject;
  subject.ask(2, noon + 500);
  subject.ask(3, noon + 500);
  subject.adopt(before.all(), noon + 600);
  CAF_CHECK_EQUAL(subject.size(), 3u);
  CAF_CHECK_EQUAL(subject.find(1)->since_unix, noon);
  CAF_CHECK_EQUAL(subject.find(2)->since_unix, noon);
  CAF_CHECK_EQUAL(subject.find(2)->asked_unix, noon + 500);
  CAF_CHECK_EQUAL(subject.find(3)->since_unix, noon + 600);
  subject.begin_anew(noon + 900);
  CAF_CHECK_EQUAL(subject.find(1)->since_unix, noon + 900);
}

CAF_TEST(a change is noted until it is written) {
  watched_targets subject;
  CAF_CHECK(!subject.has_changed());
  subject.ask(7, noon);
  CAF_CHECK(subject.has_changed());
  subject.note_written();
  subject.expire(noon + 1);
  CAF_CHECK(!subject.has_changed());
  subject.learn(7, {"us", "a:1", kinds::tcp()});
  CAF_CHECK(subject.has_changed());
  subject.note_written();
  subject.learn(7, {"us", "a:1", kinds::tcp()});
  CAF_CHECK(!subject.has_changed());
  subject.expire(noon + day + 1);
  CAF_CHECK(subject.has_changed());
}

} // namespace watched_targets_suite
