#include "xprober/probes/icmp/engine.hpp"

#include <exception>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "xprober/probes/icmp/engine_loop.hpp"

namespace xprober::icmp {

namespace {

/// Probes on their way to the engine's thread. If they never get there, because the engine ended
/// meanwhile, their completions are called all the same.
class pending_starts {
public:
  explicit pending_starts(std::vector<probe_start> round) noexcept : round_(std::move(round)) {}
  pending_starts(pending_starts&& other) noexcept : round_(std::exchange(other.round_, {})) {}
  pending_starts& operator=(pending_starts&&) = delete;
  ~pending_starts() {
    for (const auto& one : round_) {
      if (one.done) {
        probe_outcome outcome;
        outcome.error = probe_error::shutdown;
        outcome.detail = "the prober is stopping";
        outcome.started = wall_clock::now();
        one.done(std::move(outcome));
      }
    }
  }

  void begin(engine_loop& loop) { loop.begin_all(round_); }

private:
  std::vector<probe_start> round_;
};

} // namespace

struct engine::impl {
  impl(const settings& config, engine_options options)
      : loop(io, config, std::move(options)), status(loop.sockets()),
        work(boost::asio::make_work_guard(io)), thread([this] {
          pthread_setname_np(pthread_self(), "icmp");
          run();
        }) {}

  void run() {
    while (!io.stopped()) {
      try {
        io.run();
      } catch (...) {
        loop.recover(std::current_exception());
      }
    }
  }

  // Declared first: handlers that never ran are destroyed last.
  boost::asio::io_context io{1};
  engine_loop loop;
  const socket_status status;
  std::optional<settings> prepared; ///< of who prepares, then of who commits
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::thread thread;
};

engine::engine(const agent_config& config, engine_options options)
    : impl_(std::make_unique<impl>(settings_of(config), std::move(options))) {}

engine::~engine() { engine::stop(); }

void engine::start(probe_request request, probe_completion done) {
  std::vector<probe_start> one;
  one.push_back({std::move(request), std::move(done)});
  start_all(std::move(one));
}

void engine::start_all(std::vector<probe_start> round) noexcept {
  pending_starts pending(std::move(round));
  if (!impl_->thread.joinable()) {
    return; // answers on its destruction
  }
  try {
    boost::asio::post(
        impl_->io, [this, pending = std::move(pending)]() mutable { pending.begin(impl_->loop); });
  } catch (const std::bad_alloc&) {
    return; // has answered
  }
}

std::string engine::prepare(const agent_config& config) {
  impl_->prepared.reset();
  try {
    auto next = settings_of(config);
    auto problem = settings_problem(next);
    if (problem.empty()) {
      impl_->prepared = std::move(next);
    }
    return problem;
  } catch (const std::exception& wrong) {
    return wrong.what();
  }
}

void engine::commit() {
  if (auto next = std::exchange(impl_->prepared, std::nullopt)) {
    boost::asio::post(impl_->io,
                      [this, next = std::move(*next)] { impl_->loop.reconfigure(next); });
  }
}

void engine::report(std::function<void()> done) {
  boost::asio::post(impl_->io, [this, done = std::move(done)] {
    try {
      impl_->loop.report();
    } catch (...) {
      impl_->loop.recover(std::current_exception());
    }
    done(); // whatever went wrong: somebody waits for it
  });
}

void engine::drain(std::function<void()> done) {
  boost::asio::post(
      impl_->io, [this, done = std::move(done)]() mutable { impl_->loop.drain(std::move(done)); });
}

void engine::stop() {
  if (!impl_->thread.joinable()) {
    return;
  }
  boost::asio::post(impl_->io, [this] {
    try {
      impl_->loop.shutdown();
    } catch (...) {
      impl_->io.stop(); // it may never run out of work
    }
    impl_->work.reset();
  });
  impl_->thread.join();
}

const socket_status& engine::sockets() const noexcept { return impl_->status; }

} // namespace xprober::icmp
