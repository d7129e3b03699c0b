#include "xprober/domain/wire/described_kind.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace {

constexpr std::string_view cut_short = "it is cut short";

} // namespace

described_kind::described_kind(std::string_view description)
    : kind_(decode_kind(description, problem_)) {
  if (!kind_) {
    return;
  }
  const auto described = kind_;
  if (const auto* builtin = find_kind(described->name); builtin != nullptr) {
    kind_ = hold_kind(*builtin);
  }
  shape_.emplace(*kind_);
  columns_.reserve(described->columns.size());
  for (const auto& c : described->columns) {
    columns_.push_back(column_of(c, *kind_));
  }
}

described_kind::written_column described_kind::column_of(const kind_column& described,
                                                         const probe_kind& kind) {
  written_column out{described.form, described.form, 0};
  const auto place = kind.find(std::string_view{described.key});
  if (!place) {
    return out;
  }
  const auto& own = kind.columns[*place];
  if (own.role == described.role && own.unit == described.unit) {
    out.becomes = own.form;
    out.place = static_cast<std::uint8_t>(*place);
  }
  return out;
}

std::string_view described_kind::read_values(byte_reader& row, column_values& out) const {
  std::uint64_t mask = 0;
  if (!row.varint(mask) || mask > std::numeric_limits<std::uint32_t>::max()) {
    return cut_short;
  }
  if ((mask & 1U) != 0 || (mask >> columns_.size()) != 0) {
    return "it has columns that its kind does not have";
  }
  for (auto left = mask; left != 0; left &= left - 1) {
    const auto& column = columns_[static_cast<std::size_t>(std::countr_zero(left))];
    std::uint32_t bits = 0;
    if (column.form == column_form::whole) {
      std::uint64_t whole = 0;
      if (!row.varint(whole) || whole > std::numeric_limits<std::uint32_t>::max()) {
        return cut_short;
      }
      bits = static_cast<std::uint32_t>(whole);
    } else {
      float number = 0;
      if (!(column.form == column_form::coarse ? row.half(number) : row.float32(number))) {
        return cut_short;
      }
      if (!std::isfinite(number)) {
        return "a value is not a finite number";
      }
      bits = std::bit_cast<std::uint32_t>(number);
    }
    if (column.place != 0) {
      out.set_bits(column.place,
                   column.form == column.becomes
                       ? bits
                       : column_bits(column.becomes, column_number(column.form, bits)));
    }
  }
  return {};
}

} // namespace xprober
