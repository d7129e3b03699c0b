#define CAF_SUITE wanted_targets

#include "xprober/domain/targets/wanted_targets.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace wanted_targets_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;
using agents = std::vector<agent_identity>;

target_entry entry(std::string type, std::string region, strings targets, strings sources = {}) {
  return {std::move(type), std::move(region), std::move(targets), std::move(sources), 0};
}

target_universe universe(const std::vector<target_entry>& entries, agents mesh = {}) {
  auto result = expand_targets(entries, 2'000'000);
  if (!result.catalog) {
    CAF_FAIL("refused: " << result.error);
  }
  return {result.catalog, std::move(mesh)};
}

wanted_targets_ptr make(const target_universe& all, const agents& known, const agents& active,
                        const wanted_targets_ptr& before = nullptr, std::uint32_t now = 100) {
  return std::make_shared<const wanted_targets>(all, known, active, before.get(), now);
}

/// "us asia": whence a group is to be probed; the nameless region is a dot.
std::string sources(const wanted_targets& wanted, std::size_t group) {
  std::string out;
  const auto& places = wanted.groups().at(group).sources;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& name = wanted.regions().at(places[i]).name;
    out += (out.empty() ? "" : " ") + (name.empty() ? std::string{"."} : name);
  }
  return out;
}

std::uint32_t since(const wanted_targets& wanted, const target_uid& uid) {
  const auto found = wanted.find(stable_hash(uid));
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  return wanted.since_unix(found[0].number);
}

const agents two{{"eu", "10.1.0.1"}, {"us", "10.2.0.1"}};

} // namespace

CAF_TEST(regions of agents probe what names none and those that are named what names them) {
  const auto all = universe({entry("icmp", "eu", {"10.0.0.1"}), entry("http", "eu", {"http://a/"}),
                             entry("icmp", "eu", {"10.0.0.2"}, {"mars", "us"})});
  const auto wanted = make(all, two, {two[1]});
  CAF_REQUIRE_EQUAL(wanted->groups().size(), 3u);
  CAF_CHECK_EQUAL(sources(*wanted, 0), "us"); // not from its own region
  CAF_CHECK_EQUAL(sources(*wanted, 1), "eu us");
  CAF_CHECK_EQUAL(sources(*wanted, 2), "mars us");
  const auto& regions = wanted->regions();
  CAF_REQUIRE_EQUAL(regions.size(), 4u);
  CAF_CHECK(regions[0] == (probing_region{"", 100, false, false}));
  CAF_CHECK(regions[1] == (probing_region{"eu", 100, true, false}));
  CAF_CHECK(regions[2] == (probing_region{"mars", 100, false, false}));
  CAF_CHECK(regions[3] == (probing_region{"us", 100, true, true}));
  CAF_CHECK(!wanted->find_region("moon"));
}

CAF_TEST(without an agent that could probe it a target has the nameless region) {
  const auto all = universe({entry("icmp", "eu", {"10.0.0.1"}), entry("odd", "eu", {"http://x/"})});
  const auto none = make(all, {}, {});
  CAF_CHECK_EQUAL(sources(*none, 0), ".");
  CAF_CHECK_EQUAL(sources(*none, 1), ".");
  const auto own = make(all, {two[0]}, {two[0]});
  CAF_CHECK_EQUAL(sources(*own, 0), ".");
  CAF_CHECK_EQUAL(sources(*own, 1), "eu"); // nobody knows what the module allows
}

CAF_TEST(members of the mesh are wanted from every region but their own) {
  const auto wanted = make(universe({entry("http", "web", {"http://a/"})}, two), two, two);
  CAF_REQUIRE_EQUAL(wanted->groups().size(), 3u);
  CAF_CHECK_EQUAL(sources(*wanted, 1), "us");
  CAF_CHECK_EQUAL(sources(*wanted, 2), "eu");
  CAF_CHECK_EQUAL(wanted->address(1, 0), "10.1.0.1");
  CAF_CHECK_EQUAL(wanted->address(2, 0), "10.2.0.1");
  const auto found = wanted->find(stable_hash({"us", "10.2.0.1", kinds::icmp()}));
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(wanted->group_of(found[0].number), 2u);
}

CAF_TEST(groups share the regions that they are probed from but for their own) {
  const auto all =
      std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 2, 5, 9});
  const probing_places whole{all};
  const probing_places but{all, 5};
  const probing_places none_left_out{all, 7};
  CAF_CHECK_EQUAL(all.use_count(), 4);
  CAF_CHECK_EQUAL(whole.size(), 4u);
  CAF_CHECK(whole == none_left_out);
  CAF_REQUIRE_EQUAL(but.size(), 3u);
  CAF_CHECK_EQUAL(but[1], 2u);
  CAF_CHECK_EQUAL(but[2], 9u);
  CAF_CHECK(!but.find(5));
  CAF_CHECK(!but.find(4));
  CAF_CHECK_EQUAL(but.find(2).value_or(99), 1u);
  CAF_CHECK_EQUAL(but.find(9).value_or(99), 2u);
  CAF_CHECK_EQUAL(whole.find(9).value_or(99), 3u);
  const auto same =
      std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{1, 2, 9});
  CAF_CHECK(but == probing_places{same});
  CAF_CHECK(!(but == whole));
  CAF_CHECK(!(but == (probing_places{all, 9})));
  CAF_CHECK(probing_places{}.empty());
  CAF_CHECK(!probing_places{}.find(0));
  CAF_CHECK(probing_places{} == probing_places{});
}

