#include "xprober/probes/stream/engine.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "xprober/base/descriptor_budget.hpp"
#include "xprober/base/exception_text.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/signals.hpp"
#include "xprober/domain/flag_while.hpp"
#include "xprober/domain/places.hpp"
#include "xprober/probes/internal_fault.hpp"
#include "xprober/probes/stream/alarm.hpp"
#include "xprober/probes/stream/heartbeat.hpp"
#include "xprober/probes/stream/in_turns.hpp"
#include "xprober/probes/stream/plan_table.hpp"
#include "xprober/probes/stream/reactor.hpp"
#include "xprober/probes/stream/seating.hpp"
#include "xprober/probes/stream/waiting_probes.hpp"
#include "xprober/resolver/resolver.hpp"

namespace asio = boost::asio;

namespace xprober::stream {

namespace {

constexpr std::chrono::seconds counters_interval{1};
constexpr monotonic_clock::duration max_quick = std::chrono::seconds{1};

// What one probe may take and still be quick: a quarter of its time.
monotonic_clock::duration quick_limit(const plan& settings) {
  return std::min<monotonic_clock::duration>(max_quick, settings.timeout() / 4);
}

} // namespace

/// All members below `context` belong to the engine's thread.
struct engine::impl {
  impl(engine_kind of, engine_options opts, std::shared_ptr<const plan_table> made)
      : kind(std::move(of)), options(std::move(opts)), work(context.get_executor()),
        plans(std::move(made)), resolver(context.get_executor(), plans->resolver), tick(context),
        begins(
            context.get_executor(), [this] { return begin_one(); }, [this] { begin_next(); }),
        yielding(context, [this] { make_places_yield(); }),
        beats(
            context, kind.kind->name, [this] { return !sessions.empty(); },
            options.stall_tolerance),
        use{context.get_executor(),
            sockets,
            resolver,
            counters,
            beats.watch(),
            neighbours,
            [this]() -> asio::thread_pool& { return worker(); },
            [this](job& item, probe_outcome&& outcome) { deliver(item, std::move(outcome)); },
            plans->limits} {
    counters.own = kind.counters;
    counters.names = kind.names;
  }

  void run();
  void accept(job&& work_item);
  void give_up(job& work_item, probe_outcome&& outcome);
  void begin_next();
  bool begin_one();
  void begin(job&& taken, pace as, const plan& chosen);
  void launch(const std::shared_ptr<session>& next);
  void not_begun(session* made, const std::string& what);
  void failed(session& over, const std::string& what);
  void ended(session* over);
  void make_places_yield();
  void take_place_from(places::ticket held, monotonic_time now);
  void size_places();
  void fit_places();
  asio::thread_pool& worker();
  void deliver(job& work_item, probe_outcome&& outcome);
  void take(std::shared_ptr<const plan_table> next);
  void tell_drained();
  void end_all();
  void publish();
  void schedule_publish();

