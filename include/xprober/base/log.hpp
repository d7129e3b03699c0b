#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <spdlog/fmt/fmt.h>

namespace xprober::log {

enum class level { trace, debug, info, warn, error, critical, off };

/// A name and its value, written as `name=value` (quoted where it has blanks).
struct field {
  std::string_view name;
  std::string value;

  template <class T>
  field(std::string_view n, const T& v) : name(n), value(fmt::format("{}", v)) {}
};

/// Sends everything to standard error, one line each:
/// `2026-01-02T03:04:05.678Z info  syncer: list applied targets=12 revision=ab12`.
/// Writing is asynchronous through a bounded queue, so a slow terminal or disk blocks nobody.
void init(level threshold);

/// Writes what is queued and ends the writer.
void shutdown();

/// Waits until what was queued before is written, and no longer than `longest`. True: it is.
/// Callable from any thread.
bool flush(std::chrono::milliseconds longest);

/// Changes the threshold at run time.
void set_level(level threshold);

/// Reads "trace", "debug", "info", "warn", "error", "critical", "off"; false for anything else.
bool parse_level(std::string_view name, level& out) noexcept;

bool enabled(level l) noexcept;

void write(level l, std::string_view component, std::string_view message,
           std::initializer_list<field> fields = {});

inline void debug(std::string_view component, std::string_view message,
                  std::initializer_list<field> fields = {}) {
  write(level::debug, component, message, fields);
}
inline void info(std::string_view component, std::string_view message,
                 std::initializer_list<field> fields = {}) {
  write(level::info, component, message, fields);
}
inline void warn(std::string_view component, std::string_view message,
                 std::initializer_list<field> fields = {}) {
  write(level::warn, component, message, fields);
}
inline void error(std::string_view component, std::string_view message,
                  std::initializer_list<field> fields = {}) {
  write(level::error, component, message, fields);
}

} // namespace xprober::log
