#pragma once

#include <functional>

#include "xprober/app/main_loop.hpp"

namespace xprober::app {

class actor_host;

/// A question whether the process is well: calls what it is given, on any thread, as soon as that
/// is sure, and never where it is not.
using health_question = std::function<void(std::function<void()> well)>;

/// Has the main loop feed the service manager's watchdog, where there is one: it asks three times
/// in the time that the watchdog waits, and each answer is told. So a main loop, or whoever takes
/// part in the answer, that stands still ends the process (WatchdogSec in systemd.service(5)).
void feed_watchdog(main_loop_hooks& hooks, health_question question);

/// The question to the actors of one role, through its I/O thread: the round trip of `/-/healthy`.
/// The host must run until `well` was called or its actors have ended.
void ask_health(actor_host& host, std::function<void()> well);

} // namespace xprober::app
