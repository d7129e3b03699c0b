#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/storage/spool_clock.hpp"
#include "xprober/storage/spool_file.hpp"
#include "xprober/storage/waiting_times.hpp"

namespace xprober::storage {

struct spool_options {
  std::string directory;                             ///< empty: everything stays in memory
  std::uint64_t max_bytes = std::uint64_t{1} << 30U; ///< of batches, on disk and in memory
  std::uint64_t max_memory_results = 2'000'000;      ///< in batches that are in memory only
  agent_identity identity;
};

/// Counts since the spool was opened.
struct spool_counts {
  std::uint64_t restored = 0; ///< results that were there at the start
  std::uint64_t acked = 0;
  std::uint64_t dropped = 0;   ///< a limit was met, or the file was damaged or removed
  std::uint64_t set_aside = 0; ///< damaged files, and logs of which a part is lost
};

/// Where batches wait until a server has taken them over: in order, and on disk where that is
/// possible. While it is not (the disk is full, the directory cannot be written to), they wait in
/// memory, numbered in the name of another instance, which ends with the process: a number of the
/// instance on disk that was used and not written down would be used again after a restart, and
/// the server would take the new batch for the old one.
///
/// A damaged file is set aside once it could not be read in a second attempt either.
///
/// A step of this machine's clock that passes within a minute (`believed_clock`) is taken out of
/// the times of results, and of the clock at sending.
///
/// Blocks on the disk. Throws nothing but std::bad_alloc: what goes wrong is logged, once.
class spool {
public:
  explicit spool(spool_options options);

  /// Makes batches of the results and keeps them. Past a limit the oldest batches go, but for the
  /// one that `oldest` gave last.
  void append(const std::vector<probe_result_ptr>& results, monotonic_time now);

  /// The oldest batch, stamped with the clock; the same until it is acknowledged. `id` 0: none.
  spooled_batch oldest(wall_time now);

  /// Batches that are made from now on are numbered anew, in another name: no server misses among
  /// them what another one took.
  void begin_instance();

  /// A server has taken it over. `given` is the id that `oldest` gave.
  void acknowledge(std::uint64_t given);

  spool_size size() const;
  /// When the oldest batch began to wait; 0: there is none.
  std::int64_t oldest_unix() const { return size().batches == 0 ? 0 : waiting_.oldest(); }
  /// Of it, what is in memory only and ends with the process.
  spool_size in_memory() const;
  const spool_counts& counts() const noexcept { return counts_; }

  /// Why the disk takes nothing now; empty: it does, or there is no directory.
  const std::string& problem() const noexcept { return problem_; }

  /// False: there is no directory, lists are not kept.
  bool keeps_lists() const noexcept { return !options_.directory.empty(); }
  /// The last target list, for a start without a server. Ends the changes that there are. False:
  /// the disk did not take it.
  bool keep_list(const std::string& bytes);
  std::string kept_list();
  /// What has changed in it since, in the order in which it came. False: the disk did not take it.
  bool keep_change(const std::string& bytes);
  std::vector<std::string> kept_changes();

private:
  void open(monotonic_time now);
  bool open_disk();
  void open_file();
  wall_clock::duration watch_clock();
  bool put_on_disk(spooled_batch& batch);
  void put_in_memory(spooled_batch& batch);
  bool move_to_disk();
  void enforce_limits();
  bool drop_oldest(bool from_memory_only);
  std::uint64_t next_id() const;
  std::string path() const;
  void disk_failed(const database_error& error);
  void disk_works();
  bool can_be_read_now(const database_error& error);
  void replace_damaged(const database_error& met);
  void let_go();

  spool_options options_;
  std::unique_ptr<spool_file> disk_;
  std::unique_ptr<spool_file> memory_;
  spool_counts counts_;
  std::uint64_t acked_through_ = 0; ///< on disk, where deleting may have failed
  spool_size undeleted_;            ///< of them, what is there still
  std::uint64_t in_flight_ = 0;     ///< the id that `oldest` gave last
  std::uint64_t in_flight_now_ = 0; ///< of the same batch: it may have moved to the disk since
  std::uint64_t last_id_ = 0;
  monotonic_time next_open_{};
  monotonic_time next_look_{};
  spool_clock clock_;
  waiting_times waiting_;
  std::string problem_;
  bool failing_ = false; ///< the disk's failure was logged
  bool full_ = false;    ///< the limit was logged
};

} // namespace xprober::storage
