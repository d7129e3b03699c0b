#include "xprober/probes/icmp/summary.hpp"

namespace xprober {

double icmp_summary::loss_percent() const noexcept {
  if (sent == 0) {
    return 100.0;
  }
  return 100.0 * static_cast<double>(sent - received) / static_cast<double>(sent);
}

} // namespace xprober
