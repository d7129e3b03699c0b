#include "xprober/config/kind_section.hpp"

#include <algorithm>
#include <vector>

namespace xprober::config {

std::span<const kind_section> kind_sections() noexcept {
  static const std::vector<kind_section> all{icmp_section(), http_section(), tcp_section(),
                                             tls_section(), dns_section()};
  return all;
}

const kind_section* find_section(const probe_kind& kind) noexcept {
  const auto all = kind_sections();
  const auto found = std::ranges::find(all, &kind, &kind_section::kind);
  return found == all.end() ? nullptr : &*found;
}

} // namespace xprober::config
