#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "xprober/probes/icmp/engine.hpp"

namespace xprober::icmp::test {

inline probe_request request_for(const std::string& address, target_index index = 0) {
  auto spec = std::make_shared<target_spec>();
  spec->uid.address = address;
  spec->index = index;
  return {std::move(spec), monotonic_clock::now()};
}

/// Starts one probe; the outcome comes through the future.
inline std::future<probe_outcome> launch(engine& e, const std::string& address,
                                         target_index index = 0) {
  auto promise = std::make_shared<std::promise<probe_outcome>>();
  auto future = promise->get_future();
  e.start(request_for(address, index),
          [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); });
  return future;
}

/// The outcome, or an exception if it does not come within 60 s.
inline probe_outcome take(std::future<probe_outcome>& future) {
  if (future.wait_for(std::chrono::seconds{60}) != std::future_status::ready) {
    throw std::runtime_error("a probe did not end within 60 s");
  }
  return future.get();
}

inline probe_outcome probe(engine& e, const std::string& address, target_index index = 0) {
  auto future = launch(e, address, index);
  return take(future);
}

/// Probes all addresses at the same time.
inline std::vector<probe_outcome> probe_all(engine& e, const std::vector<std::string>& addresses) {
  std::vector<std::future<probe_outcome>> futures;
  futures.reserve(addresses.size());
  for (const std::string& address : addresses) {
    futures.push_back(launch(e, address));
  }
  std::vector<probe_outcome> outcomes;
  outcomes.reserve(futures.size());
  for (auto& future : futures) {
    outcomes.push_back(take(future));
  }
  return outcomes;
}

inline const icmp_summary& summary_of(const probe_outcome& outcome) {
  return std::get<icmp_summary>(outcome.data);
}

inline icmp_summary summary_of(probe_outcome&& outcome) {
  return std::get<icmp_summary>(std::move(outcome.data));
}

/// An engine whose last counters can be read once it has stopped.
class counted_engine {
public:
  explicit counted_engine(icmp_config config, engine_options options = {})
      : counters_(std::make_shared<icmp_counters>()) {
    options.on_counters = [counters = counters_](const icmp_counters& now) { *counters = now; };
    engine_ = std::make_unique<engine>(std::move(config), std::move(options));
  }

  engine& operator*() { return *engine_; }
  engine* operator->() { return engine_.get(); }

  icmp_counters stop() {
    engine_->stop();
    return *counters_;
  }

private:
  std::shared_ptr<icmp_counters> counters_;
  std::unique_ptr<engine> engine_;
};

} // namespace xprober::icmp::test
