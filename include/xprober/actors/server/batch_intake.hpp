#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/actors/server/agent_pace.hpp"
#include "xprober/actors/server/batch_check.hpp"
#include "xprober/actors/server/crew_memory.hpp"
#include "xprober/actors/server/given_targets.hpp"
#include "xprober/actors/server/series_quota.hpp"
#include "xprober/domain/config.hpp"

namespace xprober {

/// What one agent may cause: the limits that hold for each, and for all together. Everything that
/// agents send goes through it before anybody else sees it, and so does what a journal replays.
class batch_intake {
public:
  /// After a start agents have results of members of the mesh that have not come back themselves:
  /// for so long after the first list, as long as the pool's `mesh_warm_up`, nothing is looked up.
  static constexpr std::chrono::seconds list_grace{15};

  void set_limits(const limits_config& limits);
  /// How long the store keeps a series without results: so long it counts, and twice that at most.
  void set_series_time(nanoseconds length) noexcept { series_time_ = length; }
  /// The targets that there are, and the agents that ask for them.
  void enter(const target_universe& universe, const std::vector<agent_identity>& active,
             monotonic_time now);

  using clock_source = std::function<row_clock(const agent_identity& agent)>;

  /// A batch that came now, see `check_batch`. What it costs is spent if it is to be kept. `grant`:
  /// for whom its sender may speak; null: for everybody.
  batch_findings check(std::string_view bytes, const batch_header& header, std::string& body,
                       const clock_source& clock, monotonic_time now,
                       const agent_grant* grant = nullptr);
  /// A body that was taken before the start: only series are counted. Gives its number of rows.
  std::uint32_t check_again(std::string& body, std::uint32_t rows, monotonic_time now);

  /// What was found in values of the old form.
  struct value_findings {
    std::uint64_t misdated = 0;
    std::uint64_t too_fast = 0; ///< beyond the agent's rate: of this form there is no "later"
    std::array<std::uint64_t, row_fate_count> fates{};
    agent_identity by{}; ///< one of those who have sent what is not taken as it came
  };
  /// Judges values that came at `arrived_ms` (Unix). Gives those that are taken, at their times;
  /// nothing where all are as they came. What the store would refuse is left to it.
  std::optional<std::vector<wire_value>> check(const std::vector<wire_value>& values,
                                               std::int64_t arrived_ms, monotonic_time now,
                                               value_findings& found);

  /// Number of series that count now.
  std::uint64_t series() const noexcept { return series_.size(); }

private:
  /// What somebody says that he has measured.
  struct claim {
    std::string_view source_region;
    std::string_view worker; ///< address of the agent
    std::uint64_t agent = 0; ///< hash of both
    std::string_view type;
    std::string_view region;
    std::string_view address;
  };
  row_fate fate_of(const claim& what, std::optional<monotonic_time> list_at);
  bool was_given(const claim& what, monotonic_time now);
  bool looks_at_lists(monotonic_time now) const;
  void pass_time(monotonic_time now);

  limits_config limits_;
  given_targets given_;
  crew_memory crews_;
  series_quota series_;
  agent_pace rows_;
  agent_pace bytes_;
  nanoseconds series_time_{std::chrono::hours{24}};
  std::optional<monotonic_time> first_list_;
  std::optional<monotonic_time> rotated_;
};

/// Those of the old form that the store takes; nothing: all.
std::optional<std::vector<wire_value>> storable(const std::vector<wire_value>& values);

} // namespace xprober
