#define CAF_SUITE request_writer

#include "xprober/remote_write/request_writer.hpp"

#include <string>

#include "caf/test/dsl.hpp"

#include "remote_write/requests.hpp"

namespace request_writer_suite {

using namespace xprober;

namespace {

constexpr written_names names{"us", "10.9.0.1", "eu", "10.0.0.1", "icmp"};

struct fixture {
  request_writer subject;

  std::vector<requests::read_sample> taken() {
    std::string request;
    subject.take(request);
    return requests::read(request);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(request_writer_tests, fixture)

CAF_TEST(a sample has all labels in the order of their names) {
  CAF_REQUIRE(subject.select(names, {{{"AZ", "1"}}, {{"team", "net"}, {"zone", "b"}}}));
  subject.set_time(1234);
  subject.sample("probe_success", 1);
  subject.sample("probe_phase", 0.5, "connect");
  CAF_CHECK_EQUAL(subject.samples(), 2U);
  const auto all = taken(); // looks at the order of the labels
  CAF_REQUIRE_EQUAL(all.size(), 2U);
  CAF_CHECK_EQUAL(all[0].name(), "probe_success");
  CAF_CHECK_EQUAL(all[0].value(), 1.0);
  CAF_CHECK_EQUAL(all[0].unix_ms, 1234);
  CAF_CHECK_EQUAL(all[0].labels.size(), 9U);
  CAF_CHECK_EQUAL(all[0].find("AZ"), "1");
  CAF_CHECK_EQUAL(all[0].find("team"), "net");
  CAF_CHECK_EQUAL(all[0].find("target"), "10.0.0.1");
  CAF_CHECK_EQUAL(all[1].find("phase"), "connect");
}

CAF_TEST(names that are no clean text cannot be selected and empty ones are no labels) {
  auto bad = names;
  bad.target = "a\nb";
  CAF_CHECK(!subject.select(bad, {}));
  auto roomless = names;
  roomless.target_region = "";
  CAF_REQUIRE(subject.select(roomless, {}));
  subject.sample("probe_success", 1);
  CAF_CHECK_EQUAL(taken().at(0).labels.size(), 5U);
}

CAF_TEST(what ends is stale whatever its value is) {
  CAF_REQUIRE(subject.select(names, {}));
  subject.stale("a");
  subject.set_ending(true);
  subject.sample("b", 7);
  subject.set_ending(false);
  subject.sample("c", 7);
  const auto all = taken();
  CAF_REQUIRE_EQUAL(all.size(), 3U);
  CAF_CHECK_EQUAL(all[0].bits, stale_marker_bits);
  CAF_CHECK_EQUAL(all[1].bits, stale_marker_bits);
  CAF_CHECK_EQUAL(all[2].value(), 7.0);
}

CAF_TEST(the next request begins empty and for the same series) {
  CAF_REQUIRE(subject.select(names, {}));
  subject.sample("a", 1);
  CAF_CHECK_EQUAL(taken().size(), 1U);
  CAF_CHECK_EQUAL(subject.samples(), 0U);
  subject.sample("b", 2);
  const auto all = taken();
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK_EQUAL(all[0].name(), "b");
  CAF_CHECK_EQUAL(all[0].find("agent"), "10.9.0.1");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace request_writer_suite
