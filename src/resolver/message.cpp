#include "xprober/resolver/message.hpp"

#include <algorithm>
#include <limits>

#include <netinet/in.h>
// After what it needs:
#include <arpa/nameser.h>

namespace xprober::dns {

std::optional<std::chrono::seconds> negative_ttl(std::span<const std::uint8_t> message) {
  constexpr std::size_t max_message = 65535;
  // The last of the five numbers of an SOA's data is MINIMUM (RFC 1035, section 3.3.13).
  constexpr std::size_t soa_numbers = 20;
  ns_msg parsed{};
  if (message.empty() || message.size() > max_message ||
      ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) {
    return std::nullopt;
  }
  std::uint32_t aliases = std::numeric_limits<std::uint32_t>::max();
  ns_rr record{};
  for (int i = 0; i < ns_msg_count(parsed, ns_s_an); ++i) {
    if (ns_parserr(&parsed, ns_s_an, i, &record) != 0) {
      return std::nullopt;
    }
    aliases = std::min<std::uint32_t>(aliases, ns_rr_ttl(record));
  }
  for (int i = 0; i < ns_msg_count(parsed, ns_s_ns); ++i) {
    if (ns_parserr(&parsed, ns_s_ns, i, &record) != 0) {
      return std::nullopt;
    }
    const std::size_t length = ns_rr_rdlen(record);
    if (ns_rr_type(record) == ns_t_soa && length >= soa_numbers + 2) {
      const auto minimum = static_cast<std::uint32_t>(
          ns_get32(ns_rr_rdata(record) + length - sizeof(std::uint32_t)));
      return std::chrono::seconds{
          std::min({aliases, static_cast<std::uint32_t>(ns_rr_ttl(record)), minimum})};
    }
  }
  return std::nullopt;
}

std::vector<std::string> search_names(std::string_view host,
                                      const std::vector<std::string>& domains, int ndots) {
  if (host.ends_with('.')) {
    return {std::string{host}};
  }
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  const bool as_it_is = std::count(host.begin(), host.end(), '.') >= ndots;
  if (as_it_is) {
    add(std::string{host});
  }
  for (const auto& domain : domains) {
    // "." is the root: the name as it is.
    const std::string_view inner{domain.data(), domain.find_last_not_of('.') + 1};
    add(inner.empty() ? std::string{host} : std::string{host}.append(".").append(inner));
  }
  if (!as_it_is) {
    add(std::string{host});
  }
  return names;
}

} // namespace xprober::dns
