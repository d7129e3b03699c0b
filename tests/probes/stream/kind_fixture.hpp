#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "probes/stream/script_server.hpp"
#include "resolver/fake_server.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/stream/engine.hpp"

namespace xprober::stream::test {

/// An engine of some kind. Names below `.test` but `missing.test` are 127.0.0.1, `silent.test` is
/// never answered, `fallback.test` is 127.0.0.9 (where nothing listens) and then 127.0.0.1.
struct kind_fixture {
  using maker = std::function<std::unique_ptr<probe_engine>(const agent_config&, engine_options)>;

  kind_fixture(const probe_kind& of, maker make) : kind(of), make_(std::move(make)) {
    config.resolver.servers = {names.address()};
    config.resolver.timeout = std::chrono::seconds{4};
  }

  static std::optional<dns::test::fake_answer> respond(const std::string& name,
                                                       std::uint16_t type) {
    using namespace dns::test;
    if (name == "silent.test") {
      return std::nullopt;
    }
    if (name == "missing.test" || !name.ends_with(".test")) {
      return fake_answer{rcode_nxdomain, {}, 0};
    }
    if (type != type_a) {
      return fake_answer{};
    }
    const std::string one{"\x7F\0\0\1", 4};
    const std::string nine{"\x7F\0\0\x09", 4};
    if (name == "zero.test" || name == "zerofirst.test") {
      const std::string zero(4, '\0');
      return name == "zero.test" ? fake_answer{rcode_ok, {zero}, 0}
                                 : fake_answer{rcode_ok, {zero, one}, 0};
    }
    if (name == "many.test") { // nobody listens at the first eleven
      fake_answer many{rcode_ok, {}, 0};
      for (char last = 20; last < 31; ++last) {
        many.data.push_back(std::string{"\x7F\0\0", 3} + last);
      }
      many.data.push_back(one);
      return many;
    }
    return name == "fallback.test" ? fake_answer{rcode_ok, {nine, one}, 0}
                                   : fake_answer{rcode_ok, {one}, 0};
  }

  probe_engine& engine() {
    if (!engine_) {
      engine_options options;
      options.max_queued = max_queued;
      options.report = [this](const engine_report& r) { report = r; };
      options.stall_tolerance =
          std::chrono::hours{1}; // a busy machine is none of these tests' matter
      engine_ = make_(config, std::move(options));
    }
    return *engine_;
  }

  void stop() { engine().stop(); }

  std::future<probe_outcome> begin(const std::string& address,
                                   std::shared_ptr<const ad_hoc_request> wishes = {}) {
    auto promise = std::make_shared<std::promise<probe_outcome>>();
    auto future = promise->get_future();
    auto spec = new_counted<target_spec>(target_spec{{"here", address, probed_with}, 0});
    engine().start({std::move(spec), monotonic_clock::now(), std::move(wishes)},
                   [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); });
    return future;
  }

  /// The outcome, waited for at most ten seconds.
  probe_outcome probe(const std::string& address,
                      std::shared_ptr<const ad_hoc_request> wishes = {}) {
    return await(begin(address, std::move(wishes)));
  }

  static probe_outcome await(std::future<probe_outcome> future) {
    if (future.wait_for(std::chrono::seconds{10}) != std::future_status::ready) {
      probe_outcome none;
      none.detail = "no outcome within ten seconds";
      return none;
    }
    return future.get();
  }

  /// The phases that have a value, e.g. "resolve connect".
  std::string phases(const probe_outcome& outcome) const {
    std::string all;
    for (std::size_t i = 0; i < kind.columns.size(); ++i) {
      if (kind.columns[i].role == column_role::phase && outcome.values.has(i)) {
        all += (all.empty() ? "" : " ") + kind.columns[i].key;
      }
    }
    return all;
  }

  std::uint64_t counted(std::string_view name) const {
    for (const auto& counter : report.counters) {
      if (counter.name == name) {
        return counter.value;
      }
    }
    return 0;
  }

  static bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  const probe_kind& kind;
  dns::test::fake_server names{respond};
  agent_config config;
  std::size_t max_queued = engine_options{}.max_queued;
  prober_name probed_with{kind};
  engine_report report; ///< valid once the engine was stopped

private:
  maker make_;
  std::unique_ptr<probe_engine> engine_;
};

} // namespace xprober::stream::test
