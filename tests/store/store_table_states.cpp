#define CAF_SUITE store_table_states

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/store/certificates.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/store_table.hpp"
#include "xprober/store/target_page.hpp"

#include "store/wanted_fixture.hpp"
#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace store_table_states_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'767'268'800;
const agent_identity me{"cn-south", "10.1.1.1"};

/// A table that is told results every 15 s.
struct fixture {
  store_table table{300s};
  std::int64_t second = 0;

  fixture() {
    table.set_keep(24h);
    table.watch_states(true);
  }

  monotonic_time now() const { return monotonic_time{1h + std::chrono::seconds{second}}; }

  ingest_report take(const std::vector<probe_result_ptr>& results, const agent_identity& by = me) {
    batch_encoder encoder{by};
    for (const auto& result : results) {
      encoder.add(*result);
    }
    const auto rows = encoder.rows();
    return table.ingest(encoder.finish_body(), rows, now());
  }
  void result(probe_outcome outcome, const std::string& address = "10.0.0.1",
              const probe_kind& kind = kinds::icmp()) {
    second += 15;
    outcome.started = wall_time{std::chrono::seconds{noon + second}};
    take({samples::result(samples::target(0, address, kind), std::move(outcome))});
  }
  void well(const std::string& address = "10.0.0.1") { result(samples::success(), address); }
  void fails(probe_error error, std::string detail = "it does not answer",
             const std::string& address = "10.0.0.1") {
    result(samples::failure(error, std::move(detail)), address);
  }

  std::map<std::string, series_status> all() const {
    std::map<std::string, series_status> found;
    const auto visit = [&](const store_table::view& v) {
      found[table.text(v.address)] = table.status(v);
    };
    table.for_each_fresh(now(), visit);
    table.for_each_silent(visit);
    return found;
  }
  series_status one(const std::string& address = "10.0.0.1") const { return all().at(address); }

