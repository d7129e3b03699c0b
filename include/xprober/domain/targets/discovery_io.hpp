#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/read_text.hpp"
#include "xprober/domain/targets/discovery.hpp"

namespace xprober {

/// How a list's text is to be read.
enum class list_format : std::uint8_t {
  json_file, ///< file_sd: a key that is not known is an error
  yaml_file, ///< the same
  json_url,  ///< http_sd: keys that are not known are the server's own matter
};

/// How a file's text is read: by its name.
inline list_format format_of_file(std::string_view path) noexcept {
  return path.ends_with(".json") || path.ends_with(".JSON") ? list_format::json_file
                                                            : list_format::yaml_file;
}

/// Files above this size are refused: a list of two million long URLs.
inline constexpr std::uint64_t max_list_file_bytes = std::uint64_t{256} << 20;

/// What is asked of a URL.
struct list_request {
  target_url_source source;
  std::string authorization; ///< value of the header; empty: none is sent
};

/// Where discovered lists come from and where the last good ones are kept: files, the network, the
/// state directory. The discovery actor knows only this; tests put a fake in.
class discovery_io {
public:
  virtual ~discovery_io() = default;

  // These block, and are called on the actor's own thread.

  /// The files that a pattern of `target_files` stands for now, sorted; a path without a '*' stands
  /// for itself, whether it is there or not.
  virtual std::vector<std::string> find_files(const std::string& pattern) = 0;
  virtual read_text read_file(const std::string& path, std::uint64_t max_bytes) = 0;
  /// One with more targets or groups than `max_targets` is an error.
  virtual discovered_list parse(std::string_view text, const std::string& name, list_format format,
                                std::uint64_t max_targets) = 0;
  /// The value of the header Authorization for a URL; empty where none is to be sent.
  virtual read_text authorization(const target_url_source& source) = 0;
  /// Keeps the text of a list for the next start; false where that failed (it was logged).
  virtual bool keep(const std::string& name, std::string_view text) = 0;
  /// What was kept; an error where there is nothing.
  virtual read_text kept(const std::string& name) = 0;
  /// The names of all lists that are kept.
  virtual std::vector<std::string> kept_names() = 0;
  /// Drops what is kept of lists with other names.
  virtual void keep_only(const std::vector<std::string>& names) = 0;

  // These call back from another thread.

  /// Calls `done` exactly once, unless the process is ending.
  virtual void fetch(list_request request, std::function<void(read_text)> done) = 0;
  /// Calls `changed` a moment after something has changed in the files that patterns stand for, or
  /// on the way to them, again and again, until the next `watch`. Is to be called after each
  /// change, because the way may be another one. May block as it begins.
  virtual void watch(const std::vector<std::string>& patterns, std::function<void()> changed) = 0;
};

} // namespace xprober
