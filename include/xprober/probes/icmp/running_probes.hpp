#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/icmp/completions.hpp"
#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/echo_events.hpp"
#include "xprober/probes/icmp/host_lookup.hpp"
#include "xprober/probes/icmp/known_ways.hpp"
#include "xprober/probes/icmp/lanes.hpp"
#include "xprober/probes/icmp/neighbours.hpp"
#include "xprober/probes/icmp/probe_table.hpp"
#include "xprober/probes/icmp/timing_wheel.hpp"
#include "xprober/probes/icmp/waiting_echoes.hpp"

namespace xprober::icmp {

/// The probes from their request to their outcome: names are resolved, addresses that were probed
/// just now are shared, echoes are put into the queues of sockets, and every probe is woken when
/// it has waited long enough. Moves no packet itself.
class running_probes final : public echo_events {
public:
  struct services {
    boost::asio::io_context& io;
    probe_table& table;
    lanes& ways;
    host_lookup& names;
    echo_counters& counters;
    neighbours& nearby;
    /// Called when an echo waits in a queue, or may, and packets are to be moved soon.
    std::function<void()> pump;
    std::uint32_t max_in_flight = 0; ///< one more ends with `local_overload`
  };

  explicit running_probes(services use);

  /// Whom probes may be sent to that begin, or whose name is resolved, from now on; null:
  /// everybody.
  void limit(target_limits_ptr limits) { limits_ = std::move(limits); }

  void begin(probe_request request, probe_completion done);

  /// Wakes the probes whose time has come. Everything that had arrived by `now` was fed in.
  void wake_due(monotonic_time now);
  /// When the next one is to be woken.
  std::optional<monotonic_time> next_wake() const noexcept { return wheel_.next(); }

  /// Calls `done` once nothing is in flight.
  void drain(std::function<void()> done);

  /// Ends all as `shutdown`, with what they have counted so far, and everything that comes.
  void end_all();

  const probe_counters& counters() const noexcept { return told_.counters(); }

  /// Counts and logs what an exception in the engine, but not in a probe, says.
  void note_exception(std::string_view where, const std::exception_ptr& thrown) {
    told_.note(where, thrown);
  }

  void echo_sent(const queued_echo& item, monotonic_time at, bool exact) override;
  void echo_handed(const queued_echo& item, monotonic_time at) override;
  void echo_left(const echo_tag& tag, monotonic_time at, bool exact) override;
  void echo_stayed(const echo_tag& tag) override;
  void echo_refused(const queued_echo& item, int error) override;
  void gave_up_waiting(std::uint32_t slot) override;
  void moved(std::uint32_t slot, monotonic_time now) override;
  void not_taken(std::span<const std::uint8_t> packet, const std::exception_ptr& thrown) override;

private:
  std::shared_ptr<lane> admit(const probe_request& request, const probe_completion& done,
                              parsed_target& parsed);
  std::optional<std::uint32_t> take_slot(const probe_request& request, const probe_completion& done,
                                         parsed_target& parsed);
  void begin_named(std::uint32_t index, const std::string& host);
  void resolved(std::uint32_t index, std::uint32_t generation, const resolved_host& answer);
  void launch(std::uint32_t index);
  bool is_shared(std::uint32_t index, monotonic_time now);
  static void queue_echo(probe_slot& slot, const queued_echo& item);
  void wake(std::uint32_t index, monotonic_time now);
  static void add_notes(probe_slot& slot, icmp_summary& summary);
  void finish(std::uint32_t index);
  void interrupt(std::uint32_t index);
  void end(std::uint32_t index, probe_error error, std::string detail,
           const icmp_summary* summary = nullptr);
  void hand_over(std::uint32_t index, probe_outcome outcome);
  void close(std::uint32_t index, probe_outcome&& outcome);
  template <class Work>
  void guarded(std::uint32_t index, Work work);

  services use_;
  target_limits_ptr limits_;
  completions told_;
  timing_wheel wheel_;
  known_ways ways_;
  waiting_echoes waiting_;
  std::vector<float> scratch_;
  bool ending_ = false;
};

} // namespace xprober::icmp
