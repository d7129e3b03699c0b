#define CAF_SUITE prober

#include "xprober/actors/agent/prober.hpp"

#include <string>
#include <vector>

#include "xprober/actors/stats.hpp"

#include "support/fake_engine.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace prober_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

agent_config with_modules() {
  agent_config config;
  config.max_probe_requests = 2;
  config.icmp.count = 50;
  config.modules["icmp_many"] = {kinds::icmp(), config};
  config.modules["virtual"] = {kinds::http(), config};
  config.modules["virtual"].http.headers = {{"host", "a.test"}};
  return config;
}

struct prober_fixture : xprober_fixture {
  fake_engine icmp;
  fake_engine http;
  const engine_table engines{{{&kinds::icmp(), &icmp}, {&kinds::http(), &http}}};
  std::vector<probe_answer_ptr> answers;
  actor_reaper reaper{*this};
  stats_actor counts = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  prober_actor subject = spawn_prober();

  prober_actor spawn_prober() {
    return reaper.keep(
        sys.spawn(prober, engines, counts, make_probe_modules(with_modules(), engines)));
  }

  /// Asks; the answer comes into `answers`.
  void ask(std::string target, std::string module, std::string hostname = "") {
    probe_question question;
    question.target = std::move(target);
    question.module = std::move(module);
    question.hostname = std::move(hostname);
    ask(std::move(question));
  }

  void ask(probe_question question) {
    question.time_limit = 9s;
    question.with_lines = true;
    reaper.fake<caf::typed_actor<caf::reacts_to<report_due_atom>>>([this, question](auto asker) {
      asker->request(subject, caf::infinite, question).then([this](const probe_answer_ptr& answer) {
        answers.push_back(answer);
      });
      return typename caf::typed_actor<caf::reacts_to<report_due_atom>>::behavior_type{
          [](report_due_atom) {}};
    });
    reaper.settle();
  }

  probe_refusal last_refusal() const {
    return answers.empty() ? probe_refusal::none : answers.back()->refused;
  }

