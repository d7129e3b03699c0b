#include "xprober/domain/wire/push_secrets.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "xprober/domain/target.hpp"

namespace xprober {

std::optional<push_request> without_secrets(const push_request& request) {
  std::optional<push_request> cleaned;
  for (std::size_t i = 0; i < request.values.size(); ++i) {
    const auto& value = request.values[i];
    if (value.target_addr.find_first_of("@?") == std::string::npos) {
      continue; // nearly all: nothing is looked up
    }
    auto address = value.target_addr;
    if (take_user(prober_name{value.probe_type}, address)) {
      if (!cleaned) {
        cleaned = request;
      }
      cleaned->values[i].target_addr = std::move(address);
    }
  }
  return cleaned;
}

} // namespace xprober
