#define CAF_SUITE engine_ad_hoc

#include "probe_runner.hpp"

#include <algorithm>
#include <optional>

#include "xprober/probes/ad_hoc.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_ad_hoc_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

/// What of an `ad_hoc_request` a test wants.
struct wish {
  nanoseconds time_limit{0};
  std::string hostname = {};
  std::uint32_t echoes = 0;
  bool with_lines = false;

  ad_hoc_request request(std::function<void(probe_story&&)> tell) const {
    return {time_limit, hostname, echoes, with_lines, std::move(tell)};
  }
};

struct told_outcome {
  probe_outcome outcome;
  std::optional<probe_story> story;
};

told_outcome ask(counted_engine& e, const std::string& address, const wish& wanted) {
  auto story = std::make_shared<std::promise<probe_story>>();
  auto told = story->get_future();
  auto tell = [story](probe_story&& s) { story->set_value(std::move(s)); };
  auto request = request_for(address);
  request.ad_hoc = std::make_shared<const ad_hoc_request>(wanted.request(std::move(tell)));
  auto done = std::make_shared<std::promise<probe_outcome>>();
  auto future = done->get_future();
  e->start(std::move(request),
           [done](probe_outcome&& outcome) { done->set_value(std::move(outcome)); });
  told_outcome all{take(future), {}};
  // The story comes before the outcome, or not at all.
  if (told.wait_for(0s) == std::future_status::ready) {
    all.story = told.get();
  }
  return all;
}

bool ready() {
  const engine e{with(icmp_config{})};
  if (!e.sockets().available) {
    std::cout << "SKIPPED: " << e.sockets().problem << std::endl;
  }
  return e.sockets().available;
}

} // namespace

CAF_TEST(so many echoes as were asked for and a story of them) {
  if (!ready()) {
    return;
  }
  icmp_config config;
  config.count = 50;
  counted_engine e(config);
  const auto [outcome, story] = ask(e, "127.0.0.1", {.echoes = 1, .with_lines = true});
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 1u);
  CAF_REQUIRE(story);
  CAF_CHECK_EQUAL(story->first_address, "127.0.0.1");
  CAF_CHECK(dynamic_cast<const icmp_story&>(*story->more).setup > 0ns);
  CAF_CHECK(story->resolve >= 0ns);
  std::string lines;
  for (const auto& line : story->lines) {
    lines += line.text + ";";
  }
  CAF_CHECK_EQUAL(lines, "Resolving target address;Resolved target address;Sent an echo request;"
                         "Found matching reply packet;");
  CAF_CHECK_EQUAL(summary_of(ask(e, "127.0.0.1", {}).outcome).sent, 50u);
  const auto counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_sent, 51u);
  CAF_CHECK_EQUAL(counters.probes.succeeded, 2u);
}

CAF_TEST(it shares no result and leaves those of targets alone) {
  if (!ready()) {
    return;
  }
  icmp_config config;
  config.count = 1;
  counted_engine e(with(config, 1h));
  probe(*e, "127.0.0.1", 1);
  probe(*e, "127.0.0.1", 2);
  const auto told = ask(e, "127.0.0.1", {.echoes = 1});
  CAF_CHECK(!told.outcome.shared);
  CAF_CHECK(told.outcome.success);
  e.stop();
}

CAF_TEST(a time limit ends it) {
  if (!ready()) {
    return;
  }
  icmp_config config;
  config.deadline = 60s;
  engine_options options;
  options.resolve = [](const std::string&, ip_family, const std::function<void(resolved_host)>&) {};
  counted_engine e(config, std::move(options));
  const auto [outcome, story] = ask(e, "never.test", {.time_limit = 100ms, .with_lines = true});
  CAF_CHECK(outcome.error == probe_error::resolve_timeout);
  CAF_CHECK(outcome.duration < 10s);
  CAF_REQUIRE(story);
  CAF_CHECK_EQUAL(story->lines.back().text, outcome.detail);
  e.stop();
}

} // namespace engine_ad_hoc_suite
