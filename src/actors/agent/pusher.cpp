#include "xprober/actors/agent/pusher.hpp"

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds take_timeout{10};
// A disk that is busy with something else.
constexpr std::chrono::seconds spool_timeout{60};
constexpr std::chrono::seconds push_timeout{30};

/// What Go's net/rpc says, and so every server of this protocol, to a method it does not have.
bool is_unknown_method(std::string_view error) {
  return error.find("can't find method") != error.npos;
}

} // namespace

void pusher_state::start() {
  next = self->clock().now() + interval;
  arm();
}

/// What is there from before the start, which may lie for long.
void pusher_state::look_at_spool() {
  self->request(spool, spool_timeout, spool_size_atom_v)
      .then(
          [this](const spool_report& report) {
            note(report);
            self->send(stats, counts);
          },
          [](const caf::error&) { /* the next report says it */ });
}

void pusher_state::set_interval(nanoseconds length) {
  interval = length;
  start();
}

void pusher_state::arm() { self->scheduled_send(self, next, push_due{++generation}); }

void pusher_state::due(std::uint64_t timer_generation) {
  if (timer_generation != generation) {
    return;
  }
  next = std::max(next + interval, self->clock().now());
  arm();
  spool_results();
}

void pusher_state::know(const server_abilities& server) {
  const bool first = !batch_version;
  batch_version = server.batch_version;
  if (first) {
    push_oldest();
  }
}

/// What is under way goes to its end at the old server, whose words say nothing of the new one.
void pusher_state::change_server() {
  batch_version.reset();
  reachable = true;
}

void pusher_state::flush(caf::typed_response_promise<flush_report> promise) {
  if (flushes.empty()) {
    acked_before_flush = counts.results_acked;
  }
  flushes.push_back(std::move(promise));
  spool_again = spooling;
  spool_results();
}

// -- into the spool -------------------------------------------------------------------------------

void pusher_state::spool_results() {
  if (spooling) {
    return;
  }
  spooling = true;
  spool_again = false;
  self->request(results, take_timeout, take_results{batch_size})
      .then([this](result_batch& batch) { taken(batch); },
            [this](const caf::error& why) {
              failed(why);
              spooled_all();
            });
}

void pusher_state::taken(result_batch& batch) {
  counts.pending = batch.pending;
  counts.results_dropped = batch.dropped;
  counts.results_forgotten = batch.forgotten;
  unspooled = 0;
  if (batch.id == 0) {
    spooled_all();
    return;
  }
  const auto number = batch.results.size();
  const bool more = batch.more;
  self->request(spool, spool_timeout, std::move(batch))
      .then(
          [this, more](const spool_report& report) {
            note(report);
            spool_again = spool_again || more;
            spooled_all();
          },
          [this, number](const caf::error& why) {
            unspooled = number;
            failed(why);
            spooled_all();
          });
}

void pusher_state::spooled_all() {
  spooling = false;
  self->send(stats, counts); // a push may be under way for long, and so may this
  if (spool_again && unspooled == 0) {
    spool_results();
    return;
  }
  push_oldest();
  end_flush();
}

void pusher_state::note(const spool_report& report) {
  spooled = report;
  counts.spool_batches = report.batches;
  counts.spool_bytes = report.bytes;
  counts.spool_set_aside = report.set_aside;
  counts.spool_problem = report.problem;
  counts.spool_oldest_unix = report.oldest_unix;
  // Without a directory all of it is, and nothing is wrong.
  counts.spool_in_memory = report.in_memory;
  counts.pending = std::max(report.results, unspooled);
}

// -- to the server --------------------------------------------------------------------------------

void pusher_state::push_oldest() {
  if (pushing) {
    return;
  }
  if (!batch_version) {
    end_flush();
    return;
  }
  pushing = true;
  self->request(spool, spool_timeout, oldest_batch_atom_v)
      .then(
          [this](const spool_item& item) {
            if (item.id == 0 || !batch_version) {
              idle();
            } else {
              push(item);
            }
          },
          [this](const caf::error& why) {
            failed(why);
            idle();
          });
}

void pusher_state::push(const spool_item& item) {
  if (*batch_version != xprober::batch_version) {
    push_plain(item);
    return;
  }
  self->request(client, push_timeout, push_batch_request{item.bytes})
      .then([this, item](const push_batch_response& answer) { took(item, answer); },
            [this, item](const caf::error& why) {
              if (batch_version && is_unknown_method(error_text(self->system(), why))) {
                // Another server of the list than the one that gave the targets.
                batch_version = 0;
                push_plain(item);
                return;
              }
              failed(why);
              idle();
            });
}

