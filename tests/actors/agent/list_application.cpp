#define CAF_SUITE list_application

#include "xprober/actors/agent/list_application.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

#include "xprober/domain/kind_table.hpp"

#include "caf/test/dsl.hpp"

namespace list_application_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

target_group group(strings addresses, std::string type = "icmp") {
  return {std::move(type), "eu", std::move(addresses)};
}

std::vector<std::string> many(std::size_t count) {
  strings addresses;
  for (std::size_t i = 0; i < count; ++i) {
    addresses.push_back("host-" + std::to_string(i));
  }
  return addresses;
}

std::shared_ptr<const target_list> shared(target_list list) {
  return std::make_shared<const target_list>(std::move(list));
}

struct fixture {
  target_table table;
  prober_directory probers{{&kinds::icmp(), &kinds::http()},
                           {prober_name{"web_check", &kinds::http()}}};
  target_stats counts;
  unknown_types unknown;
  std::optional<bad_targets> bad_news; ///< of the last application
  std::size_t steps = 0;               ///< of the last application
  std::vector<target_change> changes;

  fixture() { log::set_level(log::level::off); }
  ~fixture() { log::set_level(log::level::info); }

  apply_report run(list_update update) {
    list_application subject{std::move(update), table, probers, counts.bad, unknown};
    changes.clear();
    steps = 1;
    while (!subject.step(changes)) {
      ++steps;
    }
    subject.count(counts, unknown);
    const auto* news = subject.bad_news();
    bad_news = news != nullptr ? std::optional{*news} : std::nullopt;
    return subject.report();
  }

  apply_report list(target_list targets, std::uint32_t percent = 100) {
    return run({shared(std::move(targets)), "r1", true, nullptr, percent});
  }

  apply_report difference(target_list added, target_list removed, std::uint32_t percent = 100) {
    return run({shared(std::move(added)), "r2", true, shared(std::move(removed)), percent});
  }

