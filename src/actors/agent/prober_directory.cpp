#include "xprober/actors/agent/prober_directory.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/spelling.hpp"

namespace xprober {

void prober_directory::set_modules(std::vector<prober_name> modules) {
  modules_ = std::move(modules);
  unknown_.clear();
}

std::optional<prober_name> prober_directory::find(std::string_view text) const {
  const auto kind =
      std::ranges::find(kinds_, text, [](const auto* k) -> std::string_view { return k->name; });
  if (kind != kinds_.end()) {
    return prober_name{**kind};
  }
  const auto at = std::lower_bound(modules_.begin(), modules_.end(), text,
                                   [](const auto& m, auto wanted) { return m.text() < wanted; });
  const bool known = at != modules_.end() && at->text() == text &&
                     std::ranges::find(kinds_, at->kind()) != kinds_.end();
  return known ? std::optional{*at} : std::nullopt;
}

bool prober_directory::still_knows(const prober_name& name) const {
  const auto now = find(name.text());
  return now && now->kind() == name.kind();
}

std::string prober_directory::kind_names() const { return comma_list(kinds_, &probe_kind::name); }

std::string prober_directory::described(const unknown_types& unknown) const {
  std::vector<std::string_view> known;
  known.reserve(kinds_.size() + modules_.size());
  for (const auto* kind : kinds_) {
    known.emplace_back(kind->name);
  }
  for (const auto& module : modules_) {
    known.emplace_back(module.text());
  }
  std::string names;
  for (const auto name : unknown.names()) {
    const auto near = near_name(name, known);
    append_listed(names, shown_text(name) +
                             (near.empty() ? "" : ": do you mean " + std::string{near} + "?"));
  }
  if (unknown.unnamed() > 0) {
    names += names.empty() ? "others" : " and others";
  }
  return names;
}

bool prober_directory::is_news(std::string_view unknown) {
  if (unknown_.size() >= unknown_types::most_named ||
      std::find(unknown_.begin(), unknown_.end(), unknown) != unknown_.end()) {
    return false;
  }
  unknown_.emplace_back(unknown);
  return true;
}

} // namespace xprober
