#pragma once

#include <string>
#include <vector>

#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/icmp/host_address.hpp"

namespace xprober::icmp {

/// Whom a probe may be sent to: by the limits of all probes, and by those of who asked for it.
/// Sentences are those of `target_limits`; empty: nothing speaks against it.
struct address_limits {
  const target_limits* of_all = nullptr;   ///< null: everybody
  const target_limits* of_asker = nullptr; ///< null: no more

  /// Why a target is refused before it is resolved.
  std::string refusal_of(const parsed_target& target) const;

  /// Takes the addresses of a name out that are refused; the sentence of the last of them where
  /// none is left.
  std::string keep_allowed(const std::string& host, std::vector<std::string>& addresses) const;

private:
  template <class Judge>
  std::string first_refusal(Judge judge) const;
};

} // namespace xprober::icmp
