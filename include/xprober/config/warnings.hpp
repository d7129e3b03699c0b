#pragma once

#include <string>
#include <string_view>

#include "xprober/config/section.hpp"
#include "xprober/domain/config.hpp"

// What a configuration allows and hardly means. Nothing is refused for it: it is shown by
// check-config, in the log and on the page for as long as it is so.
namespace xprober::config {

/// A `prober_type` that is nearly the name of a kind: agents skip what they have no module for.
void warn_of_near_kind(section& entry, std::string_view prober_type);

/// Targets that are written twice for the same agents: the second counts for nothing.
void warn_of_duplicates(const std::vector<target_entry>& entries, const std::string& list,
                        const node& where, findings& found);

/// Types of targets that the agent of the same file knows neither as a kind nor as a module.
void warn_of_unknown_types(const server_config& server, const agent_config& agent,
                           const node& where, findings& found);

} // namespace xprober::config
