#include "xprober/actors/agent/target.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "xprober/actors/actor_round.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/exception_text.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/prefetch.hpp"
#include "xprober/probes/internal_fault.hpp"

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

/// What the targets that run together on a thread hand on together: the probes that they begin, by
/// engine, and their results. Empty but for then.
struct round_cargo {
  struct engine_round {
    probe_engine* engine = nullptr;
    std::vector<probe_start> probes;
  };

  /// Of all of them. Held until everything is handed on, because engines may be stopped once nobody
  /// has it any more.
  target_context_ptr context;
  std::vector<engine_round> starts;
  std::vector<probe_result_ptr> results;
};

round_cargo& cargo() {
  thread_local round_cargo of_thread;
  return of_thread;
}

void hand_on(caf::execution_unit* host) {
  auto& all = cargo();
  const auto context = std::exchange(all.context, nullptr);
  for (auto& [engine, probes] : std::exchange(all.starts, {})) {
    engine->start_all(std::move(probes));
  }
  if (!all.results.empty()) {
    context->results->eq_impl(caf::make_message_id(), nullptr, host,
                              result_round{std::exchange(all.results, {})});
  }
}

/// The cargo of this thread if a target of `context` can add to it now; else null.
round_cargo* cargo_for(const target_context_ptr& context) {
  auto& all = cargo();
  if ((all.context && all.context != context) || !actor_round::at_end(hand_on)) {
    return nullptr;
  }
  if (!all.context) {
    all.context = context;
  }
  return &all;
}

template <class T>
void add_to(std::vector<T>& list, T item) {
  constexpr std::size_t usual = 128;
  if (list.empty()) {
    list.reserve(usual);
  }
  list.push_back(std::move(item));
}

void hand_to_engine(probe_engine& engine, probe_start probe, const target_context_ptr& context) {
  auto* together = engine.takes_rounds() ? cargo_for(context) : nullptr;
  if (together == nullptr) {
    engine.start(std::move(probe.request), std::move(probe.done));
    return;
  }
  auto& rounds = together->starts;
  auto mine = std::ranges::find(rounds, &engine, &round_cargo::engine_round::engine);
  if (mine == rounds.end()) {
    mine = rounds.insert(mine, {&engine, {}});
  }
  add_to(mine->probes, std::move(probe));
}

void hand_to_results(probe_result_ptr result, const target_context_ptr& context,
                     caf::execution_unit* host) {
  if (auto* together = cargo_for(context)) {
    add_to(together->results, std::move(result));
  } else {
    context->results->eq_impl(caf::make_message_id(), nullptr, host,
                              result_round{{std::move(result)}});
  }
}

/// What an engine calls to answer a probe. Where that cannot be told, or an engine that throws lets
/// go of it uncalled, the target hears that there is no answer, which takes no memory: it would
/// wait for one for ever, and be probed no more.
class probe_answer_way {
public:
  probe_answer_way(caf::strong_actor_ptr me, waiting_outcomes* outcomes,
                   std::uint32_t generation) noexcept
      : me_(std::move(me)), outcomes_(outcomes), generation_(generation) {}
  probe_answer_way(probe_answer_way&& other) noexcept = default;
  probe_answer_way(const probe_answer_way&) = delete;
  probe_answer_way& operator=(const probe_answer_way&) = delete;
  probe_answer_way& operator=(probe_answer_way&&) = delete;
  ~probe_answer_way() {
    if (me_) {
      static_cast<target&>(*caf::actor_cast<caf::abstract_actor*>(me_)).note_unanswered();
    }
  }

  void operator()(probe_outcome&& outcome) {
    if (!me_) {
      return; // an engine that answers twice
    }
    actor_round::hand<target>(
        me_, probe_done{generation_, std::move(outcome), waiting_outcomes::place{outcomes_}});
  }

private:
  caf::strong_actor_ptr me_; ///< null once it was told: what throws leaves it
  waiting_outcomes* outcomes_;
  std::uint32_t generation_;
};

/// Own faults in a row that are worth a line.
constexpr std::uint8_t faults_to_log = 2;

void push(std::vector<probe_result_ptr>& list, probe_result_ptr result) {
  if (list.size() == target::history_length) {
    list.erase(list.begin());
  }
  list.push_back(std::move(result));
}

} // namespace

