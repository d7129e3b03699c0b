#include "xprober/actors/meter.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xprober {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds flush_interval{500};

struct kind_meter {
  std::uint64_t messages = 0;
  std::uint64_t mailbox_now = 0;
  std::uint64_t mailbox_max = 0;
  histogram handler_ns;
};

// The nodes of the graph of actors: their kinds, what is outside, and the engines that the thread
// has met.
constexpr std::size_t outside_node = actor_kind_count;
constexpr std::size_t first_engine_node = outside_node + 1;
constexpr std::size_t most_engines = 15;
constexpr std::size_t node_count = first_engine_node + most_engines;

struct flow_meter {
  std::uint32_t messages = 0;
  std::uint32_t questions = 0;
};

struct tick_meter {
  std::uint64_t due = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped_busy = 0;
  std::uint64_t skipped_overload = 0;
  std::uint64_t repeated = 0;
  histogram lag_us;
};

std::size_t node_named(std::string_view name) noexcept {
  // Some have one in front that passes on what comes, under its own name.
  for (const std::string_view suffix : {"_front", "_shards"}) {
    if (name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
    }
  }
  for (std::size_t i = 0; i < actor_kind_count; ++i) {
    if (name == to_string(static_cast<actor_kind>(i))) {
      return i;
    }
  }
  return outside_node;
}

// One for each worker thread and never seen by another.
struct thread_meters {
  std::array<kind_meter, actor_kind_count> kinds;
  std::array<std::array<flow_meter, node_count>, node_count> flows{}; ///< by receiver, then sender
  std::array<const probe_kind*, most_engines> engines{};
  std::array<std::pair<const char*, std::size_t>, 32> names{}; ///< of actors, as they came
  tick_meter ticks;
  clock::time_point next_flush = clock::now() + flush_interval;

  std::size_t node_of(const probe_kind& engine) noexcept {
    for (std::size_t i = 0; i < engines.size(); ++i) {
      if (engines[i] == nullptr) {
        engines[i] = &engine;
      }
      if (engines[i] == &engine) {
        return first_engine_node + i;
      }
    }
    return outside_node;
  }

  /// An actor's name is the same address for all of its kind.
  std::size_t node_of(const char* name) noexcept {
    for (auto& [known, node] : names) {
      if (known == nullptr) {
        known = name;
        node = node_named(name);
      }
      if (known == name) {
        return node;
      }
    }
    return node_named(name);
  }

  std::string name_of(std::size_t node) const {
    return node < outside_node    ? std::string{to_string(static_cast<actor_kind>(node))}
           : node == outside_node ? "outside"
                                  : engines[node - first_engine_node]->name;
  }

  void take_flow(std::vector<actor_edge>& out, std::size_t from, std::size_t to) {
    const auto flow = std::exchange(flows[to][from], {});
    if (flow.messages > 0) {
      out.push_back({name_of(from), name_of(to), flow.messages, flow.questions});
    }
  }

  /// What has come to a kind, and what it has given to engines.
  std::vector<actor_edge> take_flows(std::size_t kind) {
    std::vector<actor_edge> out;
    for (std::size_t from = 0; from < node_count; ++from) {
      take_flow(out, from, kind);
    }
    for (std::size_t engine = first_engine_node; engine < node_count; ++engine) {
      take_flow(out, kind, engine);
    }
    return out;
  }

