#define CAF_SUITE incident_filter

#include "xprober/verdict/incident_filter.hpp"

#include "xprober/domain/string_hash.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_filter_suite {

using namespace xprober;

namespace {

incident some_incident() {
  incident what;
  what.kind = incident_kind::path;
  what.severity = incident_severity::warning;
  what.probe_type = "http";
  what.reason = "refused";
  what.sources.names = {"eu 10.0.0.1", "us"};
  what.targets.names = {"https://shop.example/"};
  what.labels = {{"region", "web"}, {"team", "shop"}};
  what.target_keys = {hash_bytes("https://other.example/")};
  return what;
}

bool fits(const incident_filter& wanted) { return wanted.fits(some_incident()); }

} // namespace

CAF_TEST(what is not asked for fits) { CAF_CHECK(fits({})); }

CAF_TEST(one of several values has to fit and all fields) {
  CAF_CHECK(fits({.kinds = {incident_kind::target, incident_kind::path}}));
  CAF_CHECK(!fits({.kinds = {incident_kind::target}}));
  CAF_CHECK(fits({.severities = {incident_severity::warning}}));
  CAF_CHECK(!fits({.severities = {incident_severity::critical, incident_severity::info}}));
  CAF_CHECK(fits({.probe_types = {"icmp", "http"}}));
  CAF_CHECK(!fits({.probe_types = {""}}));
  CAF_CHECK(fits({.reasons = {"refused"}}));
  CAF_CHECK(!fits({.reasons = {"timeout"}}));
  CAF_CHECK(fits({.labels = {{"team", "shop"}, {"region", "web"}}}));
  CAF_CHECK(!fits({.labels = {{"team", "shop"}, {"region", "eu"}}}));
  CAF_CHECK(!fits({.kinds = {incident_kind::path}, .reasons = {"timeout"}}));
}

CAF_TEST(a region whose name begins as another is another) {
  auto what = some_incident();
  what.sources.names = {"eu west 10.0.0.1", "ap 2001:db8::1"};
  const auto fits = [&](std::string_view region) {
    return incident_filter{.region = std::string{region}}.fits(what);
  };
  CAF_CHECK(fits("eu west"));
  CAF_CHECK(fits("ap"));
  CAF_CHECK(!fits("eu"));
  CAF_CHECK(!fits("ap 2001:db8::1 "));
}

CAF_TEST(a region is that of a label or of a name) {
  for (const auto* region : {"web", "us", "eu"}) {
    CAF_CHECK(fits({.region = region}));
  }
  for (const auto* region : {"eu 10", "shop", "u", "https://shop.example/ x"}) {
    CAF_CHECK(!fits({.region = region}));
  }
}

CAF_TEST(a target is one that it shows or blames) {
  CAF_CHECK(fits({.target = "https://shop.example/"}));
  CAF_CHECK(fits({.target = "https://other.example/"}));
  CAF_CHECK(fits({.target = "*shop*"}));
  CAF_CHECK(!fits({.target = "*other*"}));
  CAF_CHECK(!fits({.target = "shop"}));
  CAF_CHECK(fits({.source = "us"}));
  CAF_CHECK(fits({.source = "eu *"}));
  CAF_CHECK(!fits({.source = "https://shop.example/"}));
}

CAF_TEST(more that it blames can be known than it keeps) {
  const std::vector<std::uint64_t> all{hash_bytes("https://third.example/")};
  const incident_filter wanted{.target = "https://third.example/"};
  CAF_CHECK(!wanted.fits(some_incident()));
  CAF_CHECK(wanted.fits(some_incident(), {}, all));
}

} // namespace incident_filter_suite
