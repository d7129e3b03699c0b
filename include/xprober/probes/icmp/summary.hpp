#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// Round-trip times of one ICMP probe in milliseconds. All zero where nothing was received; what
/// a shortened record did not keep is not a number.
struct rtt_stats {
  float min = 0;
  float mean = 0;
  float max = 0;
  float stddev = 0;
  float p50 = 0; ///< nearest rank, like the other two
  float p99 = 0;
  float p90 = 0;
  /// RFC 3550, section 6.4.1, over the answered echoes in the order of their numbers:
  /// J += (|difference of two neighbours' times| - J) / 16, from 0 on.
  float jitter = 0;

  bool operator==(const rtt_stats&) const = default;
};

/// A kind of ICMP error that came back for a probe's echoes.
struct icmp_error_report {
  std::uint8_t type = 0; ///< RFC 792, RFC 4443
  std::uint8_t code = 0;
  std::uint32_t count = 0; ///< such errors from this sender
  std::string_view text;   ///< what type and code mean, e.g. "host unreachable"; a literal
  std::string router;      ///< the numeric address that reported it

  bool operator==(const icmp_error_report&) const = default;
};

/// What an ICMP probe counted. `sent` holds only echoes whose fate is known: answered, or lost
/// because their timeout passed. Echoes in flight at the deadline are in neither.
struct icmp_summary {
  std::uint32_t sent = 0;
  std::uint32_t received = 0; ///< distinct echoes answered in time; never above `sent`
  std::uint32_t duplicates = 0;
  std::uint32_t late = 0;      ///< answers after their echo's timeout, seen before the probe's end
  std::uint32_t reordered = 0; ///< echoes that were answered after a later one
  rtt_stats rtt;
  std::uint8_t reply_ttl = 0; ///< TTL or hop limit of the last reply as it arrived; 0: not known
  /// The prober was interrupted while it sent every echo that was answered: the times can be off by
  /// as long as that took.
  bool rtt_inexact = false;
  /// The receive buffer overflowed while the probe ran: echoes without an answer were not counted.
  bool receive_overflow = false;
  std::vector<icmp_error_report> errors; ///< in the order they first came

  /// Percent of `sent` that was not answered: 0 to 100; 100 when `sent` is 0.
  double loss_percent() const noexcept;
};

/// What the columns of an ICMP probe do not say. Most probes have none of it.
struct icmp_details : probe_details {
  bool rtt_inexact = false; ///< as in `icmp_summary`, like the others
  bool receive_overflow = false;
  std::vector<icmp_error_report> errors;
};

/// What a probe that somebody asked for tells beside its outcome.
struct icmp_story : probe_details {
  nanoseconds setup{0}; ///< from the resolved name to the first echo; 0: none was sent
};

/// Writes what a probe that had its place counted into its outcome, whose error stands already. Own
/// faults have no loss: it would be the target's. But one that was interrupted (`shutdown`) has
/// that of the echoes whose fate was known by then.
void write_summary(const icmp_summary& summary, probe_outcome& outcome);

/// What `write_summary` wrote; all zero where nothing was sent. An outcome without a loss knows
/// nothing of replies.
namespace icmp {
icmp_summary read_summary(const probe_outcome& outcome);
} // namespace icmp

} // namespace xprober
