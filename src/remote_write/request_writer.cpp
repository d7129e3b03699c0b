#include "xprober/remote_write/request_writer.hpp"

#include <array>
#include <bit>
#include <utility>

#include <protozero/pbf_writer.hpp>

#include "request_fields.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

constexpr std::string_view name_label = "__name__";
constexpr std::string_view phase_label = "phase";

/// `out` is what a time series is being written to.
void append_label(std::string& out, std::string_view name, std::string_view value) {
  protozero::pbf_writer series{out};
  protozero::pbf_writer label{series, request_fields::series_label};
  label.add_string(request_fields::label_name, name.data(), name.size());
  label.add_string(request_fields::label_value, value.data(), value.size());
}

} // namespace

bool request_writer::select(const written_names& names, const remote_label_sets::set& others) {
  before_name_.clear();
  for (const auto& [name, value] : others.before_name) {
    append_label(before_name_, name, value);
  }
  const auto& behind = others.behind_name;
  middle_.clear();
  after_.clear();
  const std::array<std::pair<std::string_view, std::string_view>, 5> own{
      {{"agent", names.agent},
       {"probe_type", names.probe_type},
       {"source_region", names.source_region},
       {"target", names.target},
       {"target_region", names.target_region}}};
  auto next = behind.begin();
  const auto put = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      append_label(name < phase_label ? middle_ : after_, name, value);
    }
  };
  for (const auto& [name, value] : own) {
    if (!is_clean_text(value)) {
      return false;
    }
    for (; next != behind.end() && next->first < name; ++next) {
      put(next->first, next->second);
    }
    put(name, value);
  }
  for (; next != behind.end(); ++next) {
    put(next->first, next->second);
  }
  return true;
}

void request_writer::sample(std::string_view metric, double value, std::string_view phase) {
  protozero::pbf_writer request{request_};
  {
    protozero::pbf_writer series{request, request_fields::series};
    // Labels stand in the order of their names.
    request_ += before_name_;
    append_label(request_, name_label, metric);
    request_ += middle_;
    if (!phase.empty()) {
      append_label(request_, phase_label, phase);
    }
    request_ += after_;
    protozero::pbf_writer one{series, request_fields::series_sample};
    one.add_double(request_fields::sample_value,
                   ending_ ? std::bit_cast<double>(stale_marker_bits) : value);
    one.add_int64(request_fields::sample_timestamp, unix_ms_);
  }
  ++samples_;
}

void request_writer::stale(std::string_view metric, std::string_view phase) {
  sample(metric, std::bit_cast<double>(stale_marker_bits), phase);
}

void request_writer::take(std::string& out) {
  samples_ = 0;
  out.swap(request_);
  request_.clear();
}

} // namespace xprober
