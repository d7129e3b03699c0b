#include "xprober/web/kind_json.hpp"

#include <optional>

namespace xprober::web {

json column_json(const probe_kind& kind, const column_values& values, std::size_t column) {
  if (const auto whole =
          kind.columns[column].form == column_form::whole ? values.whole(column) : std::nullopt) {
    return *whole;
  }
  return json_number(values.value(kind, column));
}

json time_json(const probe_kind& kind, const column_values& values, bool succeeded) {
  if (const auto duration = kind.find(column_role::duration)) {
    return column_json(kind, values, *duration);
  }
  std::optional<double> sum;
  for (std::size_t i = 1; succeeded && i < kind.columns.size(); ++i) {
    const auto ms =
        kind.columns[i].role == column_role::phase ? values.value(kind, i) : std::nullopt;
    sum = ms ? sum.value_or(0) + *ms : sum;
  }
  return json_number(sum);
}

json loss_json(const probe_kind& kind, const column_values& values) {
  const auto loss = kind.find(column_role::loss);
  return loss ? column_json(kind, values, *loss) : json(nullptr);
}

std::string_view to_string(column_role role) noexcept {
  switch (role) {
  case column_role::success: return "success";
  case column_role::duration: return "duration";
  case column_role::loss: return "loss";
  case column_role::phase: return "phase";
  case column_role::count: return "count";
  case column_role::gauge: return "gauge";
  case column_role::time: return "time";
  }
  return "gauge";
}

json columns_json(const probe_kind& kind) {
  json out = json::array();
  for (std::size_t i = 1; i < kind.columns.size(); ++i) {
    const auto& column = kind.columns[i];
    if (column.kept) {
      out.push_back({{"key", column.key}, {"role", to_string(column.role)}, {"unit", column.unit}});
    }
  }
  return out;
}

} // namespace xprober::web
