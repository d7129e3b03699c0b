#include "xprober/domain/kind_shape.hpp"

#include <bit>

namespace xprober {

kind_shape::kind_shape(const probe_kind& of) noexcept {
  for (std::size_t i = 0; i < of.columns.size(); ++i) {
    const auto& column = of.columns[i];
    const auto bit = 1U << i;
    kept |= column.kept && i > 0 ? bit : 0;
    stand_ins |= column.kept && i > 0 && column.old_missing ? bit : 0;
    phases |= column.role == column_role::phase ? bit : 0;
    loss |= column.role == column_role::loss ? bit : 0;
    duration |= column.role == column_role::duration ? bit : 0;
  }
}

std::optional<float> headline_ms(const kind_shape& shape, const column_values& values) noexcept {
  const auto number = [&](std::uint32_t column) {
    return values.number(static_cast<std::size_t>(std::countr_zero(column)));
  };
  if (shape.duration != 0) {
    return number(shape.duration);
  }
  if (shape.phases == 0) {
    return std::nullopt;
  }
  float sum = 0;
  for (auto left = shape.phases; left != 0; left &= left - 1) {
    const auto ms = number(left);
    if (!ms || !(*ms >= 0)) {
      return std::nullopt;
    }
    sum += *ms;
  }
  return sum;
}

} // namespace xprober
