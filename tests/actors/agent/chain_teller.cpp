#define CAF_SUITE chain_teller

#include "xprober/actors/agent/chain_teller.hpp"

#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/base64.hpp"

#include "support/fake_server.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace chain_teller_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

sent_chain_ptr chain(const std::string& name, std::size_t size = 10) {
  return std::make_shared<const sent_chain>(
      sent_chain{{std::string(size, name[0]), "root"}, {name, "of root"}});
}

struct chain_teller_fixture : xprober_fixture {
  fake_server server;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  rpc_client_actor client = reaper.keep(server.spawn(sys));
  chain_teller_actor subject = reaper.keep(sys.spawn(
      chain_teller, chains_request{"eu", "10.0.0.1", "abc", 0, {}, {}, {}}, client, counters));

  chain_teller_fixture() { log::set_level(log::level::off); }

  void can(std::uint32_t version = 2) {
    caf::anon_send(subject, server_abilities{version});
    reaper.settle();
  }

  target_ref show(target_index index, const sent_chain_ptr& what,
                  std::string verdict = "accepted") {
    const auto target = samples::target(index, "10.0.0." + std::to_string(index));
    caf::anon_send(subject, chain_seen{target, what, std::move(verdict)});
    reaper.settle();
    return target;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(chain_teller_tests, chain_teller_fixture)

CAF_TEST(a server without batches is told nothing) {
  show(1, chain("one"));
  can(0);
  reaper.pass(60s);
  CAF_CHECK(server.chains.empty());
}

CAF_TEST(chains are told once and their bytes where they are wanted) {
  const auto shared = chain("one");
  show(1, shared);
  show(2, shared, "tls_expired");
  server.chains_reply.wanted = {"of root", "unheard of", "of root"};
  can();
  reaper.pass(0s);
  CAF_REQUIRE_EQUAL(server.chains.size(), 2U);
  const auto& first = server.chains[0];
  CAF_CHECK_EQUAL(first.sequence, 0U);
  CAF_CHECK_EQUAL(first.local_region, "eu");
  CAF_REQUIRE_EQUAL(first.chains.size(), 1U);
  CAF_CHECK(first.chains[0].certificates == shared->fingerprints);
  CAF_REQUIRE_EQUAL(first.sightings.size(), 2U);
  CAF_CHECK_EQUAL(first.sightings[0].target, "10.0.0.1");
  CAF_CHECK_EQUAL(first.sightings[0].chain, 0);
  CAF_CHECK_EQUAL(first.sightings[1].verdict, "tls_expired");
  CAF_CHECK(first.certificates.empty());
  const auto& second = server.chains[1];
  CAF_CHECK_EQUAL(second.sequence, 1U);
  CAF_CHECK(second.sightings.empty());
  CAF_REQUIRE_EQUAL(second.certificates.size(), 1U);
  CAF_CHECK_EQUAL(second.certificates[0], base64url("root"));
}

CAF_TEST(the same chain again is no news and another one is) {
  show(1, chain("one"));
  can();
  reaper.pass(0s);
  show(1, chain("one"));
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.chains.size(), 1U);
  show(1, chain("two"));
  reaper.pass(chain_pause);
  CAF_REQUIRE_EQUAL(server.chains.size(), 2U);
  CAF_CHECK_EQUAL(server.chains[1].chains.at(0).certificates[0], "two");
}

CAF_TEST(a target that has gone shows none any more and its index may be that of another) {
  show(1, chain("one"));
  can();
  reaper.pass(0s);
  caf::anon_send(subject, target_gone{1});
  const auto other = samples::target(1, "10.0.0.99");
  caf::anon_send(subject, chain_seen{other, chain("one"), ""});
  reaper.pass(chain_pause);
  CAF_REQUIRE_EQUAL(server.chains.size(), 2U);
  const auto& told = server.chains[1].sightings;
  CAF_REQUIRE_EQUAL(told.size(), 2U);
  CAF_CHECK_EQUAL(told[0].target, "10.0.0.1");
  CAF_CHECK_EQUAL(told[0].chain, -1);
  CAF_CHECK_EQUAL(told[1].target, "10.0.0.99");
}

CAF_TEST(a request that was lost comes again as it was) {
  server.reachable = false;
  show(1, chain("one"));
  can();
  reaper.pass(0s);
  show(2, chain("two"));
  reaper.pass(5s);
  CAF_CHECK_EQUAL(server.chains.size(), 1U);
  server.reachable = true;
  reaper.pass(5s);
  CAF_REQUIRE_EQUAL(server.chains.size(), 3U);
  CAF_CHECK(server.chains[1] == server.chains[0]);
  CAF_CHECK_EQUAL(server.chains[2].sightings.at(0).target, "10.0.0.2");
}

CAF_TEST(a server that lacks what came before is told all anew) {
  show(1, chain("one"));
  show(2, chain("two"));
  can();
  reaper.pass(0s);
  server.chains_reply.again = true;
  reaper.pass(chain_heartbeat);
  CAF_REQUIRE_EQUAL(server.chains.size(), 2U);
  CAF_CHECK_EQUAL(server.chains[1].sequence, 1U);
  reaper.pass(chain_pause);
  CAF_REQUIRE_EQUAL(server.chains.size(), 3U);
  CAF_CHECK_EQUAL(server.chains[2].sequence, 0U);
  CAF_CHECK_EQUAL(server.chains[2].sightings.size(), 2U);
}

CAF_TEST(much is told in several requests of bounded size) {
  const auto large = chain("large", 100'000);
  for (target_index i = 0; i < max_told_sightings + 10; ++i) {
    show(i, i == 0 ? large : chain("small"));
  }
  show(5000, chain("Large", 200'000));
  server.chains_reply.wanted = {"large", "Large"};
  can();
  reaper.pass(0s);
  CAF_REQUIRE_EQUAL(server.chains.size(), 2U);
  CAF_CHECK_EQUAL(server.chains[0].sightings.size(), max_told_sightings);
  CAF_CHECK_EQUAL(server.chains[1].sightings.size(), 11U);
  CAF_CHECK_EQUAL(server.chains[1].certificates.size(), 1U);
}

CAF_TEST(certificates that are wanted are sent before more targets are told of) {
  const auto unlike = [](int number) {
    return std::make_shared<const sent_chain>(
        sent_chain{{std::to_string(number)}, {"of " + std::to_string(number)}});
  };
  for (target_index i = 0; i < most_wanted + 10; ++i) {
    show(i, unlike(static_cast<int>(i)));
    server.chains_reply.wanted.push_back("of " + std::to_string(i));
  }
  show(5000, unlike(5000));
  can();
  reaper.settle();
  reaper.pass(0s);
  CAF_REQUIRE(server.chains.size() > 2U);
  CAF_CHECK_EQUAL(server.chains[0].sightings.size(), max_told_sightings);
  CAF_CHECK(server.chains[1].sightings.empty());
  CAF_CHECK_EQUAL(server.chains[1].certificates.size(), max_told_certificates);
  CAF_CHECK_EQUAL(server.chains[2].sightings.size(), 11U);
  auto& state = reaper.state_of<chain_teller_state>(subject);
  CAF_CHECK(state.wanted.empty());
}

CAF_TEST(what goes while the server is away is bounded) {
  show(1, chain("one"));
  can();
  reaper.pass(0s);
  server.hold = true;
  for (target_index i = 2; i < 10'100; ++i) {
    const auto target = samples::target(i, "10.1.0.1");
    caf::anon_send(subject, chain_seen{target, chain("one"), ""});
    caf::anon_send(subject, target_gone{i});
    if (i == 2) {
      reaper.pass(chain_pause);
    }
  }
  reaper.settle();
  auto& state = reaper.state_of<chain_teller_state>(subject);
  CAF_CHECK(state.gone.size() < 10'000U);
  CAF_CHECK(state.anew);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace chain_teller_suite
