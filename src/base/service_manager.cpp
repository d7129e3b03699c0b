#include "xprober/base/service_manager.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <system_error>

#include <dlfcn.h>
#include <systemd/sd-daemon.h>

#include "xprober/base/log.hpp"

namespace xprober::service_manager {

namespace {

constexpr const char* untold = "the service manager cannot be told how the service is";

/// What is used of libsystemd. It comes with five more libraries, 0.7 MB, so only a process that a
/// service manager has started loads it.
struct library {
  library() {
    void* const loaded = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (loaded != nullptr) {
      notify = reinterpret_cast<decltype(notify)>(::dlsym(loaded, "sd_notify"));
      watchdog_enabled =
          reinterpret_cast<decltype(watchdog_enabled)>(::dlsym(loaded, "sd_watchdog_enabled"));
    }
    if (notify == nullptr || watchdog_enabled == nullptr) {
      const char* why = ::dlerror();
      log::warn("main", untold, {{"error", why != nullptr ? why : "libsystemd.so.0 lacks it"}});
    }
  }

  decltype(&::sd_notify) notify = nullptr;
  decltype(&::sd_watchdog_enabled) watchdog_enabled = nullptr;
};

/// That of the process; null where no manager has set this variable.
const library* library_for(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || *value == '\0') {
    return nullptr;
  }
  static const library only;
  return &only;
}

void tell(const std::string& state) {
  const auto* const systemd = library_for("NOTIFY_SOCKET");
  if (systemd == nullptr || systemd->notify == nullptr) {
    return;
  }
  if (const int result = systemd->notify(0, state.c_str()); result < 0) {
    log::warn("main", untold, {{"error", std::generic_category().message(-result)}});
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
  const auto* const systemd = library_for("WATCHDOG_USEC");
  if (systemd == nullptr || systemd->watchdog_enabled == nullptr ||
      systemd->watchdog_enabled(0, &wait_us) <= 0) {
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
