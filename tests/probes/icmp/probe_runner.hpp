#pragma once

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/probes/icmp/summary.hpp"

namespace xprober::icmp::test {

/// A configuration with this section and these modules, whose targets share no results unless a
/// period is named.
inline agent_config with(icmp_config config, milliseconds share_period = {},
                         const std::map<std::string, icmp_config>& modules = {}) {
  agent_config all;
  all.icmp = std::move(config);
  all.probe_interval = share_period;
  for (const auto& [name, module] : modules) {
    all.modules[name].prober = &kinds::icmp();
    all.modules[name].icmp = module;
  }
  return all;
}

/// Settings that the engine takes.
inline void apply(engine& e, const agent_config& config) {
  if (const auto problem = e.prepare(config); !problem.empty()) {
    throw std::runtime_error(problem);
  }
  e.commit();
}

inline probe_request request_for(const std::string& address, target_index index = 0) {
  auto spec = new_counted<target_spec>();
  spec->uid.address = address;
  spec->uid.type = kinds::icmp();
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

inline icmp_summary summary_of(const probe_outcome& outcome) { return icmp::read_summary(outcome); }

/// What an engine reported.
struct engine_counts : echo_counters {
  probe_counters probes;
  dns_counters dns;

  explicit engine_counts(const engine_report& report) : probes(report.probes), dns(report.dns) {
    const auto take = [&](std::string_view name, std::uint64_t& into) {
      for (const auto& counter : report.counters) {
        into = counter.name == name ? counter.value : into;
      }
    };
    take("echo_sent", echo_sent);
    take("echo_received", echo_received);
    take("late", late);
    take("duplicate", duplicate);
    take("foreign", foreign);
    take("icmp_errors", icmp_errors);
    take("send_errors", send_errors);
    take("send_blocked", send_blocked);
    take("receive_overflow", receive_overflow);
    take("sent_inexact", sent_inexact);
    take("shared", shared);
  }
};

/// An engine whose last counters can be read once it has stopped.
class counted_engine {
public:
  explicit counted_engine(const icmp_config& config, engine_options options = {})
      : counted_engine(with(config), std::move(options)) {}
  explicit counted_engine(const agent_config& config, engine_options options = {})
      : report_(std::make_shared<engine_report>()) {
    options.report = [report = report_](const engine_report& now) { *report = now; };
    engine_ = std::make_unique<engine>(config, std::move(options));
  }

  engine& operator*() { return *engine_; }
  engine* operator->() { return engine_.get(); }

  engine_counts stop() {
    engine_->stop();
    return engine_counts{*report_};
  }

private:
  std::shared_ptr<engine_report> report_;
  std::unique_ptr<engine> engine_;
};

} // namespace xprober::icmp::test
