#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "xprober/domain/counter.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/prometheus_text.hpp"

// Sections of counters as they are described where they are counted.
namespace xprober::web {

/// A value as `/stats` has it.
json counter_json(const counter_value& value);

/// Puts a value at its place, "a.b" for b below a.
void put_counter(json& out, std::string_view name, json value);

/// Adds the counters of a section to an object.
template <class Section>
void add_counters(json& out, const Section& section,
                  std::span<const xprober::counter<Section>> table) {
  for (const auto& c : table) {
    if (!c.name.empty()) {
      put_counter(out, c.name, counter_json(c.value(section)));
    }
  }
}

/// The counters of a section as an object.
template <class Section>
json counters_json(const Section& section) {
  json out = json::object();
  add_counters(out, section, Section::counters());
  return out;
}

/// Begins the family of a counter. Times of the last minute are a summary.
void begin_family(prometheus_text& out, std::string_view metric, std::string_view help,
                  counter_type type, bool is_summary);

/// One series of a counter, or those of its quantiles: the largest is quantile 1.
void append_value(prometheus_text& out, const counter_value& value, double scale,
                  std::span<const metric_label> labels);

/// One of several sections of the same kind, told apart by labels.
template <class Section>
struct labelled {
  const Section* section = nullptr;
  std::vector<metric_label> labels;
};

/// The families of several sections, each with a series for each of them; without any there is no
/// family.
template <class Section>
void append_counters(prometheus_text& out, std::span<const xprober::counter<Section>> table,
                     std::span<const labelled<Section>> sections) {
  for (const auto& c : table) {
    if (c.metric.empty() || sections.empty()) {
      continue;
    }
    const auto first = c.value(*sections.front().section);
    begin_family(out, c.metric, c.help, c.type, std::holds_alternative<latency_quantiles>(first));
    for (const auto& each : sections) {
      append_value(out, c.value(*each.section), c.scale, each.labels);
    }
  }
}

/// The families of a section that there is once.
template <class Section>
void append_counters(prometheus_text& out, std::span<const xprober::counter<Section>> table,
                     const Section& section) {
  const labelled<Section> only[] = {{&section, {}}};
  append_counters(out, table, std::span<const labelled<Section>>{only});
}

} // namespace xprober::web
