#pragma once

#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "xprober/domain/clock.hpp"

namespace xprober::stream {

/// Calls `due()` at a time, on the context's thread. One time at once: an alarm that is set is left
/// as it is, so it suits times that only come later and later.
class alarm {
public:
  alarm(boost::asio::io_context& context, std::function<void()> due)
      : timer_(context), due_(std::move(due)) {}

  void set(monotonic_time at) {
    if (std::exchange(set_, true)) {
      return;
    }
    timer_.expires_at(at);
    timer_.async_wait([this](const boost::system::error_code&) {
      set_ = false;
      due_();
    });
  }

  /// `due` is called once more, soon, if it was set.
  void cancel() { timer_.cancel(); }

private:
  boost::asio::steady_timer timer_;
  std::function<void()> due_;
  bool set_ = false;
};

} // namespace xprober::stream
