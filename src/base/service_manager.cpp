#include "xprober/base/service_manager.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <system_error>

#include <systemd/sd-daemon.h>

#include "xprober/base/log.hpp"

namespace xprober::service_manager {

namespace {

void tell(const std::string& state) {
  if (const int result = ::sd_notify(0, state.c_str()); result < 0) {
    log::warn("main", "the service manager cannot be told how the service is",
              {{"error", std::generic_category().message(-result)}});
  }
}

/// systemd tells by it which of two reloads this is: microseconds of CLOCK_MONOTONIC, which is what
/// the steady clock reads on Linux.
std::int64_t monotonic_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

} // namespace

void ready(const std::string& status) {
  auto line = status;
  std::ranges::replace(line, '\n', ' ');
  tell("READY=1\nSTATUS=" + line);
}

void stopping() { tell("STOPPING=1\nSTATUS=stopping"); }

void alive() { tell("WATCHDOG=1"); }

std::optional<std::chrono::milliseconds> watchdog_interval() {
  std::uint64_t wait_us = 0;
  if (::sd_watchdog_enabled(0, &wait_us) <= 0) {
    return std::nullopt;
  }
  return std::chrono::milliseconds{std::max<std::uint64_t>(wait_us / 3'000, 1)};
}

reload_notice::reload_notice() {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_us()));
}

reload_notice::~reload_notice() {
  try {
    tell("READY=1");
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
    // Of no memory for the line: the next one says that it is ready.
  }
}

} // namespace xprober::service_manager