  group_sums pair() const {
    const auto& groups = table.aggregates().of(0);
    return groups.empty() ? group_sums{} : groups.begin()->second.sums;
  }
  std::uint32_t in(series_state state) const {
    return pair().states[static_cast<std::size_t>(state)];
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_table_states_tests, fixture)

CAF_TEST(a failure keeps its reason and sentence and since when) {
  well();
  fails(probe_error::no_reply, "no echo of 10 was answered");
  fails(probe_error::no_reply, "no echo of 10 was answered");
  const auto status = one();
  CAF_CHECK(status.state == series_state::failing);
  CAF_CHECK_EQUAL(status.streak, 2U);
  CAF_CHECK_EQUAL(status.since_unix, noon + 30);
  CAF_CHECK_EQUAL(status.reason, "no_reply");
  CAF_CHECK_EQUAL(status.detail, "no echo of 10 was answered");
  target_question question;
  question.terms.detail = status.detail;
  CAF_CHECK_EQUAL(make_target_page(table, now(), question).matching, 1u);
  question.terms.detail = "no echo of 10";
  CAF_CHECK_EQUAL(make_target_page(table, now(), question).matching, 0u);
  CAF_CHECK_EQUAL(status.failed_unix, noon + 45);
  CAF_CHECK_EQUAL(in(series_state::failing), 1U);
  well();
  CAF_CHECK(one().state == series_state::ok);
  CAF_CHECK_EQUAL(one().reason, "no_reply");
  CAF_CHECK_EQUAL(in(series_state::failing), 0U);
  CAF_CHECK_EQUAL(in(series_state::ok), 1U);
}

CAF_TEST(the phase of a failure is the first that was not completed) {
  auto outcome = samples::failure(probe_error::tls_expired, "certificate expired on 2026-01-01");
  outcome.values = samples::http_values({1.0F, 2.0F}, 0);
  result(outcome, "https://a/", kinds::http());
  CAF_CHECK_EQUAL(one("https://a/").phase, "tls");
  CAF_CHECK_EQUAL(one("https://a/").reason, "tls_expired");
}

CAF_TEST(own faults enter no mean and no success) {
  well();
  const auto before = pair();
  fails(probe_error::local_no_socket, "no permission for raw sockets");
  CAF_CHECK(one().state == series_state::prober_fault);
  CAF_CHECK_EQUAL(pair().successes.failing(), 0U);
  CAF_CHECK_EQUAL(pair().rows, before.rows);
  fails(probe_error::local_no_socket, "no permission for raw sockets", "10.0.0.2");
  CAF_CHECK(one("10.0.0.2").state == series_state::prober_fault);
  CAF_CHECK_EQUAL(pair().rows, before.rows);
  CAF_CHECK_EQUAL(in(series_state::prober_fault), 2U);
}

CAF_TEST(results that stop leave a stale series behind) {
  well();
  const auto series = table.series();
  CAF_CHECK(series > 0);
  second += 299;
  table.expire(now(), 100);
  CAF_CHECK(one().state == series_state::ok);
  second += 1;
  table.expire(now(), 100);
  CAF_CHECK(one().state == series_state::stale);
  CAF_CHECK_EQUAL(one().since_unix, noon + 15);
  CAF_CHECK_EQUAL(table.series(), 0U);
  CAF_CHECK_EQUAL(pair().rows, 0U);
  CAF_CHECK_EQUAL(in(series_state::stale), 1U);
  well();
  CAF_CHECK(one().state == series_state::ok);
  CAF_CHECK_EQUAL(table.series(), series);
  CAF_CHECK_EQUAL(in(series_state::stale), 0U);
}

CAF_TEST(a stale series goes after the time that it is kept) {
  well();
  second += 300;
  table.expire(now(), 100);
  second += 24 * 3600 - 1;
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(table.rows(), 1U);
  second += 1;
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(table.rows(), 0U);
  CAF_CHECK_EQUAL(table.texts(), 0U);
}

CAF_TEST(an agent that cannot probe is heard and its values go) {
  well();
  for (int i = 0; i < 25; ++i) {
    fails(probe_error::local_no_socket);
    table.expire(now(), 100);
  }
  CAF_CHECK(one().state == series_state::prober_fault);
  CAF_CHECK_EQUAL(table.series(), 0U);
  second += 600;
  table.expire(now(), 100);
  CAF_CHECK(one().state == series_state::stale);
}

CAF_TEST(series of an agent that has left go at once) {
  well();
  take({samples::result(samples::target(0, "10.0.0.9"))}, {"eu", "10.2.2.2"});
  CAF_CHECK_EQUAL(table.rows(), 2U);
  table.forget_agents({{"eu", "10.2.2.2"}, {"nowhere", "10.9.9.9"}});
  CAF_CHECK_EQUAL(table.rows(), 1U);
  CAF_CHECK_EQUAL(all().count("10.0.0.1"), 1U);
}

CAF_TEST(a full table makes room by what is stale) {
  table = store_table{300s, 2};
  table.set_keep(24h);
  well("10.0.0.1");
  well("10.0.0.2");
  CAF_CHECK_EQUAL(take({samples::result(samples::target(0, "10.0.0.3"))}).accepted, 0U);
  second += 280;
  well("10.0.0.2");
  second += 10;
  table.expire(now(), 100);
  CAF_CHECK(one("10.0.0.1").state == series_state::stale);
  well("10.0.0.3");
  CAF_CHECK_EQUAL(all().count("10.0.0.1"), 0U);
  CAF_CHECK_EQUAL(all().count("10.0.0.3"), 1U);
}

CAF_TEST(who watches is told of names once and of each series as it is) {
  well();
  fails(probe_error::refused, "first");
  fails(probe_error::refused, "second");
  auto told = table.take_states();
  CAF_REQUIRE_EQUAL(told.agents.size(), 1U);
  CAF_CHECK_EQUAL(told.agents[0].region, "cn-south");
  CAF_REQUIRE_EQUAL(told.targets.size(), 1U);
  CAF_CHECK_EQUAL(told.targets[0].uid.address, "10.0.0.1");
  CAF_CHECK_EQUAL(told.targets[0].kind, "icmp");
  CAF_CHECK(told.targets[0].pair && told.targets[0].mesh);
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].before == series_sight{});
  CAF_CHECK(told.series[0].after == (series_sight{series_state::failing, 2}));
  CAF_REQUIRE_EQUAL(told.failures.size(), 1U);
  CAF_CHECK_EQUAL(told.failures.at(told.series[0].failure).detail, "second");
  CAF_CHECK_EQUAL(told.series[0].since_unix, noon + 30);
  CAF_CHECK_EQUAL(told.series[0].last_unix, noon + 45);
  well();
  told = table.take_states();
  CAF_CHECK(!told.series.empty() && told.series[0].last_unix == noon + 60);
  CAF_CHECK(told.agents.empty() && told.targets.empty());
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].before == (series_sight{series_state::failing, 2}));
  CAF_CHECK_EQUAL(told.series[0].failure, series_change::no_failure);
  well();
  CAF_CHECK(table.states().empty());
  table.forget({{"cn-north", "10.0.0.1", kinds::icmp()}}, now());
  told = table.take_states();
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].after == series_sight{});
}

CAF_TEST(what changes and changes back is not told) {
  well();
  table.take_states();
  fails(probe_error::refused, "nobody listens");
  well();
  CAF_CHECK(table.take_states().series.empty());
}

