#include "xprober/config/module_text.hpp"

#include "xprober/config/kind_section.hpp"

namespace xprober::config {

std::string module_text(const module_config& module) {
  auto out = "prober: " + module.prober->name + "\n";
  if (const auto* section = find_section(*module.prober)) {
    out += section->text(module);
  }
  return out;
}

} // namespace xprober::config
