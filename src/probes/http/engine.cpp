#include "xprober/probes/http/engine.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <stdexcept>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/probes/http/session.hpp"

namespace asio = boost::asio;

namespace xprober::http {

namespace {

constexpr std::chrono::seconds counters_interval{1};

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
        resolver(context.get_executor(), options.resolver), tick(context) {}

  void run();
  void accept(job work_item);
  void refuse(job& work_item);
  void begin_next();
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
  std::deque<job> waiting;
  std::unordered_set<std::shared_ptr<session>> sessions; ///< those that hold a place
  std::vector<std::function<void()>> drained;            ///< to be told when nothing runs or waits
  bool stopping = false;
  bool beginning = false; ///< inside `begin_next`
  http_counters counters;
  std::thread thread;
};

void engine::impl::run() {
  schedule_publish();
  context.run();
  publish();
}

void engine::impl::accept(job work_item) {
  if (stopping) {
    return; // the job answers for itself
  }
  if (sessions.size() + waiting.size() >= options.max_queued) {
    refuse(work_item);
    return;
  }
  waiting.push_back(std::move(work_item));
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
  const std::size_t places = std::max<std::uint32_t>(settings->own->config.max_in_flight, 1);
  while (!waiting.empty() && sessions.size() < places) {
    auto chosen = settings->of(waiting.front().request().target->uid.type);
    if (!chosen) {
      waiting.pop_front(); // its module is gone: it answers for itself
      continue;
    }
    auto next =
        std::make_shared<session>(context.get_executor(), std::move(chosen),
                                  session_services{resolver, counters,
                                                   [this](job& item, probe_outcome&& outcome) {
                                                     deliver(item, std::move(outcome));
                                                   }},
                                  std::move(waiting.front()));
    waiting.pop_front();
    sessions.insert(next);
    ++counters.probes.started;
    asio::co_spawn(context.get_executor(), next->run(), [this, next](const std::exception_ptr& e) {
      if (e) {
        try {
          std::rethrow_exception(e);
        } catch (const std::exception& failure) {
          next->fail_internally(failure.what());
        }
      }
      sessions.erase(next);
      begin_next();
      tell_drained();
    });
  }
  beginning = false;
}

void engine::impl::tell_drained() {
  if (sessions.empty() && waiting.empty()) {
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
  work_item.answer(std::move(outcome));
}

void engine::impl::end_all() {
  stopping = true;
  waiting.clear();
  for (const auto& running : sessions) {
    running->abort();
  }
  resolver.stop();
  tick.cancel();
  work.reset();
}

void engine::impl::publish() {
  counters.probes.in_flight = counters.probes.started - counters.probes.finished;
  counters.probes.queued = waiting.size();
  counters.dns = resolver.counters();
  if (options.counters) {
    options.counters(counters);
  }
}

void engine::impl::schedule_publish() {
  tick.expires_after(counters_interval);
  tick.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping) {
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
  asio::post(
      impl_->context,
      [i = impl_.get(), fresh = make_table(config, modules, impl_->options.user_agent)]() mutable {
        i->settings = std::move(fresh);
        i->begin_next(); // there may be more places now
      });
}

void engine::set_dns(dns::resolver_options options) {
  asio::post(impl_->context, [i = impl_.get(), options = std::move(options)]() mutable {
    i->resolver.reconfigure(std::move(options));
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
