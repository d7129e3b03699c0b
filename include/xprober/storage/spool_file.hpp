#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/storage/database.hpp"

namespace xprober::storage {

/// A batch as it lies in a spool.
struct spooled_batch {
  std::uint64_t id = 0; ///< order within the spool, from 1; 0: none
  std::uint64_t sequence = 0;
  std::uint64_t results = 0;
  std::string bytes;
  std::uint64_t length = 0; ///< of `bytes`, also where they were left out
};

/// How much there is.
struct spool_size {
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  std::uint64_t results = 0;

  bool operator==(const spool_size&) const = default;
};

/// One SQLite file of batches, oldest first, with the name (instance) in which they are numbered.
/// Everything throws database_error, and nothing has happened then.
class spool_file {
public:
  /// Opens or makes it. Another identity than the file's begins a new instance: numbers are unique
  /// for an agent and its address, even where a state directory was copied to another machine. So
  /// does another boot of the machine and a log that was damaged (`log_cut`): the last batches may
  /// have been pushed and be missing, and their numbers must not be used again. Batches that are in
  /// the file keep their own.
  spool_file(const std::string& path, const agent_identity& identity);

  /// See `database`.
  static bool is_whole(const std::string& path);
  bool log_cut() const noexcept { return file_.log_cut(); }

  const agent_instance& instance() const noexcept { return instance_; }
  std::uint64_t last_sequence() const noexcept { return last_sequence_; }
  std::uint64_t last_id() const noexcept { return last_id_; }
  const spool_size& size() const noexcept { return size_; }

  /// What is added from now on is numbered from 1 in the name of another instance, which is written
  /// with the next batch. Batches that are in the file keep their own.
  void begin_instance();

  /// Adds a batch that was made with `instance` and the next sequence.
  void add(const spooled_batch& batch);
  /// Adds a batch of another file; it keeps its number, which is of another instance.
  void adopt(const spooled_batch& batch);
  /// The oldest batch with a higher id than `after`.
  std::optional<spooled_batch> oldest(std::uint64_t after);
  /// The same without its bytes.
  std::optional<spooled_batch> oldest_head(std::uint64_t after);
  enum class why : std::uint8_t { acknowledged, dropped, moved };
  /// Removes a batch; false if there is none.
  bool remove(std::uint64_t id, why reason);
  /// Removes all up to an id, which were acknowledged: all or none.
  void remove_through(std::uint64_t id);

  void keep_list(std::string_view bytes);
  std::string kept_list();
  void keep_change(std::string_view bytes);
  std::vector<std::string> kept_changes();

private:
  void make_tables();
  void load();
  void keep_instance();
  void count();
  void insert(const spooled_batch& batch, bool own);

  database file_;
  std::string identity_;
  agent_instance instance_{};
  bool found_ = false; ///< an instance was in the file
  bool kept_ = false;  ///< the one that is used is
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_id_ = 0;
  spool_size size_;
};

} // namespace xprober::storage
