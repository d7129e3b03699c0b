#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::dns {

/// How long a negative answer may be kept: the smaller of its SOA's TTL and MINIMUM (RFC 2308,
/// section 5), and no longer than what aliases on the way to it last. Nothing where there is no
/// SOA: such an answer is not to be kept. Nothing for a malformed message, too.
std::optional<std::chrono::seconds> negative_ttl(std::span<const std::uint8_t> message);

/// The names to ask for, in turn, until one exists (resolv.conf(5), `search` and `ndots`): the name
/// itself first where it has `ndots` dots or more, else last; alone where it ends with a dot.
std::vector<std::string> search_names(std::string_view host,
                                      const std::vector<std::string>& domains, int ndots);

} // namespace xprober::dns
