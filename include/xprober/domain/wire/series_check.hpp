#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "xprober/domain/kind.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/wire.hpp"

// What a server stores and what it does not. Everybody who reads what agents sent judges by this,
// so that nothing is acknowledged or sent on that is not stored.

namespace xprober {

/// Why a value's series cannot be stored, for people; empty if it can. Looks at everything but the
/// metric and the number.
std::string_view check_series(const wire_value& value) noexcept;

/// Why the rows of a type cannot be stored with the columns of a kind; empty if they can. A type
/// with the name of a built-in kind means that kind and no other.
std::string_view check_kind(std::string_view type, const probe_kind& kind) noexcept;

/// Judges the targets of one batch, each once.
class batch_judge {
public:
  /// The batch stays with the caller.
  explicit batch_judge(const batch_parser& batch);

  /// Why the rows of a target cannot be stored, as `check_series` and `check_kind` say it; empty if
  /// they can.
  std::string_view why_not(std::uint32_t target) {
    auto& known = verdicts_[target];
    if (known == unknown) {
      known = number_of(judge(target));
    }
    return reasons_[known];
  }

private:
  static constexpr std::uint8_t unknown = 0xFF;

  std::string_view judge(std::uint32_t target);
  std::uint8_t number_of(std::string_view reason);

  const batch_parser& batch_;
  std::string_view agent_; ///< why none of them can be stored
  std::vector<std::uint8_t> verdicts_;
  std::vector<std::string_view> reasons_{""}; ///< each once; there are only a few
  // Neighbours are mostly of one region and type, which have one place in the batch.
  const char* region_ = nullptr;
  const char* type_ = nullptr;
  std::string_view names_; ///< what is wrong with these two
};

} // namespace xprober
