#include "xprober/domain/host_name.hpp"

#include <algorithm>
#include <memory>

#include <idn2.h>

namespace xprober {

std::optional<std::string> ascii_host_name(std::string_view host) {
  if (std::all_of(host.begin(), host.end(), [](char c) { return (c & 0x80) == 0; })) {
    return std::string{host};
  }
  const std::string terminated{host};
  char* converted = nullptr;
  if (idn2_to_ascii_8z(terminated.c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
      IDN2_OK) {
    return std::nullopt;
  }
  const std::unique_ptr<char, decltype(&idn2_free)> freed{converted, &idn2_free};
  return std::string{converted};
}

} // namespace xprober
