#define CAF_SUITE gauge_text

#include "xprober/web/gauge_text.hpp"

#include <stdexcept>

#include "net/thrown.hpp"

#include "caf/test/unit_test.hpp"

namespace gauge_text_suite {

using namespace xprober::web;

CAF_TEST(the series of a family stand together whoever wrote them) {
  gauge_text gauges;
  for (const auto* target : {"a", "b"}) {
    gauges.set_common({{"target", target}});
    gauges.single("up", "Whether.", 1);
    gauges.family("seconds", "How long.");
    gauges.sample(0.5, {{"phase", "rtt"}});
  }
  prometheus_text out;
  gauges.append_to(out);
  CAF_CHECK_EQUAL(out.take(), "# HELP up Whether.\n# TYPE up gauge\nup{target=\"a\"} 1\n"
                              "up{target=\"b\"} 1\n# HELP seconds How long.\n"
                              "# TYPE seconds gauge\nseconds{target=\"a\",phase=\"rtt\"} 0.5\n"
                              "seconds{target=\"b\",phase=\"rtt\"} 0.5\n");
}

CAF_TEST(a series that came before is left out) {
  gauge_text gauges;
  gauges.single("up", "Whether.", 1);
  gauges.single("up", "Whether.", 0);
  prometheus_text out;
  gauges.append_to(out);
  CAF_CHECK_EQUAL(out.take(), "# HELP up Whether.\n# TYPE up gauge\nup 1\n");
}

CAF_TEST(a family without a series leaves nothing) {
  gauge_text gauges;
  gauges.family("up", "Whether.");
  prometheus_text out;
  gauges.append_to(out);
  CAF_CHECK_EQUAL(out.take(), "");
}

CAF_TEST(a family of the others cannot be written again) {
  prometheus_text out;
  out.single("up", metric_type::gauge, "Whether.", 1);
  gauge_text gauges;
  gauges.single("up", "Whether.", 1);
  CAF_CHECK(!xprober::test::thrown<std::logic_error>([&] { gauges.append_to(out); }).empty());
}

} // namespace gauge_text_suite
