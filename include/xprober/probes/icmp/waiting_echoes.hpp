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
/// that does not leave ends its probe, as an ICMP error would; but the kernel keeps some 250
/// packets for a neighbour whose address it does not know and drops the oldest, so the first of a
/// burst through one router may be gone before that answers. Where a target's neighbour was not
/// silent before, another echo goes out in the midst of the time, when a router that lives has
/// answered.
class waiting_echoes {
public:
  /// How long an echo may wait: the kernel asks for its neighbour three times in three seconds,
  /// unless told otherwise, and an answer to the last time would be there by now.
  static constexpr nanoseconds patience = milliseconds{2900};
  /// When another one goes out in its place, where the deadline leaves twice as long.
  static constexpr nanoseconds until_second = milliseconds{1500};
  /// How long that one waits at least, unless the deadline comes first.
  static constexpr nanoseconds least_of_second = milliseconds{1000};

  explicit waiting_echoes(neighbours& nearby) noexcept : nearby_(nearby) {}

  /// How a probe begins.
  probe_way way_of(const probe_slot& slot) const noexcept;

  /// The probe's next echo was handed to the kernel.
  void handed(probe_slot& slot, monotonic_time at) noexcept;
  /// True while a probe waits for its neighbour: `due` says when it is to be woken for that.
  static bool waits(const probe_slot& slot) noexcept;
  static monotonic_time due(const probe_slot& slot) noexcept;

  /// Its echo left at `at`, and counts as sent then; `exact` as in `echo_probe::sent`. False if
  /// there was none to leave.
  bool left(probe_slot& slot, const echo_tag& tag, monotonic_time at, bool exact);
  /// Its echo left by the main socket, and nothing is waited for.
  void settled(probe_slot& slot) noexcept;
  /// Its echo will not leave, and counts as sent.
  void stayed(probe_slot& slot);
  /// To be called when such a probe is woken: where its time is over it has its error then, or
  /// another echo to send.
  void expire(probe_slot& slot, monotonic_time now);

  /// The probe ended; nothing if it is told again.
  void ended(probe_slot& slot, probe_error error);

private:
  void end_silent(probe_slot& slot, nanoseconds waited);

  neighbours& nearby_;
  probe_ways ways_;
};

} // namespace xprober::icmp
