#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target_limits.hpp"

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
  /// What only the kind's own engine and presenter know; null: nothing.
  std::shared_ptr<const probe_details> more{};
};

/// An echo was answered.
struct echo_answer {
  std::uint32_t number = 0; ///< from 0 on
  nanoseconds round_trip{0};
  std::uint8_t hop_limit = 0; ///< as it arrived; 0: not known
  std::string address;        ///< who has answered
};

/// How a probe that somebody asks for differs from those of its module's targets. Such a probe
/// shares its result with no other.
struct ad_hoc_request {
  nanoseconds time_limit{0}; ///< from when it is due, beside the module's own limit; 0: none
  std::string hostname; ///< the name to ask a web server for, also by TLS; empty: the target's own
  std::uint32_t echoes = 0; ///< so many, each for as long as the probe lasts; 0: as the module
  bool with_lines = false;
  /// Called once before the probe's completion and like it, if the probe began.
  std::function<void(probe_story&&)> tell;
  /// Whom it may talk to, beside the limits of all probes; null: no more.
  target_limits_ptr limits{};
  /// Called for each first answer in time, on the engine's thread; must not block. May be empty.
  std::function<void(const echo_answer&)> answered{};
};

} // namespace xprober
