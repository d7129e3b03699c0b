#pragma once

#include <chrono>
#include <optional>
#include <string>

// What a service tells the service manager that has started it: sd_notify(3) of systemd. Where none
// has (NOTIFY_SOCKET is not set), nothing happens. Callable from any thread.
namespace xprober::service_manager {

/// It has started and serves; `status` is what `systemctl status` shows of it, one line.
void ready(const std::string& status);

/// It ends, by a signal or of an error.
void stopping();

/// It is well: to be told more often than the manager's watchdog waits.
void alive();

/// How often to tell that it is well: a third of what the manager waits (WatchdogSec), so that two
/// answers may be late. Nothing: it does not wait for any.
std::optional<std::chrono::milliseconds> watchdog_interval();

/// As long as one lives the service reads its configuration again.
class reload_notice {
public:
  reload_notice();
  ~reload_notice();
  reload_notice(const reload_notice&) = delete;
  reload_notice& operator=(const reload_notice&) = delete;
};

} // namespace xprober::service_manager
