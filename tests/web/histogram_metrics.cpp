#define CAF_SUITE histogram_metrics

#include "xprober/web/histogram_metrics.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/sample.hpp"
#include "xprober/domain/history/histogram_message.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/server_metrics.hpp"

#include "caf/test/unit_test.hpp"

#include "web/metric_families.hpp"

namespace histogram_metrics_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

histogram_series series(history_subject subject, double seconds) {
  histogram_series one{std::move(subject), {}, 77'000, nanoseconds{0}};
  one.seconds.observe(seconds);
  return one;
}

std::vector<histogram_series> histograms() {
  return {series({"http", result_group::address, "cn-south", "https://down.example/"}, 0.25),
          series({"icmp", result_group::pair, "cn-north", "cn-south"}, 0.03),
          series({"icmp", result_group::pair, "cn-north", "gone"}, 0.04)};
}

/// The families by name with the number of their series, as the text has them.
std::map<std::string, std::size_t> counts_of(const std::string& text) {
  std::map<std::string, std::size_t> all;
  std::string_view left{text};
  while (!left.empty()) {
    const auto line = left.substr(0, left.find('\n'));
    if (!line.starts_with('#')) {
      ++all[std::string{line.substr(0, line.find_first_of("{ "))}];
    }
    left.remove_prefix(std::min(line.size() + 1, left.size()));
  }
  return all;
}

std::map<std::string, std::size_t>
counts_of(const std::map<std::string, metric_families::family>& families) {
  std::map<std::string, std::size_t> all;
  for (const auto& [name, one] : families) {
    all[name] = one.metrics.size();
  }
  return all;
}

} // namespace

CAF_TEST(groups that have results have their histograms) {
  prometheus_text out{metric_format::protobuf};
  append_histogram_metrics(out, sample::store(), histograms());
  const auto all = metric_families::read(out.take());
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  const auto& pairs = all.at("xprober_pair_latency_seconds").metrics;
  CAF_REQUIRE_EQUAL(pairs.size(), 1u); // nobody probes the other one any more
  CAF_CHECK((pairs[0].labels == label_pairs{{"source_region", "cn-north"},
                                            {"target_region", "cn-south"},
                                            {"probe_type", "icmp"}}));
  CAF_CHECK(pairs[0].histogram == exposed_histogram(histograms()[1].seconds, 77'000));
  const auto& urls = all.at("xprober_url_latency_seconds").metrics;
  CAF_REQUIRE_EQUAL(urls.size(), 1u);
  CAF_CHECK((urls[0].labels == label_pairs{{"source_region", "cn-south"},
                                           {"addr", "https://down.example/"},
                                           {"probe_type", "http"}}));
}

CAF_TEST(both forms of a servers metrics have the same series but for histograms) {
  const auto all = histograms();
  const auto form = [&](metric_format format) {
    return server_metrics(sample::server_stats(), sample::store_with_toys(), sample::agents(),
                          nullptr, &all, format);
  };
  const auto text = counts_of(form(metric_format::text));
  auto messages = counts_of(metric_families::read(form(metric_format::protobuf)));
  CAF_CHECK_EQUAL(messages["xprober_pair_latency_seconds"], 1u);
  CAF_CHECK_EQUAL(messages["xprober_url_latency_seconds"], 1u);
  messages.erase("xprober_pair_latency_seconds");
  messages.erase("xprober_url_latency_seconds");
  CAF_CHECK(text == messages);
}

CAF_TEST(both forms of an agents metrics have the same series) {
  const auto listing = sample::listing();
  const auto form = [&](metric_format format) {
    return agent_metrics(sample::agent_stats(), {"cn-north", "10.0.0.1"}, sample::presenters(),
                         &listing, format);
  };
  CAF_CHECK(counts_of(form(metric_format::text)) ==
            counts_of(metric_families::read(form(metric_format::protobuf))));
}

} // namespace histogram_metrics_suite
