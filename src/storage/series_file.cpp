#include "xprober/storage/series_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/compress.hpp"
#include "xprober/domain/wire/record.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t series_mark = 0x7870'7365; // "xpse"
constexpr std::int32_t series_schema = 1;

// Series are written in pieces: rows of the file, each one Zstandard frame with texts of its own.
constexpr std::size_t series_in_piece = 50'000;
constexpr std::size_t bytes_in_piece = std::size_t{32} << 20;
static_assert(bytes_in_piece + 16 * series_file::longest_text < max_record_bytes);

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
  return std::ranges::all_of(
      series_texts, [&](auto text) { return (series.*text).size() <= series_file::longest_text; });
}

/// Writes series one behind the other: nine texts, the state, varints and two floats. A text is 0,
/// its length and its bytes where it is new, and after that its number, from 1.
class piece_writer {
public:
  /// The series must live as long as this.
  void add(const kept_series& series) {
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
  }
  bool full() const { return series_ >= series_in_piece || bytes_.size() >= bytes_in_piece; }
  bool empty() const { return series_ == 0; }

  /// The frame; it is empty after that.
  std::string finish() {
    std::string frame;
    compress(bytes_, frame);
    bytes_.clear();
    numbers_.clear();
    series_ = 0;
    return frame;
  }

private:
  void add_text(std::string_view text) {
    const auto [place, fresh] = numbers_.try_emplace(text, numbers_.size() + 1);
    if (fresh) {
      out_.varint(0);
      out_.text(text);
    } else {
      out_.varint(place->second);
    }
  }

  std::string bytes_;
  byte_writer out_{bytes_};
  std::unordered_map<std::string_view, std::uint64_t> numbers_;
  std::size_t series_ = 0;
};

/// Reads what a piece_writer wrote; the bytes must live as long as this.
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
      if (!in_.text(fresh, series_file::longest_text)) {
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

/// What is wrong with a piece; the series before it are there.
std::string read_piece(std::string_view frame, std::vector<kept_series>& out) {
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

} // namespace

series_file::series_file(const std::string& directory) {
  if (!directory.empty()) {
    std::error_code ignored; // the database says what is wrong with the directory
    std::filesystem::create_directories(directory, ignored);
    path_ = (std::filesystem::path{directory} / "series.db").string();
  }
  attempt([] {});
}

void series_file::open() {
  auto opened = std::make_unique<database>(path_.empty() ? database::in_memory : path_, series_mark,
                                           series_schema);
  {
    transaction change{*opened};
    opened->run("CREATE TABLE IF NOT EXISTS pieces(number INTEGER PRIMARY KEY, data BLOB NOT NULL);"
                "CREATE TABLE IF NOT EXISTS written(id INTEGER PRIMARY KEY CHECK(id = 1),"
                " at_unix INTEGER NOT NULL);"
                "INSERT OR IGNORE INTO written VALUES(1, 0);");
    change.commit();
  }
  replaced_ = replaced_ || opened->log_cut();
  opened->settle();
  file_ = std::move(opened);
}

/// Does it on a file that is open. Where damage is met, or the file is gone, once more on what is
/// in its place then.
template <class Work>
void series_file::attempt(Work work) {
  constexpr int most = 3;
  for (int tried = 1;; ++tried) {
    try {
      if (!file_) {
        open();
      }
      work();
      return;
    } catch (const database_error& error) {
      if (tried == most || path_.empty() || !(error.damaged() || error.gone())) {
        throw;
      }
      make_way(error, tried == 1);
    }
  }
}

/// What is gone is opened again, and so is what may be whole in a second attempt; what is damaged
/// is set aside.
void series_file::make_way(const database_error& error, bool first) {
  file_.reset();
  if (error.gone() ||
      (first && error.may_pass() && database::is_whole(path_, series_mark, series_schema))) {
    return;
  }
  const auto name = set_aside(path_);
  replaced_ = true;
  log::error("series", "the damaged file of series was set aside, a new one was begun",
             {{"error", error.what()}, {"set_aside", name}});
}

std::vector<kept_series> series_file::read() {
  std::vector<kept_series> found;
  attempt([&] { found = read_pieces(); });
  return found;
}

std::vector<kept_series> series_file::read_pieces() {
  std::vector<kept_series> found;
  auto query = file_->prepare("SELECT data FROM pieces ORDER BY number");
  while (found.size() < most_series && query.step()) {
    // In a page whose checksum fits: it is of a later version.
    if (const auto problem = read_piece(query.blob(0), found); !problem.empty()) {
      log::warn("series", "a part of the kept series cannot be read", {{"error", problem}});
    }
  }
  return found;
}

void series_file::replace(std::span<const kept_series> series, std::int64_t now_unix) {
  attempt([&] {
    transaction change{*file_};
    write_pieces(series.first(std::min(series.size(), most_series)));
    file_->prepare("UPDATE written SET at_unix = ?").bind(now_unix).run();
    change.commit();
  });
}

void series_file::write_pieces(std::span<const kept_series> series) {
  file_->run("DELETE FROM pieces");
  auto put = file_->prepare("INSERT INTO pieces VALUES(?, ?)");
  std::int64_t number = 0;
  piece_writer piece;
  const auto write = [&] { put.bind(++number).bind(piece.finish()).run(); };
  for (const auto& one : series) {
    if (can_be_kept(one)) {
      piece.add(one);
    }
    if (piece.full()) {
      write();
    }
  }
  if (!piece.empty()) {
    write();
  }
}

std::int64_t series_file::written_unix() {
  std::int64_t at = 0;
  attempt([&] {
    auto query = file_->prepare("SELECT at_unix FROM written");
    at = query.step() ? query.number(0) : 0;
  });
  return at;
}

} // namespace xprober::storage