void pusher_state::took(const spool_item& item, const push_batch_response& answer) {
  if (answer.rejected > 0) {
    counts.results_rejected += static_cast<std::uint64_t>(answer.rejected);
    log::warn("pusher", "the server could not use every result of a batch",
              {{"sequence", answer.sequence},
               {"accepted", answer.accepted},
               {"rejected", answer.rejected},
               {"first_reason", answer.errors.empty() ? std::string{} : answer.errors.front()}});
  }
  if (!answer.duplicate) {
    counts.clock_ahead_ms = answer.clock_ahead_ms;
  }
  succeeded();
  let_go(item);
}

void pusher_state::push_plain(const spool_item& item) {
  batch_header header;
  std::string body;
  auto problem = read_batch_header(*item.bytes, header);
  if (problem.empty()) {
    problem = read_batch_body(*item.bytes, body);
  }
  batch_parser rows{body, header.rows};
  push_request request;
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step == batch_parser::step::row) {
      append_wire_values(rows, row, request.values);
    }
  }
  if (!problem.empty() || !rows.problem().empty()) {
    log::error("pusher", "a batch of the spool is damaged",
               {{"results", item.results}, {"error", problem.empty() ? rows.problem() : problem}});
    counts.results_rejected += item.results;
  }
  const auto values = request.values.size();
  if (values == 0) {
    // Only results that say nothing of their targets: nothing for the server to take.
    let_go(item);
    return;
  }
  self->request(client, push_timeout, std::move(request))
      .then(
          [this, item, values](const push_response& answer) {
            took_plain(answer, values);
            let_go(item);
          },
          [this](const caf::error& why) {
            failed(why);
            idle();
          });
}

void pusher_state::took_plain(const push_response& answer, std::uint64_t values) {
  counts.clock_ahead_ms = 0; // such a server says nothing of it
  const auto stored = static_cast<std::uint64_t>(std::max(answer.success_num, 0));
  if (stored < values) {
    log::warn("pusher", "the server did not take every value of a batch",
              {{"values", values}, {"taken", stored}});
  }
  succeeded();
}

void pusher_state::succeeded() {
  if (!reachable) {
    log::info("pusher", "results are taken again", {{"pending", counts.pending}});
  }
  reachable = true;
  ++counts.batches_ok;
  counts.last_ok_unix = to_unix_seconds(wall_clock::now());
  counts.last_error.clear();
}

void pusher_state::let_go(const spool_item& item) {
  self->request(spool, spool_timeout, batch_acked{item.id})
      .then(
          [this, number = item.results](const spool_report& report) {
            counts.results_acked += number;
            note(report);
            self->send(stats, counts);
            pushing = false;
            push_oldest();
          },
          [this](const caf::error& why) {
            failed(why);
            idle();
          });
}

void pusher_state::failed(const caf::error& why) {
  ++counts.batches_failed;
  counts.last_error = error_text(self->system(), why);
  if (reachable) {
    log::warn("pusher", "results are kept until a server takes them",
              {{"pending", counts.pending}, {"error", counts.last_error}});
  }
  reachable = false;
}

void pusher_state::idle() {
  pushing = false;
  self->send(stats, counts);
  end_flush();
}

void pusher_state::end_flush() {
  if (spooling || pushing) {
    return;
  }
  for (auto& promise : flushes) {
    promise.deliver(flush_report{counts.results_acked - acked_before_flush,
                                 spooled.in_memory + unspooled,
                                 spooled.results - spooled.in_memory});
  }
  flushes.clear();
}

pusher_actor::behavior_type pusher(pusher_actor::stateful_pointer<pusher_state> self,
                                   results_actor results, spool_actor spool,
                                   rpc_client_actor client, stats_actor stats,
                                   caf::timespan interval) {
  guard_actor(self, "pusher");
  auto& state = self->state;
  state.self = self;
  state.results = std::move(results);
  state.spool = std::move(spool);
  state.client = std::move(client);
  state.stats = std::move(stats);
  state.interval = interval;
  state.start();
  state.look_at_spool();
  return {
      [self](const push_due& due) {
        const handler_meter meter{self, actor_kind::pusher, self->state.stats};
        self->state.due(due.generation);
      },
      [self](const set_push_interval& next) { self->state.set_interval(next.length); },
      [self](const server_abilities& server) { self->state.know(server); },
      [self](new_server_atom) {
        self->state.change_server();
        return done_atom_v;
      },
      [self](flush_atom) -> caf::result<flush_report> {
        const handler_meter meter{self, actor_kind::pusher, self->state.stats};
        auto promise = self->make_response_promise<flush_report>();
        self->state.flush(promise);
        return promise;
      },
  };
}

} // namespace xprober