  probe_request_stats stats_now() {
    auto snapshot = reaper.ask<stats_snapshot>(counts, get_stats_atom_v);
    CAF_REQUIRE(snapshot);
    return snapshot->probe_requests;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(prober_tests, prober_fixture)

CAF_TEST(a question becomes a probe and its outcome the answer) {
  ask("http://user:pw@a.test/", "http_2xx", "b.test");
  CAF_REQUIRE_EQUAL(http.probes.size(), 1u);
  const auto& request = http.probes.front().request;
  CAF_CHECK_EQUAL(request.target->uid.address, "http://a.test/");
  CAF_REQUIRE(request.target->user_info);
  CAF_CHECK_EQUAL(*request.target->user_info, "user:pw");
  CAF_CHECK(request.target->uid.type == prober_name{kinds::http()});
  CAF_REQUIRE(request.ad_hoc);
  CAF_CHECK(request.ad_hoc->time_limit == 9s);
  CAF_CHECK_EQUAL(request.ad_hoc->hostname, "b.test");
  CAF_CHECK(request.ad_hoc->with_lines);
  CAF_CHECK(answers.empty());
  CAF_CHECK_EQUAL(stats_now().in_flight, 1u);

  probe_story story;
  story.first_address = "192.0.2.1";
  request.ad_hoc->tell(std::move(story));
  http.finish(samples::failure(probe_error::refused, "nobody"));
  reaper.settle();
  CAF_REQUIRE_EQUAL(answers.size(), 1u);
  CAF_CHECK(answers[0]->refused == probe_refusal::none);
  CAF_CHECK(answers[0]->outcome.error == probe_error::refused);
  CAF_CHECK_EQUAL(answers[0]->story.first_address, "192.0.2.1");
  CAF_REQUIRE(answers[0]->module);
  CAF_CHECK(answers[0]->module->prober == &kinds::http());
  CAF_CHECK_EQUAL(stats_now().in_flight, 0u);
  CAF_CHECK_EQUAL(stats_now().started, 1u);
}

CAF_TEST(the built - in icmp sends one echo and a module what it says) {
  ask("10.0.0.1", "icmp");
  ask("10.0.0.1", "icmp_many");
  CAF_REQUIRE_EQUAL(icmp.probes.size(), 2u);
  CAF_CHECK_EQUAL(icmp.probes[0].request.ad_hoc->echoes, 1u);
  CAF_CHECK(icmp.probes[0].request.target->uid.type == prober_name{kinds::icmp()});
  CAF_CHECK_EQUAL(icmp.probes[1].request.ad_hoc->echoes, 0u);
  CAF_CHECK_EQUAL(icmp.probes[1].request.target->uid.type.text(), "icmp_many");
  icmp.finish(0, samples::success(1));
  reaper.settle();
  CAF_REQUIRE_EQUAL(answers.size(), 1u);
  CAF_CHECK_EQUAL(answers[0]->module->icmp.count, 1u);
}

CAF_TEST(an unknown module is refused with the names of those that are known) {
  ask("10.0.0.1", "tcp_connect");
  CAF_CHECK(last_refusal() == probe_refusal::unknown_module);
  for (const auto* part : {"\"tcp_connect\"", "http_2xx", "icmp_many", "virtual"}) {
    CAF_CHECK(answers.back()->problem.find(part) != std::string::npos);
  }
  CAF_CHECK_EQUAL(stats_now().started, 0u);
}

CAF_TEST(a hostname must not contradict the module nor break a header) {
  ask("http://10.0.0.1/", "virtual", "b.test");
  CAF_CHECK(last_refusal() == probe_refusal::bad_hostname);
  ask("http://10.0.0.1/", "http", "b.test\r\nX: y");
  CAF_CHECK(last_refusal() == probe_refusal::bad_hostname);
  CAF_CHECK(http.probes.empty());
  ask("http://10.0.0.1/", "virtual", "a.test");
  ask("10.0.0.1", "icmp", "b.test"); // of no meaning there
  CAF_CHECK_EQUAL(http.probes.size(), 1u);
  CAF_CHECK_EQUAL(icmp.probes.size(), 1u);
}

CAF_TEST(no more run at the same time than are allowed) {
  ask("10.0.0.1", "icmp");
  ask("10.0.0.2", "icmp");
  ask("10.0.0.3", "icmp");
  CAF_CHECK(last_refusal() == probe_refusal::too_many);
  CAF_CHECK_EQUAL(icmp.probes.size(), 2u);
  CAF_CHECK_EQUAL(stats_now().refused, 1u);
  icmp.finish(0, samples::success(1));
  reaper.settle();
  ask("10.0.0.3", "icmp");
  CAF_CHECK_EQUAL(icmp.probes.size(), 3u);
}

CAF_TEST(a new configuration offers other modules and can switch it off) {
  auto config = with_modules();
  config.modules.erase("icmp_many");
  config.modules["http_2xx"] = {kinds::http(), config};
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("10.0.0.1", "icmp_many");
  CAF_CHECK(last_refusal() == probe_refusal::unknown_module);
  ask("http://a.test", "http_2xx");
  CAF_REQUIRE_EQUAL(http.probes.size(), 1u);
  CAF_CHECK_EQUAL(http.probes[0].request.target->uid.type.text(), "http_2xx");
  config.max_probe_requests = 0;
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("10.0.0.1", "icmp");
  CAF_CHECK(last_refusal() == probe_refusal::off);
}

CAF_TEST(an agent that ends begins no more and answers what runs) {
  ask("10.0.0.1", "icmp");
  caf::anon_send(subject, stop_atom_v);
  ask("10.0.0.2", "icmp");
  CAF_CHECK(last_refusal() == probe_refusal::ending);
  icmp.finish(0, samples::success(1));
  reaper.settle();
  CAF_REQUIRE_EQUAL(answers.size(), 2u);
  CAF_CHECK(answers[1]->outcome.success);
}

CAF_TEST(what the own overload has spoilt is probed again while there is time) {
  ask("http://a.test/", "http_2xx");
  const auto spoil = [&] {
    http.finish(samples::failure(probe_error::local_overload, "stood still"));
    reaper.settle();
  };
  sched.advance_time(2s);
  spoil();
  CAF_CHECK(answers.empty());
  CAF_REQUIRE_EQUAL(http.probes.size(), 2u);
  CAF_CHECK(http.probes[1].request.ad_hoc->time_limit == 7s);
  CAF_CHECK_EQUAL(http.probes[1].request.target->uid.address, "http://a.test/");
  CAF_CHECK_EQUAL(stats_now().in_flight, 1u);
  http.finish(samples::success(1));
  reaper.settle();
  CAF_REQUIRE_EQUAL(answers.size(), 1u);
  CAF_CHECK(answers[0]->outcome.success);

  // Three times at most,
  ask("http://a.test/", "http_2xx");
  spoil();
  spoil();
  CAF_CHECK_EQUAL(answers.size(), 1u);
  spoil();
  CAF_REQUIRE_EQUAL(answers.size(), 2u);
  CAF_CHECK(answers[1]->outcome.error == probe_error::local_overload);

  // and not when half of the time is gone.
  ask("http://a.test/", "http_2xx");
  sched.advance_time(4500ms);
  spoil();
  CAF_CHECK_EQUAL(answers.size(), 3u);
  CAF_CHECK_EQUAL(http.probes.size(), 6u);
}

CAF_TEST(the server may ask for what goes to its targets anyway) {
  auto config = with_modules();
  config.http_addr = ":8087"; // no /probe
  config.modules["login"] = {kinds::http(), config};
  config.modules["login"].http.basic_auth = {"me", "pw", ""};
  caf::anon_send(subject, make_probe_modules(config, engines));
  probe_question question;
  question.from_server = true;
  question.target = "http://a.test/";
  question.module = "login";
  ask(question);
  CAF_CHECK(last_refusal() == probe_refusal::secrets);
  CAF_CHECK(http.probes.empty());

  auto spec = new_counted<target_spec>(
      target_spec{{"eu", "http://a.test/", prober_name{"login", &kinds::http()}}, 7});
  question.own = spec;
  ask(question);
  CAF_REQUIRE_EQUAL(http.probes.size(), 1u);
  CAF_CHECK(http.probes[0].request.target == target_ref{spec});
  CAF_CHECK(!http.probes[0].request.ad_hoc->limits);

  question.own = nullptr;
  question.target = "10.0.0.1";
  question.module = "icmp";
  ask(question);
  CAF_REQUIRE_EQUAL(icmp.probes.size(), 1u);
  CAF_CHECK_EQUAL(icmp.probes[0].request.ad_hoc->echoes, 0u);
}

CAF_TEST(what strangers may ask for is limited) {
  auto config = with_modules();
  config.http_addr = ":8087";
  config.modules["login"] = {kinds::http(), config};
  config.modules["login"].http.basic_auth = {"me", "pw", ""};
  config.modules["named"] = config.modules["login"];
  config.modules["named"].secret_hosts = {"a.test"};
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("10.0.0.1", "icmp");
  CAF_CHECK(last_refusal() == probe_refusal::off);
  CAF_CHECK(answers.back()->problem.find("probe_endpoint.enabled") != std::string::npos);

  config.probe_endpoint = {true, {"10.0.0.0/8"}};
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("http://a.test/", "login");
  CAF_CHECK(last_refusal() == probe_refusal::secrets);
  CAF_CHECK(answers.back()->problem.find("secret_hosts") != std::string::npos);
  CAF_CHECK(http.probes.empty());
  ask("http://a.test/", "named");
  CAF_REQUIRE_EQUAL(http.probes.size(), 1u);
  const auto& limits = http.probes[0].request.ad_hoc->limits;
  CAF_REQUIRE(limits);
  CAF_CHECK_EQUAL(limits->refusal_of("", *parse_ip("192.0.2.1")),
                  "192.0.2.1 is not in probe_endpoint.allowed_targets");

  config.http_addr = "127.0.0.1:8087"; // as blackbox_exporter does it
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("http://a.test/", "login");
  CAF_CHECK_EQUAL(http.probes.size(), 2u);
}

CAF_TEST(a module of a kind without an engine is not offered) {
  const probe_kind toy{"toy", target_form::name, result_group::address, false, true, 0, {}};
  auto config = with_modules();
  config.modules["odd"] = {toy, config};
  caf::anon_send(subject, make_probe_modules(config, engines));
  ask("x", "odd");
  CAF_CHECK(last_refusal() == probe_refusal::unknown_module);
}

CAF_TEST(a report is done when both engines have told) {
  bool done = false;
  reaper.fake<caf::typed_actor<caf::reacts_to<stop_atom>>>([&](auto asker) {
    asker->request(subject, caf::infinite, report_atom_v).then([&](done_atom) { done = true; });
    return typename caf::typed_actor<caf::reacts_to<stop_atom>>::behavior_type{[](stop_atom) {}};
  });
  CAF_REQUIRE_EQUAL(icmp.reports.size(), 1U);
  CAF_REQUIRE_EQUAL(http.reports.size(), 1U);
  icmp.reports[0]();
  reaper.settle();
  CAF_CHECK(!done);
  http.reports[0]();
  reaper.settle();
  CAF_CHECK(done);
  icmp.reports.clear(); // they hold the actor
  http.reports.clear();
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace prober_suite
