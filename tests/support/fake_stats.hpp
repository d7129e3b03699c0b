#pragma once

#include <concepts>
#include <utility>

#include "xprober/actors/actors.hpp"

/// A stand-in for the actor that collects counts: what tests want to hear goes to `hear`, which
/// takes one kind of report or, as an `any_of`, several; the others are taken and dropped.
namespace fake_stats {

template <class... Hears>
struct any_of : Hears... {
  using Hears::operator()...;
};

template <class Report, class Hear>
auto handler(const Hear& hear) {
  if constexpr (std::invocable<const Hear&, const Report&>) {
    return [hear](const Report& report) { hear(report); };
  } else {
    return [](const Report&) {};
  }
}

/// The same where there is an answer: what `hear` says, or an empty one.
template <class Answer, class Question, class Hear>
auto answer(const Hear& hear) {
  if constexpr (std::invocable<const Hear&, const Question&>) {
    return [hear](const Question& question) -> caf::result<Answer> { return hear(question); };
  } else {
    return [](const Question&) -> caf::result<Answer> { return Answer{}; };
  }
}

template <class Hear>
xprober::stats_actor::behavior_type behavior(const Hear& hear) {
  using namespace xprober;
  return {
      handler<handler_report>(hear),      handler<lifecycle_report>(hear),
      handler<tick_report>(hear),         handler<engine_report>(hear),
      handler<sync_stats>(hear),          handler<push_stats>(hear),
      handler<backlog_stats>(hear),       handler<target_stats>(hear),
      handler<ingest_stats>(hear),        handler<journal_stats>(hear),
      handler<probe_request_stats>(hear), handler<discovery_stats>(hear),
      handler<port_counters>(hear),       handler<receiver_report>(hear),
      handler<notify_report>(hear),       handler<history_stats>(hear),
      handler<incident_stats>(hear),      handler<registry_stats>(hear),
      handler<rpc_stats>(hear),           [](get_stats_atom) { return stats_snapshot{}; },
      handler<warnings_report>(hear),     handler<result_tally>(hear),
      handler<own_fault_report>(hear),    handler<stats_reporter>(hear),
      handler<memory_stats>(hear),        handler<chain_counts>(hear),
  };
}

template <class Hear>
xprober::stats_actor spawn(caf::actor_system& system, Hear hear) {
  const auto begin = [](xprober::stats_actor::pointer, const Hear& what) { return behavior(what); };
  return system.spawn(begin, std::move(hear));
}

} // namespace fake_stats