  const engine_kind kind;
  const engine_options options;
  /// Its sockets and timers are the thread's alone; others only post.
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<io_executor> work;
  reactor sockets{context};
  std::shared_ptr<const plan_table> plans;
  dns::resolver resolver;
  asio::steady_timer tick;
  in_turns begins;                         ///< of probes that have a place
  alarm yielding;                          ///< when a place may be taken from a slow probe
  heartbeat beats;                         ///< while there are sessions
  std::optional<asio::thread_pool> judges; ///< made when it is needed first
  waiting_probes waiting;
  std::size_t places_refused = 0; ///< of max_in_flight, for want of descriptors; as last told
  places seats{1, max_quick};
  descriptor_budget::share descriptors{descriptor_budget::of_process()}; ///< one for each session
  seating<session> sessions{seats};
  std::vector<std::function<void()>> drained; ///< to be told when nothing runs or waits
  bool stopping = false;
  bool accepting = false;
  probe_counters probes;
  exception_log exceptions{kind.kind->name, probes.exceptions};
  stream_counters counters;
  neighbour_watch neighbours;
  services use;
  std::shared_ptr<const plan_table> prepared; ///< of who prepares, then of who commits
  std::thread thread;
};

void engine::impl::run() {
  size_places();
  schedule_publish();
  while (!context.stopped()) {
    try {
      context.run();
    } catch (...) { // of a handler that is no probe's: the others go on
      exceptions.note("the engine", exception_text(std::current_exception()), {});
    }
  }
  publish();
}

void engine::impl::accept(job&& work_item) {
  const flag_while inside{accepting};
  if (stopping) {
    give_up(work_item, ended_before());
  } else if (const auto most = options.max_queued; sessions.size() + waiting.size() >= most) {
    give_up(work_item, not_made(probe_error::local_overload,
                                "more probes wait than the engine holds, " + std::to_string(most)));
  } else {
    waiting.push(std::move(work_item), monotonic_clock::now());
    begin_next();
  }
}

// Ends a probe that has no place. It counts as every other one does.
void engine::impl::give_up(job& work_item, probe_outcome&& outcome) {
  probes.started += work_item.begun() ? 0U : 1U;
  deliver(work_item, std::move(outcome));
}

void engine::impl::begin_next() {
  // A probe that ends at once comes back here from inside of it.
  if (begins.go()) {
    make_places_yield();
    tell_drained();
  }
}

// False if nobody waits or may begin.
bool engine::impl::begin_one() {
  fit_places();
  if (waiting.size() == 0 || !descriptors.take()) {
    return false;
  }
  auto next = waiting.pop(seats);
  if (!next) {
    descriptors.give_back();
    return false;
  }
  if (const auto chosen = plans->of(next->item.request().target->uid.type)) {
    begin(std::move(next->item), next->as, *chosen);
  } else {
    descriptors.give_back();
    give_up(next->item,
            not_made(probe_error::shutdown, "the module was taken out of the configuration"));
  }
  return true;
}

void engine::impl::begin(job&& taken, pace as, const plan& chosen) {
  probes.started += taken.begun() ? 0U : 1U;
  taken.begin();
  beats.begin();
  std::shared_ptr<session> next;
  try {
    job work_item{std::move(taken)}; // it answers for what is thrown from here on
    auto secret_hosts = plans->secret_hosts_of(work_item.request().target->uid.type);
    next = chosen.begin(use, std::move(work_item));
    next->limit_secrets(std::move(secret_hosts));
    sessions.enter(next, as, monotonic_clock::now(), [&] { launch(next); });
  } catch (...) {
    descriptors.give_back();
    not_begun(next.get(), exception_text(std::current_exception()));
  }
}

void engine::impl::launch(const std::shared_ptr<session>& next) {
  auto* const who = next.get();
  spawn(
      context.get_executor(), [who] { return who->run(); },
      [this, next](const std::exception_ptr& e) {
        if (e) {
          failed(*next, exception_text(e));
        }
        ended(next.get());
      });
}

void engine::impl::not_begun(session* made, const std::string& what) {
  if (made != nullptr) {
    failed(*made, what);
    return;
  }
  // The job has answered for itself.
  exceptions.note("the begin of a probe", what, {});
  ++probes.finished;
  ++probes.local_errors;
  ++counters.local_errors;
}

void engine::impl::failed(session& over, const std::string& what) {
  exceptions.note(over.address(), what, over.input());
  try {
    over.fail_internally(what);
  } catch (...) { // of who is told: its place is given back all the same
    exceptions.note(over.address(), exception_text(std::current_exception()), over.input());
  }
}

asio::thread_pool& engine::impl::worker() {
  if (!judges) {
    judges.emplace(1);
  }
  return *judges;
}

void engine::impl::ended(session* over) {
  sessions.leave(over);
  descriptors.give_back();
  begin_next();
}

// Quick probes that wait get the places of those that take long.
void engine::impl::make_places_yield() {
  if (waiting.quick() == 0 || stopping) {
    return;
  }
  const auto now = monotonic_clock::now();
  while (const auto held = seats.yielding(waiting.quick(), now)) {
    take_place_from(*held, now);
  }
  if (const auto at = seats.next_yield()) {
    yielding.set(*at); // places age in the order they were taken
  }
}

void engine::impl::take_place_from(places::ticket held, monotonic_time now) {
  auto* const from = static_cast<session*>(held->who);
  if (auto item = from->give_back()) {
    waiting.push_yielded(std::move(*item), now);
    ++counters.yielded;
  }
}

void engine::impl::size_places() {
  descriptors.look();
  const std::size_t wanted = plans->max_in_flight;
  const auto count = std::min<std::size_t>(wanted, descriptors.most());
  if (const auto refused = wanted - count; std::exchange(places_refused, refused) != refused) {
    const auto key = kind.kind->name + ".max_in_flight";
    log::warn(kind.kind->name,
              refused > 0 ? "fewer probes at a time than " + key +
                                ": too few open files are allowed (ulimit -n, LimitNOFILE)"
                          : "as many probes at a time as " + key + " again",
              {{"max_in_flight", wanted}, {"places", count}, {"open_files", descriptor_limit()}});
  }
  fit_places();
}

// What other engines hold is no place of this one now.
void engine::impl::fit_places() {
  const std::size_t wanted = plans->max_in_flight;
  const auto possible = descriptors.held() + descriptors.room();
  seats.resize(std::min<std::size_t>(wanted, possible), quick_limit(*plans->own));
}

void engine::impl::take(std::shared_ptr<const plan_table> next) {
  if (next->resolver != plans->resolver) {
    resolver.reconfigure(next->resolver);
  }
  plans = std::move(next);
  use.limits = plans->limits;
  size_places();
  begin_next(); // there may be more places now
}

void engine::impl::tell_drained() {
  if (sessions.empty() && waiting.size() == 0) {
    for (const auto& told : std::exchange(drained, {})) {
      told();
    }
  }
}

void engine::impl::deliver(job& work_item, probe_outcome&& outcome) {
  ++probes.finished;
  if (outcome.success) {
    ++probes.succeeded;
  } else if (!is_local(outcome.error)) {
    ++probes.failed;
  } else {
    ++probes.local_errors;
    counters.local_errors += outcome.error != probe_error::shutdown ? 1U : 0U;
  }
  if (!is_local(outcome.error)) {
    waiting.note(*work_item.request().target,
                 outcome.duration > seats.limit() ? pace::slow : pace::quick,
                 monotonic_clock::now());
  }
  work_item.answer(std::move(outcome));
}

void engine::impl::end_all() {
  // Whatever a completion throws below, the thread ends.
  stopping = true;
  work.reset();
  for (auto& work_item : waiting.take_all()) {
    try {
      give_up(work_item, ended_before());
    } catch (...) {
      exceptions.note("a completion", exception_text(std::current_exception()), {});
    }
  }
  sessions.for_each([](session& one) { one.abort(); });
  resolver.stop();
  tick.cancel();
  yielding.cancel();
  beats.stop();
  sockets.end();
}

void engine::impl::publish() {
  probes.in_flight = probes.started - probes.finished - waiting.begun();
  probes.queued = waiting.size();
  counters.queued_slow = waiting.slow();
  counters.places = seats.count();
  counters.stalled_ms = static_cast<std::uint64_t>(beats.watch().stalled(monotonic_clock::now()) /
                                                   std::chrono::milliseconds{1});
  if (options.report) {
    engine_report all;
    all.kind = kind.kind->name;
    all.probes = probes;
    all.counters = counters.described();
    all.dns = resolver.counters();
    options.report(all);
  }
}

void engine::impl::schedule_publish() {
  tick.expires_after(counters_interval);
  tick.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping) {
      size_places(); // the limit of open files can be changed from outside
      neighbours.look(monotonic_clock::now());
      schedule_publish(); // first: what throws below must not be the last of them
      begin_next();       // another engine may have made room
      publish();
    }
  });
}

