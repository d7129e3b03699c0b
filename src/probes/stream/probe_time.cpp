#include "xprober/probes/stream/probe_time.hpp"

#include <utility>

namespace xprober::stream {

void probe_time::begin(monotonic_time now, monotonic_time deadline) noexcept {
  begun_ = now;
  deadline_ = deadline;
  stalled_before_ = stalls_.stalled(now);
}

void probe_time::guard(monotonic_time until, std::weak_ptr<void> owner) {
  expired_ = false;
  timer_.expires_at(until);
  timer_.async_wait(
      [this, owner = std::move(owner), generation = ++generation_](error_code error) mutable {
        const auto held = owner.lock();
        if (error || !held || generation_ != generation) {
          return;
        }
        const auto before = deadline_;
        if (put_off()) {
          guard(timer_.expiry() + (deadline_ - before), std::move(owner));
          return;
        }
        expired_ = true;
        cut_();
      });
}

task<void> probe_time::wait_for(std::function<bool()> over) {
  ++generation_;
  for (bool waiting = true; waiting;) {
    timer_.expires_at(deadline_);
    asio_wait until_then{[this](auto done) { timer_.async_wait(std::move(done)); }};
    co_await until_then; // an error is a `wake`
    waiting = !over() && put_off();
  }
}

bool probe_time::put_off() {
  if (put_off_ == most_put_off) {
    starved_ = stalled() > given_back_;
    return false;
  }
  const bool more = give_back();
  put_off_ += more ? 1U : 0U;
  return more;
}

nanoseconds probe_time::stalled() const noexcept {
  const auto lost = stalls_.stalled(monotonic_clock::now()) - stalled_before_;
  return lost > stalls_.tolerance() ? lost : nanoseconds{0};
}

bool probe_time::give_back() {
  const auto more = stalled() - given_back_;
  given_back_ += more;
  deadline_ += more;
  return more.count() > 0;
}

} // namespace xprober::stream
