#define CAF_SUITE given_targets

#include "xprober/actors/server/given_targets.hpp"

#include <memory>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace given_targets_suite {

using namespace xprober;

namespace {

catalog_ptr catalog_of(const std::vector<target_entry>& entries) {
  const auto expanded = expand_targets(entries, 1000);
  CAF_CHECK_EQUAL(expanded.error, "");
  return expanded.catalog;
}

target_entry icmp_entry(std::string target, std::vector<std::string> sources = {}) {
  target_entry entry;
  entry.prober_type = "icmp";
  entry.region = "eu";
  entry.target = {std::move(target)};
  entry.source_regions = std::move(sources);
  return entry;
}

} // namespace

CAF_TEST(nothing is known before the first list) {
  given_targets given;
  CAF_CHECK(!given.known());
  CAF_CHECK(!given.has("us", "icmp", "eu", "10.0.0.1"));
  given.enter({});
  CAF_CHECK(!given.known());
}

CAF_TEST(each region has what it was given) {
  given_targets given;
  given.enter({catalog_of({icmp_entry("10.0.0.0/30"), icmp_entry("10.9.9.9", {"ap"})}), {}});
  CAF_CHECK(given.known());
  CAF_CHECK(given.has("us", "icmp", "eu", "10.0.0.3"));
  CAF_CHECK(given.has("ap", "icmp", "eu", "10.0.0.3"));
  CAF_CHECK(!given.has("eu", "icmp", "eu", "10.0.0.3"));
  CAF_CHECK(given.has("ap", "icmp", "eu", "10.9.9.9"));
  CAF_CHECK(!given.has("us", "icmp", "eu", "10.9.9.9"));
  CAF_MESSAGE("nothing of another name, region or type");
  CAF_CHECK(!given.has("us", "icmp", "eu", "10.0.0.4"));
  CAF_CHECK(!given.has("us", "icmp", "af", "10.0.0.3"));
  CAF_CHECK(!given.has("us", "tcp", "eu", "10.0.0.3"));
}

CAF_TEST(what agents share is one of theirs) {
  using kept_by = given_targets::kept_by;
  auto shared = icmp_entry("10.0.0.0/30");
  shared.sharding = true;
  target_entry secret;
  secret.prober_type = "http";
  secret.region = "eu";
  secret.target = {"http://user:secret@host.example/", "http://host.example/x"};
  secret.sharding = true;
  given_targets given;
  given.enter({catalog_of({shared, icmp_entry("10.0.0.1"), secret}), {}});
  CAF_CHECK(given.find("us", "icmp", "eu", "10.0.0.0") == kept_by::one_agent);
  CAF_CHECK(given.find("us", "icmp", "eu", "10.0.0.1") == kept_by::all_agents);
  CAF_CHECK(given.find("us", "icmp", "eu", "10.0.0.9") == kept_by::nobody);
  CAF_MESSAGE("whose share it is its secrets decide, which results come without");
  CAF_CHECK(given.find("us", "http", "eu", "http://host.example/") == kept_by::all_agents);
  CAF_CHECK(given.find("us", "http", "eu", "http://host.example/x") == kept_by::one_agent);
}

CAF_TEST(members of the mesh are for all regions but their own) {
  given_targets given;
  const auto catalog = catalog_of({});
  given.enter({catalog, {{"eu", "10.1.1.1"}, {"us", "10.2.2.2"}}});
  CAF_CHECK(given.has("us", "icmp", "eu", "10.1.1.1"));
  CAF_CHECK(!given.has("eu", "icmp", "eu", "10.1.1.1"));
  CAF_CHECK(!given.has("us", "icmp", "eu", "10.2.2.2"));
}

CAF_TEST(what was taken away is remembered for a while) {
  given_targets given;
  given.enter({catalog_of({icmp_entry("10.0.0.1")}), {}});
  given.enter({catalog_of({icmp_entry("10.0.0.2")}), {}});
  CAF_CHECK(given.has("us", "icmp", "eu", "10.0.0.1"));
  given.rotate();
  CAF_CHECK(given.has("us", "icmp", "eu", "10.0.0.1"));
  given.rotate();
  CAF_CHECK(!given.has("us", "icmp", "eu", "10.0.0.1"));
  CAF_CHECK(given.has("us", "icmp", "eu", "10.0.0.2"));
}

CAF_TEST(a user in a URL and secrets of its query are no part of a target) {
  target_entry entry;
  entry.prober_type = "http";
  entry.region = "eu";
  entry.target = {"http://user:secret@host.example/", "http://host.example/?token=abc"};
  given_targets given;
  given.enter({catalog_of({entry}), {}});
  CAF_CHECK(given.has("us", "http", "eu", "http://host.example/"));
  CAF_CHECK(given.has("us", "http", "eu", "http://user:secret@host.example/"));
  CAF_CHECK(given.has("us", "http", "eu", "http://host.example/?token=***"));
  CAF_CHECK(given.has("us", "http", "eu", "http://host.example/?token=abc"));
  CAF_CHECK(!given.has("us", "http", "eu", "http://other.example/"));
}

} // namespace given_targets_suite
