#define CAF_SUITE target_lists

#include "xprober/domain/targets/target_lists.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "caf/test/dsl.hpp"

namespace target_lists_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

target_entry entry(std::string type, std::string region, strings targets, strings sources = {},
                   bool sharding = false) {
  return {std::move(type), std::move(region), std::move(targets), std::move(sources), 0, sharding};
}

target_universe universe(const std::vector<target_entry>& entries,
                         std::vector<agent_identity> mesh = {}) {
  auto result = expand_targets(entries, 2'000'000);
  if (!result.catalog) {
    CAF_FAIL("refused: " << result.error);
  }
  return {result.catalog, std::move(mesh)};
}

std::set<std::string> as_set(const target_list& list) {
  std::set<std::string> all;
  for (const auto& group : list) {
    for (const auto& target : group.targets) {
      if (!all.insert(group.prober_type + ' ' + group.region + ' ' + target).second) {
        CAF_FAIL("named twice: " << target);
      }
    }
  }
  return all;
}

/// An agent as it follows its server.
struct follower {
  std::string region;
  std::string address;
  target_list list{};
  std::string revision{};
  int differences = 0;

  void sync(target_lists& lists, bool lagging = false) {
    auto& now = lists.look_up(region, address);
    if (now.revision == revision || lagging) {
      return;
    }
    const auto answer = lists.answer_from(now, revision);
    if (answer->base_revision.empty()) {
      list = answer->targets;
    } else {
      CAF_REQUIRE_EQUAL(answer->base_revision, revision);
      apply_difference(list, answer->added, answer->removed);
      ++differences;
    }
    revision = answer->revision;
    CAF_REQUIRE_EQUAL(list_revision(list), revision);
  }
};

} // namespace

CAF_TEST(whatever changes a difference leads to the list that is composed anew) {
  std::mt19937 random{7};
  const auto draw = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  target_lists lists;
  std::vector<follower> followers;
  for (const auto* region : {"eu", "us", "elsewhere"}) {
    for (const auto* address : {"10.9.0.1", "10.9.0.2", "10.9.0.3"}) {
      followers.push_back({region, address});
    }
  }
  std::vector<target_entry> entries{
      entry("icmp", "eu", {}),           entry("icmp", "eu", {}, {"us"}),
      entry("icmp", "us", {}, {}, true), entry("icmp", "us", {}, {"eu", "us"}),
      entry("http", "ap", {}, {}, true), entry("http", "ap", {}, {"us"})};
  for (auto& e : entries) {
    for (int i = 0; i < 40; ++i) {
      e.target.push_back("10.0.0." + std::to_string(i));
    }
  }
  int applied = 0;
  for (int round = 0; round < 300; ++round) {
    auto& e = entries[static_cast<std::size_t>(draw(static_cast<int>(entries.size())))];
    for (int i = draw(4); i > 0; --i) {
      const auto address = "10.0.0." + std::to_string(draw(60));
      const auto there = std::find(e.target.begin(), e.target.end(), address);
      if (there == e.target.end()) {
        e.target.insert(e.target.begin() + draw(static_cast<int>(e.target.size()) + 1), address);
      } else {
        e.target.erase(there);
      }
    }
    std::vector<agent_identity> agents;
    for (const auto& f : followers) {
      if (draw(8) > 0) {
        agents.push_back({f.region, f.address});
      }
    }
    std::sort(agents.begin(), agents.end(), [](const auto& a, const auto& b) {
      return std::pair{a.region, a.local_ip} < std::pair{b.region, b.local_ip};
    });
    lists.set_agents(agents);
    const auto now = universe(entries, draw(2) == 0 ? agents : std::vector<agent_identity>{});
    lists.enter(now);
    for (auto& f : followers) {
      f.sync(lists, draw(3) == 0);
      const auto& list = lists.look_up(f.region, f.address);
      if (f.revision != list.revision) {
        continue; // it lags behind
      }
      auto crew = strings{f.address};
      for (const auto& a : agents) {
        if (a.region == f.region && a.local_ip != f.address) {
          crew.push_back(a.local_ip);
        }
      }
      const rendezvous owners{crew};
      CAF_REQUIRE(as_set(f.list) ==
                  as_set(compose_targets(now, list_viewer{f.region, &owners, 0}).list));
    }
  }
  for (const auto& f : followers) {
    applied += f.differences;
  }
  CAF_CHECK(applied > 200);
}

