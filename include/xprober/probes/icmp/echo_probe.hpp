#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/icmp/summary.hpp"

namespace xprober::icmp {

/// What all probes of one configuration have in common.
struct probe_plan {
  std::uint32_t count = 1; ///< echoes of a probe
  icmp_mode mode = icmp_mode::adaptive;
  nanoseconds interval{0};
  nanoseconds timeout{0}; ///< of one echo, from its sending
};

/// What an answer turned out to be.
enum class reply_kind : std::uint8_t {
  counted,    ///< the first answer to an echo, in time
  late,       ///< after the echo's timeout
  duplicate,  ///< of an echo that was answered in time
  unexpected, ///< to an echo that was never sent
};

/// What a probe wants done.
struct echo_action {
  enum class kind : std::uint8_t { send, wait, finish };
  kind what = kind::wait;
  std::uint32_t number = 0; ///< of the echo to send
  monotonic_time until{};   ///< when to ask again if nothing happens before
};

/// How a probe ended.
struct probe_verdict {
  bool success = false; ///< at least one echo was answered
  probe_error error = probe_error::none;
  icmp_summary summary;
};

/// One ICMP probe as a state machine without I/O: which echo goes out when, which are answered,
/// lost or of unknown fate, and how the probe ends.
///
/// Feed it what happens (`sent`, `reply`, `icmp_error`, `expire`, ...) and ask `next` after each
/// event. An echo's fate is: in flight → answered | lost | unknown. Unknown is what was not
/// answered while the receive buffer overflowed, and what another echo went out in the place of;
/// like what is in flight at the deadline it counts neither as sent nor as lost; but where no echo
/// has another fate, those that waited for 9/10 of the deadline or for their timeout are lost.
///
/// The echoes stand in a vector of 8 bytes each, which keeps its memory from probe to probe.
class echo_probe {
public:
  /// Begins a new probe, forgetting the last one. `plan` must live as long as the probe runs.
  void start(const probe_plan& plan, monotonic_time now, monotonic_time deadline);

  /// What to do at `now`. After `send` the echo counts as queued until `sent` or `send_failed`.
  echo_action next(monotonic_time now) noexcept;

  /// The queued echo left at `at`. `exact`: within the time that the system call takes when nothing
  /// disturbs it; the round-trip times of other echoes are left out where there are exact ones.
  void sent(monotonic_time at, bool exact = true);

  /// The kernel refused to send the queued echo: no other one is sent, of the prober's own fault
  /// `why`. The probe ends when nothing is in flight.
  void send_failed(probe_error why = probe_error::local_send) noexcept;

  /// An answer to echo `number` came at `at`.
  reply_kind reply(std::uint32_t number, monotonic_time at) noexcept;

  /// Of an echo whose answer has been counted.
  nanoseconds round_trip(std::uint32_t number) const noexcept { return echoes_[number].value(); }

  /// An ICMP error says that echo `number` did not arrive: it is lost. While nothing was answered
  /// no other echo is sent, and the probe ends with `why` when nothing is in flight; an answer to
  /// what was in flight lets it go on. False if the echo's fate was known already.
  bool icmp_error(std::uint32_t number, probe_error why) noexcept;

  /// A router says that echo `number` was too big for the next link. The prober asked for that (no
  /// router may fragment it), and the kernel knows the path's MTU from now on: the echo's fate is
  /// unknown, and another one goes out in its place. False if the echo's fate was known already, or
  /// if that has happened `most_again` times.
  bool too_big(std::uint32_t number) noexcept;
  static constexpr std::uint8_t most_again = 2; ///< the MTU of a path with two narrower links

  /// Echo `number` has not left this machine, which may have dropped it for want of room: its fate
  /// is unknown, and another one goes out at once in its place. For the last one that was sent.
  /// False if its fate was known already.
  bool stayed(std::uint32_t number) noexcept;

  /// Settles the echoes whose timeout has passed at `now`. Call it only after everything that had
  /// arrived by `now` was fed in. Those sent before `overflow`, the last time the receive buffer
  /// was seen to have overflowed, become unknown, the others lost.
  void expire(monotonic_time now, monotonic_time overflow) noexcept;

  /// Counts and times so far, of echoes whose fate is known. `scratch` is working memory that
  /// callers reuse.
  icmp_summary counted(std::vector<float>& scratch) const;
  /// What came of the probe, which ends now.
  probe_verdict verdict(std::vector<float>& scratch) const;

  /// The number of the echo that goes out next.
  std::uint32_t next_number() const noexcept { return static_cast<std::uint32_t>(echoes_.size()); }
  /// How many were sent, but for those that others were sent in the place of.
  std::uint32_t tried() const noexcept { return next_number() - again_; }
  monotonic_time deadline() const noexcept { return deadline_; }
  /// When `start` was called: the address was known, and echoes could leave.
  monotonic_time begun() const noexcept { return begun_; }

private:
  enum class fate : std::uint8_t { in_flight, answered, lost, unknown };

  /// Two bits of fate and one for "not exact" over 61 bits of nanoseconds: when it was sent while
  /// it is in flight, its round-trip time once it is answered.
  class echo {
  public:
    echo(fate f, nanoseconds value, bool exact) noexcept
        : bits_(static_cast<std::uint64_t>(f) << 62 | (exact ? 0 : inexact_bit) |
                (static_cast<std::uint64_t>(value.count()) & value_mask)) {}
    bool exact() const noexcept { return (bits_ & inexact_bit) == 0; }
    fate state() const noexcept { return static_cast<fate>(bits_ >> 62); }
    nanoseconds value() const noexcept {
      return nanoseconds{static_cast<std::int64_t>(bits_ & value_mask)};
    }

  private:
    static constexpr std::uint64_t inexact_bit = std::uint64_t{1} << 61;
    static constexpr std::uint64_t value_mask = inexact_bit - 1;
    std::uint64_t bits_;
  };

  void settle(std::uint32_t number, fate f, nanoseconds value) noexcept;
  std::uint32_t waited_in_vain() const noexcept;
  rtt_stats round_trips(std::vector<float>& scratch) const;
  bool any_exact() const noexcept;

  const probe_plan* plan_ = nullptr;
  monotonic_time begun_{};
  monotonic_time deadline_{};
  monotonic_time next_due_{};
  std::vector<echo> echoes_;
  std::uint32_t oldest_ = 0; ///< every echo before it has a known fate
  std::uint32_t answered_ = 0;
  std::uint32_t lost_ = 0;
  std::uint32_t unknown_ = 0;
  std::uint32_t duplicates_ = 0;
  std::uint32_t late_ = 0;
  std::uint32_t reordered_ = 0;
  std::uint32_t answered_up_to_ = 0; ///< one above the highest number that was answered
  std::uint32_t again_ = 0;          ///< echoes sent in the place of others
  probe_error ended_by_ = probe_error::none;
  std::uint8_t too_big_ = 0; ///< echoes that were too big and had another one sent in their place
  bool queued_ = false;
  bool refused_ = false; ///< the kernel refused to send an echo
};

} // namespace xprober::icmp
