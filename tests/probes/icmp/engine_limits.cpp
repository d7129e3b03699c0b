#define CAF_SUITE engine_limits

#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "probe_runner.hpp"
#include "xprober/probes/ad_hoc.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_limits_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

bool ready() {
  const engine e{with(icmp_config{})};
  if (!e.sockets().available) {
    std::cout << "SKIPPED: " << e.sockets().problem << std::endl;
  }
  return e.sockets().available;
}

agent_config denying(std::vector<std::string> denied) {
  icmp_config section;
  section.count = 1;
  auto config = with(section);
  config.denied_targets = std::move(denied);
  return config;
}

/// Every name is 127.0.0.2, and mixed.test 127.0.0.3, too.
engine_options names() {
  engine_options options;
  options.resolve = [](const std::string& host, ip_family,
                       std::function<void(resolved_host)> done) {
    resolved_host answer;
    answer.addresses = {"127.0.0.2"};
    if (host == "mixed.test") {
      answer.addresses.emplace_back("127.0.0.3");
    }
    done(std::move(answer));
  };
  return options;
}

} // namespace

CAF_TEST(what is denied gets no echo and a reload counts at once) {
  if (!ready()) {
    return;
  }
  counted_engine e(denying({"127.0.0.2", "link_local", "no.test"}), names());
  for (const char* target :
       {"127.0.0.2", "::ffff:127.0.0.2", "a.test", "no.test", "169.254.169.254"}) {
    const auto outcome = probe(*e, target);
    CAF_CHECK(outcome.error == probe_error::not_allowed);
    CAF_CHECK(outcome.state() == probe_state::own_fault);
    CAF_CHECK(outcome.detail.find(" is denied by denied_targets (") != std::string::npos);
  }
  const auto mixed = probe(*e, "mixed.test");
  CAF_CHECK(mixed.success);
  CAF_CHECK_EQUAL(mixed.address, "127.0.0.3");
  apply(*e, denying({}));
  CAF_CHECK(probe(*e, "127.0.0.2").success);
  CAF_CHECK(probe(*e, "a.test").success);
  auto wrong = denying({"linklocal"});
  CAF_CHECK(e->prepare(wrong).starts_with("denied_targets: 'linklocal' is not allowed"));
  const auto counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_sent, 3u);
  CAF_CHECK_EQUAL(counters.probes.local_errors, 5u);
}

CAF_TEST(who asks can have limits of its own) {
  if (!ready()) {
    return;
  }
  engine e(denying({}), names());
  const auto ask = [&](const std::string& target) {
    auto wishes = std::make_shared<ad_hoc_request>();
    wishes->limits = limits_to({"127.0.0.1", "*.allowed.test"}, "probe_endpoint.allowed_targets");
    auto request = request_for(target);
    request.ad_hoc = std::move(wishes);
    std::promise<probe_outcome> promise;
    auto future = promise.get_future();
    e.start(std::move(request),
            [&](probe_outcome&& outcome) { promise.set_value(std::move(outcome)); });
    return take(future);
  };
  CAF_CHECK(ask("127.0.0.1").success);
  CAF_CHECK(ask("a.allowed.test").success);
  CAF_CHECK(ask("127.0.0.2").error == probe_error::not_allowed);
  const auto named = ask("a.test");
  CAF_CHECK_EQUAL(named.detail, "a.test: 127.0.0.2 is not in probe_endpoint.allowed_targets");
}

} // namespace engine_limits_suite
