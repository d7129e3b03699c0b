#include "xprober/probes/icmp/echo_probe.hpp"

#include <algorithm>
#include <cmath>

namespace xprober::icmp {

namespace {

/// The nearest-rank percentile; reorders `values`, which are not empty.
float percentile(std::vector<float>& values, double fraction) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(fraction * static_cast<double>(values.size())));
  const auto at = values.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

} // namespace

void echo_probe::start(const probe_plan& plan, monotonic_time now, monotonic_time deadline) {
  // Memory of a much longer probe before this one is given back.
  constexpr std::size_t worth_keeping = 1024;
  if (echoes_.capacity() > worth_keeping && echoes_.capacity() / 4 > plan.count) {
    echoes_ = {};
  }
  echoes_.clear();
  plan_ = &plan;
  begun_ = now;
  deadline_ = deadline;
  next_due_ = now;
  oldest_ = answered_ = lost_ = unknown_ = duplicates_ = late_ = 0;
  reordered_ = answered_up_to_ = 0;
  ended_by_ = probe_error::none;
  again_ = 0;
  too_big_ = 0;
  queued_ = false;
  refused_ = false;
}

echo_action echo_probe::next(monotonic_time now) noexcept {
  const std::uint32_t wanted = plan_->count + again_;
  const std::uint32_t settled = answered_ + lost_ + unknown_;
  const bool stopped = ended_by_ != probe_error::none;
  const bool none_out = settled == next_number() && !queued_;
  if (settled == wanted || (stopped && none_out) || now >= deadline_) {
    return {echo_action::kind::finish, 0, now};
  }
  monotonic_time until = deadline_;
  if (!stopped && !queued_ && next_number() < wanted) {
    if (now >= next_due_) {
      queued_ = true;
      return {echo_action::kind::send, next_number(), now};
    }
    until = std::min(until, next_due_);
  }
  while (oldest_ < echoes_.size() && echoes_[oldest_].state() != fate::in_flight) {
    ++oldest_;
  }
  if (oldest_ < echoes_.size()) {
    until = std::min(until, monotonic_time{echoes_[oldest_].value()} + plan_->timeout);
  }
  return {echo_action::kind::wait, 0, until};
}

void echo_probe::sent(monotonic_time at, bool exact) {
  queued_ = false;
  echoes_.emplace_back(fate::in_flight, at.time_since_epoch(), exact);
  if (plan_->mode == icmp_mode::adaptive) {
    next_due_ = at + plan_->interval;
  } else {
    // Keeps the cadence; what was missed by more than an interval is not made up for in a burst.
    next_due_ = std::max(next_due_ + plan_->interval, at);
  }
}

void echo_probe::send_failed(probe_error why) noexcept {
  queued_ = false;
  refused_ = true;
  ended_by_ = why;
}

void echo_probe::settle(std::uint32_t number, fate f, nanoseconds value) noexcept {
  echoes_[number] = echo{f, value, echoes_[number].exact()};
  switch (f) {
  case fate::answered: ++answered_; break;
  case fate::lost: ++lost_; break;
  case fate::unknown: ++unknown_; break;
  case fate::in_flight: break;
  }
  if (plan_->mode == icmp_mode::adaptive && number + 1 == next_number()) {
    next_due_ = {};
  }
}

reply_kind echo_probe::reply(std::uint32_t number, monotonic_time at) noexcept {
  if (number >= echoes_.size()) {
    return reply_kind::unexpected;
  }
  const echo e = echoes_[number];
  if (e.state() == fate::answered) {
    ++duplicates_;
    return reply_kind::duplicate;
  }
  if (e.state() == fate::in_flight) {
    const nanoseconds rtt = std::max(at - monotonic_time{e.value()}, nanoseconds{0});
    if (rtt <= plan_->timeout) {
      settle(number, fate::answered, rtt);
      reordered_ += number < answered_up_to_ ? 1U : 0U;
      answered_up_to_ = std::max(answered_up_to_, number + 1);
      if (!refused_) {
        ended_by_ = probe_error::none; // as if the answer had come before the ICMP error
      }
      return reply_kind::counted;
    }
    settle(number, fate::lost, {});
  }
  ++late_;
  return reply_kind::late;
}

bool echo_probe::icmp_error(std::uint32_t number, probe_error why) noexcept {
  if (number >= echoes_.size() || echoes_[number].state() != fate::in_flight) {
    return false;
  }
  settle(number, fate::lost, {});
  if (answered_ == 0) {
    ended_by_ = why;
  }
  return true;
}

