#pragma once

#include <memory>
#include <optional>
#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/storage/spool.hpp"

namespace xprober {

/// Owns the spool's file. The pusher gives it results, takes the oldest batch and acknowledges it;
/// the syncer gives it target lists. Every change is told to `results`, which alone accounts,
/// before the pusher hears of it. Blocks: spawn it detached.
struct spool_state {
  static constexpr const char* name = "spool";

  spool_actor::pointer self = nullptr;
  results_actor results;
  stats_actor stats;
  std::unique_ptr<storage::spool> files;
  storage::spool_counts told;               ///< what `results` knows
  std::uint64_t last_batch = 0;             ///< of `results`
  std::optional<std::string> kept_revision; ///< of the list on disk; none: it was not read yet
  std::uint64_t changes = 0;                ///< of the kept list, since it was written whole
  std::uint64_t change_bytes = 0;           ///< of these

  void keep(const result_batch& batch);
  spool_item oldest();
  void keep_list(const target_list& list, std::string_view revision);
  bool keep_change(const kept_change& change);
  kept_list last_list();
  void change_server();
  spool_report report() const;
  /// `batch`: the one of `results` that was kept now.
  void tell(std::uint64_t batch);
};

spool_actor::behavior_type spool(spool_actor::stateful_pointer<spool_state> self,
                                 storage::spool_options options, results_actor results,
                                 stats_actor stats);

} // namespace xprober
