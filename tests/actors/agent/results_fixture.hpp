#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/stats.hpp"

#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace xprober {

/// The actor `results`, and what its neighbours say to it.
struct results_fixture : xprober_fixture {
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"agent", "1"}));
  results_actor subject = spawn_results(1000);

  results_actor spawn_results(std::uint64_t limit) {
    return reaper.keep(sys.spawn(results, counters, limit, nullptr));
  }

  target_ref begin(target_index index, std::string address) {
    const auto target = samples::target(index, std::move(address));
    caf::anon_send(subject, target_begun{target});
    reaper.settle();
    return target;
  }

  probe_result_ptr add(const target_ref& target, probe_outcome outcome = samples::success()) {
    const auto result = samples::result(target, std::move(outcome));
    caf::anon_send(subject, result_round{{result}});
    reaper.settle();
    return result;
  }

  void forget(target_index index) {
    caf::anon_send(subject, target_gone{index});
    reaper.settle();
  }

  void acknowledge(std::uint64_t id) {
    // The spool takes it, and then a server does.
    const auto& in_flight = reaper.state_of<results_state>(subject).in_flight;
    const auto size = in_flight.id == id ? in_flight.results.size() : 0;
    caf::anon_send(subject, spool_change{id, 0, 0, 0});
    caf::anon_send(subject, spool_change{0, size, 0, 0});
    reaper.settle();
  }

  result_batch take(std::uint64_t most = 100) {
    auto batch = reaper.ask<result_batch>(subject, take_results{most});
    CAF_REQUIRE(batch);
    return *batch;
  }

  const backlog_stats& backlog() { return reaper.state_of<stats_state>(counters).backlog; }

  target_listing list(std::string state = "", std::size_t limit = 100) {
    auto listing = reaper.ask<target_listing>(subject, target_query{std::move(state), limit});
    CAF_REQUIRE(listing);
    return *listing;
  }
};

using result_list = std::vector<probe_result_ptr>;

} // namespace xprober
