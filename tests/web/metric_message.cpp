#define CAF_SUITE metric_message

#include "xprober/web/metric_message.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/history/histogram_message.hpp"
#include "xprober/web/gauge_text.hpp"

#include "caf/test/unit_test.hpp"

#include "web/metric_families.hpp"

namespace metric_message_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

} // namespace

CAF_TEST(families come one after the other with their metrics) {
  prometheus_text out{metric_format::protobuf};
  out.family("probes_total", metric_type::counter, "Probes begun.");
  out.sample(3, {{"probe_type", "icmp"}});
  out.sample(0.5, {{"probe_type", "http"}, {"region", "a"}});
  out.family("none", metric_type::gauge, "Without a series.");
  out.single("up", metric_type::gauge, "Whether.", 0);
  const auto all = metric_families::read(out.take());
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  const auto& probes = all.at("probes_total");
  CAF_CHECK_EQUAL(probes.help, "Probes begun.");
  CAF_CHECK_EQUAL(probes.type, 0);
  CAF_REQUIRE_EQUAL(probes.metrics.size(), 2u);
  CAF_CHECK((probes.metrics[0].labels == label_pairs{{"probe_type", "icmp"}}));
  CAF_CHECK(probes.metrics[0].counter == 3.0);
  CAF_CHECK(!probes.metrics[0].gauge);
  CAF_CHECK((probes.metrics[1].labels == label_pairs{{"probe_type", "http"}, {"region", "a"}}));
  CAF_CHECK(probes.metrics[1].counter == 0.5);
  const auto& up = all.at("up");
  CAF_CHECK_EQUAL(up.type, 1);
  CAF_CHECK(up.metrics.at(0).gauge == 0.0);
  CAF_CHECK(up.metrics.at(0).labels.empty());
  CAF_CHECK(out.take().empty());
  out.single("up", metric_type::gauge, "Whether.", std::nan(""));
  CAF_CHECK(std::isnan(metric_families::read(out.take()).at("up").metrics.at(0).gauge.value()));
}

CAF_TEST(texts stand as they are but for bytes that are none) {
  prometheus_text out{metric_format::protobuf};
  out.family("a", metric_type::gauge, "back\\slash, \"quote\", line\nfeed");
  out.sample(1, {{"l", "back\\slash, \"quote\", line\nfeed"}});
  out.sample(1, {{"l", "\xFF"}});
  const auto all = metric_families::read(out.take());
  const auto& a = all.at("a");
  CAF_CHECK_EQUAL(a.help, "back\\slash, \"quote\", line\nfeed");
  CAF_CHECK_EQUAL(a.metrics.at(0).labels.at(0).second, "back\\slash, \"quote\", line\nfeed");
  CAF_CHECK_EQUAL(a.metrics.at(1).labels.at(0).second, "\xEF\xBF\xBD");
}

CAF_TEST(a series is written once) {
  prometheus_text out{metric_format::protobuf};
  out.family("a", metric_type::gauge, "A.");
  CAF_CHECK(out.sample(1, {{"l", "x"}}));
  CAF_CHECK(!out.sample(2, {{"l", "x"}}));
  CAF_CHECK(out.sample(3));
  CAF_CHECK_EQUAL(metric_families::read(out.take()).at("a").metrics.size(), 2u);
}

CAF_TEST(a summary of quantiles alone is a gauge with quantiles) {
  prometheus_text out{metric_format::protobuf};
  out.family("s", metric_type::summary, "S.");
  out.sample(0.25, {{"quantile", "0.5"}});
  out.sample(0.75, {{"quantile", "0.99"}});
  const auto all = metric_families::read(out.take());
  const auto& s = all.at("s");
  CAF_CHECK_EQUAL(s.type, 1);
  CAF_REQUIRE_EQUAL(s.metrics.size(), 2u);
  CAF_CHECK((s.metrics[1].labels == label_pairs{{"quantile", "0.99"}}));
  CAF_CHECK(s.metrics[1].gauge == 0.75);
}

CAF_TEST(a native histogram is one metric and the text has none) {
  native_histogram value;
  value.observe(0.5);
  value.observe(2);
  const std::vector<metric_label> labels{{"addr", "http://a/"}};
  const auto write = [&](metric_format format) {
    prometheus_text out{format};
    out.family("h", metric_type::histogram, "H.");
    CAF_CHECK(out.histogram(value, 1500, labels));
    CAF_CHECK_EQUAL(out.histogram(value, 1500, labels), format == metric_format::text);
    return out.take();
  };
  CAF_CHECK(write(metric_format::text).empty());
  const auto all = metric_families::read(write(metric_format::protobuf));
  const auto& h = all.at("h");
  CAF_CHECK_EQUAL(h.type, 4);
  CAF_REQUIRE_EQUAL(h.metrics.size(), 1u);
  CAF_CHECK((h.metrics[0].labels == label_pairs{{"addr", "http://a/"}}));
  CAF_CHECK(h.metrics[0].histogram == exposed_histogram(value, 1500));
}

CAF_TEST(gauges of many probes are messages where the whole is) {
  prometheus_text out{metric_format::protobuf};
  out.single("first", metric_type::gauge, "First.", 1);
  gauge_text gauges{out.format()};
  for (const auto* target : {"a", "b"}) {
    gauges.set_common({{"target", target}});
    gauges.single("up", "Whether.", 1);
    gauges.family("seconds", "How long.");
    gauges.sample(0.5, {{"phase", "rtt"}});
  }
  gauges.append_to(out);
  out.single("last", metric_type::gauge, "Last.", 1);
  const auto all = metric_families::read(out.take());
  CAF_CHECK_EQUAL(all.size(), 4u);
  CAF_CHECK_EQUAL(all.at("up").metrics.size(), 2u);
  CAF_CHECK(
      (all.at("seconds").metrics.at(1).labels == label_pairs{{"target", "b"}, {"phase", "rtt"}}));
}

} // namespace metric_message_suite