CAF_TEST(members of the only region of a mesh are wanted by nobody) {
  const std::vector<agent_identity> one{two[0]};
  const auto wanted = make(universe({}, one), one, one);
  CAF_REQUIRE_EQUAL(wanted->groups().size(), 1u);
  CAF_CHECK(wanted->groups()[0].sources.empty());
}

CAF_TEST(a target has a number for each entry that names it) {
  const auto all =
      universe({entry("icmp", "eu", {"10.0.0.1", "10.0.0.2"}),
                entry("icmp", "eu", {"10.0.0.2"}, {"us"}), entry("tcp", "eu", {}, {"us"})},
               {{"eu", "10.0.0.2"}});
  const auto wanted = make(all, {}, {});
  const auto found = wanted->find(stable_hash({"eu", "10.0.0.2", kinds::icmp()}));
  CAF_REQUIRE_EQUAL(found.size(), 3u);
  CAF_CHECK_EQUAL(wanted->group_of(found[0].number), 0u);
  CAF_CHECK_EQUAL(wanted->group_of(found[1].number), 1u);
  CAF_CHECK_EQUAL(wanted->group_of(found[2].number), wanted->groups().size() - 1);
  CAF_CHECK(wanted->find(stable_hash({"us", "10.0.0.2", kinds::icmp()})).empty());
  CAF_CHECK_EQUAL(wanted->all().size(), 4u);
}

CAF_TEST(the user of a URL is no part of its address) {
  const auto wanted =
      make(universe({entry("http", "web", {"http://b/", "http://me:secret@a/"})}), {}, {});
  CAF_CHECK_EQUAL(wanted->address(0, 0), "http://b/");
  CAF_CHECK_EQUAL(wanted->address(0, 1), "http://a/");
  CAF_CHECK_EQUAL(wanted->find(stable_hash({"web", "http://a/", kinds::http()})).size(), 1u);
  const auto after =
      make(universe({entry("http", "web", {"http://me:secret@a/"})}), {}, {}, wanted);
  CAF_CHECK_EQUAL(after->address(0, 0), "http://a/");
}

CAF_TEST(secrets in the query of a URL are no part of its address) {
  const auto wanted = make(universe({entry("http", "web", {"http://a/?token=abc&x=1"})}), {}, {});
  CAF_CHECK_EQUAL(wanted->address(0, 0), "http://a/?token=***&x=1");
}

CAF_TEST(what stays keeps the time since which it is wanted) {
  const target_uid old_one{"eu", "10.0.0.1", kinds::icmp()};
  const target_uid new_one{"eu", "10.0.0.2", kinds::icmp()};
  const auto first = make(universe({entry("icmp", "eu", {"10.0.0.1"})}), {}, {}, nullptr, 100);
  const auto all = universe({entry("icmp", "eu", {"10.0.0.2", "10.0.0.1"})});
  const auto second = make(all, {two[1]}, {two[1]}, first, 200);
  CAF_CHECK_EQUAL(since(*second, old_one), 100u);
  CAF_CHECK_EQUAL(since(*second, new_one), 200u);
  CAF_CHECK_EQUAL(second->regions().at(1).since_unix, 200u);
  // The catalog is the same: only the mesh and the regions are looked at.
  const auto third = make({all.catalog, two}, two, two, second, 300);
  CAF_CHECK_EQUAL(since(*third, old_one), 100u);
  CAF_CHECK_EQUAL(since(*third, new_one), 200u);
  CAF_CHECK_EQUAL(since(*third, {"us", "10.2.0.1", kinds::icmp()}), 300u);
  CAF_CHECK_EQUAL(third->regions().at(2).since_unix, 200u); // us
  const auto gone = make(universe({}), {}, {}, third, 400);
  CAF_CHECK(gone->all().empty());
  CAF_CHECK_EQUAL(since(*make(all, {}, {}, gone, 500), old_one), 500u);
}

CAF_TEST(it is of the same as long as nothing that it says has changed) {
  const auto all = universe({entry("icmp", "eu", {"10.0.0.1"})}, two);
  const auto wanted = make(all, two, two);
  CAF_CHECK(wanted->is_of(all, two, two));
  auto more = two;
  more.push_back({"us", "10.2.0.2"});
  CAF_CHECK(wanted->is_of(all, more, more)); // the regions are the same
  CAF_CHECK(!wanted->is_of(all, two, {two[0]}));
  CAF_CHECK(!wanted->is_of(all, {two[0]}, {two[0]}));
  CAF_CHECK(!wanted->is_of({all.catalog, {two[0]}}, two, two));
  CAF_CHECK(!wanted->is_of(universe({entry("icmp", "eu", {"10.0.0.1"})}, two), two, two));
}

CAF_TEST(agents that come and go in a region that has some change nothing that is named) {
  const auto all = universe({entry("icmp", "eu", {"10.0.0.1"})}, two);
  const auto wanted = make(all, two, two);
  CAF_CHECK(make(all, two, {})->names_what(*wanted));
  CAF_CHECK(make(all, two, two, wanted, 200)->names_what(*wanted));
  auto more = two;
  more.push_back({"zoo", "10.3.0.1"});
  CAF_CHECK(!make(all, more, more)->names_what(*wanted));
  CAF_CHECK(!make({all.catalog, {two[0]}}, two, two)->names_what(*wanted));
  CAF_CHECK(
      !make(universe({entry("icmp", "eu", {"10.0.0.1"})}, two), two, two)->names_what(*wanted));
  // The region was named by an entry alone.
  const auto named =
      universe({entry("icmp", "eu", {"10.0.0.1"}, {"us"}), entry("http", "eu", {"http://a/"})});
  CAF_CHECK(!make(named, {two[1]}, {})->names_what(*make(named, {}, {})));
}

} // namespace wanted_targets_suite
