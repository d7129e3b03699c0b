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
#include "xprober/domain/history/series_shares.hpp"
#include "xprober/domain/history/watched_targets.hpp"
#include "xprober/storage/database.hpp"

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

  /// The number of a series; a new one is nothing where there are `most` already, or where `agent`
  /// (its address), which brings it, has its share of them, see `series_shares`. Those of single
  /// targets count apart, whoever brings them. A new one is on disk after the next `write`.
  std::optional<std::uint32_t> number(const history_key& key, const std::string& agent,
                                      std::uint64_t most);
  /// Of single targets: at some 300 bytes each.
  static constexpr std::uint64_t most_target_series = 50'000;
  /// A series that is known.
  struct known_key {
    std::uint32_t number = 0;
    std::string phases; ///< see history_key
  };
  /// All series of a subject: more than one where its kind has called its phases otherwise. The
  /// newest ones first, `most_variants` at most.
  std::vector<known_key> find(const history_subject& subject) const;
  static constexpr std::size_t most_variants = 16;

  /// A series of a single target that is known.
  struct target_series {
    known_key series;
    history_subject subject;
  };
  /// All series of a single target, or those of one source region where that is not empty; by their
  /// sources, 200 at most.
  std::vector<target_series> find_target(std::string_view uid,
                                         std::string_view source_region) const;
  static constexpr std::size_t most_sources = 200;

  /// A series of a pair of regions.
  struct pair_series {
    std::uint32_t number = 0;
    history_subject subject;
  };
  /// All series of pairs of a kind, of one source region and to one target region where the subject
  /// has them; by their regions, `most` at most.
  std::vector<pair_series> find_pairs(const history_subject& of, std::size_t most) const;

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
  std::uint64_t series() const noexcept { return shares_.size(); }
  const std::array<std::uint64_t, history_levels>& rows() const noexcept { return rows_; }
  std::uint64_t bytes();

private:
  struct known_series {
    std::uint32_t number = 0;
    std::int64_t last = 0; ///< the newest coarse bucket on disk
    bool written = false;
    std::string agent{}; ///< that has brought it; empty: of one target, or in the file without it
  };

  void open(const std::string& path);
  void open_or_replace();
  bool use_on();
  database& file();
  void make_tables();
  void load();
  void set_numbers(std::map<history_key, known_series> numbers);
  void write_level(const rollup_buffer::rollups& rollups, std::size_t level,
                   std::array<std::uint64_t, history_levels>& rows);
  void write_series(const rollup_buffer::rollups& coarsest);
  void write_rows(const std::array<std::uint64_t, history_levels>& rows);
  std::int64_t erase_before(std::size_t level, std::int64_t before, std::int64_t limit);

  std::string path_; ///< empty: in memory
  std::unique_ptr<database> file_;
  std::map<history_key, known_series> numbers_;
  std::uint64_t targets_ = 0; ///< so many of them are of single targets
  series_shares shares_;      ///< whose the others are
  std::vector<watched_target> watched_;
  std::array<std::uint64_t, history_levels> rows_{};
  std::uint32_t next_number_ = 1;
  bool replaced_ = false;
  bool moved_ = false;  ///< the damaged file, and there is no new one yet
  bool looked_ = false; ///< it was used on, and nothing was written since
};

} // namespace xprober::storage
