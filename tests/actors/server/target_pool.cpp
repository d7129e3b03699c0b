#define CAF_SUITE target_pool

#include "xprober/actors/server/target_pool.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "xprober/base/log.hpp"
#include "xprober/domain/kind_table.hpp"

#include "support/actor_fixture.hpp"
#include "support/fake_stats.hpp"
#include "support/fake_store.hpp"

namespace target_pool_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

/// What the pool told the store and stats.
struct heard {
  std::vector<target_uid> forgotten;
  std::vector<target_uid> welcome;
  std::vector<wanted_targets_ptr> wanted;
  std::vector<target_stats> stats;
  std::vector<strings> warnings;
};

target_entry icmp(std::string region, strings targets, strings sources = {}) {
  return {"icmp", std::move(region), std::move(targets), std::move(sources), 0};
}

target_entry http(std::string region, strings targets) {
  return {"http", std::move(region), std::move(targets), {}, 0};
}

struct fixture : xprober_fixture {
  std::shared_ptr<heard> told = std::make_shared<heard>();
  stats_actor stats =
      fake_stats::spawn(sys, fake_stats::any_of{[told = told](const target_stats& section) {
                                                  told->stats.push_back(section);
                                                },
                                                [told = told](const warnings_report& report) {
                                                  told->warnings.push_back(report.lines);
                                                }});
  target_pool_actor pool = sys.spawn(target_pool, spawn_store(), stats);

  fixture() { log::set_level(log::level::off); }

  store_actor spawn_store() {
    const auto gone = [told = told](const forget_targets& list) {
      told->forgotten.insert(told->forgotten.end(), list.targets.begin(), list.targets.end());
    };
    const auto come = [told = told](const welcome_targets& list) {
      told->welcome.insert(told->welcome.end(), list.targets.begin(), list.targets.end());
    };
    const auto wants = [told = told](const wanted_targets_ptr& wanted) {
      told->wanted.push_back(wanted);
    };
    return fake_store::spawn(sys, fake_stats::any_of{gone, come, wants});
  }

