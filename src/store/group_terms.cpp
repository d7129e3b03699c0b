#include "xprober/store/group_terms.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace xprober {

namespace {

constexpr std::string_view label_matcher = "label.";

} // namespace

target_terms terms_of(const status_group& group) {
  target_terms terms;
  terms.patterns = true;
  for (const auto& [field, value] : group.match) {
    if (field == "region") {
      terms.region = value;
    } else if (field == "source_region") {
      terms.source_region = value;
    } else if (field == "probe_type") {
      terms.kind = value;
    } else if (field == "target") {
      terms.target = value;
    } else {
      terms.labels.emplace_back(field.substr(std::min(label_matcher.size(), field.size())), value);
    }
  }
  return terms;
}

std::string matchers_text(const status_group& group) {
  std::string text;
  for (const auto& [field, value] : group.match) {
    text.append(field).append("=").append(value).append("\n");
  }
  return text;
}

tally_question matchers_question(const std::vector<status_group>& groups) {
  tally_question out;
  std::set<std::string> seen;
  for (const auto& group : groups) {
    if (auto text = matchers_text(group); seen.insert(text).second) {
      out.groups.emplace_back(std::move(text), terms_of(group));
    }
  }
  return out;
}

std::uint64_t known_of(const state_numbers& states) noexcept {
  const auto number = [&](series_state state) { return states[static_cast<std::size_t>(state)]; };
  return number(series_state::ok) + number(series_state::degraded) + number(series_state::failing);
}

} // namespace xprober
