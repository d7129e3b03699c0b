#define CAF_SUITE discovered_source

#include "xprober/actors/server/discovered_source.hpp"

#include "support/fake_discovery_io.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace discovered_source_suite {

using namespace xprober;

namespace {

constexpr target_room plenty{100, 0};

struct fixture {
  test::fake_discovery_io io;
  discovered_source subject;

  fixture() {
    log::set_level(log::level::off);
    subject.id = 1;
    subject.stats.source = "/lists/a.json";
    subject.defaults.region = "r";
  }
  ~fixture() { log::set_level(log::level::info); }

  bool accept(const std::string& text, const target_room& room = plenty) {
    return subject.accept({text, {}}, io, room);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(discovered_source_tests, fixture)

CAF_TEST(a list that can be used is the last good one and is kept) {
  CAF_CHECK(accept("10.0.0.1 10.0.0.2"));
  CAF_CHECK_EQUAL(subject.written, 2u);
  CAF_CHECK_EQUAL(subject.stats.targets, 2u);
  CAF_CHECK_EQUAL(subject.stats.ok, 1u);
  CAF_CHECK_EQUAL(io.cache["/lists/a.json"], "10.0.0.1 10.0.0.2");
  CAF_CHECK(accept("10.0.0.3"));
  CAF_CHECK_EQUAL(subject.written, 1u);
}

CAF_TEST(the same text is read once and changes nothing) {
  accept("10.0.0.1");
  CAF_CHECK(!accept("10.0.0.1"));
  CAF_CHECK_EQUAL(io.parsed, 1);
  CAF_CHECK_EQUAL(subject.stats.ok, 1u); // a file that was looked at is no news
  subject.is_url = true;
  CAF_CHECK(!accept("10.0.0.1"));
  CAF_CHECK_EQUAL(subject.stats.ok, 2u); // a URL that has answered is
}

CAF_TEST(what fails or lies or is too long leaves the last good list) {
  accept("10.0.0.1");
  CAF_CHECK(!subject.accept({{}, "cannot be read"}, io, plenty));
  CAF_CHECK_EQUAL(subject.stats.last_error, "cannot be read");
  CAF_CHECK(!accept("bad"));
  CAF_CHECK(subject.stats.last_error.find("this is bad") != std::string::npos);
  CAF_CHECK(!accept("10.0.0.1 10.0.0.2", {3, 2}));
  CAF_CHECK_EQUAL(subject.stats.failed, 3u);
  CAF_CHECK_EQUAL(subject.stats.ok, 1u);
  CAF_CHECK_EQUAL(subject.written, 1u);
  CAF_CHECK_EQUAL(io.cache["/lists/a.json"], "10.0.0.1");
  CAF_MESSAGE("the good list again ends the failure and changes no target");
  CAF_CHECK(!accept("10.0.0.1"));
  CAF_CHECK(subject.stats.last_error.empty());
}

CAF_TEST(what is left out of a list is counted and named) {
  accept("10.0.0.1 odd=1");
  CAF_CHECK_EQUAL(subject.stats.targets, 1u);
  CAF_CHECK_EQUAL(subject.stats.left_out, 1u);
  CAF_CHECK_EQUAL(subject.stats.first_left_out, "/lists/a.json:1: this label is odd");
  CAF_CHECK_EQUAL(subject.measure(plenty), "");
  CAF_CHECK_EQUAL(subject.stats.left_out, 1u);
  CAF_MESSAGE("a list that cannot be used leaves it");
  accept("bad");
  CAF_CHECK_EQUAL(subject.stats.left_out, 1u);
  accept("10.0.0.2");
  CAF_CHECK_EQUAL(subject.stats.left_out, 0u);
  CAF_CHECK_EQUAL(subject.stats.first_left_out, "");
}

CAF_TEST(the list kept from before serves until there is a new one) {
  io.cache["/lists/a.json"] = "10.0.0.1 10.0.0.2";
  subject.restore(io, plenty);
  CAF_CHECK(subject.stats.kept);
  CAF_CHECK_EQUAL(subject.written, 2u);
  CAF_CHECK_EQUAL(subject.stats.ok, 0u);
  io.cache["/lists/a.json"] = "10.0.0.9";
  subject.restore(io, plenty);
  CAF_CHECK_EQUAL(subject.written, 2u); // it has a list already
  CAF_CHECK(!accept("10.0.0.1 10.0.0.2"));
  CAF_CHECK(!subject.stats.kept);
}

CAF_TEST(a kept list that cannot be used is none) {
  io.cache["/lists/a.json"] = "bad";
  subject.restore(io, plenty);
  CAF_CHECK(subject.groups == nullptr);
  CAF_CHECK(!subject.stats.kept);
}

CAF_TEST(a list is measured by another limit) {
  accept("10.0.0.1 10.0.0.2");
  CAF_CHECK(subject.measure({2, 0}).empty());
  CAF_CHECK(!subject.measure({2, 1}).empty());
  CAF_CHECK_EQUAL(subject.written, 2u);
  discovered_source none;
  CAF_CHECK(none.measure({0, 0}).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace discovered_source_suite
