#pragma once

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/icmp/neighbours.hpp"
#include "xprober/probes/icmp/probe_table.hpp"
#include "xprober/probes/icmp/probe_way.hpp"

namespace xprober::icmp {

/// The echoes that outlets have handed to the kernel and that have not left yet, one at most of
/// each probe, and what is learnt from them: by which way the next probe of each target begins.
///
/// An echo that waits for its neighbour has not been sent: its timeout begins when it leaves. One
/// that does not leave ends its probe, as an ICMP error would.
class waiting_echoes {
public:
  /// How long an echo may wait: the kernel asks for its neighbour three times in three seconds,
  /// unless told otherwise, and an answer to the last time would be there by now.
  static constexpr nanoseconds patience = milliseconds{2900};

  explicit waiting_echoes(neighbours& nearby) noexcept : nearby_(nearby) {}

  /// How a probe begins.
  probe_way way_of(const probe_slot& slot) const noexcept;

  /// The probe's next echo was handed to the kernel.
  void handed(probe_slot& slot, monotonic_time at) noexcept;
  /// When such a probe is to be woken for it.
  static monotonic_time due(const probe_slot& slot) noexcept;

  /// Its echo left at `at`, and counts as sent then. False if there was none to leave.
  bool left(probe_slot& slot, const echo_tag& tag, monotonic_time at);
  /// Its echo will not leave, and counts as sent.
  void stayed(probe_slot& slot);
  /// Ends the waiting if its time is over; the probe has its error then.
  void expire(probe_slot& slot, monotonic_time now);

  /// The probe ended.
  void ended(const probe_slot& slot, probe_error error);

private:
  neighbours& nearby_;
  probe_ways ways_;
};

} // namespace xprober::icmp
