#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/wire/bytes.hpp"
#include "xprober/storage/kept_series.hpp"

namespace xprober::storage {

/// A text of a series that is longer is not kept, nor is the series that has it.
inline constexpr std::size_t longest_kept_text = 16'384;

/// Series on their way to a file: in pieces, each one Zstandard frame with texts of its own.
///
/// A series is nine texts, the state, varints and two floats. A text is 0, its length and its bytes
/// where it is new, and after that its number, from 1.
class series_pack {
public:
  static constexpr std::size_t most_series = 8'000'000; ///< those beyond are left out

  series_pack() = default;
  // `out_` writes into `bytes_`.
  series_pack(const series_pack&) = delete;
  series_pack& operator=(const series_pack&) = delete;
  ~series_pack() = default;

  void add(const kept_series& series);
  std::size_t series() const noexcept { return series_; }
  /// All that was added; it is empty after that.
  std::vector<std::string> take();

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  void add_text(std::string_view text);
  void finish_piece();

  std::vector<std::string> pieces_;
  std::size_t series_ = 0;
  std::string bytes_; ///< of the piece that has begun
  byte_writer out_{bytes_};
  std::unordered_map<std::string, std::uint64_t, text_hash, std::equal_to<>> numbers_;
  std::size_t in_piece_ = 0;
};

/// What is wrong with a piece; the series before it are in `out`.
std::string read_series_piece(std::string_view frame, std::vector<kept_series>& out);

} // namespace xprober::storage
