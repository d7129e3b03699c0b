#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "probes/http/script_server.hpp"
#include "resolver/fake_server.hpp"
#include "xprober/probes/http/engine.hpp"

namespace xprober::http::test {

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

  engine& prober() {
    if (!engine_) {
      engine_options options;
      options.resolver.servers = {names.address()};
      options.resolver.timeout = std::chrono::seconds{4};
      options.resolver.max_in_flight = names_in_flight;
      options.counters = [this](const http_counters& c) { counters = c; };
      engine_ = std::make_unique<engine>(config, std::move(options), modules);
    }
    return *engine_;
  }

  target_ref make_target(std::string address) const {
    auto user = take_user_info(address);
    auto spec =
        std::make_shared<target_spec>(target_spec{{"here", std::move(address), probed_with}, 0});
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
      none.data = http_summary{};
      return none;
    }
    return future.get();
  }

  probe_outcome probe(std::string target) {
    auto future = begin(std::move(target));
    return await(future);
  }

  static http_summary summary(const probe_outcome& outcome) {
    return std::get<http_summary>(outcome.data);
  }

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
  prober_name probed_with{probe_type::http};
  std::uint32_t names_in_flight = 256; ///< names asked for at a time
  http_counters counters;              ///< valid once the engine was stopped

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
