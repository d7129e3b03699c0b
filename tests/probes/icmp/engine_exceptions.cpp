#define CAF_SUITE engine_exceptions

#include <functional>
#include <future>
#include <stdexcept>
#include <vector>

#include "probe_runner.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_exceptions_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

/// Names that begin with "bad" lead to an exception, the others are 127.0.0.9.
engine_options names() {
  engine_options options;
  options.resolve = [](const std::string& host, ip_family,
                       std::function<void(resolved_host)> done) {
    if (host.starts_with("bad")) {
      throw std::length_error("too long by one byte");
    }
    done({probe_error::none, "", {"127.0.0.9"}});
  };
  return options;
}

icmp_config quick() {
  icmp_config config;
  config.count = 1;
  config.timeout = 500ms;
  return config;
}

} // namespace

CAF_TEST(an exception in a probe is its own fault and the others go on) {
  counted_engine e(quick(), names());
  for (int i = 0; i < 2; ++i) {
    const auto outcome = probe(*e, "bad.test");
    CAF_CHECK_EQUAL(outcome.error, probe_error::local_internal);
    CAF_CHECK(outcome.detail.find("too long by one byte") != std::string::npos);
    CAF_CHECK(probe(*e, "good.test").error != probe_error::local_internal);
  }
  const auto counters = e.stop();
  CAF_CHECK_EQUAL(counters.probes.exceptions, 2u);
  CAF_CHECK_EQUAL(counters.probes.started, counters.probes.finished);
  CAF_CHECK_EQUAL(counters.probes.failed, 0u);
}

CAF_TEST(an exception in who is told of an outcome does not end the engine) {
  counted_engine e(quick(), names());
  std::promise<void> told;
  e->start(request_for("not an address"), [&](probe_outcome&&) {
    told.set_value();
    throw std::runtime_error("who is told");
  });
  CAF_CHECK(told.get_future().wait_for(10s) == std::future_status::ready);
  CAF_CHECK(probe(*e, "good.test").error != probe_error::local_internal);
  CAF_CHECK(e.stop().probes.exceptions == 1);
}

CAF_TEST(an engine stops whoever does not take an outcome or a report) {
  engine_options options;
  std::vector<std::function<void(resolved_host)>> never;
  options.resolve = [&](const std::string&, ip_family, auto done) { never.push_back(done); };
  options.report = [](const engine_report&) { throw std::runtime_error("who is reported to"); };
  engine e{with(quick()), options};
  std::promise<probe_outcome> other;
  e.start(request_for("slow.test"),
          [](probe_outcome&&) { throw std::runtime_error("who is told"); });
  e.start(request_for("slow.test"), [&](probe_outcome&& o) { other.set_value(std::move(o)); });
  std::promise<void> reported;
  e.report([&] { reported.set_value(); });
  CAF_CHECK(reported.get_future().wait_for(10s) == std::future_status::ready);
  e.stop();
  auto told = other.get_future();
  CAF_REQUIRE(told.wait_for(0s) == std::future_status::ready);
  CAF_CHECK(told.get().error == probe_error::shutdown);
}

} // namespace engine_exceptions_suite
