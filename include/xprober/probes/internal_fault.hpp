#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// A checksum of what a target sent, so that a fault can be told from another without its input
/// being shown. Of the first 64 KiB, however they were cut into pieces. Every probe makes one, so
/// it takes eight bytes at a time.
class input_digest {
public:
  void add(std::span<const std::byte> bytes) noexcept;
  void add(std::string_view bytes) noexcept {
    add(std::as_bytes(std::span{bytes.data(), bytes.size()}));
  }
  void clear() noexcept { *this = {}; }

  /// Eight hexadecimal digits, of the checksum and, behind a dash, the number of bytes.
  std::string text() const;

private:
  std::uint64_t sum_ = 0;  ///< of whole words of eight bytes
  std::uint64_t rest_ = 0; ///< the bytes behind them
  std::size_t bytes_ = 0;
};

/// The outcome of a probe that ended in an exception: the prober's own fault, whatever the input.
probe_outcome internal_fault(std::string_view what);

/// Counts and logs the exceptions of one engine. Belongs to the engine's thread.
class exception_log {
public:
  /// `engine` for the log. Each is counted in `count`; a few a second are logged.
  exception_log(std::string_view engine, std::uint64_t& count) : engine_(engine), count_(count) {}

  /// `where`: a target's address, or the part of the engine that it came from.
  void note(std::string_view where, std::string_view what, const input_digest& input);

private:
  std::string engine_;
  std::uint64_t& count_;
  monotonic_time second_{};
  unsigned logged_ = 0; ///< in that second
};

} // namespace xprober
