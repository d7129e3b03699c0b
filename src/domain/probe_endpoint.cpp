#include "xprober/domain/probe_endpoint.hpp"

#include <cstdint>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/config.hpp"

namespace xprober {

bool is_loopback_listener(std::string_view address) {
  std::string ignored;
  const auto where = parse_host_port(address, ignored);
  if (!where) {
    return false;
  }
  const auto numeric = parse_ip(where->host);
  if (!numeric) {
    return ascii::same(where->host, "localhost");
  }
  constexpr std::uint8_t first_of_ip4 = 127;
  return numeric->v6 ? to_string(*numeric) == "::1" : numeric->bytes[0] == first_of_ip4;
}

std::string probe_endpoint_problem(const agent_config& config) {
  if (config.max_probe_requests == 0) {
    return "/probe is switched off: max_probe_requests is 0";
  }
  const auto& enabled = config.probe_endpoint.enabled;
  if (enabled.value_or(is_loopback_listener(config.http_addr))) {
    return {};
  }
  return enabled.has_value()
             ? "/probe is switched off: probe_endpoint.enabled is false"
             : "/probe is switched off: http_addr " + config.http_addr +
                   " is not loopback, and probe_endpoint.enabled is auto; true switches it on "
                   "for whoever reaches this address";
}

} // namespace xprober
