#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/storage/database.hpp"
#include "xprober/storage/reader_ledger.hpp"

namespace xprober::storage {

/// What a batch was answered with.
struct verdict {
  std::uint64_t accepted = 0; ///< rows
  std::uint64_t rejected = 0; ///< rows

  bool operator==(const verdict&) const = default;
};

/// A record as it lies in the journal.
struct journalled_batch {
  std::uint64_t id = 0; ///< order of arrival, from 1
  record_kind kind = record_kind::batch;
  std::string bytes;
  wall_time received{};
  std::int64_t skew_ms = 0; ///< of a batch: what is to be taken out of its times
};

/// What is known of an instance of an agent.
struct known_instance {
  std::string name; ///< its bytes
  std::uint64_t last_sequence = 0;
  verdict last; ///< what that one was answered with
  std::int64_t seen_ms = 0;
};

/// Totals over all agents and all runs of the server.
struct journal_totals {
  std::uint64_t agents = 0; ///< instances
  std::uint64_t batches = 0;
  std::uint64_t results = 0; ///< rows accepted
  std::uint64_t missing = 0; ///< batches that never came: gaps in sequences
};

/// What the server has taken over: every batch as long as its results are fresh, and the last
/// sequence of every instance for much longer. Blocks on the disk. Throws database_error, and
/// nothing has happened then.
class journal {
public:
  /// `directory` empty: in memory. Throws when there can be none, and where the file is damaged:
  /// then it is to be set aside (`storage::set_aside`), and what it knew of agents (`instances_in`)
  /// to be added to the next one.
  explicit journal(const std::string& directory);

  static std::string path_in(const std::string& directory);

  /// See `database`. The last records are missing, and numbers of agents are those of before: what
  /// an agent sends again is taken again. Ids go on far above those that are lost, so that none
  /// comes again.
  bool log_cut() const noexcept { return file_->log_cut(); }
  /// See `database`; for an error that may pass.
  static bool is_whole(const std::string& path);

  /// Throws where nothing can be written now.
  void check_writable();

  /// What this batch was answered with when it came before; nothing if it is new.
  std::optional<verdict> find(const batch_header& header);
  /// The last sequence of an instance; nothing if nothing was heard of it.
  std::optional<std::uint64_t> last_sequence(const agent_instance& instance);

  struct added {
    std::uint64_t missing = 0; ///< batches between the last one of this instance and this
    bool first = false;        ///< nothing was heard of this instance before
    std::uint64_t id = 0;      ///< of the record; 0: none was kept
  };
  /// Keeps a batch and its number, both or none. Empty `bytes`: only the number. `values`: as many
  /// (see `count_values`) stand in it. `skew_ms`: of its agent's clock.
  added add(const batch_header& header, std::string_view bytes, const verdict& answer,
            wall_time now, std::uint64_t values = 0, std::int64_t skew_ms = 0);

  /// Keeps a record that has no number. Gives its id.
  std::uint64_t add(record_kind kind, std::string_view bytes, wall_time now, std::uint64_t values);

  /// What there is, in the order of arrival.
  std::vector<record_info> records();
  /// One record; nothing if it is gone.
  std::optional<journalled_batch> record(std::uint64_t id);

  /// The next batches after an id that came since a time, oldest first, `limit` at most.
  std::vector<journalled_batch> read(std::uint64_t after, wall_time since, std::size_t limit);

  void remove(const std::vector<std::uint64_t>& ids);

  /// All instances, of a damaged file those that can be read; never throws.
  std::vector<known_instance> instances();
  /// The same of a journal that may be too damaged to be opened, or not be there.
  static std::vector<known_instance> instances_in(const std::string& path);
  /// Takes over what another file knew, where this one does not know more: all or none.
  void add(const std::vector<known_instance>& instances);

  /// How far each reader is.
  std::vector<reader_position> readers();
  void keep(const reader_position& reader);
  void forget_reader(const std::string& name);

  /// Forgets instances that were not heard of since, and the longest silent above `most`.
  void forget_agents(wall_time silent_since, std::uint64_t most);

  /// Random bytes that tell this file from every other one: ids mean something only with it.
  std::string name();

  std::uint64_t last_id() const noexcept { return last_id_; }

  journal_totals totals();

private:
  void make_tables();
  std::uint64_t last_id_in_file();

  std::unique_ptr<database> file_;
  /// Ids never come again, also when every record has gone: readers count in them.
  std::uint64_t last_id_ = 0;
};

} // namespace xprober::storage