target_state target_state_of(const probe_result* last) noexcept {
  if (last == nullptr) {
    return target_state::waiting;
  }
  switch (last->outcome.state()) {
  case probe_state::ok: return target_state::ok;
  case probe_state::own_fault: return target_state::prober_fault;
  case probe_state::failed: break;
  }
  return target_state::failing;
}

target::target(caf::actor_config& config, target_ref spec, target_context_ptr context)
    : compact_actor(config), spec_(std::move(spec)), context_(std::move(context)) {}

target_context::~target_context() {
  if (manager) {
    caf::anon_send(manager, targets_ended_atom_v);
  }
}

static_assert(sizeof(target) <= compact_actor::most_prefetched);

void target::prefetch_state() const noexcept {
  prefetch(spec_.get());
  prefetch(last_.get()); // becomes a gist
}

bool target::handle(caf::message_view& message) {
  auto& content = message.content();
  if (content.match_elements<tick>()) {
    take(content.get_as<tick>(0));
    return true;
  }
  if (content.match_elements<probe_done>()) {
    // An outcome goes to one target only, so nobody else sees it move away.
    take(content.get_mutable_as<probe_done>(0));
    return true;
  }
  if (content.match_elements<describe_atom>()) {
    response(describe());
    return true;
  }
  return false;
}

void target::take(const tick& now) {
  const handler_meter meter{*this, actor_kind::target, context_->stats, actor_kind::ticker};
  begin_probe(now.due);
}

void target::take(probe_done& answer) {
  const handler_meter meter{*this, actor_kind::target, context_->stats, spec_->kind()};
  end_probe(answer);
}

void target::on_exit() {
  if (context_) {
    give_up_probe(probe_error::shutdown, "the target was removed while the probe ran");
  }
  context_.reset();
  last_.reset();
  long_history_.reset();
}

caf::error target::handle_exception(const std::exception_ptr& thrown) {
  auto reason = exception_text(thrown);
  if (context_) {
    give_up_probe(probe_error::local_internal, reason);
    caf::anon_send(context_->manager, target_failed{spec_, reason});
  }
  return caf::make_error(caf::sec::runtime_error, std::move(reason));
}

/// Its engine counts a probe under way as finished: it has a result like all others.
void target::give_up_probe(probe_error error, std::string_view why) {
  if (!std::exchange(probing_, false)) {
    return;
  }
  try {
    probe_outcome outcome;
    outcome.error = error;
    outcome.detail = why;
    outcome.started = wall_clock::now();
    waiting_outcomes::place place{context_->outcomes};
    hand_to_results(new_counted<const probe_result>(spec_, std::move(outcome)), context_, nullptr);
    place.pass_on();
  } catch (const std::bad_alloc&) { // NOLINT(bugprone-empty-catch)
    // The target ends all the same, maybe of that.
  }
}

void target::end_unanswered() {
  if (probing_ && unanswered_.load(std::memory_order_acquire)) {
    probe_done none{generation_, internal_fault("its answer was lost"),
                    waiting_outcomes::place{context_->outcomes}};
    end_probe(none);
  }
}

void target::begin_probe(monotonic_time due) {
  end_unanswered();
  ++ticks_;
  auto* const outcomes = context_->outcomes;
  const auto fate = probing_                                  ? tick_fate::busy
                    : outcomes != nullptr && outcomes->full() ? tick_fate::overload
                                                              : tick_fate::probe;
  record_tick(clock().now() - due, fate);
  if (fate != tick_fate::probe) {
    skipped_busy_ += probing_ ? 1U : 0U;
    return;
  }
  unanswered_.store(false, std::memory_order_relaxed);
  record_probe(actor_kind::target, spec_->kind());
  auto* engine = context_->engines.find(spec_->kind());
  hand_to_engine(
      *engine,
      {{spec_, due, nullptr, seize_place()},
       probe_answer_way{caf::actor_cast<caf::strong_actor_ptr>(this), outcomes, ++generation_}},
      context_);
  probing_ = true; // an answer is not taken before: this handler runs
}

