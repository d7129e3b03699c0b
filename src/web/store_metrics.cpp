#include "xprober/web/store_metrics.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/web/target_metrics.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

// -- old names ------------------------------------------------------------------------------------

struct group_source {
  const kind_results* results = nullptr;
  std::size_t column = 0;
};

/// One family of old names. Versions of one kind share it.
struct group_family {
  std::string_view name;
  std::vector<group_source> sources;

  bool takes(const probe_kind& kind) const {
    const auto& first = *sources.front().results->kind;
    return first.name == kind.name && first.grouped_by == kind.grouped_by;
  }
};

std::vector<group_family> group_families(const store_snapshot& store) {
  std::vector<group_family> all;
  std::map<std::string_view, std::size_t> places;
  for (const auto& results : store.kinds) {
    for (const auto& series : series_of(*results.kind)) {
      const bool success = results.kind->columns[series.column].role == column_role::success;
      if (series.conventional || (!success && std::ranges::find(results.averaged, series.column) ==
                                                  results.averaged.end())) {
        continue;
      }
      const auto [place, fresh] = places.try_emplace(series.name, all.size());
      if (fresh) {
        all.push_back({series.name, {}});
      }
      auto& family = all[place->second];
      if (fresh || family.takes(*results.kind)) {
        family.sources.push_back({&results, series.column});
      }
    }
  }
  return all;
}

std::string group_help(const probe_kind& kind, const kind_column& column) {
  const bool pair = kind.grouped_by == result_group::pair;
  if (column.role == column_role::success) {
    return "1 unless " +
           std::string{pair ? "every target between two regions" : "every agent of the region"} +
           " fails in probes of " + kind.name + ", then " +
           std::to_string(static_cast<int>(kind.failed)) + ".";
  }
  return "Mean " + column.key + " of " + kind.name +
         (pair ? " between two regions" : " from a region to an address") +
         (column.unit.empty() ? "." : ", in " + column.unit + ".");
}

void append_family(prometheus_text& out, const group_source& source) {
  const auto& results = *source.results;
  const auto& kind = *results.kind;
  const bool success = kind.columns[source.column].role == column_role::success;
  const bool pair = kind.grouped_by == result_group::pair;
  for (const auto& group : results.groups) {
    const auto number =
        success ? std::optional{group.sums.success(kind)} : results.mean(group, source.column);
    if (number) {
      out.sample(*number,
                 {{"source_region", group.source_region},
                  {pair ? "target_region" : "addr", pair ? group.target_region : group.address}});
    }
  }
}

// -- conventional names ---------------------------------------------------------------------------

/// The targets of one kind, and what they have in one family.
struct kind_rows {
  const probe_kind* kind = nullptr;
  std::vector<std::size_t> rows;
};

struct target_family {
  std::string_view name;
  std::string help;
  std::vector<std::pair<const kind_rows*, kind_series>> sources;
};

/// Stands for the whole probe in the place of a column.
constexpr std::size_t whole_probe = max_kind_columns;

std::vector<kind_rows> rows_by_kind(std::span<const stored_target> targets) {
  std::map<const probe_kind*, std::size_t> places;
  std::vector<kind_rows> all;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto* kind = targets[i].kind.get();
    const auto [place, fresh] = places.try_emplace(kind, all.size());
    if (fresh) {
      all.push_back({kind, {}});
    }
    all[place->second].rows.push_back(i);
  }
  const auto rank = [](const kind_rows& of) {
    const auto table = builtin_kinds();
    const bool inside = of.kind >= table.data() && of.kind < table.data() + table.size();
    return inside ? static_cast<std::size_t>(of.kind - table.data()) : table.size();
  };
  std::ranges::stable_sort(all, [&](const kind_rows& a, const kind_rows& b) {
    return std::tuple(rank(a), std::string_view{a.kind->name}) <
           std::tuple(rank(b), std::string_view{b.kind->name});
  });
  return all;
}

