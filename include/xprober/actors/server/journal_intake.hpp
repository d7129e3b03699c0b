#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/batch_intake.hpp"
#include "xprober/actors/server/journal_clocks.hpp"
#include "xprober/actors/server/journal_disk.hpp"

namespace xprober {

/// How what agents push, and what the store says of series that have ended, enters a journal: it is
/// judged, kept, given to the readers and to the store, in this order, and then acknowledged. The
/// registry hears what is found out about agents on the way.
class journal_intake {
public:
  /// Whose intake it is; all of it outlives this. `changed`: `counts` are others.
  struct surroundings {
    journal_actor::pointer self = nullptr;
    store_actor store;
    registry_actor registry; ///< may be null
    journal_disk& disk;
    journal_clocks& clocks;
    journal_stats& counts;
    std::function<void()> changed;
  };
  explicit journal_intake(surroundings with) : with_(std::move(with)) {}

  /// A batch. An error where it cannot be taken now, and its agent has to keep it.
  caf::result<push_batch_response> take(const push_batch_request& request);
  /// Values of the old form.
  caf::result<push_response> take(const push_request& request);
  void take(const series_ended& ended);

  /// What one agent may cause.
  batch_intake& judge() noexcept { return judge_; }

private:
  caf::result<push_batch_response> keep(const batch_header& header,
                                        const push_batch_request& request);
  void count(const batch_findings& found, const storage::journal::added& added);
  caf::result<push_batch_response> store(std::shared_ptr<const std::string> body,
                                         std::uint32_t rows, push_batch_response answer);
  std::int64_t watch_clock(const batch_header& header, const agent_identity& agent,
                           std::int64_t now_ms);
  void watch_delivery(const batch_header& header, const batch_findings& found, std::int64_t now_ms);
  void note(const agent_lapse& lapse);
  caf::error refused(const std::string& why);
  void keep_values(const std::vector<wire_value>& values);
  monotonic_time now() const;

  surroundings with_;
  batch_intake judge_;
};

} // namespace xprober
