#include "xprober/domain/kind_series.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace {

bool is_builtin(const probe_kind& kind) {
  const auto* known = find_kind(kind.name);
  return known != nullptr && (known == &kind || *known == kind);
}

bool is_programs_own(std::string_view name) noexcept {
  return name == probe_duration_metric || name.starts_with("process_") ||
         (name.starts_with("xprober_") && !name.starts_with("xprober_probe_"));
}

bool is_conventional_name(std::string_view name) {
  static const auto names = [] {
    std::set<std::string_view> all;
    for (const auto& kind : builtin_kinds()) {
      for (const auto& column : kind.columns) {
        all.insert(column.name);
      }
    }
    return all;
  }();
  return names.contains(name);
}

} // namespace

bool has_stand_in(const probe_kind& kind, std::size_t column,
                  const column_values& values) noexcept {
  if (!kind.columns[column].old_missing || values.has(column)) {
    return false;
  }
  const auto loss = kind.find(column_role::loss);
  return loss && values.has(*loss);
}

std::uint32_t count_values(const kind_shape& shape, probe_state state,
                           const column_values& values) noexcept {
  if (state == probe_state::own_fault) {
    return 0;
  }
  const auto stand_ins = (values.mask() & shape.loss) != 0 ? shape.stand_ins : 0;
  return 1 + static_cast<std::uint32_t>(std::popcount((values.mask() & shape.kept) | stand_ins));
}

std::vector<kind_series> series_of(const probe_kind& kind) {
  std::vector<kind_series> all;
  std::set<std::pair<std::string_view, std::string_view>> taken;
  const bool builtin = is_builtin(kind);
  const auto usable = [&](std::string_view name, bool conventional) {
    if (name.empty() || is_programs_own(name)) {
      return false;
    }
    return builtin || (!find_old_metric(name) && (conventional || !is_conventional_name(name)));
  };
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    const auto& column = kind.columns[i];
    if (usable(column.old_name, false) && taken.insert({column.old_name, {}}).second) {
      all.push_back({i, false, column.old_name, {}, 1});
    }
    if (column.kept && usable(column.name, true) &&
        taken.insert({column.name, column.phase}).second) {
      all.push_back({i, true, column.name, column.phase, conventional_scale(column.unit)});
    }
  }
  return all;
}

} // namespace xprober
