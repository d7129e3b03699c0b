#define CAF_SUITE prometheus_text

#include "xprober/web/prometheus_text.hpp"

#include <cmath>
#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace prometheus_text_suite {

using namespace xprober::web;

CAF_TEST(a family has its help and type before its series) {
  prometheus_text out;
  out.family("probes_total", metric_type::counter, "Probes begun.");
  out.sample(3, {{"probe_type", "icmp"}});
  out.sample(0.5, {{"probe_type", "http"}, {"region", "a"}});
  CAF_CHECK_EQUAL(out.take(), "# HELP probes_total Probes begun.\n"
                              "# TYPE probes_total counter\n"
                              "probes_total{probe_type=\"icmp\"} 3\n"
                              "probes_total{probe_type=\"http\",region=\"a\"} 0.5\n");
}

CAF_TEST(a family without series leaves nothing) {
  prometheus_text out;
  out.family("a", metric_type::gauge, "A.");
  out.single("b", metric_type::summary, "B.", 1);
  CAF_CHECK_EQUAL(out.take(), "# HELP b B.\n# TYPE b summary\nb 1\n");
  CAF_CHECK_EQUAL(out.take(), "");
}

CAF_TEST(label values and help texts are escaped) {
  prometheus_text out;
  out.family("a", metric_type::gauge, "back\\slash, \"quote\", line\nfeed");
  out.sample(1, {{"l", "back\\slash, \"quote\", line\nfeed"}});
  CAF_CHECK_EQUAL(out.take(), "# HELP a back\\\\slash, \"quote\", line\\nfeed\n"
                              "# TYPE a gauge\n"
                              "a{l=\"back\\\\slash, \\\"quote\\\", line\\nfeed\"} 1\n");
}

CAF_TEST(bytes that are no UTF8 are replaced) {
  prometheus_text out;
  out.family("a", metric_type::gauge, "A.");
  out.sample(1, {{"l", "\xFF"}});
  CAF_CHECK(out.take().find("a{l=\"\xEF\xBF\xBD\"} 1\n") != std::string::npos);
}

CAF_TEST(a series is written once) {
  prometheus_text out;
  out.family("a", metric_type::gauge, "A.");
  CAF_CHECK(out.sample(1, {{"l", "x"}}));
  CAF_CHECK(!out.sample(2, {{"l", "x"}}));
  CAF_CHECK(out.sample(3));
  CAF_CHECK(!out.sample(4));
  out.family("b", metric_type::gauge, "B.");
  CAF_CHECK(out.sample(5, {{"l", "x"}}));
  const auto text = out.take();
  CAF_CHECK_EQUAL(text.find("} 2"), std::string::npos);
  CAF_CHECK(text.find("b{l=\"x\"} 5\n") != std::string::npos);
}

CAF_TEST(a name is one group) {
  prometheus_text out;
  out.single("a", metric_type::gauge, "A.", 1);
  bool thrown = false;
  try {
    out.family("a", metric_type::gauge, "A.");
  } catch (const std::logic_error& e) {
    thrown = std::string(e.what()).find("family a") != std::string::npos;
  }
  CAF_CHECK(thrown);
}

CAF_TEST(values that are no numbers have their forms) {
  prometheus_text out;
  out.single("a", metric_type::gauge, "A.", std::nan(""));
  out.single("b", metric_type::gauge, "B.", -HUGE_VAL);
  const auto text = out.take();
  CAF_CHECK(text.find("\na NaN\n") != std::string::npos);
  CAF_CHECK(text.find("\nb -Inf\n") != std::string::npos);
}

} // namespace prometheus_text_suite
