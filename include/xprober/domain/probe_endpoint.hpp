#pragma once

#include <string>
#include <string_view>

namespace xprober {

struct agent_config;

/// True for an address to listen on ("127.0.0.1:8087", "[::1]:8087", "localhost:8087") that only
/// this machine reaches; false for every interface (":8087") and for what cannot be read.
bool is_loopback_listener(std::string_view address);

/// Why there is no `/probe` with a configuration, naming the key; empty where there is.
std::string probe_endpoint_problem(const agent_config& config);

} // namespace xprober