CAF_TEST(what goes before it was told is not told) {
  table.take_states();
  well();
  table.forget({{"cn-north", "10.0.0.1", kinds::icmp()}}, now());
  const auto told = table.take_states();
  CAF_CHECK(told.series.empty() && told.targets.empty() && told.agents.empty());
}

CAF_TEST(a number that stands for another target is named anew) {
  well("10.0.0.1");
  const auto before = table.take_states();
  table.forget_agents({{me.region, me.local_ip}});
  well("10.0.0.2");
  const auto told = table.take_states();
  CAF_REQUIRE_EQUAL(told.series.size(), 2U);
  CAF_CHECK(told.series[0].after == series_sight{}); // what is gone comes first
  CAF_CHECK_EQUAL(told.series[0].target, before.series.at(0).target);
  CAF_REQUIRE_EQUAL(told.targets.size(), 1U);
  CAF_CHECK_EQUAL(told.targets[0].uid.address, "10.0.0.2");
  CAF_CHECK_EQUAL(told.targets[0].number, told.series[1].target);
  CAF_CHECK_EQUAL(told.agents.size(), 1U);
}

CAF_TEST(what is lossy is not told with a failure of before) {
  fails(probe_error::refused, "nobody listens");
  auto lossy = samples::success();
  lossy.values = samples::echoes(10, 9, 1.5F);
  result(lossy);
  const auto told = table.take_states();
  CAF_REQUIRE_EQUAL(told.series.size(), 1U);
  CAF_CHECK(told.series[0].after == (series_sight{series_state::degraded, 2}));
  CAF_CHECK_EQUAL(told.series[0].failure, series_change::no_failure);
}

CAF_TEST(who begins to watch is told of all there is) {
  table.watch_states(false);
  well("10.0.0.1");
  fails(probe_error::no_reply, "silence", "10.0.0.2");
  second += 300;
  table.expire(now(), 100);
  fails(probe_error::local_send, "no route", "10.0.0.3");
  CAF_CHECK(table.states().empty());
  table.watch_states(true);
  const auto told = table.take_states();
  CAF_CHECK_EQUAL(told.agents.size(), 1U);
  CAF_CHECK_EQUAL(told.targets.size(), 3U);
  CAF_CHECK_EQUAL(told.series.size(), 3U);
  CAF_CHECK(!told.more);
}

CAF_TEST(who begins to watch nothing is told that this is all) {
  CAF_CHECK(!table.states().empty());
  CAF_CHECK(!table.take_states().more);
  CAF_CHECK(table.states().empty());
}

CAF_TEST(all there is comes in pieces and what changes meanwhile once) {
  table.watch_states(false);
  for (int i = 0; i < 10; ++i) {
    well("10.0.0." + std::to_string(i));
  }
  table.watch_states(true);
  auto told = table.take_states(4);
  CAF_CHECK_EQUAL(told.series.size(), 4U);
  CAF_CHECK(told.more);
  fails(probe_error::no_reply, "silence", "10.0.0.0"); // was told
  fails(probe_error::no_reply, "silence", "10.0.0.9"); // comes yet
  std::map<std::uint32_t, int> times;
  while (told.more) {
    told = table.take_states(4);
    CAF_CHECK(told.series.size() <= 4U);
    for (const auto& what : told.series) {
      ++times[what.target];
    }
  }
  CAF_CHECK_EQUAL(times.size(), 7U); // six, and the first one again
  CAF_CHECK(std::ranges::all_of(times, [](const auto& one) { return one.second == 1; }));
  CAF_CHECK(table.states().empty());
}

CAF_TEST(what was remembered goes on after a restart) {
  fails(probe_error::refused, "nobody listens");
  fails(probe_error::refused, "nobody listens");
  const auto status = one();
  const wire_value series{me.local_ip, {}, "10.0.0.1", me.region, "cn-north", "icmp", 0, 0};
  fixture next;
  next.second = 0;
  const auto kind = std::make_shared<const probe_kind>(kinds::icmp());
  next.table.restore(series, kind, status, 0, status.failed_unix, next.now());
  CAF_CHECK(next.one() == status);
  // What the journal has of before is no new result.
  next.fails(probe_error::refused, "nobody listens");
  CAF_CHECK_EQUAL(next.one().streak, 2U);
  CAF_CHECK_EQUAL(next.pair().successes.failing(), 1U);
  next.fails(probe_error::refused, "nobody listens");
  CAF_CHECK_EQUAL(next.one().streak, 2U);
  next.fails(probe_error::refused, "nobody listens");
  CAF_CHECK_EQUAL(next.one().streak, 3U);
  CAF_CHECK_EQUAL(next.one().since_unix, status.since_unix);
}

