#include "xprober/storage/list_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <system_error>

#include <unistd.h>

#include "xprober/base/log.hpp"
#include "xprober/base/private_files.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/storage/database.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view list_prefix = "discovered-";
constexpr std::string_view ending = ".list";

std::string file_name(std::string_view name) {
  return std::string{list_prefix}.append(hex_number(hash_bytes(name))).append(ending);
}

/// The second line: the text is what was written, byte for byte.
std::string checksum_line(std::string_view name, std::string_view text) {
  return "xxh3 " + hex_number(combine_hash(hash_bytes(text), name));
}

/// Writes all of it and has the disk take it. 0, or the error's number.
int write_file(const std::string& path, std::string_view head, std::string_view text) {
  const int file = create_private_file(path);
  if (file < 0) {
    return errno;
  }
  int error = 0;
  for (auto part : {head, text}) {
    while (error == 0 && !part.empty()) {
      const auto n = ::write(file, part.data(), part.size());
      if (n >= 0) {
        part.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EINTR) {
        error = errno;
      }
    }
  }
  if (error == 0 && ::fsync(file) != 0) {
    error = errno;
  }
  if (::close(file) != 0 && error == 0) {
    error = errno;
  }
  return error;
}

/// What lies in a file; nothing where it cannot be read now: that says nothing of what is in it.
std::optional<std::string> contents(const std::string& path) {
  auto read = read_file(path, std::numeric_limits<std::uint64_t>::max());
  if (read.ok()) {
    return std::move(read.text);
  }
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    log::warn("discovery", "a kept list cannot be read now", {{"error", read.error}});
  }
  return std::nullopt;
}

/// The text up to the end of its first line, which is taken out of it.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void put_away(const std::string& path) {
  try {
    log::error("discovery", "a kept list is damaged and was set aside",
               {{"set_aside", set_aside(path)}});
  } catch (const database_error& error) {
    log::error("discovery", "a kept list is damaged and not used", {{"error", error.what()}});
  }
}

} // namespace

std::string list_cache::path_of(std::string_view name) const {
  return directory_ + "/" + file_name(name);
}

std::string list_cache::keep(std::string_view name, std::string_view text) const {
  if (directory_.empty()) {
    return {};
  }
  std::error_code error;
  fs::create_directories(directory_, error);
  const auto path = path_of(name);
  const auto fresh = path + ".new";
  // The first line is the name: two names can have the same hash, and people want to know.
  const auto head = std::string{name} + "\n" + checksum_line(name, text) + "\n";
  if (const int number = write_file(fresh, head, text); number != 0) {
    fs::remove(fresh, error);
    return fresh + ": cannot be written: " + std::generic_category().message(number);
  }
  fs::rename(fresh, path, error);
  return error ? path + ": cannot be replaced: " + error.message() : std::string{};
}

std::optional<std::string> list_cache::find(std::string_view name) const {
  if (directory_.empty()) {
    return std::nullopt;
  }
  const auto path = path_of(name);
  auto bytes = contents(path);
  if (!bytes) {
    return std::nullopt;
  }
  std::string_view text{*bytes};
  const auto first = take_line(text);
  const auto second = take_line(text);
  if (second == checksum_line(first, text)) {
    if (first != name) {
      return std::nullopt;
    }
    bytes->erase(0, bytes->size() - text.size());
    return bytes;
  }
  put_away(path);
  return std::nullopt;
}

std::vector<std::string> list_cache::names() const {
  std::vector<std::string> found;
  if (directory_.empty()) {
    return found;
  }
  std::vector<std::string> damaged;
  std::error_code error;
  for (fs::directory_iterator i{directory_, error}, end; !error && i != end; i.increment(error)) {
    const auto file = i->path().filename().string();
    if (!file.starts_with(list_prefix) || !file.ends_with(ending)) {
      continue;
    }
    const auto bytes = contents(i->path().string());
    if (!bytes) {
      continue;
    }
    std::string_view text{*bytes};
    if (const auto first = take_line(text); file == file_name(first)) {
      found.emplace_back(first);
    } else {
      damaged.push_back(i->path().string());
    }
  }
  std::ranges::for_each(damaged, put_away);
  std::ranges::sort(found);
  return found;
}

void list_cache::keep_only(const std::vector<std::string>& names) const {
  if (directory_.empty()) {
    return;
  }
  std::vector<std::string> wanted;
  wanted.reserve(names.size());
  for (const auto& name : names) {
    wanted.push_back(file_name(name));
  }
  std::error_code error;
  for (fs::directory_iterator i{directory_, error}, end; !error && i != end; i.increment(error)) {
    const auto name = i->path().filename().string();
    if (name.starts_with(list_prefix) && name.find(ending) != std::string::npos &&
        name.find(".damaged-") == std::string::npos &&
        std::ranges::find(wanted, name) == wanted.end()) {
      std::error_code ignored;
      fs::remove(i->path(), ignored);
    }
  }
}

} // namespace xprober::storage
