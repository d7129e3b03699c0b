#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include <spdlog/sinks/sink.h>

namespace xprober::log {

/// Writes finished lines to a descriptor, one `write(2)` for each, so that lines of several writers
/// do not mix.
///
/// A reader that has stopped (a paused terminal, a full pipe) holds the calling thread up only
/// until `close_within` has been called and its time has passed; then lines are let go.
class descriptor_sink final : public spdlog::sinks::sink {
public:
  /// `overruns` tells how many lines were dropped so far because the queue before this sink was
  /// full; may be empty. Whenever the number has grown, a line that says so is written. It is
  /// called by the thread that writes.
  explicit descriptor_sink(int descriptor, std::function<std::size_t()> overruns = {});

  /// Writes the message's payload, which is a whole line already.
  void log(const spdlog::details::log_msg& message) override;

  /// Lines are never kept; this only counts.
  void flush() override { ++flushes_; }
  /// How often it was flushed. Callable from any thread.
  std::uint64_t flushes() const noexcept { return flushes_; }

  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  /// From now on, waits for the reader at most `grace` in all. Callable from any thread.
  void close_within(std::chrono::milliseconds grace) noexcept;

private:
  void report_overruns();
  void write_line(std::string_view line);
  bool wait_until_writable() const;

  int descriptor_;
  std::function<std::size_t()> overruns_;
  std::size_t reported_overruns_ = 0;
  std::atomic<std::uint64_t> flushes_{0};
  /// Nanoseconds of the monotonic clock; the largest value: not closing.
  std::atomic<std::int64_t> give_up_at_;
};

} // namespace xprober::log
