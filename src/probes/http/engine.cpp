#include "xprober/probes/http/engine.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "xprober/base/descriptors.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/places.hpp"
#include "xprober/probes/http/heartbeat.hpp"
#include "xprober/probes/http/session.hpp"

namespace asio = boost::asio;

namespace xprober::http {

namespace {

constexpr std::chrono::seconds counters_interval{1};
constexpr monotonic_clock::duration max_quick{std::chrono::seconds{1}};
// For everything else that the process has open: listeners, the page's visitors, databases, DNS.
constexpr std::size_t other_descriptors = 128;

std::size_t places_wanted(const http_config& config) {
  return std::max<std::size_t>(config.max_in_flight, 1);
}

// As many as the process may open beside what it needs for other things.
std::size_t places_possible() {
  const auto limit = descriptor_limit();
  return static_cast<std::size_t>(limit - std::min<std::uint64_t>(other_descriptors, limit / 2));
}

// What one probe may take and still be quick: a quarter of its time.
monotonic_clock::duration quick_limit(const http_config& config) {
  return std::min<monotonic_clock::duration>(max_quick, config.timeout / 4);
}

using settings_ptr = std::shared_ptr<const probe_settings>;

/// What a configuration stands for. Never changes; a probe keeps what it began with.
struct settings_table {
  settings_ptr own; ///< of targets without a module
  std::map<std::string, settings_ptr, std::less<>> modules;

  settings_ptr of(const prober_name& prober) const {
    if (prober.is_builtin()) {
      return own;
    }
    const auto at = modules.find(prober.text());
    return at == modules.end() ? nullptr : at->second;
  }
};

std::shared_ptr<const settings_table> make_table(const http_config& config,
                                                 const module_configs& modules,
                                                 const std::string& user_agent) {
  auto table = std::make_shared<settings_table>();
  table->own = make_settings(config, user_agent);
  for (const auto& [name, module] : modules) {
    try {
      table->modules.emplace(name, make_settings(module, user_agent));
    } catch (const std::exception& wrong) {
      throw std::runtime_error("modules." + name + "." + wrong.what());
    }
  }
  return table;
}

// Runs a function on a new thread that takes no signals: those are the main thread's, and a peer's
// close must not raise SIGPIPE through OpenSSL's writes.
std::thread start_without_signals(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread{std::move(body)};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

} // namespace

/// All members below `context` belong to the engine's thread.
struct engine::impl {
  explicit impl(engine_options opts)
      : options(std::move(opts)), work(context.get_executor()),
        resolver(context.get_executor(), options.resolver), tick(context), yield_timer(context),
        beats(context, [this] { return !sessions.empty(); }) {}

  struct waiter {
    job item;
    std::uint64_t number; ///< in the order of arrival
  };

  struct running {
    std::shared_ptr<session> probe;
    places::ticket place;
  };

  void run();
  void accept(job work_item);
  void refuse(job& work_item);
  void begin_next();
  bool begin_one();
  void begin(job work_item, pace as, settings_ptr chosen);
  void ended(session* over);
  void make_places_yield();
  void take_place_from(places::ticket held, monotonic_time now);
  void schedule_yield();
  void size_places();
  asio::thread_pool& worker();
  std::size_t waiting_count() const { return quick.size() + slow.size(); }
  void deliver(job& work_item, probe_outcome&& outcome);
  void tell_drained();
  void end_all();
  void publish();
  void schedule_publish();

