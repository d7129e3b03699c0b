#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xprober/storage/database.hpp"

namespace xprober::storage {

/// What is remembered of a series over a restart: who probes what, and how it was doing.
struct kept_series {
  std::string source_region;
  std::string agent; ///< the address by which it is known
  std::string target_region;
  std::string address; ///< of the target
  std::string prober;  ///< as the wire names how it is probed
  std::string kind;    ///< its description, see `encode_kind`
  std::uint8_t state = 0;
  std::uint32_t streak = 0; ///< results in a row in this state
  std::uint32_t since_unix = 0;
  std::uint32_t failed_unix = 0; ///< when it failed last; 0: never
  std::uint32_t last_unix = 0;   ///< of its last result
  std::string reason{};          ///< of its last failure, as phase and sentence; may be empty
  std::string phase{};
  std::string detail{};
  float usual_ms = 0;
  float deviation_ms = 0;

  bool operator==(const kept_series&) const = default;
};

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
  /// ones. Texts longer than `longest_text` are not kept, nor are the series that have them.
  void replace(std::span<const kept_series> series, std::int64_t now_unix);
  static constexpr std::size_t longest_text = 16'384;
  static constexpr std::size_t most_series = 8'000'000; ///< those beyond are not kept

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
  void write_pieces(std::span<const kept_series> series);

  std::string path_; ///< empty: in memory
  std::unique_ptr<database> file_;
  bool replaced_ = false;
};

} // namespace xprober::storage
