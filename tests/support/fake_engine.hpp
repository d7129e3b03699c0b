#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "xprober/probes/probe_engine.hpp"

/// An engine without a network: it keeps what was started, and the test says how it ends.
class fake_engine : public xprober::probe_engine {
public:
  struct probe {
    xprober::probe_request request;
    xprober::probe_completion done; ///< null once it was called
  };

  void start(xprober::probe_request request, xprober::probe_completion done) override {
    if (broken) {
      throw std::runtime_error("the engine is broken");
    }
    probes.push_back({std::move(request), std::move(done)});
  }

  bool takes_rounds() const noexcept override { return in_rounds; }
  void start_all(std::vector<xprober::probe_start> round) noexcept override {
    rounds.push_back(round.size());
    probe_engine::start_all(std::move(round));
  }

  std::string prepare(const xprober::agent_config&) override { return refuses; }
  void commit() override { ++commits; }
  void drain(std::function<void()> done) override { done(); }
  void stop() override { stopped = true; }
  void report(std::function<void()> done) override { reports.push_back(std::move(done)); }

  /// Ends the probe that was started last.
  void finish(xprober::probe_outcome outcome) { finish(probes.size() - 1, std::move(outcome)); }

  /// Ends the probe with this number; the first is 0.
  void finish(std::size_t number, xprober::probe_outcome outcome) {
    std::exchange(probes.at(number).done, nullptr)(std::move(outcome));
  }

  std::vector<probe> probes;                  ///< in the order they were started
  std::vector<std::function<void()>> reports; ///< asked for and not answered by themselves
  bool in_rounds = false;                     ///< it takes probes in rounds
  std::vector<std::size_t> rounds;            ///< how many probes each had
  bool broken = false;                        ///< `start` throws
  std::string refuses;                        ///< what is wrong with all settings; empty: nothing
  int commits = 0;
  bool stopped = false;
};
