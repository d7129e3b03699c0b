#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "xprober/actors/actors.hpp"
#include "xprober/storage/series_file.hpp"

namespace xprober {

/// How often what is remembered of series is written: what happens after the last time is in the
/// journal, as far as it is fresh.
inline constexpr std::chrono::seconds series_keep_interval{60};

/// Owns the file of what is remembered of series. It says it to the store when it is told to begin,
/// and writes what the store says every minute and at the end; nothing is written before it has
/// begun, so that a server that does not start forgets nothing. While the disk takes nothing the
/// last ones stay there, and every minute tries again. The store says it in steps, between which it
/// takes batches; what has come so far is held packed. Blocks: spawn it detached.
struct series_keeper_state {
  static constexpr const char* name = "series_keeper";

  series_keeper_actor::pointer self = nullptr;
  store_actor store;
  stats_actor stats;
  std::string directory;
  std::unique_ptr<storage::series_file> file; ///< null: the disk has let there be none
  /// What the store says of all its rows.
  struct kept_walk {
    storage::series_pack pack;
    std::function<void()> done; ///< may be empty
  };
  std::shared_ptr<kept_walk> walk; ///< null: none goes on
  bool begun = false;
  bool stopped = false;
  bool failing = false; ///< the last attempt to use the disk has failed

  void restore();
  void keep();
  caf::result<done_atom> stop();

private:
  storage::series_file& open();
  void begin_walk(std::function<void()> done);
  void ask(const std::shared_ptr<kept_walk>& of, const kept_states_request& from);
  void take(const std::shared_ptr<kept_walk>& of, const kept_page& page);
  void end(const std::shared_ptr<kept_walk>& of);
  void write(const std::vector<std::string>& pieces);
  void met(const storage::database_error& error);
};

series_keeper_actor::behavior_type
series_keeper(series_keeper_actor::stateful_pointer<series_keeper_state> self,
              const std::string& directory, store_actor store, stats_actor stats);

} // namespace xprober
