#include "xprober/store/store_kinds.hpp"

#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/store/aggregates.hpp"

namespace xprober {

std::optional<std::size_t> cell_of(const probe_kind& kind, std::size_t column) noexcept {
  if (!kind.columns[column].kept) {
    return std::nullopt;
  }
  std::size_t cell = 0;
  for (std::size_t i = 0; i < column; ++i) {
    cell += kind.columns[i].kept ? 1 : 0;
  }
  return cell;
}

store_kinds::store_kinds() {
  for (const auto& kind : builtin_kinds()) {
    acquire(hold_kind(kind)); // and never released
  }
}

kind_number store_kinds::acquire(const kind_ptr& kind) {
  auto description = encode_kind(*kind);
  if (const auto known = numbers_.find(description); known != numbers_.end()) {
    acquire(known->second);
    return known->second;
  }
  if (size() >= most) {
    return no_kind;
  }
  const auto number = insert(kind);
  numbers_.emplace(std::move(description), number);
  return number;
}

kind_number store_kinds::insert(const kind_ptr& kind) {
  stored_kind fresh{kind, {}, {}, 1};
  for (std::size_t i = 0; i < kind->columns.size(); ++i) {
    if (kind->columns[i].kept) {
      fresh.columns.push_back(static_cast<std::uint8_t>(i));
    }
  }
  for (const auto column : mean_columns(*kind)) {
    fresh.mean_cells.push_back(static_cast<std::uint8_t>(*cell_of(*kind, column)));
  }
  if (free_.empty()) {
    kinds_.push_back(std::move(fresh));
    return static_cast<kind_number>(kinds_.size() - 1);
  }
  const auto number = free_.back();
  free_.pop_back();
  kinds_[number] = std::move(fresh);
  return number;
}

void store_kinds::release(kind_number number) {
  if (--kinds_[number].uses > 0) {
    return;
  }
  numbers_.erase(encode_kind(*kinds_[number].kind));
  kinds_[number] = {};
  free_.push_back(number);
}

} // namespace xprober
