#include "xprober/probes/icmp/settings.hpp"

#include <algorithm>

#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/echo_tag.hpp"
#include "xprober/probes/icmp/host_address.hpp"
#include "xprober/probes/icmp/packet.hpp"

namespace xprober::icmp {

namespace {

std::string source_problem(const std::string& section, const icmp_config& config) {
  const bool good =
      config.source.empty() || parse_target(config.source).kind == target_kind::address;
  return good ? "" : section + ".source: \"" + config.source + "\" is not a numeric address";
}

} // namespace

settings settings_of(const agent_config& config) {
  settings all{config.icmp, {}, config.resolver, config.probe_interval, make_target_limits(config)};
  for (const auto& [name, module] : config.modules) {
    if (module.prober == &kinds::icmp()) {
      all.modules.emplace(name, module.icmp);
    }
  }
  return all;
}

std::string settings_problem(const settings& all) {
  auto problem = source_problem("icmp", all.own);
  for (const auto& [name, module] : all.modules) {
    if (problem.empty()) {
      problem = source_problem("modules." + name + ".icmp", module);
    }
  }
  return problem;
}

icmp_config in_range(icmp_config c) {
  c.count = std::clamp<std::uint32_t>(c.count, 1, 65535);
  c.size = std::clamp<std::uint32_t>(c.size, echo_tag_size, 65507);
  c.timeout = std::max(c.timeout, milliseconds{1});
  c.interval = std::max(c.interval, milliseconds{0});
  c.deadline = std::max(c.deadline, milliseconds{1});
  c.dscp = std::clamp(c.dscp, 0, 63);
  c.ttl = std::clamp(c.ttl, 1, 255);
  return c;
}

fragmenting fragmenting_of(const icmp_config& c) {
  // A path has to carry 68 bytes (RFC 791): what carries less than 128 is nowhere in use. 576 are
  // carried mostly.
  constexpr std::uint32_t headers = 20 + echo_header_size;
  const auto bytes = c.size + headers;
  return bytes <= 128   ? fragmenting::never
         : bytes <= 576 ? fragmenting::where_known
                        : fragmenting::anywhere;
}

bool same_sockets(const icmp_config& a, const icmp_config& b) {
  return a.socket == b.socket && a.ttl == b.ttl && a.dscp == b.dscp && a.source == b.source &&
         fragmenting_of(a) == fragmenting_of(b);
}

} // namespace xprober::icmp
