#include "xprober/actors/target.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// Keeps a bad minute of a whole region from writing a line for each of its targets: so many
/// changes of state a second and worker thread are logged, the others are summed up.
class change_log_budget {
public:
  bool take(monotonic_time now) {
    if (now - began_ >= std::chrono::seconds{1}) {
      if (left_out_ > 0) {
        log::info("target", "more targets changed their state than are logged",
                  {{"not_logged", left_out_}});
      }
      began_ = now;
      used_ = 0;
      left_out_ = 0;
    }
    if (used_ < lines_per_second) {
      ++used_;
      return true;
    }
    ++left_out_;
    return false;
  }

private:
  static constexpr std::uint32_t lines_per_second = 20;
  monotonic_time began_{};
  std::uint32_t used_ = 0;
  std::uint64_t left_out_ = 0;
};

void remember(std::vector<probe_result_ptr>& list, const probe_result_ptr& result) {
  if (list.size() == target_state::history_length) {
    list.erase(list.begin());
  }
  list.push_back(result);
}

} // namespace

std::string_view target_state_name(const probe_result* last) noexcept {
  if (last == nullptr) {
    return "waiting";
  }
  return last->outcome.success ? "ok" : "failing";
}

void target_state::begin_probe(monotonic_time due) {
  ++ticks;
  const auto lag = self->clock().now() - due;
  record_tick(lag, probing);
  if (probing) {
    ++skipped_busy;
    return;
  }
  probing = true;
  auto& engine = *context->engines[static_cast<std::size_t>(spec->uid.type)];
  engine.start({spec, due},
               [me = target_actor{self}, now_running = ++generation](probe_outcome&& outcome) {
                 caf::anon_send(me, probe_done{now_running, std::move(outcome)});
               });
}

void target_state::end_probe(const probe_done& done) {
  if (!probing || done.generation != generation) {
    return;
  }
  probing = false;
  const auto result = std::make_shared<const probe_result>(probe_result{spec, done.outcome});
  if (is_local(done.outcome.error)) {
    ++local_errors;
  } else {
    ++(done.outcome.success ? succeeded : failed);
    log_change(*result);
    last_telling = result;
  }
  remember(results, result);
  if (!done.outcome.success) {
    remember(failures, result);
  }
  self->send(context->results, result);
}

void target_state::log_change(const probe_result& result) const {
  const bool was_ok = !last_telling || last_telling->outcome.success;
  if (was_ok == result.outcome.success) {
    return;
  }
  thread_local change_log_budget budget;
  if (!budget.take(self->clock().now())) {
    return;
  }
  const auto& uid = spec->uid;
  if (result.outcome.success) {
    log::info("target", "recovered",
              {{"type", to_string(uid.type)}, {"region", uid.region}, {"target", uid.address}});
  } else {
    log::warn("target", "failing",
              {{"type", to_string(uid.type)},
               {"region", uid.region},
               {"target", uid.address},
               {"error", to_string(result.outcome.error)},
               {"detail", result.outcome.detail}});
  }
}

target_story target_state::describe() const {
  target_story story;
  story.uid = spec->uid;
  story.state = target_state_name(last_telling.get());
  story.ticks = ticks;
  story.skipped_busy = skipped_busy;
  story.started = generation;
  story.succeeded = succeeded;
  story.failed = failed;
  story.local_errors = local_errors;
  story.probing = probing;
  if (!results.empty()) {
    story.last = results.back();
  }
  story.results.assign(results.rbegin(), results.rend());
  story.failures.assign(failures.rbegin(), failures.rend());
  return story;
}

target_actor::behavior_type target(target_actor::stateful_pointer<target_state> self,
                                   target_ref spec, std::shared_ptr<const target_context> context) {
  guard_actor(self, "target");
  self->set_exception_handler([self](std::exception_ptr& thrown) {
    auto reason = exception_text(thrown);
    const auto& state = self->state;
    caf::anon_send(state.context->manager, target_failed{state.spec, reason});
    return caf::make_error(caf::sec::runtime_error, std::move(reason));
  });
  auto& state = self->state;
  state.self = self;
  state.spec = std::move(spec);
  state.context = std::move(context);
  return {
      [self](const tick& t) {
        const handler_meter meter{self, actor_kind::target, self->state.context->stats};
        self->state.begin_probe(t.due);
      },
      [self](const probe_done& done) {
        const handler_meter meter{self, actor_kind::target, self->state.context->stats};
        self->state.end_probe(done);
      },
      [self](describe_atom) { return self->state.describe(); },
  };
}

} // namespace xprober
