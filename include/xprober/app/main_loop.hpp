#pragma once

#include <chrono>
#include <functional>

namespace xprober::app {

/// What the main thread does while the program runs.
struct main_loop_hooks {
  std::function<void()> reload; ///< SIGHUP, also of one that came while the program began
  /// Every `tick_interval`; false ends the loop. May be empty.
  std::function<bool()> tick;
  std::chrono::milliseconds tick_interval{1000};
};

/// Waits for SIGINT or SIGTERM, or for a tick that ends it; gives the signal's number, or 0. A
/// second signal while the caller shuts down ends the program at once with its default action.
int run_until_signal(const main_loop_hooks& hooks);

/// For when the process cannot go on: what was logged is written (a second at most), and SIGTERM
/// sent to this process. While it starts, it ends with status 1; then in order, as from any
/// SIGTERM; where it already ends, nothing happens. From any thread.
void end_process();

} // namespace xprober::app
