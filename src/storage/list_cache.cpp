#include "xprober/storage/list_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "xprober/domain/string_hash.hpp"

namespace xprober::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "discovered-";
constexpr std::string_view ending = ".list";

std::string file_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{prefix};
  const auto hash = hash_bytes(name);
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += digits[(hash >> static_cast<unsigned>(shift)) & 0xFU];
  }
  return text.append(ending);
}

/// Writes all of it and has the disk take it. 0, or the error's number.
int write_file(const std::string& path, std::string_view head, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return errno;
  }
  int error = 0;
  for (auto part : {head, std::string_view{"\n"}, text}) {
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
  if (const int number = write_file(fresh, name, text); number != 0) {
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
  std::ifstream file{path_of(name), std::ios::binary};
  std::string first;
  if (!file || !std::getline(file, first) || first != name) {
    return std::nullopt;
  }
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> list_cache::names() const {
  std::vector<std::string> found;
  if (directory_.empty()) {
    return found;
  }
  std::error_code error;
  for (fs::directory_iterator i{directory_, error}, end; !error && i != end; i.increment(error)) {
    const auto file = i->path().filename().string();
    std::ifstream text{i->path(), std::ios::binary};
    std::string first;
    if (file.starts_with(prefix) && file.ends_with(ending) && std::getline(text, first)) {
      found.push_back(std::move(first));
    }
  }
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
    if (name.starts_with(prefix) && name.find(ending) != std::string::npos &&
        std::ranges::find(wanted, name) == wanted.end()) {
      std::error_code ignored;
      fs::remove(i->path(), ignored);
    }
  }
}

} // namespace xprober::storage