  template <class Result, class... Args>
  Result ask(Args&&... args) {
    auto handle = self->request(pool, caf::infinite, std::forward<Args>(args)...);
    consume_messages();
    Result result{};
    handle.receive([&](Result& r) { result = std::move(r); },
                   [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
    return result;
  }

  targets_answer get(const std::string& region, const std::string& revision = "") {
    return ask<targets_answer>(get_targets_request{region, "10.9.9.9", revision});
  }

  targets_answer get_as(const std::string& region, const std::string& address,
                        const std::string& revision = "") {
    return ask<targets_answer>(get_targets_request{region, address, revision});
  }

  targets_answer difference(const std::string& region, const std::string& revision) {
    return ask<targets_answer>(get_targets_request{region, "10.9.9.9", revision, true});
  }

  std::string refusal(const std::string& region) {
    auto handle = self->request(pool, caf::infinite, get_targets_request{region, "10.9.9.9", ""});
    consume_messages();
    std::string text;
    handle.receive([&](targets_answer&) { CAF_FAIL("answered"); },
                   [&](caf::error& e) { text = sys.render(e); });
    CAF_MESSAGE(text);
    return text;
  }

  pool_report configure(std::vector<target_entry> entries, bool mesh = true,
                        std::uint64_t max_targets = 1000) {
    return ask<pool_report>(pool_config{std::move(entries), max_targets, mesh});
  }

  /// Nobody of them is lost.
  void mesh(const std::vector<agent_identity>& members) { mesh(members, members); }

  void mesh(std::vector<agent_identity> members, std::vector<agent_identity> active) {
    caf::anon_send(pool, mesh_update{std::move(members), std::move(active)});
    consume_messages();
  }

  target_pool_state& state() {
    using impl = std::remove_pointer_t<target_pool_actor::stateful_pointer<target_pool_state>>;
    return deref<impl>(pool).state;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(target_pool_tests, fixture)

CAF_TEST(nothing is answered before a configuration was read) {
  CAF_CHECK(refusal("us").find("not read its configuration") != std::string::npos);
  mesh({{"eu", "10.0.0.1"}});
  CAF_CHECK(!refusal("us").empty());
  CAF_CHECK_EQUAL(configure({}).error, "");
  CAF_CHECK(get("us")->targets == (target_list{{"icmp", "eu", {"10.0.0.1"}}}));
}

CAF_TEST(an agent that is asked something hears so with its list) {
  configure({icmp("eu", {"10.0.0.1"})});
  const auto list = get("us");
  CAF_CHECK(!list->questions);
  ask_agent order{{"us", "10.9.9.9"}, {"", "probe", "", "icmp", "eu", "10.0.0.1"}, 20s};
  auto waiting = self->request(pool, caf::infinite, order);
  consume_messages();
  CAF_CHECK(!get_as("us", "10.9.9.8")->questions);
  CAF_CHECK(get("us")->questions);
  const auto unchanged = get("us", list->revision);
  CAF_CHECK(unchanged->unchanged);
  CAF_CHECK(unchanged->questions);
  auto taken = ask<questions_response>(questions_request{"us", "10.9.9.9", "p", {}});
  CAF_REQUIRE_EQUAL(taken.questions.size(), 1u);
  CAF_CHECK(!get("us", list->revision)->questions);
  const agent_reply reply{taken.questions[0].id, "", "{}"};
  ask<questions_response>(questions_request{"us", "10.9.9.9", "p", {reply}});
  waiting.receive([](agent_answer& answer) { CAF_CHECK_EQUAL(answer.body, "{}"); },
                  [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
}

CAF_TEST(each region has its list with a revision) {
  CAF_CHECK_EQUAL(configure({icmp("eu", {"10.0.0.0/30"}), http("eu", {"http://a/"})}).targets, 5u);
  const auto us = get("us");
  CAF_CHECK_EQUAL(us->targets.size(), 2u);
  CAF_CHECK_EQUAL(us->revision.size(), 16u);
  CAF_CHECK(!us->unchanged);
  const auto eu = get("eu");
  CAF_CHECK_EQUAL(eu->targets.size(), 1u);
  CAF_CHECK(eu->revision != us->revision);
}

CAF_TEST(a known revision is answered without the list) {
  configure({icmp("eu", {"10.0.0.1"})});
  const auto first = get("us");
  const auto second = get("us", first->revision);
  CAF_CHECK(second->unchanged);
  CAF_CHECK(second->targets.empty());
  CAF_CHECK_EQUAL(second->revision, first->revision);
  sched.advance_time(mesh_warm_up);
  CAF_CHECK(!get("us", "0123456789abcdef")->unchanged);
  // Another region's revision is not this one's.
  CAF_CHECK(!get("eu", first->revision)->unchanged);
}

CAF_TEST(after a restart agents keep their list until the mesh has come back) {
  configure({icmp("eu", {"10.0.0.1"})});
  sched.advance_time(mesh_warm_up); // the start took long: the time begins with the first agent
  const auto kept = get("us", "from-before-the-restart");
  CAF_CHECK(kept->unchanged);
  CAF_CHECK_EQUAL(kept->revision, "from-before-the-restart");
  CAF_CHECK(!get("us")->unchanged);
  sched.advance_time(mesh_warm_up);
  CAF_CHECK(!get("us", "from-before-the-restart")->unchanged);
}

CAF_TEST(all agents of a region share one answer) {
  configure({icmp("eu", {"10.0.0.1"})});
  CAF_CHECK(get("us").get() == get("us").get());
  // Regions that nobody mentions share it, too, and leave nothing behind.
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK(get("region" + std::to_string(i)).get() == get("us").get());
  }
  CAF_CHECK(state().lists.size() <= 2u);
}

CAF_TEST(an empty list is a list with a revision) {
  configure({});
  const auto answer = get("us");
  CAF_CHECK(answer->targets.empty());
  CAF_CHECK(!answer->revision.empty());
  CAF_CHECK(!answer->unchanged);
  CAF_CHECK(get("us", answer->revision)->unchanged);
}

CAF_TEST(a request without a region is refused) {
  configure({});
  CAF_CHECK(refusal("").find("localRegion") != std::string::npos);
  CAF_CHECK(!refusal("a\nb").empty());
}

CAF_TEST(agents become targets of the other regions) {
  configure({icmp("eu", {"10.0.0.1"})});
  const auto before = get("us")->revision;
  mesh({{"eu", "10.0.0.1"}, {"eu", "10.0.0.2"}, {"us", "10.1.0.1"}});
  const auto us = get("us", before);
  CAF_CHECK(us->targets == (target_list{{"icmp", "eu", {"10.0.0.1", "10.0.0.2"}}}));
  CAF_CHECK(get("eu")->targets == (target_list{{"icmp", "us", {"10.1.0.1"}}}));
  mesh({});
  CAF_CHECK(get("us")->revision == before);
}

CAF_TEST(a mesh that is switched off has no targets until it is on again) {
  mesh({{"eu", "10.0.0.2"}});
  configure({}, false);
  CAF_CHECK(get("us")->targets.empty());
  configure({}, true);
  CAF_CHECK_EQUAL(get("us")->targets.size(), 1u);
}

CAF_TEST(a mesh does not go beyond the limit of targets) {
  configure({icmp("eu", {"10.0.0.0/31"})}, true, 3);
  mesh({{"eu", "10.0.0.5"}, {"eu", "10.0.0.6"}});
  CAF_CHECK(get("us")->targets ==
            (target_list{{"icmp", "eu", {"10.0.0.0", "10.0.0.1", "10.0.0.5"}}}));
}

CAF_TEST(a wrong configuration leaves the old one in force) {
  configure({icmp("eu", {"10.0.0.1"})});
  const auto before = get("us")->revision;
  const auto report = configure({icmp("eu", {"10.0.0.0/8"})});
  CAF_CHECK(report.error.find("10.0.0.0/8") != std::string::npos);
  CAF_CHECK_EQUAL(report.targets, 1u);
  CAF_CHECK(get("us", before)->unchanged);
  CAF_CHECK(told->forgotten.empty());
}

CAF_TEST(the same configuration again has the same revision) {
  configure({icmp("eu", {"10.0.0.1"})});
  const auto before = get("us")->revision;
  configure({icmp("eu", {"10.0.0.1", "10.0.0.1"})});
  CAF_CHECK(get("us", before)->unchanged);
  CAF_CHECK(told->forgotten.empty() && told->welcome.empty());
}

CAF_TEST(targets that have gone are forgotten and those that come back are welcome) {
  configure({icmp("eu", {"10.0.0.1", "10.0.0.2"})});
  CAF_CHECK(told->welcome.empty()); // a new store bears no grudge
  configure({icmp("eu", {"10.0.0.2"})});
  CAF_CHECK(told->forgotten == (std::vector<target_uid>{{"eu", "10.0.0.1", kinds::icmp()}}));
  configure({icmp("eu", {"10.0.0.1", "10.0.0.2"})});
  CAF_CHECK(told->welcome == (std::vector<target_uid>{{"eu", "10.0.0.1", kinds::icmp()}}));
}

CAF_TEST(a URL that is still named with another user is not forgotten) {
  configure({http("eu", {"http://a:b@x/", "http://c:d@x/", "http://y/"})});
  configure({http("eu", {"http://a:b@x/"})});
  CAF_CHECK(told->forgotten == (std::vector<target_uid>{{"eu", "http://y/", kinds::http()}}));
}

CAF_TEST(an agent that leaves is forgotten unless it is configured) {
  configure({icmp("eu", {"10.0.0.1"})});
  mesh({{"eu", "10.0.0.1"}, {"us", "10.1.0.1"}});
  mesh({});
  CAF_CHECK(told->forgotten == (std::vector<target_uid>{{"us", "10.1.0.1", kinds::icmp()}}));
}

CAF_TEST(a target that other regions still probe is not forgotten) {
  configure({icmp("eu", {"10.0.0.1"})});
  configure({icmp("eu", {"10.0.0.1"}, {"us"})});
  CAF_CHECK(told->forgotten.empty());
  CAF_CHECK(get("ap")->targets.empty());
}

CAF_TEST(stats hears how many targets there are) {
  configure({icmp("eu", {"10.0.0.1", "10.0.0.1", "10.0.0.2"}), http("eu", {"http://a/"})});
  mesh({{"eu", "10.0.0.2"}, {"us", "10.1.0.1"}});
  CAF_REQUIRE_EQUAL(told->stats.size(), 2u);
  CAF_CHECK_EQUAL(told->stats[0].count.by_kind.at("icmp"), 2u);
  CAF_CHECK_EQUAL(told->stats[0].duplicates, 1u);
  CAF_CHECK_EQUAL(told->stats[1].count.by_kind.at("icmp"), 3u);
  CAF_CHECK_EQUAL(told->stats[1].count.by_kind.at("http"), 1u);
}

CAF_TEST(lists are dropped for memory and revisions kept) {
  configure(
      {icmp("eu", {"10.0.0.0/28"}), icmp("us", {"10.1.0.0/28"}), icmp("ap", {"10.2.0.0/28"})});
  auto& lists = state().lists;
  lists.set_cache_limit(100); // two lists of 32 addresses in two groups, each of which counts four
  const auto eu = get("eu");
  const auto us = get("us");
  const auto ap = get("ap");
  CAF_CHECK_EQUAL(lists.cached_targets(), 80u);
  CAF_CHECK(lists.look_up("eu", "").full == nullptr);
  CAF_CHECK(get("eu", eu->revision)->unchanged);
  CAF_CHECK(lists.look_up("eu", "").full == nullptr);
  // Made again when somebody needs it, and the one least used goes.
  CAF_CHECK(*get("eu") == *eu);
  CAF_CHECK_EQUAL(lists.cached_targets(), 80u);
  CAF_CHECK(lists.look_up("us", "").full == nullptr);
  // A list larger than the limit is still given, and held alone.
  lists.set_cache_limit(10);
  CAF_CHECK(*get("us") == *us);
  CAF_CHECK_EQUAL(lists.cached_targets(), 40u);
}

CAF_TEST(an agent that can apply a difference gets one) {
  configure({icmp("eu", {"10.0.0.0/28"})});
  sched.advance_time(mesh_warm_up);
  const auto first = get("us");
  configure({icmp("eu", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.9"}),
             icmp("eu", {"10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.1.1"})});
  const auto whole = get("us", first->revision);
  CAF_CHECK(whole->base_revision.empty());
  CAF_CHECK_EQUAL(whole->targets.size(), 1u);
  configure({icmp("eu", {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.9",
                         "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.1.2"})});
  const auto part = difference("us", whole->revision);
  CAF_CHECK_EQUAL(part->base_revision, whole->revision);
  CAF_CHECK(part->targets.empty());
  CAF_CHECK(part->added == (target_list{{"icmp", "eu", {"10.0.1.2"}}}));
  CAF_CHECK(part->removed == (target_list{{"icmp", "eu", {"10.0.1.1"}}}));
  CAF_CHECK_EQUAL(part->revision, get("us")->revision);
  CAF_CHECK_EQUAL(part->revision, list_revision(get("us")->targets));
  CAF_MESSAGE("made once for all");
  CAF_CHECK(difference("us", whole->revision).get() == part.get());
}

CAF_TEST(agents of a region share its targets) {
  auto shared = icmp("eu", {"10.0.0.0/24"});
  shared.sharding = true;
  configure({shared, icmp("eu", {"10.1.0.1"})}, false);
  mesh({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}});
  sched.advance_time(mesh_warm_up);
  const auto one = get_as("us", "10.9.0.1");
  const auto two = get_as("us", "10.9.0.2");
  CAF_CHECK_EQUAL(count_targets(one->targets) + count_targets(two->targets), 256u + 2u);
  CAF_CHECK(one->revision != two->revision);
  CAF_CHECK(get_as("us", "10.9.0.1", one->revision)->unchanged);
  CAF_MESSAGE("an address in another spelling is the same agent");
  CAF_CHECK(get_as("us", "::ffff:10.9.0.1", one->revision)->unchanged);
  CAF_MESSAGE("nobody is forgotten when targets move");
  mesh({{"us", "10.9.0.2"}});
  CAF_CHECK(told->forgotten.empty());
  const auto all = get_as("us", "10.9.0.2", two->revision);
  CAF_CHECK_EQUAL(count_targets(all->targets), 257u);
}

CAF_TEST(a lost agent stays a target and hands its part to the others) {
  auto shared = icmp("eu", {"10.0.0.0/24"});
  shared.sharding = true;
  configure({shared});
  mesh({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}}, {{"us", "10.9.0.2"}});
  sched.advance_time(mesh_warm_up);
  CAF_CHECK_EQUAL(count_targets(get_as("us", "10.9.0.2")->targets), 256u);
  CAF_CHECK(get("eu")->targets == (target_list{{"icmp", "us", {"10.9.0.1", "10.9.0.2"}}}));
}

CAF_TEST(after a restart shared targets stay where they are until the agents have come back) {
  auto shared = icmp("eu", {"10.0.0.0/24"});
  shared.sharding = true;
  configure({shared}, false);
  CAF_CHECK(get_as("us", "10.9.0.1", "0123456789abcdef")->unchanged);
  mesh({{"us", "10.9.0.1"}, {"us", "10.9.0.2"}});
  sched.advance_time(mesh_warm_up);
  CAF_CHECK(!get_as("us", "10.9.0.1", "0123456789abcdef")->unchanged);
}

CAF_TEST(a catalog that was expanded elsewhere is used as it is) {
  const auto catalog = expand_targets({icmp("eu", {"10.0.0.0/30"})}, 100).catalog;
  const auto report = ask<pool_report>(pool_config{{icmp("us", {"10.9.9.9"})}, 100, true, catalog});
  CAF_CHECK_EQUAL(report.error, "");
  CAF_CHECK_EQUAL(report.targets, 4u);
  CAF_CHECK(state().lists.universe().catalog == catalog);
}

CAF_TEST(a source region that no agent has is named while it lasts) {
  configure({icmp("eu", {"10.0.0.0/30"}, {"us-eest", "us-west"}), icmp("eu", {"10.1.0.1"})});
  mesh({{"us-west", "10.9.0.1"}, {"us-east", "10.9.0.2"}});
  get("us-west");
  CAF_CHECK(told->warnings.empty()); // it may still come
  sched.advance_time(mesh_warm_up);
  get("us-west");
  CAF_REQUIRE_EQUAL(told->warnings.size(), 1u);
  CAF_CHECK(told->warnings[0] ==
            strings{"no agent has the region 'us-eest', which source_regions names; targets that "
                    "are not probed from there: 4; do you mean us-east?"});
  get("us-west");
  CAF_CHECK_EQUAL(told->warnings.size(), 1u);
  mesh({{"us-east", "10.9.0.2"}});
  CAF_REQUIRE_EQUAL(told->warnings.size(), 2u);
  CAF_CHECK_EQUAL(told->warnings[1].size(), 2u);
  mesh({{"us-west", "10.9.0.1"}, {"us-eest", "10.9.0.3"}});
  CAF_REQUIRE_EQUAL(told->warnings.size(), 3u);
  CAF_CHECK(told->warnings[2].empty());
}

CAF_TEST(the store is told what is wanted from where whenever that changes) {
  mesh({{"us", "10.1.0.1"}});
  CAF_CHECK(told->wanted.empty()); // no configuration was read yet
  configure({icmp("eu", {"10.0.0.1"}), icmp("eu", {"10.0.0.2"}, {"mars"})});
  CAF_REQUIRE_EQUAL(told->wanted.size(), 1u);
  const auto first = told->wanted.back();
  CAF_REQUIRE_EQUAL(first->groups().size(), 3u); // and the mesh's
  CAF_CHECK_EQUAL(first->all().size(), 3u);
  CAF_CHECK(first->regions() ==
            (std::vector<probing_region>{{"", first->regions()[0].since_unix, false, false},
                                         {"mars", first->regions()[1].since_unix, false, false},
                                         {"us", first->regions()[2].since_unix, true, true}}));
  CAF_CHECK(first->regions()[0].since_unix > 1'600'000'000);
  mesh({{"us", "10.1.0.1"}});
  CAF_CHECK_EQUAL(told->wanted.size(), 1u); // nothing has changed
  mesh({{"us", "10.1.0.1"}}, {});
  CAF_REQUIRE_EQUAL(told->wanted.size(), 2u);
  CAF_CHECK(!told->wanted.back()->regions()[2].there);
  mesh({{"mars", "10.2.0.1"}, {"us", "10.1.0.1"}});
  CAF_REQUIRE_EQUAL(told->wanted.size(), 3u);
  CAF_CHECK(told->wanted.back()->regions()[1].there);
  CAF_CHECK_EQUAL(told->wanted.back()->all().size(), 4u);
  configure({icmp("eu", {"10.0.0.1"})});
  CAF_REQUIRE_EQUAL(told->wanted.size(), 4u);
  CAF_CHECK_EQUAL(told->wanted.back()->all().size(), 3u);
  configure({icmp("eu", {"10.0.0.1/99"})});
  CAF_CHECK_EQUAL(told->wanted.size(), 4u); // refused
}

CAF_TEST(without a mesh regions of agents are known all the same) {
  configure({icmp("eu", {"10.0.0.1"})}, false);
  mesh({{"us", "10.1.0.1"}});
  CAF_REQUIRE_EQUAL(told->wanted.size(), 2u);
  CAF_CHECK_EQUAL(told->wanted.back()->all().size(), 1u);
  CAF_CHECK_EQUAL(told->wanted.back()->groups().at(0).sources.size(), 1u);
  CAF_CHECK_EQUAL(told->wanted.back()->regions().at(1).name, "us");
}

CAF_TEST(whoever names series is told of labels whenever they change) {
  auto heard_labels = std::make_shared<std::vector<target_labels_ptr>>();
  const auto listener = sys.spawn(
      [](caf::event_based_actor*, const std::shared_ptr<std::vector<target_labels_ptr>>& all) {
        return caf::behavior{[all](const target_labels_ptr& labels) { all->push_back(labels); }};
      },
      heard_labels);
  caf::anon_send(pool, watch_labels{listener});
  consume_messages();
  CAF_REQUIRE_EQUAL(heard_labels->size(), 1u);
  CAF_CHECK(heard_labels->back() == nullptr);
  auto labelled = icmp("eu", {"10.0.0.1"});
  labelled.labels = {{"team", "a"}};
  auto again = labelled;
  again.labels = {{"team", "b"}};
  configure({labelled, again});
  CAF_REQUIRE_EQUAL(heard_labels->size(), 2u);
  CAF_REQUIRE(heard_labels->back() != nullptr);
  CAF_CHECK(ask<target_labels_ptr>(get_labels_atom_v) == heard_labels->back());
  CAF_CHECK(heard_labels->back()->find(target_uid{"eu", "10.0.0.1", kinds::icmp()}) != nullptr);
  CAF_CHECK_EQUAL(told->stats.back().label_conflicts, 1u);
  mesh({{"us", "10.1.0.1"}});
  CAF_CHECK_EQUAL(heard_labels->size(), 2u); // they are the same
  configure({icmp("eu", {"10.0.0.1"})});
  CAF_REQUIRE_EQUAL(heard_labels->size(), 3u);
  CAF_CHECK(heard_labels->back() == nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace target_pool_suite
