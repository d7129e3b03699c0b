#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "xprober/config/section.hpp"

// Lists whose items are either a single value or a section of keys.
namespace xprober::config {

/// Calls `read_one` for each item of the list `name`; a single value is a list of one.
template <class ReadOne>
void for_each_item(section& top, std::string_view name, std::string_view allowed,
                   ReadOne read_one) {
  const auto list = top.value(name);
  if (!list || list->kind == node::type::null ||
      (list->kind == node::type::scalar && list->text.empty())) {
    return;
  }
  if (list->kind == node::type::map) {
    top.report(name, "is a section of keys; allowed is a list of " + std::string{allowed});
    return;
  }
  if (list->kind == node::type::scalar) {
    read_one(list, top.full_name(name));
    return;
  }
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const auto& item = list->children[i];
    const auto full = top.full_name(name) + "[" + std::to_string(i) + "]";
    if (item->kind == node::type::scalar || item->kind == node::type::map) {
      read_one(item, full);
    } else {
      top.found().add(*item, full,
                      "is " + std::string{to_string(item->kind)} + "; allowed are " +
                          std::string{allowed});
    }
  }
}

} // namespace xprober::config