CAF_TEST(what was remembered and is not heard of is stale) {
  const wire_value series{me.local_ip, {}, "10.0.0.1", me.region, "cn-north", "icmp", 0, 0};
  series_status status;
  status.state = series_state::failing;
  status.streak = 3;
  status.since_unix = noon;
  const auto kind = std::make_shared<const probe_kind>(kinds::icmp());
  table.restore(series, kind, status, 0, noon + 45, now());
  CAF_CHECK(one().state == series_state::failing);
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK(one().state == series_state::stale);
}

CAF_TEST(what was remembered and is wanted no more goes with its time) {
  const auto kind = std::make_shared<const probe_kind>(kinds::icmp());
  const auto remember = [&](const std::string& address, series_state state) {
    series_status status;
    status.state = state;
    status.streak = 3;
    status.since_unix = noon;
    table.restore({me.local_ip, {}, address, me.region, "eu", "icmp", 0, 0}, kind, status, 0,
                  noon + 45, now());
  };
  remember("10.0.0.1", series_state::failing);
  remember("10.0.0.2", series_state::failing);
  remember("10.0.0.3", series_state::stale);
  table.want(
      wanted_fixture::want({wanted_fixture::entry("icmp", "eu", {"10.0.0.1"})}, {me.region}));
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(table.rows(), 3u);
  second += 300;
  table.expire(now(), 100);
  CAF_REQUIRE_EQUAL(table.rows(), 1u);
  CAF_CHECK(one().state == series_state::stale);
}

CAF_TEST(what was stale before a restart is so since then) {
  const auto kind = std::make_shared<const probe_kind>(kinds::icmp());
  series_status status;
  status.state = series_state::stale;
  status.streak = 1;
  status.since_unix = noon;
  table.restore({me.local_ip, {}, "10.0.0.1", me.region, "eu", "icmp", 0, 0}, kind, status, 0,
                noon - 15, now());
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(one().since_unix, noon);
  CAF_CHECK_EQUAL(one().streak, 1U);
  second += 24 * 3600;
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(table.rows(), 0u);
}

CAF_TEST(what agents have beside the list is waited for where they may) {
  table.set_listed_only(false);
  well("10.0.0.2");
  table.want(
      wanted_fixture::want({wanted_fixture::entry("icmp", "cn-north", {"10.0.0.1"})}, {me.region}));
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK(one("10.0.0.2").state == series_state::stale);
  table.set_listed_only(true);
  well("10.0.0.3");
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK(!all().contains("10.0.0.3"));
}

CAF_TEST(results of an agent that has left are not waited for until it is back) {
  table.forget_agents({me});
  well();
  CAF_CHECK_EQUAL(table.rows(), 1u);
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK_EQUAL(table.rows(), 0u);
  table.welcome_agents({me});
  well();
  second += 300;
  table.expire(now(), 100);
  CAF_CHECK(one().state == series_state::stale);
}

CAF_TEST(a snapshot has the status of every series and groups that are silent) {
  well("10.0.0.1");
  second += 300;
  table.expire(now(), 100);
  const auto shot = make_snapshot(table, now(), true);
  CAF_REQUIRE_EQUAL(shot.targets.size(), 1U);
  CAF_CHECK(!shot.targets[0].success);
  CAF_CHECK(shot.targets[0].status.state == series_state::stale);
  CAF_REQUIRE_EQUAL(shot.kinds.size(), 1U);
  CAF_CHECK(shot.kinds[0].groups.empty());
  CAF_REQUIRE_EQUAL(shot.kinds[0].silent.size(), 1U);
  store_snapshot whole = shot;
  merge_snapshot(whole, shot);
  CAF_CHECK_EQUAL(
      whole.kinds[0].silent.at(0).sums.states[static_cast<std::size_t>(series_state::stale)], 2U);
}

CAF_TEST(certificates are found by their end or by name) {
  const auto shows = [&](const std::string& url, std::int64_t end, bool success = true) {
    auto outcome = success ? samples::success() : samples::failure(probe_error::tls_expired);
    outcome.values = samples::http_values({1, 2, 3, 4, 5}, 200, end);
    result(std::move(outcome), url, kinds::http());
  };
  shows("https://soon/", noon + 100);
  shows("https://later/", noon + 1'000'000);
  shows("https://named/", noon + 1'000'000);
  shows("https://failing/", noon - 100, false);
  well();
  const auto found = find_certificates(table, now(), noon + 1000, {"https://named/"});
  CAF_REQUIRE_EQUAL(found.size(), 2U);
  CAF_CHECK_EQUAL(found[0].target.address, "https://named/");
  CAF_CHECK_EQUAL(found[1].target.address, "https://soon/");
  CAF_CHECK_EQUAL(found[1].not_after_unix, noon + 100);
  CAF_CHECK_EQUAL(found[1].kind, "http");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_table_states_suite
