#pragma once

#include <span>

#include "xprober/domain/agent_state.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

/// `[{reason, detail, since_unix}]`: what keeps an agent from probing.
json own_faults_json(std::span<const own_fault> faults);

} // namespace xprober::web
