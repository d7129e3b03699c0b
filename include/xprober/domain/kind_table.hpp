#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "xprober/domain/kind.hpp"

namespace xprober {

struct kind_settings;
struct module_config;

/// The kinds that this program has engines for, in the order they are listed for people. They live
/// as long as the program.
std::span<const probe_kind> builtin_kinds() noexcept;

/// The built-in kind of a name; null where there is none.
const probe_kind* find_kind(std::string_view name) noexcept;

/// The kind with which agents probe each other.
const probe_kind& mesh_kind() noexcept;

/// The names of the built-in kinds for messages: "icmp, http, tcp".
std::string_view kind_names() noexcept;

/// The names of those that take targets of a form, in the same way.
std::string kind_names(target_form takes);

/// A value of the old form that a built-in kind has: whose it is, and which column's.
struct old_metric {
  const probe_kind* kind = nullptr;
  std::size_t column = 0;
};
/// Nothing for a metric of no built-in kind.
std::optional<old_metric> find_old_metric(std::string_view name) noexcept;

/// True if probes of a kind send something with these settings that is for their target alone: a
/// password, a token, a header that `may_hold_credentials`, a certificate of the prober's own.
/// (What `send` of a step or a body holds, nobody can tell.)
bool has_secrets(const probe_kind& kind, const kind_settings& settings);

/// The name by which probes of a kind ask a server with these settings, in place of their target's
/// host: `Host` among the headers of http. Empty where they ask by the target's.
std::string asked_host(const probe_kind& kind, const kind_settings& settings);

/// The module that the name of a kind stands for at `/probe`: the section of the kind, but with a
/// single echo that may take as long as the whole probe, as blackbox_exporter's users know it.
module_config ad_hoc_module(const probe_kind& kind, const kind_settings& settings);

/// Each kind by its name, and where its columns stand: for its engine, the table's tests and
/// whoever puts the engines together.
namespace kinds {

const probe_kind& icmp() noexcept;
namespace icmp_column {
inline constexpr std::size_t loss = 1;
inline constexpr std::size_t latency = 2;
inline constexpr std::size_t sent = 3;
inline constexpr std::size_t min = 4;
inline constexpr std::size_t max = 5;
inline constexpr std::size_t stddev = 6;
inline constexpr std::size_t jitter = 7;
inline constexpr std::size_t p50 = 8;
inline constexpr std::size_t p90 = 9;
inline constexpr std::size_t p99 = 10;
inline constexpr std::size_t reply_ttl = 11;
inline constexpr std::size_t duplicates = 12; ///< the last three: only where one is above 0
inline constexpr std::size_t late = 13;
inline constexpr std::size_t reordered = 14;
} // namespace icmp_column

const probe_kind& http() noexcept;
namespace http_column {
inline constexpr std::size_t first_phase = 1; ///< resolve, connect, tls, processing, transfer
inline constexpr std::size_t status = 6;      ///< 0: no status line was read
inline constexpr std::size_t cert_expiry = 7; ///< the earliest in the chain
inline constexpr std::size_t redirects = 8;
inline constexpr std::size_t body_bytes = 9;
} // namespace http_column

const probe_kind& tcp() noexcept;
namespace tcp_column {
inline constexpr std::size_t resolve = 1;
inline constexpr std::size_t connect = 2;
inline constexpr std::size_t tls = 3; ///< 0 where none is spoken
inline constexpr std::size_t exchange = 4;
inline constexpr std::size_t cert_expiry = 5; ///< the earliest in the chain
inline constexpr std::size_t steps = 6;       ///< of `query_response` that were done
} // namespace tcp_column

const probe_kind& tls() noexcept;
namespace tls_column {
inline constexpr std::size_t resolve = 1;
inline constexpr std::size_t connect = 2;
inline constexpr std::size_t starttls = 3; ///< 0 where TLS begins at once
inline constexpr std::size_t tls = 4;
inline constexpr std::size_t cert_expiry = 5;  ///< the earliest of what the server sent
inline constexpr std::size_t chain_expiry = 6; ///< of the chain that was accepted
inline constexpr std::size_t own_expiry = 7;   ///< of the server's own certificate
} // namespace tls_column

const probe_kind& dns() noexcept;
namespace dns_column {
inline constexpr std::size_t resolve = 1; ///< the server's name
inline constexpr std::size_t connect = 2; ///< to the server, with TLS where it is spoken
inline constexpr std::size_t request = 3;
inline constexpr std::size_t answers = 4;
inline constexpr std::size_t serial = 5; ///< of the last SOA among the answers
inline constexpr std::size_t rcode = 6;
inline constexpr std::size_t lowest_ttl = 7; ///< of the answers
inline constexpr std::size_t authorities = 8;
inline constexpr std::size_t additionals = 9;
inline constexpr std::size_t answer_bytes = 10;
} // namespace dns_column

} // namespace kinds

} // namespace xprober
