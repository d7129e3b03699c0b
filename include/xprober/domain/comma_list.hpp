#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace xprober {

/// Adds to a list for people, "a, b".
inline void append_listed(std::string& list, std::string_view item) {
  list += list.empty() ? "" : ", ";
  list += item;
}

/// The items of a range as such a list; `show` makes the text of one.
template <class Items, class Show = std::identity>
std::string comma_list(const Items& items, Show show = {}) {
  std::string list;
  for (const auto& item : items) {
    append_listed(list, std::invoke(show, item));
  }
  return list;
}

} // namespace xprober
