#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "xprober/app/probers.hpp"

#include "support/toy_kinds.hpp"

/// All that a kind of probe needs to run: targets turn at once, but for those that are called down.
class toy_engine final : public xprober::probe_engine {
public:
  explicit toy_engine(const xprober::app::engine_setup& setup) : report_(setup.report) {}

  void start(xprober::probe_request request, xprober::probe_completion done) override {
    const bool down = request.target->uid.address.starts_with("down");
    auto outcome = down ? samples::toy_failure(1.5F) : samples::toy_success(1.5F, 2.5F, 42);
    outcome.started = xprober::wall_clock::now();
    outcome.duration = std::chrono::milliseconds{4};
    outcome.detail = down ? "spinning the wheel: it is stuck" : "";
    done(std::move(outcome));
    const auto turns = ++turns_;
    xprober::engine_report all;
    all.kind = samples::toy().name;
    all.probes.started = all.probes.finished = turns;
    all.counters = {{.name = "turns", .help = "Turns of the wheel.", .value = turns}};
    report_(all);
  }
  std::string prepare(const xprober::agent_config&) override { return {}; }
  void commit() override {}
  void report(std::function<void()> done) override { done(); }
  void drain(std::function<void()> done) override { done(); }
  void stop() override {}

private:
  std::function<void(const xprober::engine_report&)> report_;
  std::atomic<std::uint64_t> turns_{0};
};

/// The toy beside the kinds of the program.
inline const std::vector<xprober::app::prober_entry>& probers_with_toy() {
  using namespace xprober::app;
  static const xprober::kind_presenter presenter{samples::toy()};
  static const auto all = [] {
    auto probers = builtin_probers();
    probers.push_back({&samples::toy(), &presenter, [](const engine_setup& setup) {
                         return std::make_unique<toy_engine>(setup);
                       }});
    return probers;
  }();
  return all;
}
