#include "xprober/probes/dns/target.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "xprober/domain/target_text.hpp"
#include "xprober/resolver/host_name.hpp"

namespace xprober::dns_query {

namespace {

constexpr std::string_view allowed = "; allowed are NAME, in it \\DDD for a byte, NAME@SERVER and "
                                     "NAME@SERVER:PORT, an IPv6 address in "
                                     "brackets where a port follows";

} // namespace

target_result parse_target(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return target_result{std::nullopt,
                         "'" + std::string{text} + "': " + std::string{why} + std::string{allowed}};
  };
  std::string error;
  auto parts = parse_name_target(text, error);
  if (!parts) {
    return wrong(error);
  }
  if (parts->name.ends_with('.')) {
    parts->name.pop_back();
  }
  const auto name = dns::ascii_host_name(parts->name);
  if (!name) {
    return wrong("the name is none that the DNS can hold");
  }
  auto server = dns::ascii_host_name(parts->server);
  if (!server) {
    return wrong("the server's name is none that the DNS can hold");
  }
  return {dns_target{*name + ".", std::move(*server), parts->port}, {}};
}

std::string first_server(const std::vector<std::string>& configured, const char* path) {
  if (!configured.empty()) {
    return configured.front();
  }
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string key;
    std::string value;
    if (words >> key >> value && key == "nameserver") {
      return value;
    }
  }
  return "127.0.0.1"; // resolv.conf(5): without a nameserver that of this machine
}

} // namespace xprober::dns_query