  const engine_options options;
  asio::io_context context{1};
  asio::executor_work_guard<io_executor> work;
  std::shared_ptr<const settings_table> settings;
  dns::resolver resolver;
  asio::steady_timer tick;
  asio::steady_timer yield_timer;
  heartbeat beats;                         ///< while there are sessions
  std::optional<asio::thread_pool> judges; ///< made when it is needed first
  bool yield_is_set = false;
  std::deque<waiter> quick; ///< probes that wait for a place, by the pace of their target
  std::deque<waiter> slow;
  std::uint64_t arrivals = 0;
  std::size_t begun_waiting = 0;  ///< of `slow`: those that had begun and gave their place back
  std::size_t places_refused = 0; ///< of max_in_flight, for want of descriptors; as last told
  places seats{1, max_quick};
  pace_history history;
  std::unordered_map<session*, running> sessions; ///< those that hold a place
  std::vector<std::function<void()>> drained;     ///< to be told when nothing runs or waits
  bool stopping = false;
  bool beginning = false; ///< inside `begin_next`
  http_counters counters;
  std::thread thread;
};

void engine::impl::run() {
  size_places();
  schedule_publish();
  context.run();
  publish();
}

void engine::impl::accept(job work_item) {
  if (stopping) {
    return; // the job answers for itself
  }
  if (sessions.size() + waiting_count() >= options.max_queued) {
    refuse(work_item);
    return;
  }
  const auto key = stable_hash(work_item.request().target->uid);
  auto& queue = history.of(key, monotonic_clock::now()) == pace::quick ? quick : slow;
  queue.push_back({std::move(work_item), arrivals++});
  begin_next();
}

void engine::impl::refuse(job& work_item) {
  probe_outcome refused;
  refused.error = probe_error::local_overload;
  refused.detail = "more probes wait than the engine holds, " + std::to_string(options.max_queued);
  refused.started = wall_clock::now();
  refused.data = http_summary{};
  work_item.answer(std::move(refused));
}

void engine::impl::begin_next() {
  // A probe that ends at once comes back here from inside the loop.
  if (std::exchange(beginning, true)) {
    return;
  }
  while (begin_one()) {
  }
  beginning = false;
  make_places_yield();
}

// False if nobody waits or may begin.
bool engine::impl::begin_one() {
  const auto first = [](const std::deque<waiter>& queue) {
    return queue.empty() ? std::nullopt : std::optional{queue.front().number};
  };
  const auto who = seats.next(first(quick), first(slow));
  if (!who) {
    return false;
  }
  auto& queue = *who == pace::quick ? quick : slow;
  auto item = std::move(queue.front().item);
  queue.pop_front();
  begun_waiting -= item.begun() ? 1U : 0U;
  // Where its module is gone the job answers for itself.
  if (auto chosen = settings->of(item.request().target->uid.type)) {
    begin(std::move(item), *who, std::move(chosen));
  } else {
    counters.probes.finished += item.begun() ? 1U : 0U;
  }
  return true;
}

void engine::impl::begin(job work_item, pace as, settings_ptr chosen) {
  counters.probes.started += work_item.begun() ? 0U : 1U;
  work_item.begin();
  beats.begin();
  auto next = std::make_shared<session>(
      context.get_executor(), std::move(chosen),
      session_services{
          resolver, counters, beats.watch(), [this]() -> asio::thread_pool& { return worker(); },
          [this](job& item, probe_outcome&& outcome) { deliver(item, std::move(outcome)); }},
      std::move(work_item));
  auto* const who = next.get();
  sessions.emplace(who, running{next, seats.take(as, monotonic_clock::now(), who)});
  asio::co_spawn(context.get_executor(), next->run(), [this, next](const std::exception_ptr& e) {
    if (e) {
      try {
        std::rethrow_exception(e);
      } catch (const std::exception& failure) {
        next->fail_internally(failure.what());
      }
    }
    ended(next.get());
  });
}

asio::thread_pool& engine::impl::worker() {
  if (!judges) {
    judges.emplace(1);
  }
  return *judges;
}

void engine::impl::ended(session* over) {
  const auto at = sessions.find(over);
  seats.give_back(at->second.place);
  sessions.erase(at);
  begin_next();
  tell_drained();
}

// Quick probes that wait get the places of those that take long.
void engine::impl::make_places_yield() {
  if (quick.empty() || stopping) {
    return;
  }
  const auto now = monotonic_clock::now();
  while (const auto held = seats.yielding(quick.size(), now)) {
    take_place_from(*held, now);
  }
  schedule_yield();
}

void engine::impl::take_place_from(places::ticket held, monotonic_time now) {
  auto* const from = static_cast<session*>(held->who);
  if (auto item = from->give_back()) {
    history.note(stable_hash(item->request().target->uid), pace::slow, now);
    slow.push_back({std::move(*item), arrivals++});
    ++begun_waiting;
    ++counters.yielded;
  }
}

void engine::impl::schedule_yield() {
  // A timer that is set already is no later: places age in the order they were taken.
  const auto at = seats.next_yield();
  if (!at || std::exchange(yield_is_set, true)) {
    return;
  }
  yield_timer.expires_at(*at);
  yield_timer.async_wait([this](boost::system::error_code) {
    yield_is_set = false;
    make_places_yield();
  });
}

void engine::impl::size_places() {
  const auto wanted = places_wanted(settings->own->config);
  const auto count = std::min(wanted, std::max<std::size_t>(places_possible(), 1));
  if (const auto refused = wanted - count; std::exchange(places_refused, refused) != refused) {
    log::warn("http",
              refused > 0
                  ? "fewer probes at a time than http.max_in_flight: too few open files are "
                    "allowed (ulimit -n, LimitNOFILE)"
                  : "as many probes at a time as http.max_in_flight again",
              {{"max_in_flight", wanted}, {"places", count}, {"open_files", descriptor_limit()}});
  }
  seats.resize(count, quick_limit(settings->own->config));
}

void engine::impl::tell_drained() {
  if (sessions.empty() && waiting_count() == 0) {
    for (const auto& told : std::exchange(drained, {})) {
      told();
    }
  }
}

void engine::impl::deliver(job& work_item, probe_outcome&& outcome) {
  ++counters.probes.finished;
  if (outcome.success) {
    ++counters.probes.succeeded;
  } else if (!is_local(outcome.error)) {
    ++counters.probes.failed;
  } else {
    ++counters.probes.local_errors;
    counters.local_errors += outcome.error != probe_error::shutdown ? 1U : 0U;
  }
  if (!is_local(outcome.error)) {
    history.note(stable_hash(work_item.request().target->uid),
                 outcome.duration > seats.limit() ? pace::slow : pace::quick,
                 monotonic_clock::now());
  }
  work_item.answer(std::move(outcome));
}

void engine::impl::end_all() {
  stopping = true;
  quick.clear();
  slow.clear();
  counters.probes.finished += std::exchange(begun_waiting, 0);
  for (const auto& [key, held] : sessions) {
    held.probe->abort();
  }
  resolver.stop();
  tick.cancel();
  yield_timer.cancel();
  beats.stop();
  work.reset();
}

void engine::impl::publish() {
  counters.probes.in_flight = counters.probes.started - counters.probes.finished - begun_waiting;
  counters.probes.queued = waiting_count();
  counters.queued_slow = slow.size();
  counters.places = seats.count();
  counters.dns = resolver.counters();
  if (options.counters) {
    options.counters(counters);
  }
}

void engine::impl::schedule_publish() {
  tick.expires_after(counters_interval);
  tick.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping) {
      size_places(); // the limit of open files can be changed from outside
      publish();
      schedule_publish();
    }
  });
}

