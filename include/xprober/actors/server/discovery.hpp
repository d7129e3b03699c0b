#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/actors/server/discovered_sources.hpp"
#include "xprober/actors/server/url_schedule.hpp"

namespace xprober {

/// After its start a server says nothing of its targets until every URL was asked or has a list
/// kept from before, so that no agent drops the targets of a list that is on its way; but no longer
/// than this.
inline constexpr std::chrono::seconds first_lists_wait{15};

/// Asks and watches the sources of discovered targets. The network's and the kernel's threads tell
/// it that there is something new; it tells the target pool of every change, and stats.
struct discovery_state {
  static constexpr const char* name = "discovery";

  discovery_actor::pointer self = nullptr;
  std::shared_ptr<discovery_io> io;
  target_pool_actor pool;
  stats_actor stats;
  std::optional<discovered_sources> sources;
  url_schedule urls;
  std::uint64_t rescan = 0; ///< generation of the armed look at the files
  bool holding = true;      ///< the pool knows nothing yet
  bool wait_armed = false;  ///< for the first lists

  bool look_after = false;                 ///< files are to be looked at once that is decided
  std::vector<fetched_list> fetched_after; ///< answers that came meanwhile

  /// Judges a configuration against the last good lists. Nothing is different until `commit`; what
  /// comes meanwhile waits for it or for `abandon`.
  pool_report prepare(const discovery_config& next);
  /// What was prepared is in force, its files are read; the error is empty.
  pool_report commit();
  /// What was prepared is forgotten.
  void abandon();
  void publish();
  void look_at_files();
  void arm_rescan();
  void ask(std::uint64_t id);
  void take(const fetched_list& fetched);
  void end_wait();

private:
  void watch_files();
  void release();
  void tell();
  void catch_up();
};

discovery_actor::behavior_type discovery(discovery_actor::stateful_pointer<discovery_state> self,
                                         std::shared_ptr<discovery_io> io, target_pool_actor pool,
                                         stats_actor stats);

} // namespace xprober
