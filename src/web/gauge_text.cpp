#include "xprober/web/gauge_text.hpp"

namespace xprober::web {

void gauge_text::family(std::string_view name, std::string_view help) {
  auto found = places_.find(name);
  if (found == places_.end()) {
    found = places_.emplace(name, families_.size()).first;
    families_.emplace_back(format_).family(name, metric_type::gauge, help);
  }
  current_ = found->second;
}

void gauge_text::sample(double value, labels of) {
  labels_ = common_;
  for (const auto& [name, text] : of) {
    labels_.push_back({name, text});
  }
  families_.at(current_).sample(value, labels_);
}

void gauge_text::append_to(prometheus_text& out) {
  for (auto& family : families_) {
    out.append(std::move(family));
  }
  *this = gauge_text{format_};
}

} // namespace xprober::web
