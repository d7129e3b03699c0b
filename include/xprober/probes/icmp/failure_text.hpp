#pragma once

#include <string>

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/icmp/probe_table.hpp"

namespace xprober::icmp {

/// What a failed probe says for people: what was tried, on what.
std::string failure_text(const probe_slot& slot, probe_error error);

} // namespace xprober::icmp
