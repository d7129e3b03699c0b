#pragma once

#include <chrono>
#include <functional>

namespace xprober::app {

/// What the main thread does while the program runs.
struct main_loop_hooks {
  std::function<void()> reload; ///< SIGHUP, also of one that came while the program began
  std::function<void()> tick;   ///< every `tick_interval`; may be empty
  std::chrono::milliseconds tick_interval{1000};
};

/// Waits for SIGINT or SIGTERM. A second one while the caller shuts down ends the program at once
/// with the signal's default action. Returns the signal's number.
int run_until_signal(const main_loop_hooks& hooks);

/// Sends SIGTERM to this process: from any thread, for when it cannot go on.
void end_process();

} // namespace xprober::app
