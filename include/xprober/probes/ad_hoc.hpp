#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// A step of a probe, for people.
struct story_line {
  nanoseconds at{0}; ///< since the probe began
  std::string text;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What a probe tells beside its outcome where somebody has asked for it: `/probe` needs it, and no
/// target keeps it. Zero where the probe did not get so far.
struct probe_story {
  std::vector<story_line> lines; ///< empty unless asked for
  std::string first_address;     ///< of the target itself, not of where it redirects to
  nanoseconds resolve{0};        ///< of the target's own name, also where it was not resolved

  nanoseconds setup{0}; ///< icmp: from the resolved name to the first echo

  // http
  /// Each summed over the hops that completed it.
  std::array<std::optional<nanoseconds>, http_phase_count> phases;
  std::int64_t content_length = 0; ///< as the last answer states; -1: it does not
  std::uint64_t decoded_bytes = 0; ///< of the last body, its Content-Encoding undone
  std::optional<std::int64_t> last_modified_unix;
  bool over_tls = false; ///< the last answer came over TLS
};

/// How a probe that somebody asks for differs from those of its module's targets. Such a probe
/// shares its result with no other.
struct ad_hoc_request {
  nanoseconds time_limit{0}; ///< from when it is due, beside the module's own limit; 0: none
  std::string hostname;      ///< http: the Host header, and whom TLS asks for; empty: the target's
  std::uint32_t echoes =
      0; ///< icmp: so many, each for as long as the probe lasts; 0: as the module
  bool with_lines = false;
  /// Called once before the probe's completion and like it, if the probe began.
  std::function<void(probe_story&&)> tell;
};

} // namespace xprober
