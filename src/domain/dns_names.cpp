#include "xprober/domain/dns_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "xprober/domain/ascii.hpp"

namespace xprober {

namespace {

struct named_number {
  std::string_view name;
  std::uint16_t number;
};

// IANA, "Domain Name System (DNS) Parameters".
constexpr std::array<named_number, 32> types{{
    {"A", 1},      {"NS", 2},    {"CNAME", 5},  {"SOA", 6},      {"PTR", 12},  {"HINFO", 13},
    {"MX", 15},    {"TXT", 16},  {"RP", 17},    {"AFSDB", 18},   {"SIG", 24},  {"KEY", 25},
    {"AAAA", 28},  {"LOC", 29},  {"SRV", 33},   {"NAPTR", 35},   {"CERT", 37}, {"DNAME", 39},
    {"OPT", 41},   {"DS", 43},   {"SSHFP", 44}, {"RRSIG", 46},   {"NSEC", 47}, {"DNSKEY", 48},
    {"NSEC3", 50}, {"TLSA", 52}, {"CDS", 59},   {"CDNSKEY", 60}, {"SVCB", 64}, {"HTTPS", 65},
    {"ANY", 255},  {"CAA", 257},
}};

constexpr std::array<named_number, 5> classes{
    {{"IN", 1}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}}};

constexpr std::array<named_number, 12> rcodes{{
    {"NOERROR", 0},
    {"FORMERR", 1},
    {"SERVFAIL", 2},
    {"NXDOMAIN", 3},
    {"NOTIMP", 4},
    {"REFUSED", 5},
    {"YXDOMAIN", 6},
    {"YXRRSET", 7},
    {"NXRRSET", 8},
    {"NOTAUTH", 9},
    {"NOTZONE", 10},
    {"BADVERS", 16},
}};

std::optional<std::uint16_t> parse_number(std::string_view text) noexcept {
  std::uint16_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return text.empty() || error != std::errc{} || at != text.data() + text.size()
             ? std::nullopt
             : std::optional{number};
}

template <std::size_t N>
std::optional<std::uint16_t> parse_named(const std::array<named_number, N>& table,
                                         std::string_view prefix, std::string_view text) noexcept {
  for (const auto& entry : table) {
    if (ascii::same(entry.name, text)) {
      return entry.number;
    }
  }
  if (text.size() > prefix.size() && ascii::same(text.substr(0, prefix.size()), prefix)) {
    text.remove_prefix(prefix.size());
  }
  return parse_number(text);
}

template <std::size_t N>
std::string named(const std::array<named_number, N>& table, std::string_view prefix,
                  std::uint16_t number) {
  const auto at = std::ranges::find(table, number, &named_number::number);
  return at != table.end() ? std::string{at->name} : std::string{prefix} + std::to_string(number);
}

} // namespace

std::optional<std::uint16_t> parse_dns_type(std::string_view text) noexcept {
  const auto number = parse_named(types, "TYPE", text);
  return number && *number != 0 ? number : std::nullopt;
}

std::string dns_type_text(std::uint16_t type) { return named(types, "TYPE", type); }

std::optional<std::uint16_t> parse_dns_class(std::string_view text) noexcept {
  const auto number = parse_named(classes, "CLASS", text);
  return number && *number != 0 ? number : std::nullopt;
}

std::string dns_class_text(std::uint16_t klass) { return named(classes, "CLASS", klass); }

std::optional<std::uint8_t> parse_dns_rcode(std::string_view text) noexcept {
  const auto number = parse_named(rcodes, "RCODE", text);
  return number && *number <= 255 ? std::optional{static_cast<std::uint8_t>(*number)}
                                  : std::nullopt;
}

std::string dns_rcode_text(std::uint8_t rcode) { return named(rcodes, "RCODE", rcode); }

} // namespace xprober
