#include "xprober/storage/series_file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t series_mark = 0x7870'7365; // "xpse"
constexpr std::int32_t series_schema = 1;

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
  while (found.size() < series_pack::most_series && query.step()) {
    // In a page whose checksum fits: it is of a later version.
    if (const auto problem = read_series_piece(query.blob(0), found); !problem.empty()) {
      log::warn("series", "a part of the kept series cannot be read", {{"error", problem}});
    }
  }
  return found;
}

void series_file::replace(std::span<const kept_series> series, std::int64_t now_unix) {
  series_pack pack;
  for (const auto& one : series) {
    pack.add(one);
  }
  replace_packed(pack.take(), now_unix);
}

void series_file::replace_packed(std::span<const std::string> pieces, std::int64_t now_unix) {
  attempt([&] {
    transaction change{*file_};
    file_->run("DELETE FROM pieces");
    auto put = file_->prepare("INSERT INTO pieces VALUES(?, ?)");
    std::int64_t number = 0;
    for (const auto& piece : pieces) {
      put.bind(++number).bind(piece).run();
    }
    file_->prepare("UPDATE written SET at_unix = ?").bind(now_unix).run();
    change.commit();
  });
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
