#include "xprober/web/prometheus_text.hpp"

#include <functional>
#include <stdexcept>
#include <utility>

#include "xprober/domain/history/histogram_message.hpp"
#include "xprober/web/metric_message.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : valid_utf8(text)) {
    switch (c) {
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '"':
      // Only label values stand in quotes; a help text has its own as they are.
      out += quotes ? "\\\"" : "\"";
      break;
    default: out += c;
    }
  }
}

std::string_view type_text(metric_type type) {
  switch (type) {
  case metric_type::counter: return "counter";
  case metric_type::gauge: return "gauge";
  case metric_type::summary: return "summary";
  case metric_type::histogram: return "histogram";
  }
  return "untyped";
}

} // namespace

void prometheus_text::family(std::string_view name, metric_type type, std::string_view help) {
  if (!families_.emplace(name).second) {
    throw std::logic_error("metric family " + std::string(name) + " was written before");
  }
  end_family();
  name_ = name;
  type_ = type;
  series_.clear();
  header_.clear();
  if (format_ == metric_format::protobuf) {
    append_family_head(header_, name, type, valid_utf8(help));
    return;
  }
  header_ = "# HELP ";
  header_ += name;
  header_ += ' ';
  append_escaped(header_, help, false);
  header_ += "\n# TYPE ";
  header_ += name;
  header_ += ' ';
  header_ += type_text(type);
  header_ += '\n';
}

/// The labels as the format has them; false where the family had them before.
bool prometheus_text::begin_series(std::span<const metric_label> labels) {
  const bool message = format_ == metric_format::protobuf;
  labels_.clear();
  for (const auto& label : labels) {
    if (message) {
      append_label_pair(labels_, label.name, valid_utf8(label.value));
      continue;
    }
    labels_ += labels_.empty() ? '{' : ',';
    labels_ += label.name;
    labels_ += "=\"";
    append_escaped(labels_, label.value, true);
    labels_ += '"';
  }
  if (!message && !labels_.empty()) {
    labels_ += '}';
  }
  if (!series_.insert(std::hash<std::string_view>{}(labels_)).second) {
    return false;
  }
  (message ? family_ : text_) += header_;
  header_.clear();
  return true;
}

bool prometheus_text::sample(double value, std::span<const metric_label> labels) {
  if (!begin_series(labels)) {
    return false;
  }
  if (format_ == metric_format::protobuf) {
    append_metric(family_, labels_, type_, value);
    return true;
  }
  text_ += name_;
  text_ += labels_;
  text_ += ' ';
  text_ += number_text(value);
  text_ += '\n';
  return true;
}

bool prometheus_text::histogram(const native_histogram& value, std::int64_t created_unix_ms,
                                std::span<const metric_label> labels) {
  if (format_ != metric_format::protobuf) {
    return true;
  }
  if (!begin_series(labels)) {
    return false;
  }
  append_histogram_metric(family_, labels_, exposed_histogram(value, created_unix_ms));
  return true;
}

/// A message stands behind its length, which is known now.
void prometheus_text::end_family() {
  if (!family_.empty()) {
    append_delimited(text_, family_);
    family_.clear();
  }
}

void prometheus_text::single(std::string_view name, metric_type type, std::string_view help,
                             double value) {
  family(name, type, help);
  sample(value);
}

void prometheus_text::append(prometheus_text&& other) {
  if (!families_.emplace(other.name_).second) {
    throw std::logic_error("metric family " + other.name_ + " was written before");
  }
  end_family();
  text_ += other.take();
  header_.clear();
}

std::string prometheus_text::take() {
  end_family();
  auto text = std::move(text_);
  *this = prometheus_text{format_};
  return text;
}

} // namespace xprober::web
