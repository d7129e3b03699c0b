#define CAF_SUITE results_chains

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/chain_actors.hpp"
#include "xprober/probes/stream/tls_details.hpp"

#include "actors/agent/results_fixture.hpp"

namespace results_chains_suite {

using namespace xprober;

CAF_TEST_FIXTURE_SCOPE(results_chains_tests, results_fixture)

CAF_TEST(whoever watches certificates hears what is another one) {
  std::vector<chain_seen> seen;
  std::vector<target_index> gone;
  const auto chain_named = [](const std::string& name) {
    return std::make_shared<const sent_chain>(sent_chain{{name}, {name}});
  };
  const auto with = [](probe_outcome outcome, sent_chain_ptr chain, std::int64_t accepted) {
    auto tls = std::make_shared<tls_summary>();
    tls->sent = std::move(chain);
    tls->chain_expiry_unix = accepted;
    auto details = std::make_shared<stream::tls_details>();
    details->tls = std::move(tls);
    outcome.details = std::move(details);
    return outcome;
  };
  const auto one = chain_named("one");
  const auto target = begin(0, "10.0.0.1");
  add(target, with(samples::success(), one, 99));
  const auto listener = reaper.fake<chain_teller_actor>([&](chain_teller_actor::pointer) {
    return chain_teller_actor::behavior_type{
        [&](const chain_seen& what) { seen.push_back(what); },
        [&](const target_gone& what) { gone.push_back(what.index); },
        [](const server_abilities&) {},
        [](tell_chains_atom) {},
    };
  });
  caf::anon_send(subject, watch_chains{caf::actor_cast<caf::actor>(listener)});
  reaper.settle();
  CAF_REQUIRE_EQUAL(seen.size(), 1U);
  CAF_CHECK(seen[0].chain == one);
  CAF_CHECK_EQUAL(seen[0].verdict, "accepted");
  add(target, with(samples::success(), one, 99));
  add(target, samples::failure(probe_error::refused, "closed"));
  CAF_CHECK_EQUAL(seen.size(), 1U);
  add(target, with(samples::failure(probe_error::tls_expired, "over"), one, 0));
  CAF_REQUIRE_EQUAL(seen.size(), 2U);
  CAF_CHECK_EQUAL(seen[1].verdict, "tls_expired");
  add(target);
  CAF_REQUIRE_EQUAL(seen.size(), 3U);
  CAF_CHECK(!seen[2].chain);
  // What fails behind an accepted certificate says nothing against it.
  add(target, with(samples::failure(probe_error::tls_unknown_issuer, "elsewhere"), one, 99));
  CAF_REQUIRE_EQUAL(seen.size(), 4U);
  CAF_CHECK_EQUAL(seen[3].verdict, "accepted");
  add(target, with(samples::failure(probe_error::tls_unwanted, "not judged"), one, 0));
  CAF_REQUIRE_EQUAL(seen.size(), 5U);
  CAF_CHECK_EQUAL(seen[4].verdict, "");
  // It shows none any more, and failed before that was seen.
  add(target, samples::failure(probe_error::refused, "closed"));
  auto plain = samples::success();
  plain.details = std::make_shared<stream::tls_details>();
  add(target, plain);
  CAF_REQUIRE_EQUAL(seen.size(), 6U);
  CAF_CHECK(!seen[5].chain);
  add(target, plain);
  CAF_CHECK_EQUAL(seen.size(), 6U);
  forget(0);
  CAF_CHECK((gone == std::vector<target_index>{0}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace results_chains_suite
