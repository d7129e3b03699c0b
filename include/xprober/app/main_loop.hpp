#pragma once

#include <chrono>
#include <functional>

namespace xprober::app {

/// What the main thread does while the program runs.
struct main_loop_hooks {
  std::function<void()> reload; ///< SIGHUP, also of one that came while the program began
  /// Once, when signals are taken by the loop, and once before it gives them back: for what must
  /// not be cut off by one. May be empty.
  std::function<void()> begin{};
  std::function<void()> end{};
  /// Every `tick_interval`; false ends the loop. May be empty.
  std::function<bool()> tick;
  std::chrono::milliseconds tick_interval{1000};
  /// At once and every `watch_interval`; see `feed_watchdog`. May be empty.
  std::function<void()> watch;
  std::chrono::milliseconds watch_interval{0};
};

/// Waits for SIGINT or SIGTERM, or for a tick that ends it; gives the signal's number, or 0. A
/// second signal while the caller shuts down ends the program at once with its default action.
int run_until_signal(const main_loop_hooks& hooks);

/// For when the process cannot go on: what was logged is written (a second at most), and SIGTERM
/// sent to this process. While it starts, it ends with `failure_status`; then in order, as from any
/// SIGTERM; where it already ends, nothing happens. An end that takes longer than `longest` and a
/// few seconds is cut off with the same status: a part that has failed may be one that the others
/// wait for. From any thread.
void end_process(std::chrono::milliseconds longest);

} // namespace xprober::app