CAF_TEST(the agents of a region have every target and none twice) {
  target_lists lists;
  lists.enter(universe(
      {entry("icmp", "eu", {"10.0.0.0/20"}, {}, true), entry("icmp", "eu", {"10.1.0.1"})}));
  lists.set_agents({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}, {"us", "10.9.0.3"}});
  std::set<std::string> all;
  std::size_t sum = 0;
  for (const auto* address : {"10.9.0.1", "10.9.0.2", "10.9.0.3"}) {
    const auto answer = lists.answer_from(lists.look_up("us", address), "");
    auto mine = as_set(answer->targets);
    CAF_CHECK_EQUAL(mine.erase("icmp eu 10.1.0.1"), 1u);
    CAF_CHECK(mine.size() > 1200 && mine.size() < 1530);
    sum += mine.size();
    all.merge(mine);
  }
  CAF_CHECK_EQUAL(sum, 4096u);
  CAF_CHECK_EQUAL(all.size(), 4096u);
}

CAF_TEST(an agent that leaves hands over its targets as differences) {
  target_lists lists;
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.0/22"}, {}, true)}));
  lists.set_agents({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}, {"us", "10.9.0.3"}});
  follower one{"us", "10.9.0.1"};
  follower two{"us", "10.9.0.2"};
  follower three{"us", "10.9.0.3"};
  for (auto* f : {&one, &two, &three}) {
    f->sync(lists);
  }
  const auto before = as_set(one.list);
  lists.set_agents({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}});
  one.sync(lists);
  two.sync(lists);
  CAF_CHECK_EQUAL(one.differences + two.differences, 2);
  auto now = as_set(one.list);
  CAF_CHECK(std::includes(now.begin(), now.end(), before.begin(), before.end()));
  CAF_CHECK_EQUAL(now.size() + as_set(two.list).size(), 1024u);
  CAF_MESSAGE("and takes them back");
  lists.set_agents({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}, {"us", "10.9.0.3"}});
  one.sync(lists);
  CAF_CHECK(as_set(one.list) == before);
}

CAF_TEST(an agent that the registry does not know yet has its part at once) {
  target_lists lists;
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.0/24"}, {}, true)}));
  lists.set_agents({{"us", "10.9.0.1"}});
  const auto early = lists.look_up("us", "10.9.0.2").revision;
  lists.set_agents({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}});
  CAF_CHECK_EQUAL(lists.look_up("us", "10.9.0.2").revision, early);
  CAF_MESSAGE("one without an address of its own has everything");
  CAF_CHECK_EQUAL(lists.look_up("us", "somewhere").size, 256u);
}

CAF_TEST(a chain of changes is one difference) {
  target_lists lists;
  follower f{"us", "10.9.0.1"};
  strings targets;
  for (int i = 0; i < 100; ++i) {
    targets.push_back("10.0.0." + std::to_string(i));
  }
  lists.enter(universe({entry("icmp", "eu", targets)}));
  f.sync(lists);
  for (int i = 100; i < 105; ++i) {
    targets.push_back("10.0.0." + std::to_string(i));
    targets.erase(targets.begin());
    lists.enter(universe({entry("icmp", "eu", targets)}));
    lists.look_up("us", "10.9.0.2"); // somebody else follows closely
  }
  const auto answer = lists.answer_from(lists.look_up("us", "10.9.0.1"), f.revision);
  CAF_CHECK_EQUAL(count_targets(answer->added), 5u);
  CAF_CHECK_EQUAL(count_targets(answer->removed), 5u);
  f.sync(lists);
  CAF_CHECK_EQUAL(f.differences, 1);
  CAF_MESSAGE("back to what it was is no change at all");
  lists.enter(universe({}));
  lists.enter(universe({entry("icmp", "eu", targets)}));
  CAF_CHECK_EQUAL(lists.look_up("us", "10.9.0.1").revision, f.revision);
}

