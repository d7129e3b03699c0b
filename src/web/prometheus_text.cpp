#include "xprober/web/prometheus_text.hpp"

#include <functional>
#include <stdexcept>

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
  }
  return "untyped";
}

} // namespace

void prometheus_text::family(std::string_view name, metric_type type, std::string_view help) {
  if (!families_.emplace(name).second) {
    throw std::logic_error("metric family " + std::string(name) + " was written before");
  }
  name_ = name;
  series_.clear();
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

bool prometheus_text::sample(double value, std::span<const metric_label> labels) {
  labels_.clear();
  for (const auto& label : labels) {
    labels_ += labels_.empty() ? '{' : ',';
    labels_ += label.name;
    labels_ += "=\"";
    append_escaped(labels_, label.value, true);
    labels_ += '"';
  }
  if (!labels_.empty()) {
    labels_ += '}';
  }
  if (!series_.insert(std::hash<std::string_view>{}(labels_)).second) {
    return false;
  }
  text_ += header_;
  header_.clear();
  text_ += name_;
  text_ += labels_;
  text_ += ' ';
  text_ += number_text(value);
  text_ += '\n';
  return true;
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
  text_ += other.take();
  header_.clear();
}

std::string prometheus_text::take() {
  auto text = std::move(text_);
  *this = {};
  return text;
}

} // namespace xprober::web
