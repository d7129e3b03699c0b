#include "xprober/domain/config.hpp"

namespace xprober {

module_config ad_hoc_module(const probe_kind& kind, const kind_settings& settings) {
  module_config module{kind, settings};
  module.icmp.count = 1;
  module.icmp.timeout = module.icmp.deadline;
  return module;
}

} // namespace xprober
