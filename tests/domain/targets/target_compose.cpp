#define CAF_SUITE target_compose

#include "xprober/domain/targets/target_compose.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/targets/target_change.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace target_compose_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

target_entry icmp(std::string region, strings targets, strings sources = {}) {
  return {"icmp", std::move(region), std::move(targets), std::move(sources), 0};
}

target_entry http(std::string region, strings targets, strings sources = {}) {
  return {"http", std::move(region), std::move(targets), std::move(sources), 0};
}

target_universe universe(const std::vector<target_entry>& entries,
                         std::vector<agent_identity> mesh = {}) {
  auto result = expand_targets(entries, 2'000'000);
  if (!result.catalog) {
    CAF_FAIL("refused: " << result.error);
  }
  return {result.catalog, std::move(mesh)};
}

target_list list_for(const target_universe& u, std::string_view region) {
  return compose_targets(u, region).list;
}

bool has(const std::vector<target_uid>& uids, const target_uid& uid) {
  return std::find(uids.begin(), uids.end(), uid) != uids.end();
}

} // namespace

CAF_TEST(icmp targets go to other regions and http targets to all) {
  const auto u = universe({icmp("eu", {"10.0.0.1"}), http("eu", {"http://a/"})});
  CAF_CHECK(list_for(u, "us") ==
            (target_list{{"icmp", "eu", {"10.0.0.1"}}, {"http", "eu", {"http://a/"}}}));
  CAF_CHECK(list_for(u, "eu") == (target_list{{"http", "eu", {"http://a/"}}}));
}

CAF_TEST(source regions decide who probes) {
  const auto u = universe({icmp("eu", {"10.0.0.1"}, {"us"}), http("eu", {"http://a/"}, {"ap"})});
  CAF_CHECK(list_for(u, "us") == (target_list{{"icmp", "eu", {"10.0.0.1"}}}));
  CAF_CHECK(list_for(u, "ap") == (target_list{{"http", "eu", {"http://a/"}}}));
  CAF_CHECK(list_for(u, "eu").empty());
}

CAF_TEST(groups of one type and region are merged without repeats) {
  const auto u = universe({icmp("eu", {"10.0.0.1", "10.0.0.2"}), http("eu", {"http://a/"}),
                           icmp("eu", {"10.0.0.2", "10.0.0.3"}, {"us"})},
                          {{"eu", "10.0.0.3"}, {"eu", "10.0.0.4"}});
  const auto composed = compose_targets(u, "us");
  CAF_CHECK(composed.list ==
            (target_list{{"icmp", "eu", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}},
                         {"http", "eu", {"http://a/"}}}));
  CAF_CHECK_EQUAL(composed.size, 5u);
}

CAF_TEST(a member of the mesh is probed from every other region) {
  const auto u = universe({}, {{"ap", "10.2.0.1"}, {"eu", "10.0.0.1"}, {"eu", "10.0.0.2"}});
  CAF_CHECK(list_for(u, "us") ==
            (target_list{{"icmp", "ap", {"10.2.0.1"}}, {"icmp", "eu", {"10.0.0.1", "10.0.0.2"}}}));
  CAF_CHECK(list_for(u, "eu") == (target_list{{"icmp", "ap", {"10.2.0.1"}}}));
  CAF_CHECK(list_for({nullptr, u.mesh}, "eu") == list_for(u, "eu"));
}

