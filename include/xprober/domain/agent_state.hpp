#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xprober {

/// How an agent is doing, as the server sees it.
enum class agent_state : std::uint8_t {
  ok,
  late, ///< it has not asked for three of its intervals
  lost, ///< its lease is over and it has not said goodbye
  left, ///< it has said goodbye
};
inline constexpr std::size_t agent_state_count = 4;

std::string_view to_string(agent_state state) noexcept;

/// Something that keeps an agent from probing, or from probing well, as it says itself.
struct own_fault {
  std::string reason; ///< a short name, e.g. "no_icmp_permission"
  std::string detail; ///< the sentence
  std::int64_t since_unix = 0;

  bool operator==(const own_fault&) const = default;
};

/// What waits in an agent for its server, and how late it is, as it says itself.
struct agent_backlog {
  std::uint64_t batches = 0; ///< in its spool
  std::uint64_t bytes = 0;   ///< of them
  /// When the oldest of them began to wait, by the agent's clock; 0: nothing waits.
  std::int64_t oldest_unix = 0;
  std::uint64_t lag_ms = 0; ///< of the probes of the last minute 99 % began less late

  bool operator==(const agent_backlog&) const = default;
};

/// Results that are older when they come, or that wait for so long, are a backlog's: a batch is on
/// its way for a second or two, and a probe takes seconds.
inline constexpr std::int64_t late_results_s = 20;

/// The reasons of own faults that are known; others are taken as they are.
namespace own_faults {
inline constexpr std::string_view no_icmp_permission =
    "no_icmp_permission";                              ///< no socket for echoes
inline constexpr std::string_view no_ipv6 = "no_ipv6"; ///< has IPv6 targets and no way to them
inline constexpr std::string_view unknown_modules = "unknown_modules";
inline constexpr std::string_view no_name_server = "no_name_server"; ///< no DNS server answers
inline constexpr std::string_view clock_off = "clock_off";
inline constexpr std::string_view spool_full =
    "spool_full"; ///< above half of its limit, or refused
inline constexpr std::string_view certificate_ends =
    "certificate_ends";                                  ///< its own, and the server gives no other
inline constexpr std::string_view overload = "overload"; ///< ticks are skipped or late

/// Whether what an agent measures meanwhile says nothing of its targets. False where it does not
/// probe some of them at all, which their series say themselves, or where only what it hands on is
/// concerned: all else that it sees is as true as ever. Of reasons that are not known here: true.
bool spoil_results(std::string_view reason) noexcept;
} // namespace own_faults

} // namespace xprober
