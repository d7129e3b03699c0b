#pragma once

#include <string>

#include "xprober/actors/actors.hpp"
#include "xprober/domain/config.hpp"

// Those whom a server sends something: receivers of remote write and of alerts.
namespace xprober::app {

/// The readers of the journal. `history`: whether it is there, which a reload does not change.
journal_readers readers_of(const server_config& config, bool history);

/// Ended series are noted only where somebody reads of them.
watch_series watch_of(const server_config& config, const journal_actor& journal);

/// How incidents are opened, whom their notices are queued for, and of which groups it is noted
/// when anything is known of them.
incident_rules rules_of(const alerts_config& alerts, const status_config& status);

/// What is wrong with the files and URLs of all of them; empty where nothing is. Reads files.
std::string receivers_problem(const server_config& config);

} // namespace xprober::app