std::string target_help(const kind_column& column) {
  if (column.role == column_role::success) {
    return "Whether the latest probe succeeded.";
  }
  if (column.role == column_role::phase) {
    return "Duration of each completed phase of the latest probe.";
  }
  return "The latest " + column.key +
         (column.unit == "ms"        ? ", in seconds."
          : column.unit == "percent" ? ", as a ratio."
                                     : ".");
}

std::vector<target_family> target_families(const std::vector<kind_rows>& kinds) {
  std::vector<target_family> all;
  std::map<std::string_view, std::size_t> places;
  const auto add = [&](const kind_rows& rows, const kind_series& series, const std::string& help) {
    const auto [place, fresh] = places.try_emplace(series.name, all.size());
    if (fresh) {
      all.push_back({series.name, help, {}});
    }
    all[place->second].sources.emplace_back(&rows, series);
  };
  for (const auto& rows : kinds) {
    for (const auto& series : series_of(*rows.kind)) {
      if (series.conventional) {
        add(rows, series, target_help(rows.kind->columns[series.column]));
      }
    }
    if (!rows.kind->find(column_role::duration)) {
      add(rows, {whole_probe, true, probe_duration_metric, {}, 1000},
          "All phases of the latest probe together.");
    }
  }
  return all;
}

std::optional<double> number_of(const stored_target& target, const kind_series& series) {
  if (series.column == whole_probe) {
    const auto ms = headline_ms(*target.kind, target.values);
    return ms ? std::optional{static_cast<double>(*ms) / series.scale} : std::nullopt;
  }
  if (target.kind->columns[series.column].role == column_role::success) {
    return target.success ? std::optional<double>(*target.success > 0 ? 1 : 0) : std::nullopt;
  }
  const auto value = target.values.value(*target.kind, series.column);
  return value ? std::optional{*value / series.scale} : std::nullopt;
}

/// The labels of a target's rows.
class row_labels {
public:
  row_labels(std::span<const stored_target> targets, const target_labels* labels)
      : targets_(targets) {
    if (labels != nullptr) {
      for (const auto& t : targets_) {
        labels_.push_back(labels->find(t.target));
      }
    }
  }

  std::span<const metric_label> of(std::size_t i, std::string_view phase) {
    const auto& t = targets_[i];
    row_ = {{"source_region", t.source_region},
            {"agent", t.agent},
            {"target", t.target.address},
            {"target_region", t.target.region},
            {"probe_type", to_string(t.target.type)}};
    if (!labels_.empty() && labels_[i] != nullptr) {
      for (const auto& [name, value] : *labels_[i]) {
        row_.push_back({name, value});
      }
    }
    if (!phase.empty()) {
      row_.push_back({"phase", phase});
    }
    return row_;
  }

private:
  std::span<const stored_target> targets_;
  std::vector<const label_list*> labels_; ///< of each target; empty: there are none at all
  std::vector<metric_label> row_;
};

} // namespace

void append_group_metrics(prometheus_text& out, const store_snapshot& store) {
  for (const auto& family : group_families(store)) {
    if (out.has_family(family.name)) {
      continue;
    }
    const auto& first = family.sources.front();
    const auto& kind = *first.results->kind;
    out.family(family.name, gauge, group_help(kind, kind.columns[first.column]));
    for (const auto& source : family.sources) {
      append_family(out, source);
    }
  }
}

void append_stored_targets(prometheus_text& out, const store_snapshot& store,
                           const target_labels* labels) {
  const std::span targets{store.targets.data(), std::min(store.targets.size(), max_metric_targets)};
  row_labels row{targets, labels};
  const auto kinds = rows_by_kind(targets);
  for (const auto& family : target_families(kinds)) {
    if (out.has_family(family.name)) {
      continue;
    }
    out.family(family.name, gauge, family.help);
    for (const auto& [rows, series] : family.sources) {
      for (const auto i : rows->rows) {
        if (const auto number = number_of(targets[i], series)) {
          out.sample(*number, row.of(i, series.phase));
        }
      }
    }
  }
  out.single("xprober_metrics_targets_omitted", gauge,
             "Targets without rows of their own because there are too many.",
             static_cast<double>(store.targets.size() - targets.size()));
}

} // namespace xprober::web
