#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/stream/stall_watch.hpp"
#include "xprober/probes/stream/task.hpp"

namespace xprober::stream {

/// The time of one probe: its deadline, a guard that cuts its connection when a step has taken too
/// long, and what the prober's own thread took of it by standing still, which is given back. What
/// has passed is put off for that three times: on a machine that starves the thread all the time a
/// probe would never end, and its target have no result.
///
/// Belongs to a session, and its timers keep a weak hold of that.
class probe_time {
public:
  /// `cut` ends whatever the session waits for; called on the executor.
  probe_time(const io_executor& executor, const stall_watch& stalls, std::function<void()> cut)
      : timer_(executor), stalls_(stalls), cut_(std::move(cut)) {}

  /// The probe begins now and may take until `deadline`.
  void begin(monotonic_time now, monotonic_time deadline) noexcept;

  monotonic_time begun() const noexcept { return begun_; }
  monotonic_time deadline() const noexcept { return deadline_; }
  /// In milliseconds, for people: all that the probe may take.
  std::int64_t limit_ms() const noexcept { return (deadline_ - begun_) / milliseconds{1}; }

  /// Cuts at a time, unless a later guard takes over before, and forgets that time was over.
  void guard(monotonic_time until, std::weak_ptr<void> owner);

  /// Waits until `over` is true, which `wake` makes it look at, or the deadline has passed.
  task<void> wait_for(std::function<bool()> over);
  void wake() { timer_.cancel(); }

  /// What passes from now on is no time of the probe's, until `go_on` says how long that was; no
  /// guard cuts meanwhile, and the next step sets its own.
  void pause() noexcept { ++generation_; }
  void go_on(nanoseconds after) noexcept {
    begun_ += after;
    deadline_ += after;
  }

  /// True once the last guard's time has passed and it has cut.
  bool expired() const noexcept { return expired_; }
  void set_expired(bool expired) noexcept { expired_ = expired; }

  /// True where it would have been put off once more: what was not done in it says nothing of the
  /// target.
  bool starved() const noexcept { return starved_; }

  /// How long the engine's thread has stood still since the probe began; what a beat may be late is
  /// nothing: a probe that begins after a stall, but before its beat, sees a little of it.
  nanoseconds stalled() const noexcept;

  /// Moves the deadline by what the prober itself took of the probe's time since the last call;
  /// false if that was nothing.
  bool give_back();

private:
  static constexpr unsigned most_put_off = 3;

  /// For what has passed: true if it is put off.
  bool put_off();

  boost::asio::basic_waitable_timer<monotonic_clock, boost::asio::wait_traits<monotonic_clock>,
                                    io_executor>
      timer_;
  const stall_watch& stalls_;
  std::function<void()> cut_;
  std::uint64_t generation_ = 0;
  bool expired_ = false;
  bool starved_ = false;
  unsigned put_off_ = 0;
  monotonic_time begun_{};
  monotonic_time deadline_{};
  nanoseconds stalled_before_{0}; ///< of the engine's thread, when the probe began
  nanoseconds given_back_{0};     ///< of its stalls: added to the deadline
};

} // namespace xprober::stream
