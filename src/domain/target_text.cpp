#include "xprober/domain/target_text.hpp"

#include <algorithm>
#include <charconv>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/host_name.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

namespace {

constexpr std::string_view empty_label =
    "the name has an empty label: two dots in a row, or one in front";

/// True if a host can be probed there; else `error` says why not.
bool is_usable(const target_host& host, std::string& error) {
  error = host.address ? unusable_address(*host.address, !host.zone.empty()) : std::string{};
  return error.empty();
}

bool take_target_host(std::string_view& text, host_form form, target_host& out,
                      std::string& error) {
  return take_host(text, form, out, error) && is_usable(out, error);
}

bool read_target_ip6(std::string_view text, host_form form, target_host& out, std::string& error) {
  return read_ip6(text, form, out, error) && is_usable(out, error);
}

/// The bytes that a label of a name takes (RFC 1035, section 5.1: \DDD and \X are one); npos where
/// a backslash leads nowhere.
std::size_t label_size(std::string_view& name) noexcept {
  std::size_t size = 0;
  while (!name.empty() && name.front() != '.') {
    std::size_t length = 1;
    if (name.front() == '\\') {
      length = name.size() > 1 && ascii::is_digit(name[1]) ? 4 : 2;
      int byte = 0;
      if (name.size() < length ||
          (length == 4 &&
           (std::from_chars(&name[1], &name[1] + 3, byte).ptr != &name[1] + 3 || byte > 255))) {
        return std::string_view::npos;
      }
    }
    name.remove_prefix(length);
    ++size;
  }
  name.remove_prefix(std::min<std::size_t>(name.size(), 1));
  return size;
}

/// True for a final dot that is not a character of the last label.
bool ends_with_root(std::string_view name) noexcept {
  const auto before = name.substr(0, name.size() - name.ends_with('.'));
  const auto last = before.find_last_not_of('\\');
  const auto backslashes = before.size() - (last == before.npos ? 0 : last + 1);
  return name.ends_with('.') && backslashes % 2 == 0;
}

/// What keeps a name from being asked for; empty: nothing.
std::string_view dns_name_problem(std::string_view name) noexcept {
  constexpr std::size_t longest = 255; // RFC 1035, section 2.3.4
  if (name == ".") {
    return {};
  }
  std::size_t whole = 1;
  while (!name.empty()) {
    const auto size = label_size(name);
    if (size == name.npos) {
      return "a backslash in the name is not followed by a character or by \\DDD, 000 to 255";
    }
    if (size == 0 || size > 63) {
      return size == 0 ? empty_label : "a label of the name is longer than 63 bytes";
    }
    whole += size + 1;
  }
  return whole > longest ? "the name is longer than 255 bytes" : "";
}

/// Server and port from what stands behind the '@'.
bool read_server(std::string_view text, name_target& out, std::string& error) {
  auto& host = out.server.emplace();
  const bool bare_ip6 = !text.starts_with('[') && parse_ip(text.substr(0, text.find('%'))) &&
                        text.find(':') != text.npos;
  const bool ok = bare_ip6 ? read_target_ip6(text, {}, host, error)
                           : take_target_host(text, {}, host, error) &&
                                 (text.empty() || read_port(text, out.port, error));
  if (!ok) {
    error = "the server behind '@': " + error;
  }
  return ok;
}

/// Why no host can be probed at any address of a block; empty where one can.
std::string unusable_block(const ip_block& block) {
  constexpr int shortest = 4; ///< of those that are no more than what no host is at: 224.0.0.0/4
  return block.prefix < shortest || unusable_address(block.at(block.size() - 1), false).empty()
             ? std::string{}
             : unusable_address(block.first, false);
}

template <class Parser>
target_reading reading_of(Parser parser, std::string_view text) {
  target_reading out;
  parser(text, out.problem);
  return out;
}

target_reading read_address(std::string_view text) {
  target_reading out;
  if (const auto parsed = parse_address_target(text, out.problem)) {
    out.block = parsed->block;
  }
  return out;
}

target_reading read_url(std::string_view text) { return reading_of(parse_url_target, text); }
target_reading read_host_port(std::string_view text) {
  return reading_of(parse_host_port_target, text);
}
target_reading read_name(std::string_view text) { return reading_of(parse_name_target, text); }

/// For an agent to know: whatever any kind takes.
target_reading read_any(std::string_view text) {
  if (scheme_prefix(text) == 0) {
    for (const auto read : {read_address, read_host_port, read_name}) {
      if (auto got = read(text); got.problem.empty()) {
        return got;
      }
    }
  }
  return read_url(text);
}

} // namespace

