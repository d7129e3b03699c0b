#include "xprober/storage/series_pack.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/domain/wire/compress.hpp"
#include "xprober/domain/wire/record.hpp"

namespace xprober::storage {

namespace {

constexpr std::size_t series_in_piece = 50'000;
constexpr std::size_t bytes_in_piece = std::size_t{32} << 20;
static_assert(bytes_in_piece + 16 * longest_kept_text < max_record_bytes);

constexpr std::array series_texts{
    &kept_series::source_region, &kept_series::agent,  &kept_series::target_region,
    &kept_series::address,       &kept_series::prober, &kept_series::kind,
    &kept_series::reason,        &kept_series::phase,  &kept_series::detail,
};
constexpr std::array series_numbers{
    &kept_series::streak,
    &kept_series::since_unix,
    &kept_series::failed_unix,
    &kept_series::last_unix,
};

bool can_be_kept(const kept_series& series) {
  return std::ranges::all_of(series_texts,
                             [&](auto text) { return (series.*text).size() <= longest_kept_text; });
}

/// Reads what a series_pack wrote; the bytes must live as long as this.
class piece_reader {
public:
  explicit piece_reader(std::string_view bytes) : in_(bytes) {}

  bool at_end() const { return in_.left() == 0; }
  /// False: this is no series, and nothing can be read after it.
  bool next(kept_series& out) {
    for (const auto text : series_texts) {
      if (!read_text(out.*text)) {
        return false;
      }
    }
    if (!in_.byte(out.state)) {
      return false;
    }
    for (const auto number : series_numbers) {
      std::uint64_t value = 0;
      if (!in_.varint(value) || value > 0xFFFF'FFFFU) {
        return false;
      }
      out.*number = static_cast<std::uint32_t>(value);
    }
    return in_.float32(out.usual_ms) && in_.float32(out.deviation_ms);
  }

private:
  bool read_text(std::string& out) {
    std::uint64_t number = 0;
    if (!in_.varint(number) || number > texts_.size()) {
      return false;
    }
    if (number == 0) {
      std::string_view fresh;
      if (!in_.text(fresh, longest_kept_text)) {
        return false;
      }
      texts_.push_back(fresh);
      number = texts_.size();
    }
    out = texts_[static_cast<std::size_t>(number) - 1];
    return true;
  }

  byte_reader in_;
  std::vector<std::string_view> texts_;
};

} // namespace

// -- writing --------------------------------------------------------------------------------------

void series_pack::add(const kept_series& series) {
  if (series_ >= most_series || !can_be_kept(series)) {
    return;
  }
  for (const auto text : series_texts) {
    add_text(series.*text);
  }
  out_.byte(series.state);
  for (const auto number : series_numbers) {
    out_.varint(series.*number);
  }
  out_.float32(series.usual_ms);
  out_.float32(series.deviation_ms);
  ++series_;
  if (++in_piece_ >= series_in_piece || bytes_.size() >= bytes_in_piece) {
    finish_piece();
  }
}

void series_pack::add_text(std::string_view text) {
  const auto known = numbers_.find(text);
  if (known != numbers_.end()) {
    out_.varint(known->second);
    return;
  }
  numbers_.emplace(text, numbers_.size() + 1);
  out_.varint(0);
  out_.text(text);
}

void series_pack::finish_piece() {
  compress(bytes_, pieces_.emplace_back());
  bytes_.clear();
  numbers_.clear();
  in_piece_ = 0;
}

std::vector<std::string> series_pack::take() {
  if (in_piece_ > 0) {
    finish_piece();
  }
  series_ = 0;
  return std::exchange(pieces_, {});
}

// -- reading --------------------------------------------------------------------------------------

std::string read_series_piece(std::string_view frame, std::vector<kept_series>& out) {
  std::string bytes;
  if (auto problem = decompress(frame, max_record_bytes, bytes); !problem.empty()) {
    return problem;
  }
  piece_reader reader{bytes};
  for (std::size_t i = 0; !reader.at_end(); ++i) {
    kept_series series;
    if (i >= series_in_piece || !reader.next(series)) {
      return "it holds no series";
    }
    out.push_back(std::move(series));
  }
  return {};
}

} // namespace xprober::storage
