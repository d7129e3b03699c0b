#pragma once

#include <string_view>

#include "xprober/config/choices.hpp"
#include "xprober/config/section.hpp"
#include "xprober/config/yaml_lines.hpp"
#include "xprober/domain/config.hpp"

// What the sections of kinds over connections have in common.
namespace xprober::config {

/// Keys that are for all probes of such a kind together.
inline constexpr std::string_view connection_shared_keys[] = {"max_in_flight"};

/// Reads `tls_config` of a section.
void read_tls_config(section& of, tls_client_config& out);

/// `tls_config` on one line.
void append_tls_config(yaml_lines& lines, const tls_client_config& tls);

/// Reads `timeout`, `max_in_flight`, `preferred_ip_protocol` and `ip_protocol_fallback`.
template <class Config>
void read_connection_keys(section& of, Config& out) {
  of.duration("timeout", out.timeout, milliseconds{1}, std::chrono::hours{1});
  of.number("max_in_flight", out.max_in_flight, 1, 1'000'000);
  of.choice("preferred_ip_protocol", out.preferred_ip_protocol, ip_families);
  of.boolean("ip_protocol_fallback", out.ip_protocol_fallback);
}

/// Writes those of them that a module can have.
template <class Config>
void append_connection_keys(yaml_lines& lines, const Config& config) {
  lines.time("timeout", config.timeout);
  lines.choice("preferred_ip_protocol", config.preferred_ip_protocol, ip_families);
  lines.flag("ip_protocol_fallback", config.ip_protocol_fallback);
}

} // namespace xprober::config