  void flush(const stats_actor& stats) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      auto& meter = kinds[i];
      if (meter.messages == 0) {
        continue;
      }
      handler_report report{static_cast<actor_kind>(i),
                            meter.messages,
                            meter.mailbox_now,
                            meter.mailbox_max,
                            std::make_shared<const histogram>(meter.handler_ns),
                            take_flows(i)};
      caf::anon_send(stats, std::move(report));
      meter.messages = 0;
      meter.mailbox_max = 0;
      meter.handler_ns.clear();
    }
    if (ticks.due > 0 || ticks.repeated > 0) {
      tick_report report;
      report.due = ticks.due;
      report.late = ticks.late;
      report.skipped_busy = ticks.skipped_busy;
      report.skipped_overload = ticks.skipped_overload;
      report.repeated = ticks.repeated;
      report.lag_us = std::make_shared<const histogram>(ticks.lag_us);
      caf::anon_send(stats, std::move(report));
      ticks.due = ticks.late = ticks.skipped_busy = ticks.repeated = 0;
      ticks.skipped_overload = 0;
      ticks.lag_us.clear();
    }
  }
};

thread_meters& meters() {
  // On the heap: the tables are too large for thread-local storage of every thread.
  thread_local const auto table = std::make_unique<thread_meters>();
  return *table;
}

std::size_t node_of(const message_origin& from) noexcept {
  return from.engine != nullptr ? meters().node_of(*from.engine)
                                : static_cast<std::size_t>(from.kind);
}

/// Who the message says has sent it. The message keeps its sender's memory, also of one that ended.
std::size_t sender_node(caf::local_actor& self, actor_kind own) noexcept {
  const auto& sender = self.current_sender();
  if (!sender) {
    return outside_node;
  }
  if (sender->id() == self.id()) {
    return static_cast<std::size_t>(own);
  }
  const auto* actor = dynamic_cast<const caf::local_actor*>(sender->get());
  return actor == nullptr ? outside_node : meters().node_of(actor->name());
}

} // namespace

handler_meter::handler_meter(caf::scheduled_actor* self, actor_kind kind,
                             const stats_actor& stats) noexcept
    : stats_(stats), begin_(clock::now()), waiting_(self->mailbox().size()),
      from_(sender_node(*self, kind)), kind_(kind), asks_(self->current_message_id().is_request()) {
}

handler_meter::handler_meter(caf::scheduled_actor* self, actor_kind kind, const stats_actor& stats,
                             message_origin from) noexcept
    : stats_(stats), begin_(clock::now()), waiting_(self->mailbox().size()), from_(node_of(from)),
      kind_(kind), asks_(self->current_message_id().is_request()) {}

handler_meter::handler_meter(compact_actor& self, actor_kind kind, const stats_actor& stats,
                             message_origin from) noexcept
    : stats_(stats), begin_(clock::now()), waiting_(self.mailbox_depth()), from_(node_of(from)),
      kind_(kind),
      asks_(self.current_mailbox_element() != nullptr && self.current_message_id().is_request()) {}

handler_meter::~handler_meter() {
  const auto end = clock::now();
  auto& table = meters();
  auto& meter = table.kinds[static_cast<std::size_t>(kind_)];
  auto& flow = table.flows[static_cast<std::size_t>(kind_)][from_];
  ++flow.messages;
  flow.questions += asks_ ? 1U : 0U;
  ++meter.messages;
  meter.mailbox_now = waiting_;
  meter.mailbox_max = std::max(meter.mailbox_max, meter.mailbox_now);
  meter.handler_ns.record(static_cast<std::uint64_t>((end - begin_).count()));
  if (end >= table.next_flush && stats_) {
    table.next_flush = end + flush_interval;
    table.flush(stats_);
  }
}

void record_probe(actor_kind from, const probe_kind& engine) {
  auto& table = meters();
  ++table.flows[table.node_of(engine)][static_cast<std::size_t>(from)].messages;
}

void record_repeat() { ++meters().ticks.repeated; }

void record_tick(std::chrono::nanoseconds lag, tick_fate fate) {
  auto& ticks = meters().ticks;
  ++ticks.due;
  ticks.late += lag > late_tick_threshold ? 1U : 0U;
  ticks.skipped_busy += fate == tick_fate::busy ? 1U : 0U;
  ticks.skipped_overload += fate == tick_fate::overload ? 1U : 0U;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(lag).count();
  ticks.lag_us.record(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
}

} // namespace xprober
