#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::storage {

/// Texts by name in a directory, one file for each, for the time after a restart. A file is
/// replaced as a whole: a kill at any moment leaves the old or the new text. One that is not what
/// was written, byte for byte, is set aside; one that cannot be opened or read stays. Blocks.
class list_cache {
public:
  /// Keeps nothing where `directory` is empty. It is made when it is needed.
  explicit list_cache(std::string directory) : directory_(std::move(directory)) {}

  /// Empty on success, else what went wrong.
  std::string keep(std::string_view name, std::string_view text) const;

  /// Nothing where none is kept, or it cannot be read.
  std::optional<std::string> find(std::string_view name) const;

  /// The names of all that are kept and can be read, sorted.
  std::vector<std::string> names() const;

  /// Removes the texts of all other names.
  void keep_only(const std::vector<std::string>& names) const;

private:
  std::string path_of(std::string_view name) const;

  std::string directory_;
};

} // namespace xprober::storage
