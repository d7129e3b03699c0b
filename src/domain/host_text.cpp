#include "xprober/domain/host_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/host_name.hpp"
#include "xprober/domain/percent.hpp"

namespace xprober {

namespace {

bool is_zone(std::string_view zone) noexcept {
  // An interface name has at most 15 bytes (IFNAMSIZ in net/if.h, less the final 0).
  return !zone.empty() && zone.size() <= 15 && std::ranges::all_of(zone, [](char c) {
    return c > 0x20 && c < 0x7F && c != '/' && c != '%' && c != ']';
  });
}

/// A host without brackets that has no ':' in it.
bool read_name_or_ip4(std::string_view text, target_host& out, std::string& error) {
  out.text = text;
  out.address = parse_ip(text);
  if (out.address || is_host_name(text)) {
    return true;
  }
  if (!is_international_name(text)) {
    // The text itself is not told: it can be a part of a password that has a '/' in it.
    error = "the host is neither an address nor a host name";
    return false;
  }
  auto name = ascii_host_name(text);
  if (!name || !is_host_name(*name)) {
    error = "the host is not a name that the DNS can hold";
    return false;
  }
  out.text = std::move(*name);
  return true;
}

} // namespace

bool read_ip6(std::string_view text, host_form form, target_host& out, std::string& error) {
  const auto percent = std::min(text.find('%'), text.size());
  out.text = text.substr(0, percent);
  out.address = parse_ip(out.text);
  if (!out.address || !out.address->v6) {
    error = "the IPv6 address is not valid";
    return false;
  }
  auto zone = text.substr(percent);
  if (zone.empty()) {
    return true;
  }
  zone.remove_prefix(form.in_url && zone.size() > 3 && zone.starts_with("%25") ? 3 : 1);
  if (!is_link_local_ip6(*out.address)) {
    error = "only a link-local IPv6 address (fe80::/10) has a zone";
    return false;
  }
  if (!is_zone(zone)) {
    error = "the zone behind '%' is not the name of an interface";
    return false;
  }
  out.zone = zone;
  return true;
}

bool take_host(std::string_view& text, host_form form, target_host& out, std::string& error) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) {
      error = "the closing bracket is missing";
      return false;
    }
    const auto inner = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') {
      error = "only ':' and a port may follow the closing bracket";
      return false;
    }
    return read_ip6(inner, form, out, error);
  }
  const auto colon = std::min(text.find(':'), text.size());
  if (text.find(':', colon + 1) != text.npos) {
    error = text.find_first_not_of("0123456789abcdefABCDEF:.") == text.npos
                ? "an IPv6 address needs brackets, as in [2001:db8::1]:443"
                : "there is more than one ':'";
    return false;
  }
  const auto host = text.substr(0, colon);
  text.remove_prefix(colon);
  if (host.empty()) {
    error = form.may_be_empty ? "" : "the host is missing";
    return form.may_be_empty;
  }
  return read_name_or_ip4(host, out, error);
}

bool read_port(std::string_view text, std::uint16_t& port, std::string& error,
               std::uint16_t least) {
  const auto digits = text.substr(std::min<std::size_t>(text.size(), 1));
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size() ||
      port < least) {
    error = text.empty() ? "the port is missing"
                         : "the port is not a number from " + std::to_string(least) + " to 65535";
    return false;
  }
  return true;
}

url_cut cut_url(std::string_view behind_scheme) noexcept {
  const auto ends = [](char c) { return c == '/' || c == '?' || c == '#'; };
  const auto end =
      static_cast<std::size_t>(std::ranges::find_if(behind_scheme, ends) - behind_scheme.begin());
  url_cut cut{{}, behind_scheme.substr(0, end), behind_scheme.substr(end)};
  if (const auto at = cut.authority.rfind('@'); at != cut.authority.npos) {
    cut.user = cut.authority.substr(0, at);
    cut.authority.remove_prefix(at + 1);
  }
  return cut;
}

bool can_be_sent(std::string_view user, std::string& error) {
  if (std::ranges::any_of(percent_decode(user), ascii::is_control)) {
    error = "the user or the password holds a control character";
    return false;
  }
  return true;
}

} // namespace xprober
