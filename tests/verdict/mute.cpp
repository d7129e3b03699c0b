#define CAF_SUITE mute

#include "xprober/verdict/mute.hpp"

#include <chrono>
#include <string>

#include "caf/test/unit_test.hpp"

namespace mute_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time start{1'767'268'800s};

incident sample() {
  incident what;
  what.kind = incident_kind::target;
  what.severity = incident_severity::critical;
  what.probe_type = "http";
  what.reason = "refused";
  what.targets.names = {"https://a.example/", "https://b.example/"};
  what.labels = {{"region", "fra"}, {"team", "web"}};
  return what;
}

mute valid() { return {1, {{"team", "web"}}, start, start + 1h, "ada", "maintenance"}; }

} // namespace

CAF_TEST(a star stands for any characters) {
  CAF_CHECK(fits_pattern("abc", "abc"));
  CAF_CHECK(!fits_pattern("abc", "abcd"));
  CAF_CHECK(!fits_pattern("abc", "ABC"));
  CAF_CHECK(fits_pattern("*", ""));
  CAF_CHECK(fits_pattern("a*c", "ac"));
  CAF_CHECK(fits_pattern("a*c*e", "abcbcde"));
  CAF_CHECK(fits_pattern("**.example", "b.example"));
  CAF_CHECK(!fits_pattern("a*d", "abc"));
  CAF_CHECK(!fits_pattern("", "a"));
  // Nothing that grows with the number of stars beyond their product with the text.
  CAF_CHECK(!fits_pattern(std::string(500, '*') + "x", std::string(2000, 'a')));
}

CAF_TEST(every field can be asked for) {
  const auto what = sample();
  const auto fits = [&](std::string field, std::string value) {
    return mute{1, {{std::move(field), std::move(value)}}, {}, {}, {}, {}}.fits(what);
  };
  CAF_CHECK(fits("kind", "target"));
  CAF_CHECK(fits("severity", "crit*"));
  CAF_CHECK(fits("probe_type", "http"));
  CAF_CHECK(fits("reason", "refused"));
  CAF_CHECK(fits("alertname", "XproberTarget"));
  CAF_CHECK(fits("target", "https://*.example/"));
  CAF_CHECK(fits("team", "web"));
  CAF_CHECK(!fits("target", "https://b.*")); // it is not that one alone
  CAF_CHECK(!fits("source", "*"));
  CAF_CHECK(!fits("certificate", "*"));
  CAF_CHECK(!fits("team", "net"));
  CAF_CHECK(!fits("colour", "*"));
}

CAF_TEST(all conditions must fit and none fit nothing) {
  auto m = valid();
  CAF_CHECK(m.fits(sample()));
  m.conditions.push_back({"region", "ams"});
  CAF_CHECK(!m.fits(sample()));
  m.conditions.clear();
  CAF_CHECK(!m.fits(sample()));
}

CAF_TEST(a mute lasts from its beginning until its end) {
  const mute one[] = {valid()};
  CAF_CHECK(!is_muted(sample(), one, start - 1s));
  CAF_CHECK(is_muted(sample(), one, start));
  CAF_CHECK(is_muted(sample(), one, start + 1h - 1s));
  CAF_CHECK(!is_muted(sample(), one, start + 1h));
}

CAF_TEST(what is missing is said) {
  CAF_CHECK(mute_problem(valid()).empty());
  auto m = valid();
  m.conditions.clear();
  CAF_CHECK(!mute_problem(m).empty());
  m = valid();
  m.conditions[0].value.clear();
  CAF_CHECK(!mute_problem(m).empty());
  m = valid();
  m.until = m.from;
  CAF_CHECK(!mute_problem(m).empty());
  m = valid();
  m.why.clear();
  CAF_CHECK(!mute_problem(m).empty());
  m = valid();
  m.conditions.assign(21, {"team", "web"});
  CAF_CHECK(!mute_problem(m).empty());
  m = valid();
  m.by = std::string(3000, 'a');
  CAF_CHECK(!mute_problem(m).empty());
}

} // namespace mute_suite