CAF_TEST(equal lists have equal revisions) {
  // The same list, put together in different ways.
  const auto one = compose_targets(universe({icmp("eu", {"10.0.0.0/30"})}), "us");
  const auto two = compose_targets(
      universe({icmp("eu", {"10.0.0.0", "10.0.0.1", "10.0.0.1"}), icmp("eu", {"10.0.0.2"}, {"us"})},
               {{"eu", "10.0.0.3"}, {"us", "10.9.0.1"}}),
      "us");
  CAF_CHECK(one.list == two.list);
  CAF_CHECK_EQUAL(one.revision, two.revision);
  CAF_CHECK_EQUAL(one.revision, list_revision(one.list));
  CAF_CHECK_EQUAL(one.revision.size(), 16u);
  // What agents hold was made by an earlier process: the value must never change.
  CAF_CHECK_EQUAL(list_revision({{"icmp", "eu", {"10.0.0.1"}}}), "482cb4d5e149cb72");
  CAF_CHECK_EQUAL(list_revision({}), "0000000000000000");
}

CAF_TEST(lists that differ anywhere have different revisions) {
  const std::vector<target_list> lists{
      {},
      {{"icmp", "eu", {"10.0.0.1"}}},
      {{"http", "eu", {"10.0.0.1"}}},
      {{"icmp", "us", {"10.0.0.1"}}},
      {{"icmp", "eu", {"10.0.0.2"}}},
      {{"icmp", "eu", {"10.0.0.1", "10.0.0.2"}}},
      {{"icmp", "eu", {"10.0.0.1"}}, {"icmp", "us", {"10.0.0.2"}}},
      {{"icmp", "eu", {"10.0.0.1", "icmp", "us", "10.0.0.2"}}},
      {{"icmp", "eu1", {"0.0.0.1"}}},
  };
  strings revisions;
  for (const auto& list : lists) {
    revisions.push_back(list_revision(list));
  }
  std::sort(revisions.begin(), revisions.end());
  CAF_CHECK(std::adjacent_find(revisions.begin(), revisions.end()) == revisions.end());
}

CAF_TEST(a region that nobody mentions has the list of the others) {
  const auto u = universe({icmp("eu", {"10.0.0.1"}), http("web", {"http://a/"}),
                           http("web", {"http://b/"}, {"us"}), icmp("ap", {"10.2.0.1"}, {"us"})},
                          {{"mesh", "10.7.0.1"}});
  const auto own = regions_with_own_list(u);
  CAF_CHECK_EQUAL(strings(own.begin(), own.end()), (strings{"eu", "mesh", "us"}));
  // Only those differ from the list of an unknown region.
  const auto unknown = compose_targets(u, "nowhere").revision;
  for (const auto* region : {"web", "ap", "elsewhere"}) {
    CAF_CHECK_EQUAL(compose_targets(u, region).revision, unknown);
  }
  for (const auto& region : own) {
    CAF_CHECK(compose_targets(u, region).revision != unknown);
  }
}

CAF_TEST(the difference of two universes is by target and not by entry) {
  const auto before = universe({icmp("eu", {"10.0.0.1", "10.0.0.2"}), http("eu", {"http://a/"})},
                               {{"eu", "10.0.0.3"}, {"us", "10.1.0.1"}});
  // 10.0.0.2 moves to other sources, 10.0.0.3 from the mesh into the file, http://a/ to a region.
  const auto after =
      universe({icmp("eu", {"10.0.0.1"}), icmp("eu", {"10.0.0.2", "10.0.0.3"}, {"ap"}),
                http("us", {"http://a/"})},
               {{"us", "10.1.0.2"}});
  const auto changes = diff_universes(before, after);
  CAF_CHECK_EQUAL(changes.gone.size(), 2u);
  CAF_CHECK(has(changes.gone, {"eu", "http://a/", kinds::http()}));
  CAF_CHECK(has(changes.gone, {"us", "10.1.0.1", kinds::icmp()}));
  CAF_CHECK_EQUAL(changes.come.size(), 2u);
  CAF_CHECK(has(changes.come, {"us", "http://a/", kinds::http()}));
  CAF_CHECK(has(changes.come, {"us", "10.1.0.2", kinds::icmp()}));
}