std::optional<address_target> parse_address_target(std::string_view text, std::string& error) {
  error.clear();
  address_target out;
  if (text.empty()) {
    error = "it is empty";
  } else if (scheme_prefix(text) > 0) {
    error = "it is a URL";
  } else if (text.find('/') != text.npos) {
    out.block = parse_block(text, error);
    if (out.block) {
      error = unusable_block(*out.block);
    }
  } else if (text.starts_with('[') || text.find(':') == text.npos) {
    if (take_target_host(text, {}, out.host, error) && !text.empty()) {
      error = "a port is not allowed here";
    }
  } else if (std::ranges::count(text, ':') > 1) {
    read_target_ip6(text, {}, out.host, error);
  } else {
    error = "it is neither an address, nor a CIDR block, nor a host name";
  }
  return error.empty() ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<url_target> parse_url_target(std::string_view text, std::string& error) {
  error.clear();
  url_target out;
  const auto prefix = scheme_prefix(text);
  const auto scheme = text.substr(0, prefix > 0 ? prefix - 3 : 0);
  constexpr std::string_view secure = "https"; // the other one is its beginning
  const bool known =
      scheme.size() + 1 >= secure.size() && ascii::same(scheme, secure.substr(0, scheme.size()));
  out.tls = known && scheme.size() == secure.size();
  std::string ignored;
  if (text.empty()) {
    error = "it is empty";
  } else if (prefix > 0 && !known) {
    error = "the scheme is " + ascii::to_lower(scheme) + ", allowed are http and https";
  } else if (std::ranges::any_of(text, ascii::is_control)) {
    error = "it holds a control character";
  } else if (prefix == 0 && parse_block(text, ignored)) {
    error = "a CIDR block is for " + kind_names(target_form::address) + " only";
  }
  if (!error.empty()) {
    return std::nullopt;
  }
  out.port = out.tls ? 443 : 80;
  const auto cut = cut_url(text.substr(prefix));
  auto authority = cut.authority;
  out.rest = cut.rest;
  out.user = cut.user;
  if (cut.user && !can_be_sent(*cut.user, error)) {
    return std::nullopt;
  }
  constexpr host_form form{.in_url = true};
  const auto percent = authority.substr(0, authority.find('%'));
  if (prefix == 0 && out.rest.empty() && std::ranges::count(percent, ':') > 1 &&
      parse_ip(percent)) {
    return read_target_ip6(authority, form, out.host, error) ? std::optional{std::move(out)}
                                                             : std::nullopt;
  }
  const bool read =
      take_target_host(authority, form, out.host, error) &&
      (authority.empty() || authority == ":" || read_port(authority, out.port, error));
  return read ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<host_port_target> parse_host_port_target(std::string_view text, std::string& error) {
  error.clear();
  host_port_target out;
  if (scheme_prefix(text) > 0) {
    error = "it is a URL";
    return std::nullopt;
  }
  if (text.find(':') == text.npos) {
    error = "the port is missing";
    return std::nullopt;
  }
  const bool read = take_target_host(text, {}, out.host, error) && read_port(text, out.port, error);
  return read ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<name_target> parse_name_target(std::string_view text, std::string& error) {
  error.clear();
  const auto at = text.rfind('@');
  const auto written = text.substr(0, at);
  name_target out;
  if (written.empty()) {
    error = "the name is empty";
  } else if (std::ranges::any_of(written,
                                 [](char c) { return c == ' ' || ascii::is_control(c); })) {
    error = "the name holds a blank or a control character";
  } else if (auto name =
                 ascii_host_name(written.substr(0, written.size() - ends_with_root(written)))) {
    error = written == ".." ? empty_label : dns_name_problem(written == "." ? written : *name);
    out.name = std::move(*name) + ".";
  } else {
    error = "the name is not valid in the DNS";
  }
  if (error.empty() && at != text.npos) {
    read_server(text.substr(at + 1), out, error);
  }
  return error.empty() ? std::optional{std::move(out)} : std::nullopt;
}

target_reading read_target(const prober_name& type, std::string_view text) {
  if (text.size() > max_address_bytes) {
    return {"it is longer than " + std::to_string(max_address_bytes) + " bytes", {}};
  }
  if (!is_clean_text(text)) {
    return {"it holds a control character or is not UTF-8", {}};
  }
  if (text.starts_with(' ') || text.ends_with(' ')) {
    return {"a blank stands before or behind it", {}};
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

std::string without_user(std::string_view text) {
  std::string shown{text};
  hide_query_secrets(shown);
  const auto at = shown.rfind('@');
  const auto prefix = scheme_prefix(shown);
  const auto begin = at == shown.npos || prefix <= at ? prefix : 0;
  if (std::ranges::count(shown, '@') != std::ranges::count(text, '@')) {
    return shown.substr(0, begin) + "..."; // what was hidden may hold the end of a user
  }
  return at == shown.npos ? shown : shown.replace(begin, at - begin, "...");
}

std::string without_user(const prober_name& type, std::string_view text) {
  // NAME@SERVER: what has no password is no user.
  const bool named = type.kind() != nullptr && type.takes() == target_form::name;
  if (named && text.substr(0, text.rfind('@')).find(':') == text.npos) {
    return std::string{text};
  }
  return without_user(text);
}

void bad_targets::add(std::string message) {
  ++count;
  if (first.size() < most_named) {
    first.push_back(std::move(message));
  }
}

void bad_targets::remove(std::string_view message) {
  count -= count > 0 ? 1 : 0;
  if (const auto at = std::ranges::find(first, message); at != first.end()) {
    first.erase(at);
  }
}

std::string bad_target_text(const prober_name& type, std::string_view text,
                            std::string_view problem) {
  return shown_text(without_user(type, text)) + " is not a target for " + std::string{type.text()} +
         ": " + std::string{problem} + "; allowed are " + std::string{allowed_targets(type)};
}

} // namespace xprober