bool echo_probe::too_big(std::uint32_t number) noexcept {
  if (number >= echoes_.size() || echoes_[number].state() != fate::in_flight ||
      too_big_ == most_again) {
    return false;
  }
  settle(number, fate::unknown, {});
  ++too_big_;
  ++again_;
  return true;
}

bool echo_probe::stayed(std::uint32_t number) noexcept {
  if (number >= echoes_.size() || echoes_[number].state() != fate::in_flight) {
    return false;
  }
  settle(number, fate::unknown, {});
  ++again_;
  if (plan_->mode == icmp_mode::fixed) {
    next_due_ -= plan_->interval; // the other one has its time
  }
  return true;
}

void echo_probe::expire(monotonic_time now, monotonic_time overflow) noexcept {
  for (; oldest_ < echoes_.size(); ++oldest_) {
    const echo e = echoes_[oldest_];
    if (e.state() != fate::in_flight) {
      continue;
    }
    const monotonic_time sent_at{e.value()};
    if (now < sent_at + plan_->timeout) {
      break;
    }
    settle(oldest_, sent_at <= overflow ? fate::unknown : fate::lost, {});
  }
}

bool echo_probe::any_exact() const noexcept {
  return std::any_of(echoes_.begin(), echoes_.end(),
                     [](const echo& e) { return e.state() == fate::answered && e.exact(); });
}

rtt_stats echo_probe::round_trips(std::vector<float>& scratch) const {
  scratch.clear();
  const bool only_exact = any_exact();
  double sum = 0;
  double previous = 0;
  double squares = 0;
  double jitter = 0;
  for (const echo& e : echoes_) {
    if (e.state() == fate::answered && (e.exact() || !only_exact)) {
      const double ms = to_ms(e.value());
      if (!scratch.empty()) {
        jitter += (std::abs(ms - previous) - jitter) / 16;
      }
      previous = ms;
      scratch.push_back(static_cast<float>(ms));
      sum += ms;
    }
  }
  rtt_stats stats;
  if (scratch.empty()) {
    return stats;
  }
  if (scratch.size() == 1) {
    const float only = scratch.front();
    return {.min = only, .mean = only, .max = only, .p50 = only, .p99 = only, .p90 = only};
  }
  const auto n = static_cast<double>(scratch.size());
  const double mean = sum / n;
  for (const float ms : scratch) {
    squares += (ms - mean) * (ms - mean);
  }
  const auto [min, max] = std::minmax_element(scratch.begin(), scratch.end());
  stats.min = *min;
  stats.max = *max;
  stats.mean = static_cast<float>(mean);
  stats.stddev = static_cast<float>(std::sqrt(squares / n));
  stats.jitter = static_cast<float>(jitter);
  stats.p90 = percentile(scratch, 0.90);
  stats.p50 = percentile(scratch, 0.50);
  stats.p99 = percentile(scratch, 0.99);
  return stats;
}

std::uint32_t echo_probe::waited_in_vain() const noexcept {
  // With a timeout as long as the deadline even the first echo is in flight at the end.
  const nanoseconds enough = std::min(plan_->timeout, (deadline_ - begun_) * 9 / 10);
  const auto waited = [&](const echo& e) {
    return e.state() == fate::in_flight && deadline_ - monotonic_time{e.value()} >= enough;
  };
  return static_cast<std::uint32_t>(std::count_if(echoes_.begin(), echoes_.end(), waited));
}

icmp_summary echo_probe::counted(std::vector<float>& scratch) const {
  icmp_summary summary;
  summary.sent = answered_ + lost_;
  summary.received = answered_;
  summary.duplicates = duplicates_;
  summary.late = late_;
  summary.reordered = reordered_;
  summary.rtt = round_trips(scratch);
  summary.rtt_inexact = answered_ != 0 && !any_exact();
  return summary;
}

probe_verdict echo_probe::verdict(std::vector<float>& scratch) const {
  probe_verdict v;
  v.summary = counted(scratch);
  const bool all_in_flight = answered_ + lost_ + unknown_ == again_ && !echoes_.empty();
  const std::uint32_t lost = all_in_flight ? waited_in_vain() : lost_;
  v.summary.sent = answered_ + lost;
  if (answered_ != 0) {
    v.success = true;
  } else if (ended_by_ != probe_error::none) {
    v.error = ended_by_;
  } else if (lost == 0) {
    // Nothing could be sent in time, or nothing is known of what was sent.
    v.error = probe_error::local_overload;
  } else {
    v.error = probe_error::no_reply;
  }
  return v;
}

} // namespace xprober::icmp