void target::end_probe(probe_done& answer) {
  if (!probing_ || answer.generation != generation_) {
    return;
  }
  if (answer.outcome.shared && last_ && last_->outcome.started == answer.outcome.started) {
    probing_ = false;
    record_repeat();
    return;
  }
  auto result = new_counted<const probe_result>(spec_, std::move(answer.outcome));
  const auto& outcome = result->outcome;
  if (is_local(outcome.error)) {
    ++local_errors_;
    note_own_fault(outcome);
  } else {
    ++(outcome.success ? succeeded_ : failed_);
    log_change(outcome);
    verdict_ = outcome.success ? verdict::ok : verdict::failing;
    own_faults_ = 0;
  }
  remember(result);
  hand_to_results(std::move(result), context_, this->context());
  probing_ = false;       // not before it is there: what throws gives it up
  answer.place.pass_on(); // and leaves its place to the answer
}

void target::remember(probe_result_ptr result) {
  const bool in_short = !spec_->kind().find(column_role::phase);
  // The prober's own faults are no failures of the target; a million of them would need memory
  // just when there is least of everything.
  const bool failure = !result->outcome.success && !is_local(result->outcome.error);
  if (!long_history_ && (!in_short || failure)) {
    long_history_ = std::make_unique<long_history>();
  }
  if (!in_short) {
    push(long_history_->results, result);
  } else if (last_) {
    gists_[next_gist_] = {spec_->kind(), last_->outcome};
    next_gist_ = static_cast<std::uint8_t>((next_gist_ + 1U) % gists_.size());
    gist_count_ = static_cast<std::uint8_t>(std::min<std::size_t>(gist_count_ + 1U, gists_.size()));
  }
  if (failure) {
    push(long_history_->failures, result);
  }
  last_ = std::move(result);
}

/// One alone can be a moment of overload, of which there are many at a time; it has its counters.
void target::note_own_fault(const probe_outcome& outcome) {
  if (own_faults_ == faults_to_log) {
    return;
  }
  ++own_faults_;
  if (own_faults_ == faults_to_log) {
    log_state("not probed, by a fault of this prober's own", outcome);
  }
}

void target::log_change(const probe_outcome& outcome) const {
  const bool was_ok = verdict_ != verdict::failing;
  if (was_ok != outcome.success) {
    log_state(outcome.success ? "recovered" : "failing", outcome);
  } else if (own_faults_ == faults_to_log) {
    log_state(outcome.success ? "probed again" : "probed again, and still failing", outcome);
  }
}

void target::log_state(std::string_view what, const probe_outcome& outcome) const {
  thread_local change_log_budget budget;
  if (!budget.take(clock().now())) {
    return;
  }
  const auto& uid = spec_->uid;
  if (outcome.success) {
    log::info("target", what,
              {{"type", to_string(uid.type)}, {"region", uid.region}, {"target", uid.address}});
  } else {
    log::warn("target", what,
              {{"type", to_string(uid.type)},
               {"region", uid.region},
               {"target", uid.address},
               {"error", to_string(outcome.error)},
               {"detail", outcome.detail}});
  }
}

target_story target::describe() const {
  constexpr std::array<const char*, 3> states{"waiting", "ok", "failing"};
  target_story story;
  story.uid = spec_->uid;
  story.state = own_faults_ > 0 ? "prober_fault" : states[static_cast<std::size_t>(verdict_)];
  story.ticks = ticks_;
  story.skipped_busy = skipped_busy_;
  story.started = generation_;
  story.succeeded = succeeded_;
  story.failed = failed_;
  story.local_errors = local_errors_;
  story.probing = probing_;
  story.spec = spec_;
  story.last = last_;
  if (long_history_) {
    const auto& [results, failures] = *long_history_;
    story.results.assign(results.rbegin(), results.rend());
    story.failures.assign(failures.rbegin(), failures.rend());
  }
  if (story.results.empty() && last_) {
    story.results.push_back(last_);
    for (std::size_t i = 1; i <= gist_count_; ++i) {
      const auto place = (next_gist_ + gists_.size() - i) % gists_.size();
      story.results.push_back(new_counted<const probe_result>(
          probe_result{spec_, gists_[place].expand(spec_->kind())}));
    }
  }
  return story;
}

} // namespace xprober
