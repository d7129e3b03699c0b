#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "xprober/domain/state_bits.hpp"

namespace xprober {

/// What the latest result of a target says of it.
enum class target_state : std::uint8_t { waiting, ok, failing, prober_fault };
inline constexpr std::size_t target_state_count = 4;

/// As `/targets` names them.
inline constexpr std::array<std::string_view, target_state_count> target_state_names{
    "waiting", "ok", "failing", "prober_fault"};

/// The targets of an agent by their state: half a byte for each.
using target_states = state_bits<target_state, target_state_count>;

/// The state of a name; every one of "", none of a name that is no state's.
constexpr target_states::selection target_states_named(std::string_view name) noexcept {
  target_states::selection out = name.empty() ? target_states::every : target_states::selection{0};
  for (std::size_t i = 0; i < target_state_count; ++i) {
    if (target_state_names[i] == name) {
      out = target_states::of(static_cast<target_state>(i));
    }
  }
  return out;
}

} // namespace xprober
