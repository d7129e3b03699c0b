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

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_places_suite