  /// What the last application has changed: "+a" for a target that begins, "-a" for one that ends.
  strings told() const {
    strings all;
    for (const auto& change : changes) {
      all.push_back((change.begins ? "+" : "-") + change.target->uid.address);
    }
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(list_application_tests, fixture)

CAF_TEST(a list adds what is new then removes what it does not name) {
  list({group({"a", "b", "c"})});
  CAF_CHECK((told() == strings{"+a", "+b", "+c"}));
  const auto report = list({group({"c", "d"})});
  CAF_CHECK((told() == strings{"+d", "-a", "-b"}));
  CAF_CHECK_EQUAL(report.added, 1u);
  CAF_CHECK_EQUAL(report.removed, 2u);
  CAF_CHECK_EQUAL(report.kept, 1u);
  CAF_CHECK_EQUAL(table.size(), 2u);
}

CAF_TEST(a difference touches only what it names) {
  list({group({"a", "b", "c"})});
  const auto report = difference({group({"d", "c"})}, {group({"a", "x"})});
  CAF_CHECK((told() == strings{"-a", "+d"}));
  CAF_CHECK_EQUAL(report.added, 1u);
  CAF_CHECK_EQUAL(report.removed, 1u);
  CAF_CHECK_EQUAL(report.duplicates, 1u);
}

CAF_TEST(another user or another base makes a new target) {
  list({group({"http://u:1@h/", "http://v/"}, "http"), group({"w"}, "web_check")});
  probers.set_modules({prober_name{"web_check", &kinds::icmp()}});
  const auto report =
      list({group({"http://u:2@h/", "http://v/"}, "http"), group({"w"}, "web_check")});
  CAF_CHECK((told() == strings{"-http://h/", "+http://h/", "-w", "+w"}));
  CAF_CHECK_EQUAL(report.kept, 1u);
  // The user that is removed is the one that is there.
  difference({}, {group({"http://u:1@h/"}, "http")});
  CAF_CHECK(told().empty());
  difference({}, {group({"http://u:2@h/"}, "http")});
  CAF_CHECK((told() == strings{"-http://h/"}));
}

CAF_TEST(repeats and unknown types are counted) {
  list({group({"a", "a", "b"}), group({"x", "y"}, "quic")});
  CAF_CHECK_EQUAL(counts.duplicates, 1u);
  CAF_CHECK_EQUAL(counts.unknown_type, 2u);
  difference({group({"z"}, "quic")}, {group({"x", "y"}, "quic")});
  CAF_CHECK_EQUAL(counts.unknown_type, 1u);
  CAF_CHECK_EQUAL(counts.duplicates, 1u);
  list({group({"a"})});
  CAF_CHECK_EQUAL(counts.duplicates, 0u);
  CAF_CHECK_EQUAL(counts.unknown_type, 0u);
}

CAF_TEST(what cannot be probed is left out counted and named) {
  const auto report = list({group({"10.0.0.1", "a b", "fe80::1", "10.0.0.0/30"}),
                            group({"http://u:secret@h:0/", "http://h/"}, "web_check")});
  CAF_CHECK_EQUAL(report.added, 2u);
  CAF_CHECK_EQUAL(table.size(), 2u);
  CAF_CHECK_EQUAL(counts.bad.count, 4u);
  CAF_REQUIRE_EQUAL(counts.bad.first.size(), 4u);
  CAF_CHECK(counts.bad.first[0].starts_with("'a b' is not a target for icmp: "));
  CAF_CHECK(counts.bad.first[1].find("zone is missing") != strings::value_type::npos);
  CAF_CHECK(counts.bad.first[3].find("secret") == strings::value_type::npos);
  CAF_MESSAGE("a difference takes some away and adds others");
  difference({group({"300.1.1.1"})}, {group({"a b", "10.0.0.1"})});
  CAF_CHECK_EQUAL(table.size(), 1u);
  CAF_CHECK_EQUAL(counts.bad.count, 4u);
  CAF_CHECK(counts.bad.first.back().starts_with("'300.1.1.1'"));
  CAF_CHECK(counts.bad.first.front().find("zone is missing") != strings::value_type::npos);
  CAF_MESSAGE("a whole list counts anew");
  list({group({"10.0.0.1"}), group({"http://h/"}, "web_check")});
  CAF_CHECK_EQUAL(counts.bad.count, 0u);
}

CAF_TEST(a list tells of its own bad targets once) {
  list({group({"a", "b b", "c c"})});
  CAF_REQUIRE(bad_news);
  CAF_CHECK_EQUAL(bad_news->count, 2u);
  CAF_CHECK(bad_news->first.front().starts_with("'b b'"));
  list({group({"a", "b b", "c c"})});
  CAF_CHECK(!bad_news);
  CAF_MESSAGE("as many others are news");
  list({group({"a", "d d", "c c"})});
  CAF_REQUIRE(bad_news);
  CAF_CHECK(bad_news->first.front().starts_with("'d d'"));
  CAF_MESSAGE("of a difference those that it adds");
  difference({group({"e e"})}, {group({"c c"})});
  CAF_REQUIRE(bad_news);
  CAF_CHECK_EQUAL(bad_news->count, 1u);
  CAF_CHECK(bad_news->first.front().starts_with("'e e'"));
  CAF_CHECK_EQUAL(counts.bad.count, 2u);
  difference({group({"f"})}, {group({"e e"})});
  CAF_CHECK(!bad_news);
  CAF_CHECK_EQUAL(counts.bad.count, 1u);
  CAF_MESSAGE("and nothing of a list that is held");
  list({group(many(100))});
  CAF_CHECK(list({group({"x x"})}, 50).held);
  CAF_CHECK(!bad_news);
  CAF_CHECK_EQUAL(counts.bad.count, 0u);
}

CAF_TEST(bad targets that go are counted however many they are) {
  strings bad;
  for (int i = 0; i < 1000; ++i) {
    bad.push_back("a " + std::to_string(i));
  }
  list({group(bad), group({"host"})});
  CAF_CHECK_EQUAL(counts.bad.count, 1000u);
  bad.pop_back();
  difference({}, {group(bad)});
  CAF_CHECK_EQUAL(counts.bad.count, 1u);
  CAF_CHECK(counts.bad.first.empty());
}

CAF_TEST(unknown types are named as long as a list has them) {
  using names = std::vector<std::string_view>;
  list({group({"a"}, "quic"), group({"b", "c"}, "smtp")});
  CAF_CHECK((unknown.names() == names{"quic", "smtp"}));
  difference({group({"d"}, "ntp")}, {group({"a"}, "quic"), group({"b"}, "smtp")});
  CAF_CHECK((unknown.names() == names{"smtp", "ntp"}));
  CAF_CHECK_EQUAL(counts.unknown_type, 2u);
  list({group({"a"}, "ldap"), group({}, "quic")});
  CAF_CHECK((unknown.names() == names{"ldap"}));
  target_list many_types;
  for (int i = 0; i < 100; ++i) {
    many_types.push_back(group({"a"}, "type-" + std::to_string(i)));
  }
  list(many_types);
  CAF_CHECK_EQUAL(unknown.names().size(), unknown_types::most_named);
  CAF_CHECK_EQUAL(unknown.unnamed(), 84u);
  CAF_MESSAGE("later ones are named, too");
  list({group({"a"}, "late")});
  CAF_CHECK((unknown.names() == names{"late"}));
}

CAF_TEST(what takes away too much is held and changes nothing) {
  list({group(many(100))});
  auto report = list({group(many(49))}, 50);
  CAF_CHECK(report.held);
  CAF_CHECK_EQUAL(report.removed, 51u);
  CAF_CHECK(told().empty());
  CAF_CHECK_EQUAL(table.size(), 100u);
  report = difference({}, {group(many(51))}, 50);
  CAF_CHECK(report.held);
  CAF_CHECK_EQUAL(table.size(), 100u);
  CAF_CHECK(!list({group(many(50))}, 50).held);
  CAF_CHECK_EQUAL(table.size(), 50u);
  CAF_CHECK(!difference({}, {group(many(25))}, 50).held);
  CAF_CHECK_EQUAL(table.size(), 25u);
}

CAF_TEST(few may always go but not by an empty list) {
  list({group(many(9))});
  CAF_CHECK(list({}, 50).held);
  CAF_CHECK(!list({group({"host-0"})}, 50).held);
  CAF_CHECK(!list({}, 100).held);
  CAF_CHECK_EQUAL(table.size(), 0u);
}

CAF_TEST(a held list leaves the counts as they were) {
  list({group(many(100)), group({"x"}, "quic")});
  CAF_CHECK(list({group({"a", "a"})}, 50).held);
  CAF_CHECK_EQUAL(counts.unknown_type, 1u);
  CAF_CHECK_EQUAL(counts.duplicates, 0u);
}

CAF_TEST(every step is small) {
  list({group(many(10'000))});
  CAF_CHECK_EQUAL(changes.size(), 10'000u);
  CAF_CHECK(steps >= 100u); // an addition costs more than a look
  list({group(many(10'000))}, 50);
  CAF_CHECK(told().empty());
  CAF_CHECK(steps >= 20u); // of look-ups and the sweep
  list(target_list(5'000, group({})), 100);
  CAF_CHECK(steps >= 5u);
  CAF_CHECK_EQUAL(table.size(), 0u);
}

CAF_TEST(the table may change between the steps) {
  list({group(many(2'000)), group({"http://w/"}, "web_check")});
  list_application subject{{shared({group(many(2'500))}), "r1", true}, table, probers, {}, {}};
  changes.clear();
  CAF_REQUIRE(!subject.step(changes));
  const auto named = table.find(stable_hash({"eu", "host-0", kinds::icmp()}));
  const auto unnamed =
      table.find(stable_hash({"eu", "http://w/", prober_name{"web_check", &kinds::http()}}));
  CAF_REQUIRE(named && unnamed);
  table.remove(*named);
  table.remove(*unnamed);
  while (!subject.step(changes)) {
  }
  // New ones took the two indices, and nobody was removed for whom was there before.
  CAF_CHECK_EQUAL(subject.report().added, 500u);
  CAF_CHECK_EQUAL(subject.report().removed, 0u);
  CAF_CHECK_EQUAL(table.size(), 2'499u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace list_application_suite
