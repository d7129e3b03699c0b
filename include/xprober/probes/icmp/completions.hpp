#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/lane.hpp"
#include "xprober/probes/internal_fault.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::icmp {

/// Tells the outcomes of probes to who asked for them, and counts them. Each is told once; one who
/// throws is noted, and nobody else's trouble.
class completions {
public:
  /// A probe was asked for.
  void began() noexcept { ++counters_.started; }

  /// The probe ended: `story`, where there is one, comes before the outcome.
  void tell(const probe_completion& done, probe_outcome&& outcome, lane_story* story = nullptr);

  /// A probe that did not begin.
  void refuse(const probe_request& request, const probe_completion& done, probe_error error,
              std::string detail);

  /// Calls `done` when nothing is in flight, which `drained` says.
  void when_drained(std::function<void()> done) { drained_.push_back(std::move(done)); }
  void drained();

  /// Counts and logs an exception. `where`: a target's address, or what of the engine it was in.
  void note(std::string_view where, const std::exception_ptr& thrown,
            const input_digest& input = {});

  const probe_counters& counters() const noexcept { return counters_; }

private:
  /// Calls what is somebody else's; `whose` for the log.
  template <class Call>
  void safely(std::string_view whose, const Call& call);
  void count(const probe_outcome& outcome) noexcept;

  probe_counters counters_;
  exception_log exceptions_{kinds::icmp().name, counters_.exceptions};
  std::vector<std::function<void()>> drained_;
};

} // namespace xprober::icmp
