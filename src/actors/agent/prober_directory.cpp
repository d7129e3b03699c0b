#include "xprober/actors/agent/prober_directory.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

void prober_directory::set_modules(std::vector<prober_name> modules) {
  modules_ = std::move(modules);
  unknown_.clear();
}

std::optional<prober_name> prober_directory::find(std::string_view text) const {
  if (const auto type = parse_probe_type(text)) {
    return prober_name{*type};
  }
  const auto at = std::lower_bound(modules_.begin(), modules_.end(), text,
                                   [](const auto& m, auto wanted) { return m.text() < wanted; });
  return at != modules_.end() && at->text() == text ? std::optional{*at} : std::nullopt;
}

bool prober_directory::still_knows(const prober_name& name) const {
  if (name.is_builtin()) {
    return true;
  }
  const auto now = find(name.text());
  return now && now->base() == name.base();
}

bool prober_directory::is_news(std::string_view unknown) {
  constexpr std::size_t most = 16;
  if (unknown_.size() >= most ||
      std::find(unknown_.begin(), unknown_.end(), unknown) != unknown_.end()) {
    return false;
  }
  unknown_.emplace_back(unknown);
  return true;
}

} // namespace xprober
