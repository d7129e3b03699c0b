#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/kind_shape.hpp"
#include "xprober/domain/wire/bytes.hpp"
#include "xprober/domain/wire/kind_codec.hpp"

namespace xprober {

/// A kind as a batch describes it, and how the values of its rows are read.
///
/// Where the description has the name of a built-in kind but other columns, as that of an agent of
/// another version, the rows become rows of the built-in kind: columns that have the same key, role
/// and unit are taken, and the others are passed over.
class described_kind {
public:
  /// Reads a description, without its length.
  explicit described_kind(std::string_view description);

  /// The kind of the rows, to be kept; null where the description cannot be used.
  const kind_ptr& kind() const noexcept { return kind_; }
  /// Its shape; there must be a kind.
  const kind_shape& shape() const noexcept { return *shape_; }
  /// Why it cannot be used; empty where it can.
  const std::string& problem() const noexcept { return problem_; }

  /// Reads the mask and the values of a row, by the columns of `kind`, which must be there. Returns
  /// what is wrong with them; empty where nothing is.
  std::string_view read_values(byte_reader& row, column_values& out) const;

private:
  struct written_column {
    column_form form = column_form::number;    ///< as it is written
    column_form becomes = column_form::number; ///< as the kind holds it
    std::uint8_t place = 0;                    ///< in the kind; 0: passed over
  };
  static written_column column_of(const kind_column& described, const probe_kind& kind);

  std::string problem_; ///< before the kind, whose reading fills it
  kind_ptr kind_;
  std::optional<kind_shape> shape_;
  std::vector<written_column> columns_; ///< as they are described
};

} // namespace xprober
