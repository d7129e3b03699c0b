#define CAF_SUITE chains

#include "xprober/actors/server/chains.hpp"

#include <string>
#include <utility>

#include "xprober/actors/stats.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/targets/target_catalog.hpp"

#include "support/actor_fixture.hpp"

#include "support/actor_reaper.hpp"

namespace chains_actor_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

struct fixture : xprober_fixture {
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  chains_actor subject = reaper.keep(sys.spawn(chains, counters, chain_limits{}, true));

  chain_book& book() { return reaper.state_of<chains_state>(subject).book; }

  void tell(std::uint64_t sequence, const std::string& target = {}) {
    chains_request said{"us", "10.0.0.1", "p", sequence, {}, {}, {}};
    if (!target.empty()) {
      said.chains.push_back({{std::string(64, 'a')}});
      said.sightings.push_back({"tls", "eu", target, 0, "accepted"});
    }
    caf::anon_send(subject, std::move(said));
    reaper.settle();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(chains_actor_tests, fixture)

CAF_TEST(an agent that is silent shows nothing any more) {
  tell(0, "shop:443");
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
  for (std::uint64_t minute = 1; minute < 20; ++minute) {
    reaper.pass(1min);
    tell(minute);
  }
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
  reaper.pass(chain_memory + 1min);
  CAF_CHECK_EQUAL(book().counts().sightings, 0U);
  CAF_CHECK_EQUAL(book().counts().agents, 0U);
}

CAF_TEST(what was taken before there was a list is judged by the first one) {
  tell(0, "shop:443");
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
  target_entry entry;
  entry.prober_type = "tls";
  entry.region = "eu";
  entry.target = {"news:443"};
  target_universe universe;
  universe.catalog = expand_targets({entry}, 1000).catalog;
  caf::anon_send(subject, targets_entered{universe});
  reaper.settle();
  CAF_CHECK_EQUAL(book().counts().sightings, 0U);
  tell(0, "news:443");
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
  limits_config limits;
  limits.listed_targets_only = false;
  caf::anon_send(subject, limits);
  tell(0, "shop:443");
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
  limits.listed_targets_only = true;
  caf::anon_send(subject, limits);
  reaper.settle();
  CAF_CHECK_EQUAL(book().counts().sightings, 0U);
}

CAF_TEST(who tells too much at once is told to come later with it) {
  const auto tell_as = [&](const std::string& holder, const std::string& ip) {
    chains_request said{"us", ip, "p", 0, {}, {}, {}};
    said.holder = holder;
    said.certificates.assign(max_told_certificates, "AAAA"); // 650 with the request
    return static_cast<bool>(reaper.ask<chains_response>(subject, std::move(said)));
  };
  // Whatever they call themselves: it is one who tells.
  int taken = 0;
  while (taken < 1000 && tell_as("liar", "10.0.1." + std::to_string(taken))) {
    ++taken;
  }
  CAF_CHECK_EQUAL(taken, 231);
  CAF_CHECK(tell_as("honest", "10.0.2.1"));
  CAF_CHECK(!tell_as("liar", "10.0.2.2"));
  CAF_CHECK(reaper.ask<done_atom>(subject, report_atom_v));
  CAF_CHECK_EQUAL(reaper.state_of<stats_state>(counters).chains.paced, 2U);
  reaper.pass(1s);
  CAF_CHECK(tell_as("liar", "10.0.2.2"));
}

CAF_TEST(stats hear what the tables hold when they ask) {
  tell(0, "shop:443");
  CAF_CHECK(reaper.ask<done_atom>(subject, report_atom_v));
  const auto& told = reaper.state_of<stats_state>(counters).chains;
  CAF_CHECK_EQUAL(told.sightings, 1U);
  CAF_CHECK_EQUAL(told.certificates, 1U);
  CAF_CHECK_EQUAL(told.agents, 1U);
  CAF_CHECK_EQUAL(told.paced, 0U);
}

CAF_TEST(a target whose name cannot be kept is left out and the others are taken) {
  tell(0, std::string(3000, 't'));
  CAF_CHECK_EQUAL(book().counts().sightings, 0U);
  CAF_CHECK_EQUAL(book().counts().left_out, 1U);
  tell(1, "shop:443");
  CAF_CHECK_EQUAL(book().counts().sightings, 1U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace chains_actor_suite