engine::engine(engine_kind kind, const agent_config& config, engine_options options) {
  auto plans = make_plans(kind, config);
  impl_ = std::make_unique<impl>(std::move(kind), std::move(options), std::move(plans));
  impl_->thread = thread_without_signals([i = impl_.get()] {
    pthread_setname_np(pthread_self(), i->kind.kind->name.c_str());
    i->run();
  });
}

engine::~engine() { engine::stop(); }

void engine::start(probe_request request, probe_completion done) {
  job work_item{std::move(request), std::move(done)};
  // A completion that starts the next probe needs no queue, but for one that is called from here:
  // it could do so without end.
  if (impl_->thread.get_id() == std::this_thread::get_id() && !impl_->accepting) {
    impl_->accept(std::move(work_item));
  } else if (impl_->thread.joinable()) { // else the job answers for itself
    asio::post(impl_->context, [i = impl_.get(), item = std::move(work_item)]() mutable {
      i->accept(std::move(item));
    });
  }
}

std::string engine::prepare(const agent_config& config) {
  impl_->prepared = nullptr;
  try {
    impl_->prepared = make_plans(impl_->kind, config);
    return {};
  } catch (const std::exception& wrong) {
    return wrong.what();
  }
}

void engine::commit() {
  if (auto next = std::exchange(impl_->prepared, nullptr)) {
    asio::post(impl_->context,
               [i = impl_.get(), next = std::move(next)]() mutable { i->take(std::move(next)); });
  }
}

void engine::report(std::function<void()> done) {
  asio::post(impl_->context, [i = impl_.get(), done = std::move(done)] {
    try {
      i->publish();
    } catch (...) {
      i->exceptions.note("a report", exception_text(std::current_exception()), {});
    }
    done();
  });
}

void engine::drain(std::function<void()> done) {
  asio::post(impl_->context, [i = impl_.get(), done = std::move(done)]() mutable {
    i->drained.push_back(std::move(done));
    i->tell_drained();
  });
}

void engine::stop() {
  if (!impl_->thread.joinable()) {
    return;
  }
  asio::post(impl_->context, [i = impl_.get()] { i->end_all(); });
  impl_->thread.join();
  // What was posted before the thread ended answers for itself.
  impl_->context.restart();
  impl_->context.poll();
}

} // namespace xprober::stream
