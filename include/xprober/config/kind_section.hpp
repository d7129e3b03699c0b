#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/config/section.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::config {

/// How the settings of a kind of probe are read and shown: the section of its name in the agent's
/// file, and the same section of a module that is built on it.
struct kind_section {
  const probe_kind* kind = nullptr;
  /// Reads all keys of the section into `out`, which holds what is inherited, and reports what is
  /// wrong.
  void (*read)(section keys, kind_settings& out) = nullptr;
  /// Keys that are for all probes of the kind together: a module cannot have them.
  std::span<const std::string_view> shared_keys;
  /// What `timeout` of a module stands for.
  milliseconds& (*timeout)(kind_settings& settings) = nullptr;
  /// Those keys that differ and that only a restart changes.
  std::vector<std::string_view> (*fixed_keys)(const kind_settings& now,
                                              const kind_settings& next) = no_fixed_keys;
  /// The section as YAML for people, with every key; secrets are not shown.
  std::string (*text)(const kind_settings& settings) = nullptr;

  static std::vector<std::string_view> no_fixed_keys(const kind_settings&, const kind_settings&) {
    return {};
  }
};

/// One for each kind that has settings, in the order of their sections.
std::span<const kind_section> kind_sections() noexcept;

/// Null for a kind without settings.
const kind_section* find_section(const probe_kind& kind) noexcept;

// Each in the file of its name.
kind_section icmp_section() noexcept;
kind_section http_section() noexcept;
kind_section tcp_section() noexcept;
kind_section tls_section() noexcept;
kind_section dns_section() noexcept;

} // namespace xprober::config
