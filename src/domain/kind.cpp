#include "xprober/domain/kind.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

constexpr std::size_t longest_kind_text = 200;

/// A name that Prometheus takes for a metric.
bool is_metric_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_kind_text && !ascii::is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return ascii::is_word_char(c) || c == ':'; });
}

bool is_key(std::string_view text) noexcept {
  return is_metric_name(text) && text.find(':') == std::string_view::npos;
}

std::string column_problem(const kind_column& column) {
  if (!is_key(column.key)) {
    return "the key of a column is not made of letters, digits and '_'";
  }
  for (const auto* name : {&column.old_name, &column.name}) {
    if (!name->empty() && !is_metric_name(*name)) {
      return "column " + column.key + " has a name that no metric can have";
    }
  }
  for (const auto* text : {&column.phase, &column.unit}) {
    if (text->size() > longest_kind_text || !is_clean_text(*text)) {
      return "column " + column.key + " has a phase or a unit that is not clean text";
    }
  }
  if (column.old_missing && !std::isfinite(*column.old_missing)) {
    return "column " + column.key + " stands for a number that is not finite";
  }
  if (column.form == column_form::whole &&
      (column.role == column_role::duration || column.role == column_role::loss ||
       column.role == column_role::phase)) {
    return "column " + column.key + " is a time or a share and written as a whole number";
  }
  return {};
}

} // namespace

std::optional<std::size_t> probe_kind::find(column_role role) const noexcept {
  const auto found = std::ranges::find(columns, role, &kind_column::role);
  return found == columns.end() ? std::nullopt
                                : std::optional{static_cast<std::size_t>(found - columns.begin())};
}

std::optional<std::size_t> probe_kind::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(columns, key, &kind_column::key);
  return found == columns.end() ? std::nullopt
                                : std::optional{static_cast<std::size_t>(found - columns.begin())};
}

std::string kind_problem(const probe_kind& kind) {
  if (!is_key(kind.name)) {
    return "the name of a kind is not made of letters, digits and '_'";
  }
  const auto fail = [&](std::string_view what) {
    return "kind " + kind.name + ": " + std::string{what};
  };
  if (kind.columns.empty() || kind.columns.front().role != column_role::success) {
    return fail("its first column is not the success");
  }
  if (kind.columns.size() > max_kind_columns) {
    return fail("it has more than " + std::to_string(max_kind_columns) + " columns");
  }
  if (!std::isfinite(kind.failed) || kind.failed > 0) {
    return fail("the success value of a failure is not 0 or below");
  }
  std::set<std::string_view> keys;
  std::set<std::string_view> old_names;
  std::size_t kept = 0;
  std::array<std::size_t, column_role_count> roles{};
  for (const auto& column : kind.columns) {
    if (auto problem = column_problem(column); !problem.empty()) {
      return fail(problem);
    }
    if (!keys.insert(column.key).second ||
        (!column.old_name.empty() && !old_names.insert(column.old_name).second)) {
      return fail("column " + column.key + " stands twice");
    }
    kept += column.kept ? 1 : 0;
    ++roles[static_cast<std::size_t>(column.role)];
  }
  if (!kind.columns.front().kept || kept > max_kept_columns + 1) {
    return fail("a server keeps the success and up to " + std::to_string(max_kept_columns) +
                " other columns");
  }
  for (const auto role : {column_role::success, column_role::duration, column_role::loss}) {
    if (roles[static_cast<std::size_t>(role)] > 1) {
      return fail("it has several columns of a role that one can have");
    }
  }
  return {};
}

double conventional_scale(std::string_view unit) noexcept {
  if (unit == "ms") {
    return 1000;
  }
  return unit == "percent" ? 100 : 1;
}

// -- values ---------------------------------------------------------------------------------------

void column_values::set_whole(std::size_t column, std::uint64_t value) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  set_bits(column, static_cast<std::uint32_t>(std::min(value, most)));
}

std::optional<std::uint32_t> column_values::whole(std::size_t column) const noexcept {
  return has(column) ? std::optional{cells_[column]} : std::nullopt;
}

std::optional<double> column_values::value(const probe_kind& kind,
                                           std::size_t column) const noexcept {
  return has(column) ? std::optional{column_number(kind.columns[column].form, cells_[column])}
                     : std::nullopt;
}

bool column_values::operator==(const column_values& other) const noexcept {
  if (mask_ != other.mask_) {
    return false;
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (has(i) && cells_[i] != other.cells_[i]) {
      return false;
    }
  }
  return true;
}

double column_number(column_form form, std::uint32_t bits) noexcept {
  return form == column_form::whole ? static_cast<double>(bits)
                                    : static_cast<double>(std::bit_cast<float>(bits));
}

std::uint32_t column_bits(column_form form, double number) noexcept {
  if (form != column_form::whole) {
    return std::bit_cast<std::uint32_t>(static_cast<float>(number));
  }
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp(number, 0.0, most));
}

std::optional<std::size_t> first_open_phase(const probe_kind& kind,
                                            const column_values& values) noexcept {
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (kind.columns[i].role == column_role::phase && !values.has(i)) {
      return i;
    }
  }
  return std::nullopt;
}

// -- the old form ---------------------------------------------------------------------------------

old_values::old_values(const probe_kind& kind, probe_state state,
                       const column_values& values) noexcept {
  if (state == probe_state::own_fault) {
    return;
  }
  const auto loss = kind.find(column_role::loss);
  const bool sent = loss && values.has(*loss);
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    const auto& column = kind.columns[i];
    if (column.old_name.empty()) {
      continue;
    }
    if (column.role == column_role::success) {
      values_[size_++] = {i, state == probe_state::ok ? 1.0F : kind.failed};
    } else if (const auto measured = values.value(kind, i)) {
      values_[size_++] = {i, static_cast<float>(*measured)};
    } else if (sent && column.old_missing) {
      values_[size_++] = {i, *column.old_missing};
    }
  }
}

} // namespace xprober
