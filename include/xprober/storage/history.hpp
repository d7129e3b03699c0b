#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/history/history.hpp"
#include "xprober/domain/history/watched_targets.hpp"
#include "xprober/storage/database.hpp"
#include "xprober/storage/history_register.hpp"

namespace xprober::storage {

/// Up to where a journal is contained in what is on disk.
struct journal_position {
  std::string journal;       ///< its name
  std::uint64_t through = 0; ///< id of its last batch that is contained
};

/// Roll-ups on disk: for each level a table ordered by time and series, and the position in the
/// journal that they contain, always changed in one transaction. Blocks on the disk. Throws
/// database_error, and nothing has happened then.
class history {
public:
  /// `directory` empty: in memory. A damaged file is set aside, and a new one begun. Throws when
  /// there can be none.
  explicit history(const std::string& directory);

  /// For a file that is damaged: sets it aside and begins a new one that knows the same series by
  /// the same numbers. Where it can be read whole in a second attempt it is used on instead, with
  /// all that was known; damage that is met before something was written into it is believed then.
  /// Where it throws there is no file, and everything else throws until it has succeeded. False:
  /// none was set aside.
  bool begin_again();

  /// When it was opened, a damaged file was set aside for this one, or its log was cut (see
  /// `database`): what was written last is missing.
  bool has_replaced() const noexcept { return replaced_; }

  journal_position position();

  /// See `history_register`. A new one is on disk after the next `write`.
  std::optional<std::uint32_t> number(const history_key& key, const std::string& agent,
                                      std::uint64_t most) {
    return series_.number(key, agent, most);
  }
  /// Of single targets: at some 300 bytes each.
  static constexpr std::uint64_t most_target_series = 50'000;
  /// The series that are known.
  const history_register& known() const noexcept { return series_; }

  /// Calls `visit(number, bytes)` for each roll-up of a level that begins in [from, to), of all
  /// series; `bytes` as `rollup::decode` takes them.
  void scan(std::size_t level, std::int64_t from, std::int64_t to,
            const std::function<void(std::uint32_t, std::string_view)>& visit);

  /// The single targets that are watched, as they were written last.
  const std::vector<watched_target>& watched() const noexcept { return watched_; }
  /// In their place, in a transaction of its own.
  void write_watched(const std::vector<watched_target>& all);

  /// Merges roll-ups into those on disk. `kept` levels' buckets that ended by `now` less their
  /// retention are left out.
  void write(const rollup_buffer& fresh, const history_retention& kept, std::int64_t now,
             const journal_position& reached);

  /// One series' roll-ups that begin in [from, to), by their beginning.
  std::map<std::int64_t, rollup> read(std::size_t level, std::uint32_t number, std::int64_t from,
                                      std::int64_t to);

  /// Drops roll-ups that are too old, at most `limit` of each level, and, when nothing older is
  /// left, series without any: to be called when all that was taken in was written. True if there
  /// may be more.
  bool prune(const history_retention& kept, std::int64_t now, std::int64_t limit);

  /// Without those of single targets.
  std::uint64_t series() const noexcept { return series_.size(); }
  const std::array<std::uint64_t, history_levels>& rows() const noexcept { return rows_; }
  std::uint64_t bytes();

private:
  void open(const std::string& path);
  void open_or_replace();
  bool use_on();
  database& file();
  void make_tables();
  void load();
  void write_level(const rollup_buffer::rollups& rollups, std::size_t level,
                   std::array<std::uint64_t, history_levels>& rows);
  void write_series(const rollup_buffer::rollups& coarsest);
  void write_rows(const std::array<std::uint64_t, history_levels>& rows);
  std::int64_t erase_before(std::size_t level, std::int64_t before, std::int64_t limit);

  std::string path_; ///< empty: in memory
  std::unique_ptr<database> file_;
  history_register series_;
  std::vector<watched_target> watched_;
  std::array<std::uint64_t, history_levels> rows_{};
  bool replaced_ = false;
  bool moved_ = false;  ///< the damaged file, and there is no new one yet
  bool looked_ = false; ///< it was used on, and nothing was written since
};

} // namespace xprober::storage
