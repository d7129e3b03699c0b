#include "xprober/domain/target_text.hpp"

#include <algorithm>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

bool has_scheme(std::string_view text) noexcept { return text.find("://") != text.npos; }

target_reading read_address(std::string_view text) {
  target_reading out;
  const auto parsed = parse_target(text, out.problem);
  if (parsed && parsed->kind == target_kind::url) {
    out.problem = "it is a URL";
  } else if (parsed && parsed->kind == target_kind::block) {
    out.block = parsed->block;
  }
  return out;
}

target_reading read_url(std::string_view text) {
  std::string ignored;
  if (text.empty()) {
    return {"it is empty", {}};
  }
  if (!has_scheme(text) && parse_block(text, ignored)) {
    return {"a CIDR block is for " + mesh_kind().name + " only", {}};
  }
  target_reading out;
  parse_target(has_scheme(text) ? std::string{text} : "http://" + std::string{text}, out.problem);
  return out;
}

target_reading read_host_port(std::string_view text) {
  target_reading out;
  parse_host_port_target(text, out.problem);
  return out;
}

target_reading read_name(std::string_view text) {
  target_reading out;
  parse_name_target(text, out.problem);
  return out;
}

/// For an agent to know: whatever any kind takes.
target_reading read_any(std::string_view text) {
  for (const auto read : {read_address, read_host_port, read_name}) {
    if (auto got = read(text); got.problem.empty() && !has_scheme(text)) {
      return got;
    }
  }
  return read_url(text);
}

/// Server and port from what stands behind the '@'; what is wrong, or nothing.
std::string read_server(std::string_view text, name_target& out) {
  if (parse_ip(text)) {
    out.server = text;
    return {};
  }
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed || text.find(':') == text.npos) {
    out.server = bracketed ? text.substr(1, text.size() - 2) : text;
    const bool usable =
        parse_ip(out.server) ||
        (!bracketed && (is_host_name(out.server) || is_international_name(out.server)));
    return usable ? std::string{} : "the server behind '@' is neither an address nor a host name";
  }
  std::string error;
  auto parts = parse_host_port_target(text, error);
  if (!parts) {
    return "the server behind '@': " + error;
  }
  out.server = std::move(parts->host);
  out.port = parts->port;
  return {};
}

} // namespace

target_reading read_target(const prober_name& type, std::string_view text) {
  if (text.size() > max_address_bytes) {
    return {"it is longer than " + std::to_string(max_address_bytes) + " bytes", {}};
  }
  if (!is_clean_text(text)) {
    return {"it holds what is no clean text", {}};
  }
  if (type.kind() == nullptr) {
    return read_any(text);
  }
  switch (type.takes()) {
  case target_form::address: return read_address(text);
  case target_form::url: return read_url(text);
  case target_form::host_port: return read_host_port(text);
  case target_form::name: return read_name(text);
  }
  return {};
}

std::string_view allowed_targets(const prober_name& type) noexcept {
  if (type.kind() == nullptr) {
    return "addresses, CIDR blocks, host names, hosts with a port, names and URLs with http or "
           "https, as the module's kind takes them";
  }
  switch (type.takes()) {
  case target_form::address: return "addresses, CIDR blocks and host names";
  case target_form::url: return "URLs, as in http://host.example/path";
  case target_form::host_port: return "a host or an address with a port, as in host.example:443";
  case target_form::name: return "names, as in host.example and host.example@192.0.2.53";
  }
  return {};
}

std::string bad_target_text(const prober_name& type, std::string_view text,
                            std::string_view problem) {
  std::string shown{text};
  take_user(type, shown); // a password is not for messages
  return shown_text(shown) + " is not a target for " + std::string{type.text()} + ": " +
         std::string{problem} + "; allowed are " + std::string{allowed_targets(type)};
}

std::optional<host_port> parse_host_port_target(std::string_view text, std::string& error) {
  // The form of the DNS takes its place while the rest is read.
  const auto colon = text.rfind(':');
  const auto name = text.substr(0, colon);
  const bool international = colon != text.npos && is_international_name(name);
  auto address = parse_host_port(
      international ? "host" + std::string{text.substr(colon)} : std::string{text}, error);
  if (!address) {
    return std::nullopt;
  }
  if (address->host.empty() || address->port == 0) {
    error = address->host.empty() ? "the host is missing" : "the port is 0";
    return std::nullopt;
  }
  if (international) {
    address->host = name;
  }
  return address;
}

std::optional<name_target> parse_name_target(std::string_view text, std::string& error) {
  // RFC 1035, section 2.3.4: with a final dot.
  constexpr std::size_t longest_name = 254;
  const auto at = text.rfind('@');
  name_target out;
  out.name = text.substr(0, at);
  if (out.name.empty()) {
    error = "the name is empty";
  } else if (out.name.size() > longest_name) {
    error = "the name is longer than 254 bytes";
  } else if (out.name.find(' ') != std::string::npos ||
             std::ranges::any_of(out.name, ascii::is_control)) {
    error = "the name holds a blank or a control character";
  } else if (at != text.npos) {
    error = read_server(text.substr(at + 1), out);
  } else {
    error.clear();
  }
  return error.empty() ? std::optional{std::move(out)} : std::nullopt;
}

} // namespace xprober
