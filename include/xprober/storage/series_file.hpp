#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xprober/storage/database.hpp"
#include "xprober/storage/series_pack.hpp"

namespace xprober::storage {

/// Series as they were, in one file of the state directory ("series.db"): what of them the journal
/// cannot say any more. Blocks on the disk. Throws database_error, and nothing has happened then.
///
/// A damaged file is set aside for a new one, whenever it is met; where the file was removed or
/// replaced, what is there instead is used.
class series_file {
public:
  /// `directory` empty: in memory. Throws when there can be none.
  explicit series_file(const std::string& directory);

  /// All that were written last; what cannot be read of them is missing.
  std::vector<kept_series> read();

  /// All at once, in the place of what was there: a kill at any moment leaves the old or the new
  /// ones.
  void replace(std::span<const kept_series> series, std::int64_t now_unix);
  /// The same with what a `series_pack` gave.
  void replace_packed(std::span<const std::string> pieces, std::int64_t now_unix);

  /// When they were written; 0: never.
  std::int64_t written_unix();

  /// A damaged file was set aside for this one, or its log was cut (see `database`).
  bool has_replaced() const noexcept { return replaced_; }

private:
  void open();
  template <class Work>
  void attempt(Work work);
  void make_way(const database_error& error, bool first);
  std::vector<kept_series> read_pieces();

  std::string path_; ///< empty: in memory
  std::unique_ptr<database> file_;
  bool replaced_ = false;
};

} // namespace xprober::storage