engine::engine(const http_config& config, engine_options options, const module_configs& modules) {
  if (options.user_agent.empty()) {
    options.user_agent = "xprober/" XPROBER_VERSION;
  }
  auto settings = make_table(config, modules, options.user_agent);
  impl_ = std::make_unique<impl>(std::move(options));
  impl_->settings = std::move(settings);
  impl_->thread = start_without_signals([i = impl_.get()] { i->run(); });
}

engine::~engine() { stop(); }

void engine::start(probe_request request, probe_completion done) {
  job work_item{std::move(request), std::move(done)};
  if (impl_->thread.joinable()) { // else the job answers for itself
    asio::post(impl_->context, [i = impl_.get(), item = std::move(work_item)]() mutable {
      i->accept(std::move(item));
    });
  }
}

void engine::reconfigure(const http_config& config, const module_configs& modules) {
  prepare(config, modules)();
}

std::function<void()> engine::prepare(const http_config& config, const module_configs& modules) {
  return [i = impl_.get(), fresh = make_table(config, modules, impl_->options.user_agent)] {
    asio::post(i->context, [i, fresh] {
      i->settings = fresh;
      i->size_places();
      i->begin_next(); // there may be more places now
    });
  };
}

void engine::set_dns(dns::resolver_options options) {
  asio::post(impl_->context, [i = impl_.get(), options = std::move(options)]() mutable {
    i->resolver.reconfigure(std::move(options));
  });
}

void engine::report(std::function<void()> done) {
  asio::post(impl_->context, [i = impl_.get(), done = std::move(done)] {
    i->publish();
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

} // namespace xprober::http
