#pragma once

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/stream/script_server.hpp"
#include "resolver/fake_server.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/http/engine.hpp"
#include "xprober/probes/http/summary.hpp"

namespace xprober::http::test {

using namespace stream::test;

/// What an engine reported.
struct engine_counts : stream::stream_counters {
  std::uint64_t redirects = 0;
  std::uint64_t body_bytes = 0;
  probe_counters probes;
  dns_counters dns;

  engine_counts() = default;
  explicit engine_counts(const engine_report& report) : probes(report.probes), dns(report.dns) {
    const auto take = [&](std::string_view name, std::uint64_t& into) {
      for (const auto& counter : report.counters) {
        into = counter.name == name ? counter.value : into;
      }
    };
    take("connections", connections);
    take("redirects", redirects);
    take("resolves", resolves);
    take("local_errors", local_errors);
    take("body_bytes", body_bytes);
    take("no_descriptor", no_descriptor);
    take("yielded", yielded);
    take("places", places);
  }
};

/// An engine whose names are answered by a DNS server of the test: names below `.test` but
/// `missing.test` are 127.0.0.1, those that begin with `silent` are never answered, and
/// `fallback.test` is 127.0.0.9 (where nothing listens) and then 127.0.0.1. `both.test` is ::1,
/// too, and `six.test` is ::1 alone.
struct probe_fixture {
  probe_fixture() { config.timeout = std::chrono::seconds{5}; }

  static std::optional<dns::test::fake_answer> respond(const std::string& name,
                                                       std::uint16_t type) {
    using namespace dns::test;
    if (name.starts_with("silent")) {
      return std::nullopt;
    }
    if (name == "missing.test" || !name.ends_with(".test")) {
      return fake_answer{rcode_nxdomain, {}, 0};
    }
    if (type != type_a) {
      const bool has_six = name == "both.test" || name == "six.test";
      return has_six ? fake_answer{rcode_ok, {std::string(15, '\0') + '\1'}, 0} : fake_answer{};
    }
    if (name == "six.test") {
      return fake_answer{};
    }
    const std::string one{"\x7F\0\0\1", 4};
    const std::string nine{"\x7F\0\0\x09", 4};
    return name == "fallback.test" ? fake_answer{rcode_ok, {nine, one}, 0}
                                   : fake_answer{rcode_ok, {one}, 0};
  }

  using module_configs = std::map<std::string, http_config>;

  agent_config whole(const http_config& section, const module_configs& named = {}) const {
    agent_config all;
    all.http = section;
    for (const auto& [name, module] : named) {
      all.modules[name].prober = &kinds::http();
      all.modules[name].http = module;
    }
    all.denied_targets = denied_targets;
    all.secret_hosts = secret_hosts;
    all.resolver.servers = {names.address()};
    all.resolver.timeout = std::chrono::seconds{4};
    all.resolver.max_in_flight = names_in_flight;
    return all;
  }

  /// What is wrong with new settings; empty: they count from now on.
  std::string reconfigure(const http_config& section, const module_configs& named = {}) {
    auto problem = prober().prepare(whole(section, named));
    prober().commit();
    return problem;
  }

  engine& prober() {
    if (!engine_) {
      engine_options options;
      options.report = [this](const engine_report& r) { counters = engine_counts{r}; };
      options.stall_tolerance = stall_tolerance;
      engine_ = std::make_unique<engine>(whole(config, modules), std::move(options));
    }
    return *engine_;
  }

  target_ref make_target(std::string address) const {
    auto user = take_user(probed_with, address);
    auto spec = new_counted<target_spec>(target_spec{{"here", std::move(address), probed_with}, 0});
    if (user) {
      spec->user_info = std::make_unique<const std::string>(std::move(*user));
    }
    return spec;
  }

  std::future<probe_outcome> begin(std::string target,
                                   monotonic_time due = monotonic_clock::now()) {
    auto promise = std::make_shared<std::promise<probe_outcome>>();
    prober().start({make_target(std::move(target)), due},
                   [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  /// The outcome, waited for at most ten seconds.
  static probe_outcome await(std::future<probe_outcome>& future) {
    if (future.wait_for(std::chrono::seconds{10}) != std::future_status::ready) {
      probe_outcome none;
      none.detail = "no outcome within ten seconds";
      return none;
    }
    return future.get();
  }

  probe_outcome probe(std::string target) {
    auto future = begin(std::move(target));
    return await(future);
  }

  static http_summary summary(const probe_outcome& outcome) { return http::read_summary(outcome); }

  /// The phases that have a value, e.g. "resolve connect".
  static std::string phases(const probe_outcome& outcome) {
    std::string names_of;
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      if (summary(outcome).phases_ms[i]) {
        names_of += (names_of.empty() ? "" : " ") + std::string{to_string(http_phase(i))};
      }
    }
    return names_of;
  }

  dns::test::fake_server names{respond};
  http_config config;
  module_configs modules;
  std::vector<std::string> denied_targets = agent_config{}.denied_targets;
  std::vector<std::string> secret_hosts;
  prober_name probed_with{kinds::http()};
  std::uint32_t names_in_flight = 256; ///< names asked for at a time
  /// A busy machine is no matter of most tests.
  nanoseconds stall_tolerance = std::chrono::hours{1};
  engine_counts counters; ///< valid once the engine was stopped

protected:
  std::unique_ptr<engine> engine_;
};

inline const std::string all_phases = "resolve connect tls processing transfer";

/// A whole response with a length.
inline std::string response(std::string_view status, std::string_view body = "",
                            std::string_view fields = "") {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

} // namespace xprober::http::test
