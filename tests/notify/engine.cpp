#define CAF_SUITE engine

#include "xprober/notify/engine.hpp"

#include <atomic>

#include "notify/fake_incidents.hpp"
#include "notify/peer.hpp"
#include "notify/sample.hpp"
#include "support/fake_stats.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/bridge/error.hpp"
#include "xprober/bridge/gateway.hpp"
#include "xprober/notify/json.hpp"

#include "caf/test/dsl.hpp"

namespace engine_suite {

using namespace xprober;
using namespace std::chrono_literals;
using xprober::test::sample_incident;
using xprober::test::sample_notice;

namespace {

struct quiet_config : caf::actor_system_config {
  quiet_config() {
    register_messages(*this);
    bridge::register_errors(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// What stats was told last.
struct heard_counts {
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> retried{0};
  std::atomic<int> gone{0};
};

struct fixture {
  ~fixture() {
    if (subject) {
      subject->stop();
    }
    for (auto& handle : {caf::actor_cast<caf::strong_actor_ptr>(gateway),
                         caf::actor_cast<caf::strong_actor_ptr>(incidents),
                         caf::actor_cast<caf::strong_actor_ptr>(stats)}) {
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    }
    gateway = nullptr;
    incidents = nullptr;
    stats = nullptr;
  }

  void start(const alerts_config& config) {
    queue->receiver = notify::engine::receivers(config).at(0);
    gateway = system.spawn(bridge::gateway, stats_actor{});
    incidents = system.spawn(test::fake_incidents, queue);
    stats = fake_stats::spawn(system, [heard = counts](const notify_report& report) {
      heard->told = report.stats.told;
      heard->failed = report.stats.failed;
      heard->retried = report.stats.retried;
      heard->gone += report.gone ? 1 : 0;
    });
    subject = std::make_unique<notify::engine>(gateway, incidents, stats);
    subject->set(config);
  }

  alerts_config webhook() {
    alerts_config config;
    config.webhooks.resize(1);
    config.webhooks[0].to.url = peer.url() + "/hook";
    return config;
  }

  alerts_config alertmanager() {
    alerts_config config;
    config.alertmanagers.resize(1);
    config.alertmanagers[0].url = peer.url();
    return config;
  }

  bool told_through(std::uint64_t sequence) {
    return test::eventually([&] { return queue->through >= sequence; });
  }

  test::http_peer peer;
  std::unique_ptr<notify::engine> subject; ///< outlives the actors
  quiet_config system_config;
  caf::actor_system system{system_config};
  std::shared_ptr<test::fake_incident_queue> queue = std::make_shared<test::fake_incident_queue>();
  std::shared_ptr<heard_counts> counts = std::make_shared<heard_counts>();
  caf::actor gateway;
  incidents_actor incidents;
  stats_actor stats;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_tests, fixture)

CAF_TEST(a webhook is told each notice once and in order) {
  queue->notices = {sample_notice(), sample_notice(incident_notice::closed, 4)};
  peer.answer_next("HTTP/1.1 500 Oops\r\n");
  start(webhook());
  CAF_REQUIRE(told_through(4));
  const auto all = peer.requests();
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK_EQUAL(all[0].header("Idempotency-Key"), "7-3");
  CAF_CHECK_EQUAL(all[1].header("Idempotency-Key"), "7-3");
  CAF_CHECK_EQUAL(all[2].header("Idempotency-Key"), "7-4");
  const auto body = notify::json::parse(all[2].body);
  CAF_CHECK_EQUAL(body.at("event").get<std::string>(), "closed");
  CAF_CHECK(test::eventually([&] { return counts->told == 2 && counts->retried == 1; }));
}

CAF_TEST(what is refused for good is counted and the next one is told) {
  queue->notices = {sample_notice(), sample_notice(incident_notice::closed, 4)};
  peer.answer_next("HTTP/1.1 404 Not Found\r\n");
  start(webhook());
  CAF_REQUIRE(told_through(4));
  CAF_CHECK_EQUAL(peer.requests().size(), 2u);
  CAF_CHECK(test::eventually([&] { return counts->told == 1 && counts->failed == 1; }));
}

CAF_TEST(a webhook is sent the body of its configuration) {
  queue->notices = {sample_notice()};
  auto config = webhook();
  config.webhooks[0].body = R"({"text": "{{summary}}"})";
  start(config);
  CAF_REQUIRE(told_through(3));
  const auto all = peer.requests();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(
      all[0].body,
      R"x({"text": "target db.example: 37 of 40 sources fail to reach it (refused)"})x");
}

CAF_TEST(an alertmanager is told at once and of all open ones at the start) {
  queue->notices = {sample_notice()};
  queue->open = {sample_incident(), sample_incident(8)};
  start(alertmanager());
  CAF_REQUIRE(test::eventually([&] { return peer.requests().size() >= 2; }));
  const auto all = peer.requests();
  CAF_CHECK(all[0].head.starts_with("POST /api/v2/alerts HTTP/1.1\r\n"));
  CAF_CHECK_EQUAL(notify::json::parse(all[0].body).size(), 1u);
  CAF_CHECK_EQUAL(notify::json::parse(all[1].body).size(), 2u);
  CAF_CHECK(queue->through == 3u);
}

CAF_TEST(a receiver that is not configured any more is told nothing more) {
  start(webhook());
  subject->set({});
  CAF_CHECK(test::eventually([&] { return counts->gone == 1; }));
}

CAF_TEST(who has been told when all ends is noted as told) {
  queue->notices = {sample_notice(), sample_notice(incident_notice::closed, 4)};
  peer.answer_late(300ms);
  start(webhook());
  CAF_REQUIRE(test::eventually([&] { return peer.requests().size() == 1; }));
  CAF_CHECK(queue->through == 0u);
  subject->stop();
  CAF_CHECK(queue->through == 3u);
  CAF_CHECK_EQUAL(peer.requests().size(), 1u);
}

CAF_TEST(a receiver that is set up otherwise meanwhile is told nothing twice) {
  queue->notices = {sample_notice(), sample_notice(incident_notice::closed, 4)};
  peer.answer_late(300ms);
  auto config = webhook();
  start(config);
  CAF_REQUIRE(test::eventually([&] { return peer.requests().size() == 1; }));
  config.external_url = "https://other.example";
  subject->set(config);
  CAF_REQUIRE(told_through(4));
  CAF_CHECK_EQUAL(peer.requests().size(), 2u);
}

CAF_TEST(what the receivers need is looked at before) {
  auto config = webhook();
  CAF_CHECK_EQUAL(notify::engine::check(config), "");
  config.webhooks[0].to.bearer_token_file = "/nonexistent/token";
  CAF_CHECK(notify::engine::check(config).starts_with(
      "alerts.webhooks.bearer_token_file: /nonexistent/token: "));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
