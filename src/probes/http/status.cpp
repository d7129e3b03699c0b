#include "xprober/probes/http/status.hpp"

#include <algorithm>

namespace xprober::http {

bool accepts_status(const std::vector<std::uint16_t>& valid, std::uint16_t status) noexcept {
  if (valid.empty()) {
    return status >= 200 && status <= 299;
  }
  return std::find(valid.begin(), valid.end(), status) != valid.end();
}

} // namespace xprober::http
