#include "xprober/base/log.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <unistd.h>

#include "xprober/base/log_line.hpp"
#include "xprober/base/log_sink.hpp"

namespace xprober::log {

namespace {

/// Lines that wait for the writer; beyond them the oldest go. spdlog makes room for all of them at
/// the start, 0.4 MB.
constexpr std::size_t queue_lines = 1024;

/// How long `shutdown` waits for a reader that does not read.
constexpr std::chrono::milliseconds shutdown_grace{1000};

/// How often `flush` looks whether all is written.
constexpr std::chrono::milliseconds flush_step{2};

spdlog::level::level_enum to_spdlog(level l) noexcept {
  switch (l) {
  case level::trace: return spdlog::level::trace;
  case level::debug: return spdlog::level::debug;
  case level::info: return spdlog::level::info;
  case level::warn: return spdlog::level::warn;
  case level::error: return spdlog::level::err;
  case level::critical: return spdlog::level::critical;
  case level::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

/// The loggers of the process. Never destroyed, because any thread may still write while the
/// process ends; a logger that was current once stays alive for the same reason.
///
/// `init` and `shutdown` are called by one thread; the others only read `current`.
class writers {
public:
  writers()
      : direct_(std::make_shared<spdlog::logger>("direct",
                                                 std::make_shared<descriptor_sink>(STDERR_FILENO))),
        current_(direct_.get()) {
    direct_->set_level(spdlog::level::info);
  }

  spdlog::logger& current() noexcept { return *current_.load(std::memory_order_acquire); }

  void set_level(level threshold) {
    direct_->set_level(to_spdlog(threshold));
    current().set_level(to_spdlog(threshold));
  }

  void start() {
    if (pool_) {
      return;
    }
    pool_ = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    // The sink runs on the pool's own thread only, so the pool is there whenever it is asked.
    queued_sink_ = std::make_shared<descriptor_sink>(
        STDERR_FILENO, [pool = pool_.get()] { return pool->overrun_counter(); });
    auto queued = std::make_shared<spdlog::async_logger>(
        "queued", queued_sink_, pool_, spdlog::async_overflow_policy::overrun_oldest);
    queued->set_level(direct_->level());
    queued->set_error_handler([this](const std::string& reason) {
      write_to(*direct_, level::error, "log", "a line was lost", {{"error", reason}});
    });
    queued_.push_back(queued);
    current_.store(queued.get(), std::memory_order_release);
  }

  void stop() {
    if (!pool_) {
      return;
    }
    current_.store(direct_.get(), std::memory_order_release);
    queued_sink_->close_within(shutdown_grace);
    // The destructor ends the thread after what is queued.
    pool_.reset();
    queued_sink_.reset();
  }

  /// By a request that waits behind the lines in the queue. It is lost where the queue runs over.
  static bool flush(spdlog::logger& logger, std::chrono::milliseconds longest) {
    const auto until = std::chrono::steady_clock::now() + longest;
    const auto& sink = static_cast<const descriptor_sink&>(*logger.sinks().front());
    const auto before = sink.flushes();
    try {
      logger.flush();
    } catch (const spdlog::spdlog_ex&) {
      return true; // the writer has ended after its last line
    }
    while (sink.flushes() == before && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(flush_step);
    }
    return sink.flushes() != before;
  }

  static void write_to(spdlog::logger& logger, level l, std::string_view component,
                       std::string_view message, std::initializer_list<field> fields) {
    const auto now = std::chrono::system_clock::now();
    const auto line = format_line(now, l, component, message, fields);
    logger.log(now, spdlog::source_loc{}, to_spdlog(l), {line.data(), line.size()});
  }

private:
  std::shared_ptr<spdlog::logger> direct_;
  std::atomic<spdlog::logger*> current_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<descriptor_sink> queued_sink_;
  std::vector<std::shared_ptr<spdlog::logger>> queued_;
};

writers& the_writers() {
  static auto& instance = *new writers;
  return instance;
}

} // namespace

void init(level threshold) {
  the_writers().start();
  the_writers().set_level(threshold);
}

void shutdown() { the_writers().stop(); }

bool flush(std::chrono::milliseconds longest) {
  return writers::flush(the_writers().current(), longest);
}

void set_level(level threshold) { the_writers().set_level(threshold); }

bool parse_level(std::string_view name, level& out) noexcept {
  for (int i = 0; i <= static_cast<int>(level::off); ++i) {
    if (to_string(static_cast<level>(i)) == name) {
      out = static_cast<level>(i);
      return true;
    }
  }
  return false;
}

bool enabled(level l) noexcept {
  return l != level::off && the_writers().current().should_log(to_spdlog(l));
}

void write(level l, std::string_view component, std::string_view message,
           std::initializer_list<field> fields) {
  if (enabled(l)) {
    writers::write_to(the_writers().current(), l, component, message, fields);
  }
}

} // namespace xprober::log
