#pragma once

#include <chrono>
#include <cstddef>

#include "xprober/domain/backoff.hpp"

namespace xprober::rpc {

/// Decides which server of the list is dialled next, and when. Pure.
///
/// A server that answers is kept. One that cannot be reached, or does not answer, is followed by
/// the next of the list at once; after a whole round of failures comes a wait with full jitter.
class reconnect_policy {
public:
  /// `servers` is at least 1, `first` below it the one that is dialled first.
  reconnect_policy(std::size_t servers, backoff wait, std::size_t first = 0) noexcept
      : servers_(servers), current_(first), wait_(wait) {}

  /// The server to dial.
  std::size_t current() const noexcept { return current_; }

  /// The present server failed. How long to wait before the next is dialled: zero until the whole
  /// list has failed.
  std::chrono::milliseconds failed() noexcept {
    current_ = (current_ + 1) % servers_;
    if (++failures_ < servers_) {
      return std::chrono::milliseconds{0};
    }
    failures_ = 0;
    return wait_.next();
  }

  /// The present server has answered a call.
  void answered() noexcept {
    failures_ = 0;
    wait_.reset();
  }

  /// The connection to a server that had answered ended during a call. How long to wait before it
  /// is dialled again: its other clients have lost it too.
  std::chrono::milliseconds lost() noexcept { return wait_.next(); }

private:
  std::size_t servers_;
  std::size_t current_;
  std::size_t failures_ = 0; ///< in this round
  backoff wait_;
};

} // namespace xprober::rpc
