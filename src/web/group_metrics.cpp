#include "xprober/web/group_metrics.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace xprober::web {

namespace {

/// What all versions of a kind have of one group.
struct group_line {
  success_count successes;
  measured_mean loss_percent;
  std::optional<double> duration_ms; ///< of the first version that has one
  std::vector<std::pair<std::string_view, measured_mean>> phases_ms;

  std::optional<double> success_ratio() const {
    if (successes.known() == 0) {
      return std::nullopt;
    }
    return static_cast<double>(successes.known() - successes.failing()) /
           static_cast<double>(successes.known());
  }
};

/// By kind, source region, and target region or address.
using line_key = std::tuple<std::string_view, std::string_view, std::string_view>;
using group_lines = std::map<line_key, group_line>;

void add_to_line(group_line& line, const kind_results& results, const stored_group& group) {
  line.successes.add(group.sums.successes);
  if (const auto* loss = results.find_mean(group, column_role::loss)) {
    line.loss_percent.add(*loss);
  }
  if (!line.duration_ms) {
    line.duration_ms = results.headline_ms(group);
  }
  for (const auto column : results.averaged) {
    const auto& described = results.kind->columns[column];
    const auto* mean = results.find_mean(group, column);
    if (described.role != column_role::phase || mean == nullptr) {
      continue;
    }
    auto& phases = line.phases_ms;
    auto found = phases.begin();
    while (found != phases.end() && found->first != described.key) {
      ++found;
    }
    if (found == phases.end()) {
      found = phases.insert(found, {described.key, {}});
    }
    found->second.add(*mean);
  }
}

group_lines lines_of(const store_snapshot& store, result_group grouping, std::size_t& omitted) {
  group_lines lines;
  for (const auto& results : store.kinds) {
    if (results.kind->grouped_by != grouping) {
      continue;
    }
    const bool pair = grouping == result_group::pair;
    for (const auto& group : results.groups) {
      const line_key key{results.kind->name, group.source_region,
                         pair ? group.target_region : group.address};
      const auto known = lines.find(key);
      if (known == lines.end() && lines.size() >= max_metric_groups) {
        ++omitted;
        continue;
      }
      add_to_line(known == lines.end() ? lines[key] : known->second, results, group);
    }
  }
  return lines;
}

/// The families of one grouping.
class group_writer {
public:
  group_writer(prometheus_text& out, const group_lines& lines, result_group grouping)
      : out_(out), lines_(lines), pair_(grouping == result_group::pair) {}

  /// `value` gives a number of a line, or nothing.
  template <class Value>
  void family(std::string_view name, std::string_view help, Value value) {
    begin(name, help);
    for (const auto& [key, line] : lines_) {
      if (const std::optional<double> number = value(line)) {
        sample(*number, key, {});
      }
    }
  }

  void phases() {
    begin("phase_duration_seconds", "Mean duration of each phase of the latest probes.");
    for (const auto& [key, line] : lines_) {
      for (const auto& [phase, ms] : line.phases_ms) {
        if (const auto mean = ms.value()) {
          sample(*mean / 1000, key, phase);
        }
      }
    }
  }

private:
  void begin(std::string_view name, std::string_view help) {
    const std::string prefix = pair_ ? "xprober_pair_" : "xprober_url_";
    const std::string where = pair_ ? " Between two regions." : " From a region to an address.";
    out_.family(prefix + std::string{name}, metric_type::gauge, std::string{help} + where);
  }

  void sample(double number, const line_key& key, std::string_view phase) {
    const auto& [kind, source, other] = key;
    std::vector<metric_label> labels{
        {"source_region", source}, {pair_ ? "target_region" : "addr", other}, {"probe_type", kind}};
    if (!phase.empty()) {
      labels.push_back({"phase", phase});
    }
    out_.sample(number, labels);
  }

  prometheus_text& out_;
  const group_lines& lines_;
  bool pair_;
};

void append_lines(prometheus_text& out, const group_lines& lines, result_group grouping) {
  group_writer writer{out, lines, grouping};
  writer.family("success", "1 unless all probes fail, then 0.",
                [](const group_line& line) -> std::optional<double> {
                  return line.successes.all_fail() ? 0.0 : 1.0;
                });
  writer.family("success_ratio", "Share of the latest probes that succeeded.",
                [](const group_line& line) { return line.success_ratio(); });
  writer.family("series", "Targets as agents see them, each once for each agent.",
                [](const group_line& line) -> std::optional<double> {
                  return static_cast<double>(line.successes.known());
                });
  writer.family("series_failing", "Those of them that fail.",
                [](const group_line& line) -> std::optional<double> {
                  return static_cast<double>(line.successes.failing());
                });
  writer.family("duration_seconds", "Mean of what the latest probes measured.",
                [](const group_line& line) -> std::optional<double> {
                  return line.duration_ms ? std::optional{*line.duration_ms / 1000} : std::nullopt;
                });
  writer.family("loss_ratio", "Mean share of what was sent and not answered.",
                [](const group_line& line) -> std::optional<double> {
                  const auto percent = line.loss_percent.value();
                  return percent ? std::optional{*percent / 100} : std::nullopt;
                });
  writer.phases();
}

} // namespace

void append_shared_group_metrics(prometheus_text& out, const store_snapshot& store) {
  std::size_t omitted = 0;
  for (const auto grouping : {result_group::pair, result_group::address}) {
    append_lines(out, lines_of(store, grouping, omitted), grouping);
  }
  out.single("xprober_metrics_groups_omitted", metric_type::gauge,
             "Groups without rows under our own names because there are too many.",
             static_cast<double>(omitted));
}

} // namespace xprober::web
