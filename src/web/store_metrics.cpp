#include "xprober/web/store_metrics.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/store/never_row.hpp"
#include "xprober/store/stored_row.hpp"
#include "xprober/web/group_metrics.hpp"
#include "xprober/web/target_metrics.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

// -- old names ------------------------------------------------------------------------------------

struct group_source {
  const kind_results* results = nullptr;
  std::size_t column = 0;
};

bool is_success(const group_source& source) {
  return source.results->kind->columns[source.column].role == column_role::success;
}

/// One family of old names. Versions of one kind share it, and what they have adds up.
struct group_family {
  std::string_view name;
  std::vector<group_source> sources;

  bool takes(const group_source& other) const {
    const auto& first = sources.front();
    const auto& mine = *first.results->kind;
    const auto& theirs = *other.results->kind;
    return mine.name == theirs.name && mine.grouped_by == theirs.grouped_by &&
           is_success(first) == is_success(other) &&
           mine.columns[first.column].unit == theirs.columns[other.column].unit;
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
      const group_source source{&results, series.column};
      if (fresh || family.takes(source)) {
        family.sources.push_back(source);
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
           " fails in probes of " + kind.name + ", then " + number_text(widen(kind.failed)) + ".";
  }
  return "Mean " + column.key + " of " + kind.name +
         (pair ? " between two regions" : " from a region to an address") +
         (column.unit.empty() ? "." : ", in " + column.unit + ".");
}

/// A group as one version of the kind has it.
struct family_part {
  std::string_view source_region;
  std::string_view other; ///< target region or address
  const group_source* source = nullptr;
  const group_sums* sums = nullptr;
  const measured_mean* mean = nullptr; ///< null: none

  auto key() const { return std::tuple(source_region, other); }
};

std::vector<family_part> parts_of(const group_family& family) {
  std::vector<family_part> all;
  for (const auto& source : family.sources) {
    const auto& results = *source.results;
    const bool pair = results.kind->grouped_by == result_group::pair;
    for (const auto& group : results.groups) {
      all.push_back({group.source_region, pair ? group.target_region : group.address, &source,
                     &group.sums, results.find_mean(group, source.column)});
    }
  }
  if (family.sources.size() > 1) { // the groups of one are sorted
    std::ranges::stable_sort(all, {}, &family_part::key);
  }
  return all;
}

void append_family(prometheus_text& out, const group_family& family) {
  const auto& kind = *family.sources.front().results->kind;
  const bool success = is_success(family.sources.front());
  const auto* label = kind.grouped_by == result_group::pair ? "target_region" : "addr";
  const auto parts = parts_of(family);
  for (auto part = parts.begin(); part != parts.end();) {
    const auto& first = *part;
    success_count successes;
    measured_mean mean;
    for (; part != parts.end() && part->key() == first.key(); ++part) {
      successes.add(part->sums->successes);
      if (part->mean != nullptr) {
        mean.add(*part->mean);
      }
    }
    const auto failed = static_cast<double>(first.source->results->kind->failed);
    const auto number = success ? std::optional{successes.all_fail() ? failed : 1.0} : mean.value();
    if (number) {
      out.sample(*number, {{"source_region", first.source_region}, {label, first.other}});
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
    if (is_never_row(targets[i])) {
      continue; // without values
    }
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
    const auto ms = headline_ms(kind_shape{*target.kind}, target.values);
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

  /// With more labels, of which empty ones are left out. They have their names before the target's.
  std::span<const metric_label> of(std::size_t i, std::initializer_list<metric_label> more = {}) {
    const auto& t = targets_[i];
    row_ = {{"source_region", t.source_region},
            {"agent", t.agent},
            {"target", t.target.address},
            {"target_region", t.target.region},
            {"probe_type", to_string(t.target.type)}};
    if (!labels_.empty() && labels_[i] != nullptr) {
      for (const auto& [name, value] : *labels_[i]) {
        if (!is_among(name, more)) {
          row_.push_back({name, value});
        }
      }
    }
    for (const auto& label : more) {
      if (!label.value.empty()) {
        row_.push_back(label);
      }
    }
    return row_;
  }

private:
  static bool is_among(std::string_view name, std::initializer_list<metric_label> labels) {
    return std::any_of(labels.begin(), labels.end(),
                       [name](const metric_label& label) { return label.name == name; });
  }

  std::span<const stored_target> targets_;
  std::vector<const label_list*> labels_; ///< of each target; empty: there are none at all
  std::vector<metric_label> row_;
};

/// Those that have rows of their own.
std::span<const stored_target> shown_targets(const store_snapshot& store) {
  return {store.targets.data(), std::min(store.targets.size(), max_metric_targets)};
}

series_status status_of(const stored_target& target, const lost_agents& lost) {
  auto status = target.status;
  lost.mark(status, target.source_region, target.agent);
  return status;
}

} // namespace

void append_group_metrics(prometheus_text& out, const store_snapshot& store) {
  for (const auto& family : group_families(store)) {
    if (out.has_family(family.name)) {
      continue;
    }
    const auto& first = family.sources.front();
    const auto& kind = *first.results->kind;
    out.family(family.name, gauge, group_help(kind, kind.columns[first.column]));
    append_family(out, family);
  }
}

void append_never_probed(prometheus_text& out, const store_snapshot& store) {
  out.family("xprober_never_probed", gauge,
             "Targets that are wanted and that agents of the region have never reported.");
  std::span<const never_group> shown{store.never.begin(), store.never.size()};
  std::vector<never_group> bounded;
  if (shown.size() > max_metric_groups) {
    bounded.assign(shown.begin(), shown.end());
    bound_never(bounded, max_metric_groups);
    shown = bounded;
  }
  for (const auto& group : shown) {
    out.sample(static_cast<double>(group.targets), {{"source_region", group.source_region},
                                                    {"target_region", group.target_region},
                                                    {"probe_type", group.type}});
  }
}

void append_target_states(prometheus_text& out, const store_snapshot& store,
                          const target_labels* labels, const lost_agents& lost) {
  const auto targets = shown_targets(store);
  row_labels row{targets, labels};
  // The present state alone. kube-state-metrics has a series of each state with 0 or 1; here that
  // were as many series again as all the others together. A state that is over ends at the next
  // scrape, and `count by (state)` counts as `sum` does there; what a share over time is asked of
  // is probe_success.
  out.family("xprober_probe_state", gauge,
             "1 for the state that the target is in as the agent sees it.");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    out.sample(1, row.of(i, {{"state", to_string(status_of(targets[i], lost).state)}}));
  }
  out.family("xprober_probe_state_since_seconds", gauge,
             "When the target came into the state that it is in, as Unix time.");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto status = status_of(targets[i], lost);
    if (status.since_unix > 0) {
      const std::string_view reason = tells_reason(status) ? status.reason : std::string_view{};
      out.sample(static_cast<double>(status.since_unix), row.of(i, {{"reason", reason}}));
    }
  }
}

void append_stored_targets(prometheus_text& out, const store_snapshot& store,
                           const target_labels* labels) {
  const auto targets = shown_targets(store);
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
          out.sample(*number, row.of(i, {{"phase", series.phase}}));
        }
      }
    }
  }
  out.single("xprober_metrics_targets_omitted", gauge,
             "Targets without rows of their own because there are too many.",
             static_cast<double>(store.targets.size() + store.never_left_out - targets.size()));
}

} // namespace xprober::web
