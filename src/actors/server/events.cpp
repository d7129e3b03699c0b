#include "xprober/actors/server/events.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <utility>
#include <variant>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"

namespace xprober {

namespace {

/// About what an event takes in memory.
struct event_size {
  static std::size_t of(const std::string& text) { return text.size(); }

  static std::size_t of(const incident_side& side) {
    std::size_t sum = 0;
    for (const auto& name : side.names) {
      sum += sizeof(std::string) + of(name);
    }
    return sum;
  }

  std::size_t operator()(const incident_ptr& shared) const {
    if (!shared) {
      return 0;
    }
    auto sum = sizeof(incident) + of(shared->summary) + of(shared->reason) + of(shared->detail) +
               of(shared->sources) + of(shared->targets);
    for (const auto& [label, value] : shared->labels) {
      sum += 2 * sizeof(std::string) + of(label) + of(value);
    }
    for (const auto& entry : shared->timeline) {
      sum += sizeof(entry) + of(entry.text);
    }
    return sum + sizeof(std::uint64_t) * (shared->source_keys.size() + shared->target_keys.size());
  }

  std::size_t operator()(const agent_line& line) const {
    auto sum = sizeof(line) + of(line.agent.region) + of(line.agent.local_ip) + of(line.peer) +
               of(line.version) + of(line.http_addr);
    for (const auto& fault : line.own_faults) {
      sum += sizeof(fault) + of(fault.reason) + of(fault.detail);
    }
    return sum;
  }

  std::size_t operator()(const state_counts& counts) const {
    return sizeof(counts) + of(counts.kind);
  }
};

} // namespace

// -- what is told ---------------------------------------------------------------------------------

void events_state::add(const event_record& record) {
  if (const auto* fresh = std::get_if<state_counts>(&record.what)) {
    hold(*fresh);
    return;
  }
  const auto* shared = std::get_if<incident_ptr>(&record.what);
  if (shared == nullptr || *shared != nullptr) {
    tell(record);
  }
}

void events_state::hold(const state_counts& fresh) {
  if (counts.size() >= most_counted_kinds && !counts.contains(fresh.kind)) {
    return;
  }
  counts[fresh.kind].latest = fresh;
  if (!counts_armed) {
    tell_counts();
  }
}

/// Those that are others than were told last.
void events_state::tell_counts() {
  counts_armed = false;
  for (auto& [kind, of_kind] : counts) {
    if (of_kind.latest != of_kind.told) {
      of_kind.told = of_kind.latest;
      counts_armed = true;
      tell(event_record{of_kind.latest});
    }
  }
  if (counts_armed) {
    self->delayed_send(self, state_counts_pause, tell_counts_atom_v);
  }
}

void events_state::tell(event_record record) {
  const auto bytes = sizeof(told_event) + std::visit(event_size{}, record.what);
  kept.push_back(
      {std::make_shared<const told_event>(told_event{++last, std::move(record)}), bytes});
  kept_bytes += bytes;
  while (kept.size() > most_kept_events ||
         (kept_bytes > most_kept_event_bytes && kept.size() > 1)) {
    kept_bytes -= kept.front().bytes;
    kept.pop_front();
  }
  answer_all();
}

// -- who is told ----------------------------------------------------------------------------------

caf::result<event_page_ptr> events_state::answer(const event_request& request) {
  const bool has_all = request.run == run && request.after == last;
  if (!has_all || !request.wait) {
    return page_for(request);
  }
  if (waiting.size() >= most_waiting_readers) {
    answer_first();
  }
  auto promise = self->make_response_promise<event_page_ptr>();
  waiting.push_back({promise, request, self->clock().now() + longest_event_wait});
  arm_answer();
  return promise;
}

void events_state::answer_all() {
  for (auto& reader : std::exchange(waiting, {})) {
    reader.promise.deliver(page_for(reader.request));
  }
}

/// Those whose time is over, with nothing.
void events_state::answer_late() {
  answer_armed = false;
  const auto now = self->clock().now();
  while (!waiting.empty() && waiting.front().until <= now) {
    answer_first();
  }
  arm_answer();
}

void events_state::answer_first() {
  auto reader = std::move(waiting.front());
  waiting.pop_front();
  reader.promise.deliver(page_for(reader.request));
}

void events_state::arm_answer() {
  if (!waiting.empty() && !std::exchange(answer_armed, true)) {
    self->scheduled_send(self, waiting.front().until, answer_atom_v);
  }
}

bool events_state::is_lost(const event_request& request) const noexcept {
  return request.run != run || request.after > last || last - request.after > kept.size();
}

event_page_ptr events_state::page_for(const event_request& request) const {
  auto page = std::make_shared<event_page>();
  page->run = run;
  page->through = last;
  page->lost = !request.run.empty() && is_lost(request);
  if (request.run.empty() || page->lost) {
    return page;
  }
  const auto behind = static_cast<std::size_t>(last - request.after);
  const auto count = std::min(behind, std::max<std::size_t>(request.limit, 1));
  page->events.reserve(count);
  const auto first = kept.size() - behind;
  for (auto i = first; i < first + count; ++i) {
    page->events.push_back(kept[i].event);
  }
  page->through = request.after + count;
  return page;
}

// -- behaviour ------------------------------------------------------------------------------------

std::string new_event_run() {
  std::random_device random;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", random(), random());
  return text;
}

events_actor::behavior_type events(events_actor::stateful_pointer<events_state> self,
                                   stats_actor stats, std::string run) {
  guard_actor(self, "events");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.run = std::move(run);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::events, self->state.stats};
  };
  return {
      [self](const event_record& record) {
        const handler_meter meter{self, actor_kind::events, self->state.stats,
                                  actor_kind::incidents};
        self->state.add(record);
      },
      [self, metered](const event_request& request) {
        const auto meter = metered();
        return self->state.answer(request);
      },
      [self](answer_atom) { self->state.answer_late(); },
      [self](tell_counts_atom) { self->state.tell_counts(); },
  };
}

} // namespace xprober
