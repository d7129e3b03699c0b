#include "xprober/probes/presenter.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "xprober/domain/comma_list.hpp"

namespace xprober {

namespace {

bool is_phase(const kind_column& column) { return column.role == column_role::phase; }

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

} // namespace

std::optional<double> shown_value(const probe_kind& kind, const column_values& values,
                                  std::size_t column) {
  const auto value = values.value(kind, column);
  if (!value || kind.columns[column].form == column_form::whole) {
    return value;
  }
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), static_cast<float>(*value));
  double shortest = *value;
  std::from_chars(text.data(), end, shortest);
  return shortest;
}

void kind_presenter::facts(const probe_outcome& outcome, fact_sink& out) const {
  bool any_phase = false;
  for (std::size_t i = 1; i < kind_.columns.size(); ++i) {
    const auto& column = kind_.columns[i];
    if (is_phase(column)) {
      any_phase = true;
    } else if (column.form == column_form::whole) {
      out.whole(column.key, outcome.values.whole(i));
    } else {
      out.number(column.key, shown_value(kind_, outcome.values, i));
    }
  }
  if (!any_phase) {
    return;
  }
  const auto failed = failed_phase(outcome);
  out.text("failed_phase", failed.empty() ? std::nullopt : std::optional{failed});
  out.begin("phases_ms");
  for (std::size_t i = 1; i < kind_.columns.size(); ++i) {
    if (is_phase(kind_.columns[i])) {
      out.number(kind_.columns[i].key, shown_value(kind_, outcome.values, i));
    }
  }
  out.end();
}

void kind_presenter::gauges(const probe_outcome& outcome, const probe_story&,
                            gauge_sink& out) const {
  target_gauges(outcome, out);
}

void kind_presenter::target_gauges(const probe_outcome& outcome, gauge_sink& out) const {
  std::string_view family;
  for (std::size_t i = 1; i < kind_.columns.size(); ++i) {
    const auto& column = kind_.columns[i];
    const auto value = shown_value(kind_, outcome.values, i);
    if (column.name.empty() || !value) {
      continue;
    }
    // Columns of one family stand together.
    if (column.name != family) {
      family = column.name;
      out.family(family, column.phase.empty() ? "As the probe measured it."
                                              : "Duration of the probe by phase.");
    }
    const auto scaled = *value / conventional_scale(column.unit);
    if (column.phase.empty()) {
      out.sample(scaled, {});
    } else {
      out.sample(scaled, {{"phase", column.phase}});
    }
  }
}

void kind_presenter::put_phase_gauges(const probe_outcome& outcome, std::string_view help,
                                      gauge_sink& out) const {
  bool first = true;
  for (std::size_t i = 1; i < kind_.columns.size(); ++i) {
    const auto& column = kind_.columns[i];
    const auto ms = is_phase(column) ? shown_value(kind_, outcome.values, i) : std::nullopt;
    if (!ms) {
      continue;
    }
    if (std::exchange(first, false)) {
      out.family(column.name, help);
    }
    out.sample(*ms / conventional_scale(column.unit), {{"phase", column.phase}});
  }
}

std::string_view kind_presenter::failed_phase(const probe_outcome& outcome) const {
  if (outcome.success || outcome.error == probe_error::bad_target || is_local(outcome.error)) {
    return {};
  }
  const auto open = first_open_phase(kind_, outcome.values);
  return open ? std::string_view{kind_.columns[*open].key} : std::string_view{};
}

std::string kind_presenter::remark(const probe_outcome&) const { return {}; }

std::string kind_presenter::summary(const probe_outcome& outcome) const {
  std::string text;
  for (std::size_t i = 1; i < kind_.columns.size(); ++i) {
    if (is_phase(kind_.columns[i])) {
      if (const auto ms = outcome.values.value(kind_, i)) {
        append_listed(text, kind_.columns[i].key + " " + two_digits(*ms));
      }
    }
  }
  return text.empty() ? text : text + " ms";
}

} // namespace xprober
