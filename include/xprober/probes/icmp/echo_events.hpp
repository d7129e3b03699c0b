#pragma once

#include <cstdint>
#include <exception>
#include <span>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/icmp/endpoint.hpp"

namespace xprober::icmp {

/// What the sides that move packets tell those who keep the probes.
class echo_events {
public:
  virtual ~echo_events() = default;

  /// The next echo of a probe left at `at`; `exact` as in `echo_probe::sent`. The probe may have
  /// ended meanwhile.
  virtual void echo_sent(const queued_echo& item, monotonic_time at, bool exact) = 0;
  /// The next echo of a probe was handed to the kernel by an outlet; it may have to wait there for
  /// its neighbour's address.
  virtual void echo_handed(const queued_echo& item, monotonic_time at) = 0;
  /// An echo that was handed to the kernel has left; `exact` as in `echo_probe::sent`.
  virtual void echo_left(const echo_tag& tag, monotonic_time at, bool exact) = 0;
  /// An echo that was handed to the kernel will not leave: its neighbour does not answer.
  virtual void echo_stayed(const echo_tag& tag) = 0;
  /// The kernel refused to send it, with this errno.
  virtual void echo_refused(const queued_echo& item, int error) = 0;
  /// A probe has waited for its first echo to leave for so long that it cannot be on time.
  virtual void gave_up_waiting(std::uint32_t slot) = 0;
  /// An answer or an ICMP error was fed into a probe, which may want something done now.
  virtual void moved(std::uint32_t slot, monotonic_time now) = 0;
  /// A packet that came led to an exception, and is passed over.
  virtual void not_taken(std::span<const std::uint8_t> /*packet*/,
                         const std::exception_ptr& /*thrown*/) {}
};

} // namespace xprober::icmp
