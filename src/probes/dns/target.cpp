#include "xprober/probes/dns/target.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "xprober/domain/address.hpp"

namespace xprober::dns_query {

namespace {

constexpr std::string_view allowed =
    "; allowed are NAME, NAME@SERVER and NAME@SERVER:PORT, an IPv6 "
    "address in brackets where a port follows";

/// Server and port from what stands behind the '@'; false with `error` set.
bool read_server(std::string text, dns_target& out, std::string& error) {
  if (parse_ip(text)) {
    out.server = std::move(text);
    return true;
  }
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed || text.find(':') == std::string::npos) {
    out.server = bracketed ? text.substr(1, text.size() - 2) : text;
    if (parse_ip(out.server) || (!bracketed && is_host_name(out.server))) {
      return true;
    }
    error = "'" + text + "' is neither an address nor a host name";
    return false;
  }
  auto parts = parse_host_port(text, error);
  if (!parts || parts->host.empty() || parts->port == 0) {
    error = error.empty() ? "the server's name or port is missing" : error;
    return false;
  }
  out.server = std::move(parts->host);
  out.port = parts->port;
  return true;
}

} // namespace

target_result parse_target(std::string_view text) {
  const auto at = text.rfind('@');
  dns_target out;
  out.name = text.substr(0, at);
  if (out.name.empty()) {
    return {std::nullopt,
            "'" + std::string{text} + "' names nothing to ask for" + std::string{allowed}};
  }
  if (!out.name.ends_with('.')) {
    out.name += '.';
  }
  std::string error;
  if (at != std::string_view::npos && !read_server(std::string{text.substr(at + 1)}, out, error)) {
    return {std::nullopt, "'" + std::string{text} + "': " + error + std::string{allowed}};
  }
  return {std::move(out), {}};
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
