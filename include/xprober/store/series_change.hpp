#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xprober/domain/target.hpp"
#include "xprober/store/series_state.hpp"

namespace xprober {

/// What verdicts ask of a series.
struct series_sight {
  series_state state = series_state::never; ///< `never`: there is no such series (any more)
  std::uint8_t run = 0; ///< of what is degraded or failing: results in a row, `longest_run` at most

  bool operator==(const series_sight&) const = default;
};

/// A series has another sight. Numbers are those of the part of the store that says it; a number
/// stands for the same agent or target until it is named anew.
struct series_change {
  static constexpr std::uint32_t no_failure = 0xFFFFFFFF;

  std::uint32_t agent = 0;
  std::uint32_t target = 0;
  series_sight before{};
  series_sight after{};
  std::uint32_t failure = no_failure; ///< of what is failing: an index into `failures`
  std::uint32_t since_unix = 0;       ///< 0: not known
  std::uint32_t last_unix = 0;        ///< when its last result ended; 0: not known
};

/// What has changed in one part of a store since it was asked last, each series once. Series that
/// are gone (`after` is `never`) count before the names, by the numbers of before; all others after
/// them.
struct series_changes {
  struct agent_name {
    std::uint32_t number = 0;
    std::string region;
    std::string address;
  };
  struct target_name {
    std::uint32_t number = 0;
    target_uid uid;
    std::string kind;  ///< the name of the kind that its results are of
    bool pair = false; ///< its kind is grouped by pairs of regions
    bool mesh = false; ///< agents probe each other with its kind
  };
  struct failure {
    std::string reason;
    std::string phase;
    std::string detail;
  };

  std::uint32_t part = 0; ///< of the store
  std::vector<agent_name> agents;
  std::vector<target_name> targets;
  std::vector<failure> failures;
  std::vector<series_change> series;
  /// Of all that there was when it was asked first, some is not told yet: no verdict can be made.
  bool more = false;
};

} // namespace xprober
