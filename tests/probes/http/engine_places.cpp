#define CAF_SUITE engine_places

#include <atomic>
#include <vector>

#include <sys/resource.h>

#include "caf/test/unit_test.hpp"
#include "probes/http/probe_fixture.hpp"

namespace engine_places_suite {

using namespace xprober;
using namespace xprober::http;
using namespace xprober::http::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(engine_places_tests, probe_fixture)

CAF_TEST(targets that hang give their places to quick ones and still get their verdict) {
  config.max_in_flight = 4;
  config.timeout = 1s; // so 250 ms are quick
  script_server server{[](peer& client) {
    client.read_request();
    client.send(response("200 OK"));
  }};
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  std::vector<std::future<probe_outcome>> hanging;
  for (int i = 0; i < 12; ++i) {
    hanging.push_back(begin(stalled.authority() + "/" + std::to_string(i)));
  }
  auto quick = begin(server.authority());
  const auto first = await(quick);
  CAF_CHECK(first.success);
  // In the order of arrival it would be 3 s; so it is a quarter of that and what slow ones are sure
  // of.
  CAF_CHECK(first.start_lag < 2s);
  CAF_MESSAGE("known as what they are they take no place from it");
  auto next = begin(server.authority());
  CAF_CHECK(await(next).start_lag < 500ms);
  for (auto& future : hanging) {
    const auto outcome = await(future);
    CAF_CHECK_EQUAL(outcome.error, probe_error::deadline);
    CAF_CHECK(outcome.duration >= 1s);
  }
  prober().stop();
  CAF_CHECK(counters.yielded > 0);
  CAF_CHECK_EQUAL(counters.probes.started, 14u);
  CAF_CHECK_EQUAL(counters.probes.finished, 14u);
  CAF_CHECK_EQUAL(counters.probes.failed, 12u);
  CAF_CHECK_EQUAL(counters.probes.in_flight, 0u);
}

CAF_TEST(a probe that gave its place back is answered when the engine stops) {
  config.max_in_flight = 1;
  config.timeout = 400ms;
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  auto one = begin(stalled.authority() + "/1");
  auto two = begin(stalled.authority() + "/2");
  CAF_CHECK(one.wait_for(150ms) == std::future_status::timeout);
  prober().stop();
  CAF_CHECK_EQUAL(await(one).error, probe_error::shutdown);
  CAF_CHECK_EQUAL(await(two).error, probe_error::shutdown);
}

CAF_TEST(no more probes at a time than files may be open) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto few = before;
  few.rlim_cur = 200;
  ::setrlimit(RLIMIT_NOFILE, &few);
  prober().stop();
  ::setrlimit(RLIMIT_NOFILE, &before);
  CAF_CHECK_EQUAL(counters.places, 100u);
}

CAF_TEST(names that no server answers are to blame only where they were asked for) {
  names_in_flight = 1;
  config.timeout = 1s; // a name makes room after a tenth of its 4 s
  std::vector<std::future<probe_outcome>> probes;
  for (int i = 0; i < 6; ++i) {
    probes.push_back(begin("http://silent" + std::to_string(i) + ".test/"));
  }
  const auto asked = await(probes.front());
  CAF_CHECK_EQUAL(asked.error, probe_error::resolve_timeout);
  CAF_CHECK(asked.duration >= 900ms);
  for (int i = 0; i < 2; ++i) {
    const auto outcome = await(probes.back());
    CAF_CHECK_EQUAL(outcome.error, probe_error::local_overload);
    CAF_CHECK(outcome.detail.find("for its turn: resolver.max_in_flight (1)") != std::string::npos);
    CAF_CHECK(outcome.start_lag >= 500ms);
    CAF_CHECK(outcome.duration < 500ms);
    probes.pop_back();
  }
  prober().stop();
  CAF_CHECK(counters.local_errors >= 2);
  CAF_CHECK(counters.dns.cancelled >= 2);
  CAF_CHECK_EQUAL(counters.dns.queued, 0u);
}

CAF_TEST(the wait of a name for its turn is no time of the target) {
  names_in_flight = 1;
  script_server server{[](peer& client) {
    client.read_request();
    client.send(response("200 OK"));
  }};
  auto silent = begin("http://silent.test/");
  auto good = begin("http://" + server.authority("good.test") + "/");
  const auto outcome = await(good);
  CAF_CHECK(outcome.success);
  CAF_CHECK(outcome.start_lag >= 350ms); // a tenth of the resolver's 4 s
  CAF_CHECK(outcome.duration < 350ms);
  CAF_CHECK(summary(outcome).phase(http_phase::resolve).value_or(1e6F) < 350);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_places_suite