CAF_TEST(a difference to nothing is everything once) {
  const auto u =
      universe({icmp("eu", {"10.0.0.1"}), icmp("eu", {"10.0.0.1"}, {"us"})}, {{"eu", "10.0.0.1"}});
  CAF_CHECK_EQUAL(diff_universes(u, {}).gone.size(), 1u);
  CAF_CHECK_EQUAL(diff_universes({}, u).come.size(), 1u);
  CAF_CHECK(diff_universes(u, u).gone.empty());
  CAF_CHECK(diff_universes(u, u).come.empty());
}

CAF_TEST(a member that is configured too stays when it leaves the mesh) {
  const auto with = universe({icmp("eu", {"10.0.0.1"})}, {{"eu", "10.0.0.1"}});
  const target_universe without{with.catalog, {}};
  CAF_CHECK(diff_universes(with, without).gone.empty());
  CAF_CHECK(count_targets(with).by_kind.at("icmp") == 1u);
  CAF_CHECK(count_targets(without).by_kind.at("icmp") == 1u);
}

CAF_TEST(a million targets are expanded once and composed for each region) {
  // 15 blocks of 65,536 and some: 1,000,000 in all, in 16 regions.
  std::vector<target_entry> entries;
  for (int i = 0; i < 15; ++i) {
    entries.push_back(icmp("r" + std::to_string(i), {"10." + std::to_string(i) + ".0.0/16"}));
  }
  entries.push_back({"module",
                     "web",
                     {"10.100.0.0/18", "10.100.64.0/21", "10.100.72.0/23", "10.100.74.0/26"},
                     {},
                     0});
  const auto u = universe(entries, {{"r0", "10.200.0.1"}});
  CAF_CHECK_EQUAL(u.catalog->total(), 983'040u + 16'384u + 2'048u + 512u + 64u);
  CAF_CHECK_EQUAL(u.catalog->duplicates, 0u);

  const auto other = compose_targets(u, "elsewhere");
  CAF_CHECK_EQUAL(other.size, u.catalog->total() + 1);
  CAF_CHECK_EQUAL(other.list.size(), 16u);
  const auto r3 = compose_targets(u, "r3");
  CAF_CHECK_EQUAL(r3.size, other.size - 65'536);
  CAF_CHECK(r3.revision != other.revision);

  // Nothing is held beside what was asked for: no spare capacity, no second copy.
  for (const auto& g : other.list) {
    CAF_CHECK(g.targets.capacity() - g.targets.size() <= 1);
  }
  for (const auto& slice : u.catalog->slices) {
    CAF_CHECK_EQUAL(slice.addresses.capacity(), slice.addresses.size());
  }
  // A change of the mesh names the member and nothing else.
  const auto changes = diff_universes(u, {u.catalog, {{"r0", "10.200.0.2"}}});
  CAF_CHECK_EQUAL(changes.gone.size(), 1u);
  CAF_CHECK_EQUAL(changes.come.size(), 1u);
}

CAF_TEST(a module is named in the list and its targets are its own) {
  const target_entry slow{"slow", "eu", {"10.0.0.1"}, {}, 0};
  const auto before = universe({icmp("eu", {"10.0.0.1"}), slow});
  CAF_CHECK(list_for(before, "us") ==
            (target_list{{"icmp", "eu", {"10.0.0.1"}}, {"slow", "eu", {"10.0.0.1"}}}));
  const auto changes = diff_universes(before, universe({icmp("eu", {"10.0.0.1"})}));
  CAF_REQUIRE_EQUAL(changes.gone.size(), 1u);
  CAF_CHECK_EQUAL(changes.gone[0].type.text(), "slow");
  CAF_CHECK(changes.come.empty());
}

CAF_TEST(results of a url come without its user) {
  const auto changes = diff_universes(universe({http("eu", {"http://u:p@a/"})}), universe({}));
  CAF_REQUIRE_EQUAL(changes.gone.size(), 1u);
  CAF_CHECK_EQUAL(changes.gone[0].address, "http://a/");
}

} // namespace target_compose_suite
