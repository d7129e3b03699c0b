#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "xprober/domain/kind.hpp"
#include "xprober/domain/wire/kind_codec.hpp"

namespace xprober {

/// A dense number of a kind in `store_kinds`.
using kind_number = std::uint16_t;
inline constexpr kind_number no_kind = 0xFFFF;

/// The most numbers that a server keeps of a probe: the success and the kept columns.
inline constexpr std::size_t max_cells = 1 + max_kept_columns;

/// A kind as the store has it: of its columns only those that are kept, numbered densely. These
/// numbers are called cells; cell 0 is the success.
struct stored_kind {
  kind_ptr kind;
  std::vector<std::uint8_t> columns;    ///< of each cell
  std::vector<std::uint8_t> mean_cells; ///< those of `mean_columns`
  std::uint32_t uses = 0;

  const kind_column& column(std::size_t cell) const { return kind->columns[columns[cell]]; }
};

/// The cell of a column; nothing for one that is not kept.
std::optional<std::size_t> cell_of(const probe_kind& kind, std::size_t column) noexcept;

/// The kinds of the rows of a store, each once, whoever described it: kinds with the same content
/// are one kind. The built-in ones are always there, with their places in the table as numbers;
/// another one stays as long as it is in use.
class store_kinds {
public:
  /// The most kinds at a time: 36 KB each at worst.
  static constexpr std::size_t most = 1000;

  store_kinds();

  /// The number of a kind, with one more use of it; `no_kind` where there are too many.
  kind_number acquire(const kind_ptr& kind);
  /// One more use of a kind that is there.
  void acquire(kind_number number) noexcept { ++kinds_[number].uses; }
  void release(kind_number number);

  const stored_kind& operator[](kind_number number) const noexcept { return kinds_[number]; }

  /// Kinds that are there.
  std::size_t size() const noexcept { return kinds_.size() - free_.size(); }

private:
  kind_number insert(const kind_ptr& kind);

  std::vector<stored_kind> kinds_; ///< by number; without a kind: free
  std::vector<kind_number> free_;
  std::unordered_map<std::string, kind_number> numbers_; ///< by the description
};

} // namespace xprober
