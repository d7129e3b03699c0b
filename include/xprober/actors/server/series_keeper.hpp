#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/storage/series_file.hpp"

namespace xprober {

/// How often what is remembered of series is written: what happens after the last time is in the
/// journal, as far as it is fresh.
inline constexpr std::chrono::seconds series_keep_interval{60};

/// Owns the file of what is remembered of series. It says it to the store when it is told to begin,
/// and writes what the store says every minute and at the end; nothing is written before it has
/// begun, so that a server that does not start forgets nothing. While the disk takes nothing the
/// last ones stay there, and every minute tries again. Blocks: spawn it detached.
struct series_keeper_state {
  static constexpr const char* name = "series_keeper";

  series_keeper_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  std::string directory;
  std::unique_ptr<storage::series_file> file; ///< null: the disk has let there be none
  bool begun = false;
  bool stopped = false;
  bool failing = false; ///< the last attempt to use the disk has failed

  void restore();
  void keep();
  caf::result<done_atom> stop();

private:
  storage::series_file& open();
  void write(const kept_states& series);
  void met(const storage::database_error& error);
};

series_keeper_actor::behavior_type
series_keeper(series_keeper_actor::stateful_pointer<series_keeper_state> self,
              const std::string& directory, store_actor store, stats_actor stats);

} // namespace xprober
