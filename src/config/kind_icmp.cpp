#include "xprober/config/checks.hpp"
#include "xprober/config/choices.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/yaml_lines.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

constexpr std::pair<std::string_view, icmp_mode> modes[] = {{"adaptive", icmp_mode::adaptive},
                                                            {"fixed", icmp_mode::fixed}};
constexpr std::pair<std::string_view, icmp_socket> sockets[] = {
    {"auto", icmp_socket::automatic}, {"raw", icmp_socket::raw}, {"dgram", icmp_socket::dgram}};

void read_icmp(section icmp, kind_settings& settings) {
  auto& out = settings.icmp;
  icmp.number("count", out.count, 1, 65535);
  // Token and check need 24 bytes; 65507 is what an IPv4 packet holds beside its two headers.
  icmp.number("size", out.size, 24, 65507);
  icmp.duration("timeout", out.timeout, 1ms, 10min);
  icmp.duration("interval", out.interval, 1ms, 10min);
  icmp.duration("deadline", out.deadline, 1ms, 1h);
  icmp.choice("mode", out.mode, modes);
  icmp.choice("socket", out.socket, sockets);
  icmp.number("dscp", out.dscp, 0, 63);
  icmp.number("ttl", out.ttl, 1, 255);
  icmp.text("source", out.source, unless_empty(check_own_ip));
  icmp.choice("preferred_ip_protocol", out.preferred_ip_protocol, ip_families);
  icmp.boolean("ip_protocol_fallback", out.ip_protocol_fallback);
  icmp.boolean("share_results", out.share_results);
  icmp.finish();
}

std::vector<std::string_view> fixed_icmp_keys(const kind_settings& now, const kind_settings& next) {
  return now.icmp.socket == next.icmp.socket ? std::vector<std::string_view>{}
                                             : std::vector<std::string_view>{"socket"};
}

std::string icmp_text(const kind_settings& settings) {
  const auto& icmp = settings.icmp;
  yaml_lines lines{kinds::icmp().name};
  lines.number("count", icmp.count);
  lines.number("size", icmp.size);
  lines.time("timeout", icmp.timeout);
  lines.time("interval", icmp.interval);
  lines.time("deadline", icmp.deadline);
  lines.choice("mode", icmp.mode, modes);
  lines.choice("socket", icmp.socket, sockets);
  lines.number("dscp", icmp.dscp);
  lines.number("ttl", icmp.ttl);
  lines.text("source", icmp.source);
  lines.choice("preferred_ip_protocol", icmp.preferred_ip_protocol, ip_families);
  lines.flag("ip_protocol_fallback", icmp.ip_protocol_fallback);
  lines.flag("share_results", icmp.share_results);
  return lines.take();
}

} // namespace

kind_section icmp_section() noexcept {
  return {.kind = &kinds::icmp(),
          .read = read_icmp,
          .shared_keys = {},
          .timeout = [](kind_settings& all) -> milliseconds& { return all.icmp.deadline; },
          .fixed_keys = fixed_icmp_keys,
          .text = icmp_text};
}

} // namespace xprober::config
