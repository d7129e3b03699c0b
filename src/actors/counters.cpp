#include "xprober/actors/snapshot.hpp"

// What both roles count, as /stats, /metrics and docs/counters.md have it.

namespace xprober {

namespace {

constexpr double seconds_of_us = 1e-6;

} // namespace

std::span<const counter<actor_stats>> actor_stats::counters() noexcept {
  using s = actor_stats;
  static constexpr counter<s> all[] = {
      {"running", count_of<s, &s::running>, "actors_running", "Actors alive now.", as_gauge},
      {"spawned", count_of<s, &s::spawned>, "actors_spawned_total", "Actors spawned."},
      {"stopped", count_of<s, &s::stopped>, "actors_stopped_total", "Actors that ended in order."},
      {"failed", count_of<s, &s::failed>, "actors_failed_total", "Actors that ended of an error."},
      {"messages", count_of<s, &s::messages>, "actor_messages_total", "Messages handled."},
      {"mailbox.now", count_of<s, &s::mailbox_now>, "actor_mailbox_messages",
       "Messages that waited when a handler last ran.", as_gauge},
      {"mailbox.max", count_of<s, &s::mailbox_max>, "actor_mailbox_messages_max",
       "The most messages that ever waited.", as_gauge},
      {"handler_us", count_of<s, &s::handler_us>, "actor_handler_seconds",
       "Time that handlers took in the last minute; quantile 1 is the longest.", as_gauge,
       seconds_of_us},
  };
  return all;
}

std::span<const counter<actor_edge>> actor_edge::counters() noexcept {
  using s = actor_edge;
  static constexpr counter<s> all[] = {
      {"from", count_of<s, &s::from>, {}, "A kind of actor, an engine, or `outside`."},
      {"to", count_of<s, &s::to>, {}, "A kind of actor or an engine."},
      {"messages", count_of<s, &s::messages>, "actor_edge_messages_total",
       "Messages handled, by the kind of actor they came from; probes begun where they went to an "
       "engine."},
      {"questions", count_of<s, &s::questions>, "actor_edge_questions_total",
       "Messages of them that want an answer."},
  };
  return all;
}

std::span<const counter<target_stats>> target_stats::counters() noexcept {
  using s = target_stats;
  static constexpr counter<s> all[] = {
      {"unknown_type", count_of<s, &s::unknown_type>, "targets_unknown_type",
       "Targets of the last list whose type is not known here.", as_gauge},
      {"duplicates", count_of<s, &s::duplicates>, "targets_duplicate",
       "Targets that the last list named again.", as_gauge},
      {"bad", count_of<s, &s::bad, &bad_targets::count>, "targets_bad",
       "Targets of the last lists that cannot be used and are left out; `targets.bad_first` says "
       "of the first few why.",
       as_gauge},
  };
  return all;
}

std::span<const counter<target_stats>> target_stats::server_counters() noexcept {
  using s = target_stats;
  static constexpr counter<s> all[] = {
      {"label_conflicts", count_of<s, &s::label_conflicts>, "target_label_conflicts",
       "Targets that were named again with other labels.", as_gauge},
  };
  return all;
}

} // namespace xprober
