#include "xprober/actors/agent/result_gist.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

namespace {

constexpr std::size_t most_columns = 8; // bits of the mask
constexpr unsigned half_bits = 16;

/// How many cells a column takes.
std::size_t width(const kind_column& column) noexcept {
  return column.form == column_form::coarse ? 1 : 2;
}

/// Calls `visit(column, cell)` for the columns that a gist has room for.
template <class Visitor>
void for_each_kept(const probe_kind& kind, std::size_t room, Visitor&& visit) {
  std::size_t cell = 0;
  for (std::size_t i = 1; i < kind.columns.size() && i <= most_columns; ++i) {
    const auto wide = width(kind.columns[i]);
    if (cell + wide > room) {
      return;
    }
    visit(i, cell);
    cell += wide;
  }
}

} // namespace

result_gist::result_gist(const probe_kind& kind, const probe_outcome& outcome) noexcept
    : error_(outcome.error) {
  const auto since = std::chrono::duration_cast<milliseconds>(outcome.started.time_since_epoch());
  unix_seconds_ = static_cast<std::uint32_t>(since.count() / 1000);
  milliseconds_ = static_cast<std::uint16_t>(since.count() % 1000);
  for_each_kept(kind, cells_.size(), [&](std::size_t column, std::size_t cell) {
    if (!outcome.values.has(column)) {
      return;
    }
    mask_ = static_cast<std::uint8_t>(mask_ | 1U << (column - 1));
    const auto bits = outcome.values.bits(column);
    if (width(kind.columns[column]) == 1) {
      cells_[cell] = to_half(std::bit_cast<float>(bits));
    } else {
      cells_[cell] = static_cast<std::uint16_t>(bits);
      cells_[cell + 1] = static_cast<std::uint16_t>(bits >> half_bits);
    }
  });
}

probe_outcome result_gist::expand(const probe_kind& kind) const {
  probe_outcome outcome;
  outcome.error = error_;
  outcome.success = error_ == probe_error::none;
  outcome.started = wall_time{std::chrono::seconds{unix_seconds_} + milliseconds{milliseconds_}};
  for_each_kept(kind, cells_.size(), [&](std::size_t column, std::size_t cell) {
    if ((mask_ >> (column - 1) & 1U) == 0) {
      return;
    }
    if (width(kind.columns[column]) == 1) {
      outcome.values.set(column, from_half(cells_[cell]));
    } else {
      outcome.values.set_bits(column, cells_[cell] | static_cast<std::uint32_t>(cells_[cell + 1])
                                                         << half_bits);
    }
  });
  return outcome;
}

} // namespace xprober
