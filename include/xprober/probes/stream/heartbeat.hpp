#pragma once

#include <functional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/probes/stream/stall_watch.hpp"

namespace xprober::stream {

/// Beats a stall_watch on the thread of an io_context, and logs that the thread stood still.
class heartbeat {
public:
  /// `is_wanted` is asked at each beat; once it says no, the beats end until `begin`. `name` is
  /// whose thread it is, in the log; `tolerance` is the watch's.
  heartbeat(boost::asio::io_context& context, std::string name, std::function<bool()> is_wanted,
            nanoseconds tolerance)
      : timer_(context), name_(std::move(name)), is_wanted_(std::move(is_wanted)),
        watch_(tolerance) {}

  /// Beats from now on, if it does not yet.
  void begin();
  void stop() { timer_.cancel(); }

  const stall_watch& watch() const noexcept { return watch_; }

private:
  void wait();
  void tell(nanoseconds lost, monotonic_time now);

  boost::asio::steady_timer timer_;
  std::string name_;
  std::function<bool()> is_wanted_;
  stall_watch watch_;
  monotonic_time told_{}; ///< when a stall was last logged
};

} // namespace xprober::stream
