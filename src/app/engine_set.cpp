#include "xprober/app/engine_set.hpp"

#include <utility>

#include "xprober/base/log.hpp"

namespace xprober::app {

engine_set::engine_set(const std::vector<prober_entry>& probers, const agent_config& config,
                       const std::function<void(const engine_report&)>& report) {
  for (const auto& prober : probers) {
    auto engine = prober.make({&config, report});
    if (const auto problem = engine->problem(); !problem.empty()) {
      log::error(prober.kind->name, problem);
    }
    engines_.push_back({prober.kind, std::move(engine)});
  }
}

engine_table engine_set::table() const {
  std::vector<engine_table::entry> entries;
  entries.reserve(engines_.size());
  for (const auto& each : engines_) {
    entries.push_back({each.kind, each.engine.get()});
  }
  return engine_table{std::move(entries)};
}

std::string engine_set::prepare(const agent_config& config) {
  for (const auto& each : engines_) {
    if (auto problem = each.engine->prepare(config); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

void engine_set::commit() {
  for (const auto& each : engines_) {
    each.engine->commit();
  }
}

void engine_set::drain(std::function<void()> done) { drain_from(0, std::move(done)); }

void engine_set::drain_from(std::size_t place, std::function<void()> done) {
  if (place == engines_.size()) {
    done();
    return;
  }
  engines_[place].engine->drain(
      [this, place, done = std::move(done)]() mutable { drain_from(place + 1, std::move(done)); });
}

void engine_set::stop() {
  for (const auto& each : engines_) {
    each.engine->stop();
  }
}

} // namespace xprober::app
