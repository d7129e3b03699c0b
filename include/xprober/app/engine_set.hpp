#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "xprober/app/probers.hpp"
#include "xprober/probes/engine_table.hpp"

namespace xprober::app {

/// The engines of an agent, one for each prober.
class engine_set {
public:
  /// Makes all of them. Throws what they throw for settings that cannot be used. `report` is called
  /// on their threads; must not block.
  engine_set(const std::vector<prober_entry>& probers, const agent_config& config,
             const std::function<void(const engine_report&)>& report);

  engine_table table() const;

  /// Makes new settings ready in all engines. What is wrong with them, for people; empty where
  /// nothing is. They count from `commit` on.
  std::string prepare(const agent_config& config);
  void commit();

  /// Begins no probe any more and calls `done` when none is running, on an engine's thread.
  void drain(std::function<void()> done);

  /// Ends what still runs and all threads.
  void stop();

  /// Lets go of the engines, and so of what `report` holds.
  void clear() { engines_.clear(); }

private:
  struct item {
    const probe_kind* kind = nullptr;
    std::unique_ptr<probe_engine> engine;
  };

  void drain_from(std::size_t place, std::function<void()> done);

  std::vector<item> engines_;
};

} // namespace xprober::app
