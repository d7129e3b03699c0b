#include "xprober/web/metric_message.hpp"

#include <protozero/buffer_string.hpp>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

namespace xprober::web {

namespace {

using pbf_tag = protozero::pbf_tag_type;

// Of MetricFamily.
constexpr pbf_tag family_name = 1;
constexpr pbf_tag family_help = 2;
constexpr pbf_tag family_type = 3;
constexpr pbf_tag family_metric = 4;
// Of Metric.
constexpr pbf_tag metric_label_pair = 1;
constexpr pbf_tag metric_gauge = 2;
constexpr pbf_tag metric_counter = 3;
constexpr pbf_tag metric_histogram = 7;
// Of LabelPair.
constexpr pbf_tag pair_name = 1;
constexpr pbf_tag pair_value = 2;
// Of Gauge and of Counter.
constexpr pbf_tag number_value = 1;

/// Of the enumeration MetricType.
std::int32_t type_number(metric_type type) {
  switch (type) {
  case metric_type::counter: return 0;
  case metric_type::gauge:
  case metric_type::summary: return 1;
  case metric_type::histogram: return 4;
  }
  return 3; // untyped
}

} // namespace

void append_family_head(std::string& out, std::string_view name, metric_type type,
                        std::string_view help) {
  protozero::pbf_writer family{out};
  family.add_string(family_name, name.data(), name.size());
  family.add_string(family_help, help.data(), help.size());
  family.add_enum(family_type, type_number(type));
}

void append_label_pair(std::string& out, std::string_view name, std::string_view value) {
  protozero::pbf_writer metric{out};
  protozero::pbf_writer pair{metric, metric_label_pair};
  pair.add_string(pair_name, name.data(), name.size());
  pair.add_string(pair_value, value.data(), value.size());
}

void append_metric(std::string& family, std::string_view labels, metric_type type, double value) {
  protozero::pbf_writer out{family};
  protozero::pbf_writer metric{out, family_metric};
  family += labels;
  protozero::pbf_writer number{metric,
                               type == metric_type::counter ? metric_counter : metric_gauge};
  number.add_double(number_value, value);
}

void append_histogram_metric(std::string& family, std::string_view labels,
                             std::string_view message) {
  protozero::pbf_writer out{family};
  protozero::pbf_writer metric{out, family_metric};
  family += labels;
  metric.add_message(metric_histogram, message.data(), message.size());
}

void append_delimited(std::string& out, std::string_view message) {
  protozero::add_varint_to_buffer(&out, message.size());
  out += message;
}

} // namespace xprober::web
