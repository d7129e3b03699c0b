#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/stream/tls_details.hpp"
#include "xprober/probes/stream/tls_summary.hpp"

namespace xprober {

/// Phases of an HTTP probe, in the order they happen.
enum class http_phase : std::uint8_t { resolve, connect, tls, processing, transfer };
inline constexpr std::size_t http_phase_count = 5;
/// "resolve", "connect", "tls", "processing", "transfer".
std::string_view to_string(http_phase phase) noexcept;

/// "HTTP/1.1" of 11.
std::string http_version_text(std::uint8_t version);

/// What an HTTP probe measured. A phase that was not completed has no value. For a plain
/// http:// URL `tls` is 0 once connected. `resolve` sums over redirects, the others are of the last
/// hop.
struct http_summary {
  std::array<std::optional<float>, http_phase_count> phases_ms;
  std::uint16_t status = 0; ///< 0: no status line was read
  std::uint16_t redirects = 0;
  std::uint64_t body_bytes = 0;
  std::int64_t cert_expiry_unix = 0;      ///< earliest in the chain; 0: no certificate seen
  std::uint8_t version = 0;               ///< of HTTP: 10 or 11; 0: no status line was read
  std::shared_ptr<const tls_summary> tls; ///< null: no certificate seen

  std::optional<float>& phase(http_phase p) { return phases_ms[static_cast<std::size_t>(p)]; }
  const std::optional<float>& phase(http_phase p) const {
    return phases_ms[static_cast<std::size_t>(p)];
  }
};

/// What the columns of an HTTP probe do not say.
struct http_details : stream::tls_details {
  std::uint8_t version = 0; ///< as in `http_summary`
};

/// What a probe that somebody asked for tells beside its outcome.
struct http_story : probe_details {
  /// Each summed over the hops that completed it.
  std::array<std::optional<nanoseconds>, http_phase_count> phases;
  std::int64_t content_length = 0; ///< as the last answer states; -1: it does not
  std::uint64_t decoded_bytes = 0; ///< of the last body, its Content-Encoding undone
  std::optional<std::int64_t> last_modified_unix;
  bool over_tls = false; ///< the last answer came over TLS
};

/// Writes what a probe measured into its outcome.
void write_summary(const http_summary& summary, probe_outcome& outcome);

/// What `write_summary` wrote; all zero or missing of a probe that was not begun.
namespace http {
http_summary read_summary(const probe_outcome& outcome);
} // namespace http

} // namespace xprober
