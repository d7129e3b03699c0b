#define CAF_SUITE probe_routes

#include "xprober/web/probe_routes.hpp"

#include "web/routes_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace probe_routes_suite {

using namespace xprober;
using namespace routes_test;
namespace http = net::http;
using namespace std::chrono_literals;

namespace {

struct probe_fixture : fixture {
  probe_fixture() : fixture(sample::agent_stats()) {
    answer.module = std::make_shared<const module_config>(kinds::http(), kind_settings{});
    answer.outcome.success = true;
    prober = fake<prober_actor>(system, {[this](const probe_question& asked) -> probe_answer_ptr {
                                  question = asked;
                                  return std::make_shared<const probe_answer>(answer);
                                }});
    web::add_probe_route(routes, common(),
                         {prober, sample::presenters(), [](const module_config& module) {
                            return "prober: " + module.prober->name + "\n";
                          }});
  }

  ~probe_fixture() { kill(prober); }

  net::http_response get_with_timeout(const std::string& target, const std::string& seconds) {
    net::http_request request{net::http::verb::get, target, 11};
    request.set("X-Prometheus-Scrape-Timeout-Seconds", seconds);
    net::http_response got;
    got.result(0U);
    io.restart();
    asio::co_spawn(io, routes.handle(request, {}),
                   [&](std::exception_ptr thrown, net::http_response response) {
                     if (!thrown) {
                       got = std::move(response);
                     }
                   });
    io.run_for(5s);
    return got;
  }

  probe_answer answer;
  probe_question question; ///< the last one; read after its answer has come
  prober_actor prober;
};

} // namespace

CAF_TEST(half a second of a scrape timeout is left for the way back) {
  CAF_CHECK(web::scrape_time_limit("10") == 9500ms);
  CAF_CHECK(web::scrape_time_limit("1.5") == 1s);
  CAF_CHECK(web::scrape_time_limit("0.4") == 200ms);
  CAF_CHECK(web::scrape_time_limit("") == 119500ms);
  CAF_CHECK(web::scrape_time_limit("0") == 119500ms);
  CAF_CHECK(web::scrape_time_limit("1e9") < 2h);
  for (const auto* wrong : {"soon", "-1", "10s", "nan", "inf", " 1"}) {
    CAF_CHECK(!web::scrape_time_limit(wrong));
  }
}

CAF_TEST_FIXTURE_SCOPE(probe_route_tests, probe_fixture)

CAF_TEST(what this agent may not probe is forbidden) {
  answer.outcome = {};
  answer.outcome.error = probe_error::not_allowed;
  answer.outcome.detail = "10.0.0.1 is denied by denied_targets (private)";
  const auto denied = get_with_timeout("/probe?target=10.0.0.1&module=icmp", "");
  CAF_CHECK_EQUAL(denied.result_int(), 403u);
  CAF_CHECK(denied.body().find("denied_targets (private)") != std::string::npos);
  answer.refused = probe_refusal::secrets;
  answer.problem = "it sends credentials";
  CAF_CHECK_EQUAL(get_with_timeout("/probe?target=h&module=m", "").result_int(), 403u);
}

CAF_TEST(a scrape) {
  const auto got = get_with_timeout(
      "/probe?target=http%3A%2F%2Fa.test%2F%3Fb%3Dc&module=m&hostname=h&extra=1", "3");
  CAF_CHECK_EQUAL(got.result_int(), 200u);
  CAF_CHECK(got[net::http::field::content_type].starts_with("text/plain; version=0.0.4"));
  CAF_CHECK_EQUAL(got[net::http::field::cache_control], "no-store");
  CAF_CHECK(got.body().find("\nprobe_success 1\n") != std::string::npos);
  CAF_CHECK_EQUAL(question.target, "http://a.test/?b=c");
  CAF_CHECK_EQUAL(question.module, "m");
  CAF_CHECK_EQUAL(question.hostname, "h");
  CAF_CHECK(question.time_limit == 2500ms);
  CAF_CHECK(!question.with_lines);
}

CAF_TEST(without a module it is http_2xx) {
  CAF_CHECK_EQUAL(get("/probe?target=a.test").result_int(), 200u);
  CAF_CHECK_EQUAL(question.module, "http_2xx");
  CAF_CHECK(question.time_limit == 119500ms);
}

CAF_TEST(a failed probe is an answer) {
  answer.outcome.success = false;
  answer.outcome.error = probe_error::connect_timeout;
  const auto got = get("/probe?target=a.test");
  CAF_CHECK_EQUAL(got.result_int(), 200u);
  CAF_CHECK(got.body().find("\nprobe_success 0\n") != std::string::npos);
}

CAF_TEST(the story) {
  const auto got = get("/probe?target=a.test&debug=true");
  CAF_CHECK(question.with_lines);
  CAF_CHECK_EQUAL(got[net::http::field::content_type], "text/plain; charset=utf-8");
  CAF_CHECK(got.body().starts_with("Logs for the probe:\n"));
}

CAF_TEST(wrong requests) {
  const auto no_target = get("/probe?module=icmp");
  CAF_CHECK_EQUAL(no_target.result_int(), 400u);
  CAF_CHECK_EQUAL(no_target.body(), "Target parameter is missing\n");
  CAF_CHECK_EQUAL(get("/probe?target=").result_int(), 400u);
  const auto timeout = get_with_timeout("/probe?target=a", "soon");
  CAF_CHECK_EQUAL(timeout.result_int(), 400u);
  CAF_CHECK(timeout.body().find("\"soon\"") != std::string::npos);
}

CAF_TEST(refusals) {
  answer.problem = "because";
  for (const auto& [why, status] : {std::pair{probe_refusal::unknown_module, 400U},
                                    {probe_refusal::bad_hostname, 400U},
                                    {probe_refusal::off, 404U},
                                    {probe_refusal::too_many, 503U},
                                    {probe_refusal::ending, 503U}}) {
    answer.refused = why;
    const auto got = get("/probe?target=a.test");
    CAF_CHECK_EQUAL(got.result_int(), status);
    CAF_CHECK_EQUAL(got.body(), "because\n");
  }
}

CAF_TEST(what the prober could not do says nothing of the target) {
  answer.outcome.success = false;
  answer.outcome.detail = "too much";
  for (const auto error :
       {probe_error::local_overload, probe_error::local_no_socket, probe_error::local_send,
        probe_error::local_internal, probe_error::shutdown}) {
    answer.outcome.error = error;
    const auto got = get("/probe?target=a.test");
    CAF_CHECK_EQUAL(got.result_int(), 503u);
    CAF_CHECK(got.body().find("too much") != std::string::npos);
  }
}

CAF_TEST(a dead prober) {
  kill(prober);
  CAF_CHECK_EQUAL(get("/probe?target=a.test").result_int(), 503u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace probe_routes_suite
