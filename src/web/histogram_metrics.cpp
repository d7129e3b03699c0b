#include "xprober/web/histogram_metrics.hpp"

#include <array>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

namespace xprober::web {

namespace {

/// By kind, source region, and target region or address.
using group_names = std::tuple<std::string_view, std::string_view, std::string_view>;

std::set<group_names> groups_of(const store_snapshot& store, result_group grouping) {
  std::set<group_names> all;
  for (const auto& results : store.kinds) {
    if (results.kind->grouped_by != grouping) {
      continue;
    }
    for (const auto& group : results.groups) {
      all.emplace(results.kind->name, group.source_region,
                  grouping == result_group::pair ? group.target_region : group.address);
    }
  }
  return all;
}

void append_grouping(prometheus_text& out, const store_snapshot& store, result_group grouping,
                     const std::vector<histogram_series>& all) {
  const bool pair = grouping == result_group::pair;
  const auto shown = groups_of(store, grouping);
  out.family(histogram_metric(grouping), metric_type::histogram,
             pair ? "What probes between two regions measured."
                  : "What probes from a region to an address measured.");
  for (const auto& one : all) {
    const auto& subject = one.subject;
    if (subject.grouped_by != grouping ||
        !shown.contains({subject.kind, subject.source_region, subject.other})) {
      continue;
    }
    const std::array<metric_label, 3> labels{{{"source_region", subject.source_region},
                                              {histogram_label(grouping), subject.other},
                                              {"probe_type", subject.kind}}};
    out.histogram(one.seconds, one.created_unix_ms, labels);
  }
}

} // namespace

void append_histogram_metrics(prometheus_text& out, const store_snapshot& store,
                              const std::vector<histogram_series>& all) {
  for (const auto grouping : {result_group::pair, result_group::address}) {
    append_grouping(out, store, grouping, all);
  }
}

} // namespace xprober::web
