#include "xprober/domain/agent_grant.hpp"

#include <algorithm>

#include "xprober/domain/label_text.hpp"

namespace xprober {

std::string agent_grant::why_not(std::string_view region, std::string_view local_ip) const {
  if (!regions_.empty() && std::ranges::find(regions_, region) == regions_.end()) {
    return "the credential (" + credential_ + ") does not speak for the region " +
           shown_text(region) + ": " + written_;
  }
  if (networks_.empty()) {
    return {};
  }
  const auto address = parse_ip(local_ip);
  const bool is_in = address && std::ranges::any_of(networks_, [&](const ip_block& block) {
                       return block.contains(*address);
                     });
  return is_in ? std::string{}
               : "the credential (" + credential_ + ") does not speak for the address " +
                     shown_text(local_ip) + ": " + written_;
}

} // namespace xprober
