#define CAF_SUITE engine_bounds

#include <atomic>
#include <csignal>

#include "probes/stream/kind_fixture.hpp"
#include "probes/stream/tls_server.hpp"
#include "xprober/probes/tcp/engine.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_bounds_suite {

using namespace xprober;
using namespace xprober::stream::test;
using namespace std::chrono_literals;

namespace {

struct fixture : kind_fixture {
  fixture() : kind_fixture(kinds::tcp(), tcp::make_engine) { ::signal(SIGPIPE, SIG_IGN); }

  void check_counted(std::uint64_t all) {
    stop();
    CAF_CHECK_EQUAL(report.probes.started, all);
    CAF_CHECK_EQUAL(report.probes.finished, all);
    CAF_CHECK_EQUAL(report.probes.local_errors, all);
    CAF_CHECK_EQUAL(report.probes.in_flight, 0u);
    CAF_CHECK_EQUAL(report.probes.queued, 0u);
  }
};

/// Servers over TLS, of which one sends empty lines for as long as anybody reads.
struct flood_fixture : fixture {
  flood_fixture() {
    config.tcp.tls = true;
    config.tcp.tls_config.insecure_skip_verify = true;
    config.tcp.query_response = {{"^done$", "", false}};
  }

  static std::string at(const tls_server& server) {
    return "127.0.0.1:" + std::to_string(server.port());
  }

  identity who = make_identity("leaf", {.alternative_names = "IP:127.0.0.1"});
  std::promise<void> flooding;
  tls_server flood{who, {.talk = [this](SSL* ssl) {
                     const std::string lines(16UL * 1024, '\n');
                     flooding.set_value();
                     while (SSL_write(ssl, lines.data(), static_cast<int>(lines.size())) > 0) {
                     }
                   }}};
  tls_server other{who, {.talk = [](SSL* ssl) { SSL_write(ssl, "done\n", 5); }}};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(flood_tests, flood_fixture)

CAF_TEST(lines without end over TLS end at the deadline and hold up nobody) {
  config.tcp.timeout = 2s;
  const auto since = monotonic_clock::now();
  auto flooded = begin(at(flood));
  flooding.get_future().wait();
  const auto meanwhile = probe(at(other));
  CAF_MESSAGE(meanwhile.detail);
  // On a busy machine the thread can stand still for another reason.
  CAF_CHECK(meanwhile.success || is_local(meanwhile.error));
  CAF_CHECK(flooded.wait_for(0s) == std::future_status::timeout);
  const auto outcome = await(std::move(flooded));
  CAF_CHECK_EQUAL(outcome.error, probe_error::deadline);
  CAF_CHECK(monotonic_clock::now() - since < 8s);
}

CAF_TEST(lines without end over TLS do not keep the engine from its end) {
  config.tcp.timeout = 1min;
  auto flooded = begin(at(flood));
  flooding.get_future().wait();
  const auto since = monotonic_clock::now();
  stop();
  CAF_CHECK(monotonic_clock::now() - since < 5s);
  CAF_CHECK_EQUAL(await(std::move(flooded)).error, probe_error::shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(count_tests, fixture)

CAF_TEST(a probe that the queue has no room for is counted as an own fault) {
  max_queued = 0;
  const auto outcome = probe("127.0.0.1:1");
  CAF_CHECK_EQUAL(outcome.error, probe_error::local_overload);
  CAF_CHECK(holds(outcome.detail, "more probes wait than the engine holds, 0"));
  check_counted(1);
  CAF_CHECK_EQUAL(counted("local_errors"), 1u);
}

CAF_TEST(a probe whose module is gone says so and is counted) {
  probed_with = prober_name{"gone", &kinds::tcp()};
  const auto outcome = probe("127.0.0.1:1");
  CAF_CHECK_EQUAL(outcome.error, probe_error::shutdown);
  CAF_CHECK_EQUAL(outcome.detail, "the module was taken out of the configuration");
  check_counted(1);
  CAF_CHECK_EQUAL(counted("local_errors"), 0u);
}

CAF_TEST(probes that wait for a place when the engine ends are counted) {
  config.tcp.max_in_flight = 1;
  auto running = begin("silent.test:1");
  auto waiting = begin("silent.test:2");
  check_counted(2);
  CAF_CHECK_EQUAL(await(std::move(running)).error, probe_error::shutdown);
  CAF_CHECK_EQUAL(await(std::move(waiting)).error, probe_error::shutdown);
}

CAF_TEST(probes that end where they begin leave others their turn) {
  constexpr std::size_t count = 1000;
  config.tcp.max_in_flight = 1;
  std::promise<void> connected;
  std::promise<void> go_on;
  std::atomic<bool> known{false};
  script_server holding{[&, goes_on = go_on.get_future().share()](peer& client) {
    if (!known.exchange(true)) { // it comes again where others took its place
      connected.set_value();
    }
    goes_on.wait();
    client.send("done\n");
  }};
  config.tcp.query_response = {{"^done$", "", false}};
  auto first = begin(holding.authority());
  connected.get_future().wait();
  std::size_t ended = 0; // of the engine's thread
  std::promise<std::size_t> before;
  std::promise<void> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto spec = new_counted<target_spec>(target_spec{{"here", "no port", probed_with}, 0});
    engine().start({std::move(spec), monotonic_clock::now(), {}}, [&](probe_outcome&&) {
      if (++ended == 1) { // what is asked of the engine now is done before the last of them
        engine().report([&] { before.set_value(ended); });
      }
      if (ended == count) {
        all.set_value();
      }
    });
  }
  std::promise<void> queued;
  engine().report([&] { queued.set_value(); });
  queued.get_future().wait();
  go_on.set_value();
  all.get_future().wait();
  CAF_CHECK(before.get_future().get() < count);
  CAF_CHECK(await(std::move(first)).success);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_bounds_suite
