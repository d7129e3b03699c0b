#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "xprober/storage/database.hpp"

namespace xprober::test {

/// Writes over what a file has from a place on.
inline void overwrite(const std::string& path, std::uintmax_t at, std::string_view bytes) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(at));
  file << bytes;
}

/// What the first byte of a page of an SQLite database says that it is.
enum class page_kind : std::uint8_t {
  overflow = 0, ///< the rest of a long row, without an entry of a table
  table_leaf = 13,
};

/// Damages pages of a kind in their midst, `most` at most; how many. Not the first page: the file
/// is known for what it is, and rows elsewhere can be read.
inline std::size_t damage_pages(const std::string& path, page_kind kind, std::size_t most) {
  constexpr std::uintmax_t page = 4096;
  std::size_t damaged = 0;
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t at = page; at < size && damaged < most; at += page) {
    std::ifstream file{path, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(at));
    if (file.get() == static_cast<int>(kind)) {
      overwrite(path, at + 2000, "damage");
      ++damaged;
    }
  }
  return damaged;
}

/// True if `action` ends in an error of the database.
template <class F>
bool refused(F action) {
  try {
    action();
  } catch (const xprober::storage::database_error&) {
    return true;
  }
  return false;
}

} // namespace xprober::test