CAF_TEST(unknown and old bases are answered with the whole list) {
  target_lists lists;
  std::vector<std::string> revisions;
  for (int i = 0; i < 300; ++i) {
    lists.enter(universe({entry("icmp", "eu",
                                {"10.1.0.0/24", "10.2.0." + std::to_string(i % 256),
                                 "10.3.0." + std::to_string(i % 200)})}));
    revisions.push_back(lists.look_up("us", "").revision);
  }
  auto& list = lists.look_up("us", "");
  CAF_CHECK(!lists.answer_from(list, revisions[298])->base_revision.empty());
  CAF_CHECK(!lists.answer_from(list, revisions[280])->base_revision.empty());
  for (const auto& base :
       {revisions[5], std::string{"0123456789abcdef"}, std::string{"r1"}, std::string{}}) {
    CAF_CHECK(lists.answer_from(list, base)->base_revision.empty());
  }
}

CAF_TEST(a difference above half of the list is not worth it) {
  target_lists lists;
  follower f{"us", ""};
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.0/28"})}));
  f.sync(lists);
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.0/27"})}));
  f.sync(lists);
  CAF_CHECK_EQUAL(f.differences, 1); // 16 of 32
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.0/29"})}));
  f.sync(lists);
  CAF_CHECK_EQUAL(f.differences, 1);
  CAF_CHECK_EQUAL(count_targets(f.list), 8u);
}

CAF_TEST(differences at hand count as memory and go like lists) {
  target_lists lists;
  strings targets;
  for (int i = 0; i < 100; ++i) {
    targets.push_back("10.0.0." + std::to_string(i));
  }
  std::vector<follower> followers;
  for (int i = 0; i < 5; ++i) {
    followers.push_back({"r" + std::to_string(i), "10.9.0.1"});
  }
  const auto rules = [&] {
    auto all = entry("icmp", "eu", targets);
    all.source_regions = {"r0", "r1", "r2", "r3", "r4"};
    return all;
  };
  lists.set_cache_limit(250);
  lists.enter(universe({rules()}));
  for (auto& f : followers) {
    f.sync(lists);
  }
  targets.resize(75);
  lists.enter(universe({rules()}));
  for (auto& f : followers) {
    f.sync(lists);
    CAF_CHECK_EQUAL(f.differences, 1);
    CAF_CHECK(lists.cached_targets() <= 250);
  }
  CAF_CHECK(lists.cached_targets() > 0);
}

CAF_TEST(a stranger cannot make lists without end) {
  target_lists lists;
  lists.enter(universe({entry("icmp", "eu", {"10.0.0.1"}, {}, true)}));
  for (int i = 0; i < 21'000; ++i) {
    lists.look_up("r" + std::to_string(i), "10.9.0.1");
  }
  CAF_CHECK_EQUAL(lists.size(), max_lists);
  CAF_CHECK(lists.cached_targets() <= 5 * max_lists);
}

CAF_TEST(the lists of a mesh of many regions do not grow with its square) {
  constexpr int regions = 400;
  target_lists lists;
  std::vector<agent_identity> members;
  for (int i = 0; i < regions; ++i) {
    members.push_back({"region-" + std::to_string(1000 + i), "10.0.0.1"});
  }
  lists.set_cache_limit(50'000);
  lists.enter(universe({}, members));
  for (const auto& member : members) {
    auto& list = lists.look_up(member.region, member.local_ip);
    CAF_CHECK_EQUAL(list.size, regions - 1u);
    CAF_CHECK_EQUAL(lists.answer_from(list, "")->targets.size(), regions - 1u);
  }
  // Each is as dear as 5 addresses for each other region: 25 lists are all that is kept.
  CAF_CHECK(lists.cached_targets() <= 50'000);
  CAF_CHECK(lists.cached_targets() > 45'000);
}

} // namespace target_lists_suite
