#define CAF_SUITE counters

#include "xprober/web/counters.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace counters_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

struct section {
  std::uint64_t sent = 3;
  std::uint64_t failed = 1;
  double wait_ms = 250;
  std::string last_error = "no";
  latency_quantiles lag_us{1, 2, 3};

  static std::span<const counter<section>> counters() noexcept {
    using s = section;
    constexpr auto now = counter_type::now;
    static constexpr counter<s> all[] = {
        {{},
         [](const s& x) -> counter_value { return x.sent + x.failed; },
         "tries_total",
         "Tries."},
        {"sent", count_of<s, &s::sent>, "sent_total", "What was sent."},
        {"all.failed", count_of<s, &s::failed>},
        {"wait_ms", count_of<s, &s::wait_ms>, "wait_seconds", "How long.", now, 1e-3},
        {"last_error", count_of<s, &s::last_error>},
        {"lag_us", count_of<s, &s::lag_us>, "lag_seconds", "How late.", now, 1e-6},
    };
    return all;
  }
};

} // namespace

CAF_TEST(a section becomes an object) {
  CAF_CHECK_EQUAL(counters_json(section{}).dump(),
                  R"({"sent":3,"all":{"failed":1},"wait_ms":250.0,"last_error":"no",)"
                  R"("lag_us":{"p50":1.0,"p99":2.0,"max":3.0}})");
}

CAF_TEST(a section becomes families) {
  prometheus_text out;
  append_counters(out, section::counters(), section{});
  CAF_CHECK_EQUAL(out.take(),
                  "# HELP xprober_tries_total Tries.\n# TYPE xprober_tries_total counter\n"
                  "xprober_tries_total 4\n"
                  "# HELP xprober_sent_total What was sent.\n# TYPE xprober_sent_total counter\n"
                  "xprober_sent_total 3\n"
                  "# HELP xprober_wait_seconds How long.\n# TYPE xprober_wait_seconds gauge\n"
                  "xprober_wait_seconds 0.25\n"
                  "# HELP xprober_lag_seconds How late.\n# TYPE xprober_lag_seconds summary\n"
                  "xprober_lag_seconds{quantile=\"0.5\"} 1e-06\n"
                  "xprober_lag_seconds{quantile=\"0.99\"} 2e-06\n"
                  "xprober_lag_seconds{quantile=\"1\"} 3e-06\n");
}

CAF_TEST(several sections have their labels) {
  const section a;
  section b;
  b.sent = 9;
  const std::vector<labelled<section>> both{{&a, {{"name", "a"}}}, {&b, {{"name", "b"}}}};
  prometheus_text out;
  append_counters(out, section::counters(), std::span<const labelled<section>>{both});
  const auto text = out.take();
  CAF_CHECK(text.find("xprober_sent_total{name=\"a\"} 3\nxprober_sent_total{name=\"b\"} 9\n") !=
            std::string::npos);
  CAF_CHECK(text.find("{name=\"b\",quantile=\"1\"} 3e-06") != std::string::npos);
}

CAF_TEST(without a section there is no family) {
  prometheus_text out;
  append_counters(out, section::counters(), std::span<const labelled<section>>{});
  CAF_CHECK_EQUAL(out.take(), "");
}

} // namespace counters_suite
