#pragma once

#include <map>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"

namespace xprober::web {

/// What the server's pages show as its configuration says. Never changes: a reload makes another.
struct page_settings {
  std::map<std::string, label_map> region_labels{}; ///< by the region's name
  status_config status{};
};
using page_settings_ptr = std::shared_ptr<const page_settings>;

/// The settings in force. Of the sessions' thread alone.
struct settings_place {
  page_settings_ptr now = std::make_shared<const page_settings>();
};

} // namespace xprober::web
