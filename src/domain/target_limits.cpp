#include "xprober/domain/target_limits.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/host_name.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

/// A block that a word stands for.
struct word_block {
  std::string_view word;
  std::string_view block;
};

// From IANA's registries of special addresses, and those at which clouds tell a machine its
// credentials. These are link-local nearly everywhere; over IPv6 they are unique local (of Amazon
// fd00:ec2::254 and fd00:ec2::23, of Google fd20:ce::254), and nobody else's.
constexpr std::array<word_block, 22> word_blocks{{
    {"unspecified", "0.0.0.0/32"},       {"unspecified", "::/128"},
    {"loopback", "127.0.0.0/8"},         {"loopback", "::1/128"},
    {"link_local", "169.254.0.0/16"},    {"link_local", "fe80::/10"},
    {"link_local", "fd00:ec2::/64"},     {"link_local", "fd20:ce::254/128"},
    {"private", "10.0.0.0/8"},           {"private", "172.16.0.0/12"},
    {"private", "192.168.0.0/16"},       {"private", "fc00::/7"},
    {"broadcast", "255.255.255.255/32"}, {"multicast", "224.0.0.0/4"},
    {"multicast", "ff00::/8"},           {"metadata", "169.254.169.254/32"},
    {"metadata", "169.254.170.2/32"},    {"metadata", "169.254.170.23/32"},
    {"metadata", "100.100.100.200/32"},  {"metadata", "168.63.129.16/32"},
    {"metadata", "fd00:ec2::/64"},       {"metadata", "fd20:ce::254/128"},
}};

ip_address ip4_of(const ip_address& address, std::size_t from) {
  ip_address inner;
  std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(from), 4, inner.bytes.begin());
  return inner;
}

bool begins_with(const ip_address& address, std::initializer_list<std::uint8_t> bytes) {
  return std::equal(bytes.begin(), bytes.end(), address.bytes.begin());
}

/// What the kernel sends to: of ::ffff:192.0.2.1 it is 192.0.2.1.
ip_address as_sent(const ip_address& address) {
  const bool mapped =
      address.v6 && begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
  return mapped ? ip4_of(address, 12) : address;
}

/// The IPv4 addresses that a gateway takes out of an IPv6 address.
std::vector<ip_address> behind_gateway(const ip_address& address) {
  std::vector<ip_address> out;
  if (!address.v6) {
    return out;
  }
  const bool compatible = begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool nat64 = begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool local_nat64 = begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 1});
  // :: and ::1 are no IPv4-compatible addresses (RFC 4291, section 2.5.5.1).
  const bool holds_one = address.bytes[12] != 0 || address.bytes[13] != 0 || address.bytes[14] != 0;
  if (nat64 || local_nat64 || (compatible && holds_one)) {
    out.push_back(ip4_of(address, 12));
  }
  if (local_nat64) {
    // Bits 64 to 71 of a shorter prefix are left out (RFC 6052, section 2.2).
    auto inner = ip4_of(address, 6);
    inner.bytes[2] = address.bytes[9];
    inner.bytes[3] = address.bytes[10];
    out.push_back(inner);
    // The prefix that this network has is not known: in one of the two places there may be none.
    std::erase(out, ip_address{});
  }
  if (begins_with(address, {0x20, 0x02})) {
    out.push_back(ip4_of(address, 2));
  }
  return out;
}

/// A host's name as patterns have it.
std::string normal(std::string_view host) {
  auto name = ascii::to_lower(host);
  if (name.ends_with('.')) {
    name.pop_back();
  }
  return name;
}

/// An IPv4-mapped block is the IPv4 block: so are its addresses looked for.
ip_block as_sent(const ip_block& block) {
  constexpr int mapped_bits = 96;
  const auto first = as_sent(block.first);
  return block.first.v6 && !first.v6 && block.prefix >= mapped_bits
             ? ip_block{first, block.prefix - mapped_bits}
             : block;
}

std::string entry_problem(std::string_view entry, std::string_view why = {}) {
  return shown_text(entry) + " is not allowed" + (why.empty() ? "" : ": " + std::string{why}) +
         "; allowed are addresses, CIDR blocks, the words " + address_words() +
         ", and names as in host.example, *.example.com (all below) and .example.com (itself, "
         "too); a name without a dot has a final one, as in localhost.";
}

} // namespace

std::string address_words() {
  std::string all;
  std::string_view last;
  for (const auto& each : word_blocks) { // those of one word stand together
    if (each.word != last) {
      append_listed(all, each.word);
      last = each.word;
    }
  }
  return all;
}

host_patterns::host_patterns(const std::vector<std::string>& entries) {
  for (const auto& text : entries) {
    if (auto problem = add(text); !problem.empty()) {
      throw std::invalid_argument(problem);
    }
  }
  order();
}

std::string host_patterns::problem_of(std::string_view entry) {
  host_patterns none{std::vector<std::string>{}};
  return none.add(entry);
}

std::string host_patterns::add(std::string_view text) {
  const auto number = entries_.size();
  const auto take = [&](const ip_block& one) {
    const auto what = as_sent(one);
    blocks_[what.first.v6 ? 1 : 0].push_back({what, number});
  };
  std::string error;
  bool is_word = false;
  for (const auto& each : word_blocks) {
    if (each.word == text) {
      take(*parse_block(each.block, error));
      is_word = true;
    }
  }
  if (is_word) {
    entries_.emplace_back(text);
    return {};
  }
  if (const auto address = parse_ip(text)) {
    take({*address, address->bits()});
  } else if (text.find('/') != text.npos) {
    const auto block = parse_block(text, error);
    if (!block) {
      return entry_problem(text, error);
    }
    take(*block);
  } else {
    const bool below = text.starts_with("*.");
    const bool itself_too = text.starts_with('.');
    const auto written = text.substr(below ? 2 : itself_too ? 1 : 0);
    const auto name = ascii_host_name(written);
    const bool has_dot = below || itself_too || written.find('.') != written.npos;
    if (!name || !has_dot || !is_host_name(*name)) {
      return entry_problem(text);
    }
    if (!below) {
      exact_.try_emplace(normal(*name), number);
    }
    if (below || itself_too) {
      below_.try_emplace(normal(*name), number);
    }
  }
  entries_.emplace_back(text);
  return {};
}

// Blocks lie within each other or apart, so without those that lie within one of the others the
// last that begins before an address is the only one that can hold it.
void host_patterns::order() {
  for (auto& blocks : blocks_) {
    std::ranges::stable_sort(blocks, [](const placed_block& a, const placed_block& b) {
      return a.what.first != b.what.first ? a.what.first < b.what.first
                                          : a.what.prefix < b.what.prefix;
    });
    std::vector<placed_block> apart;
    for (const auto& one : blocks) {
      if (apart.empty() || !apart.back().what.contains(one.what.first)) {
        apart.push_back(one);
      }
    }
    blocks = std::move(apart);
  }
}

std::string_view host_patterns::find(const ip_address& given) const {
  const auto address = as_sent(given);
  const auto& blocks = blocks_[address.v6 ? 1 : 0];
  const auto after = std::ranges::upper_bound(
      blocks, address, {},
      [](const placed_block& one) -> const ip_address& { return one.what.first; });
  if (after == blocks.begin() || !std::prev(after)->what.contains(address)) {
    return {};
  }
  return entries_[std::prev(after)->entry];
}

std::string_view host_patterns::find_name(std::string_view host) const {
  if (exact_.empty() && below_.empty()) {
    return {};
  }
  const auto name = normal(host);
  if (const auto at = exact_.find(name); at != exact_.end()) {
    return entries_[at->second];
  }
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    if (const auto at = below_.find(std::string_view{name}.substr(dot + 1)); at != below_.end()) {
      return entries_[at->second];
    }
  }
  return {};
}

namespace {

/// Tells which key's entry is wrong.
host_patterns read_key(const std::vector<std::string>& entries, const std::string& key) {
  try {
    return host_patterns{entries};
  } catch (const std::invalid_argument& wrong) {
    throw std::invalid_argument(key + ": " + wrong.what());
  }
}

} // namespace

target_limits::target_limits(const std::vector<std::string>& allowed,
                             const std::vector<std::string>& denied, key_names keys)
    : allowed_(read_key(allowed, keys.allowed)), denied_(read_key(denied, keys.denied)),
      keys_(std::move(keys)) {}

std::string target_limits::refusal_of_name(std::string_view host) const {
  const auto entry = denied_.find_name(host);
  return entry.empty() ? std::string{}
                       : std::string{host} + " is denied by " + keys_.denied + " (" +
                             std::string{entry} + ")";
}

std::string target_limits::denial_of(const ip_address& address) const {
  const auto by = [&](std::string_view entry) {
    return "denied by " + keys_.denied + " (" + std::string{entry} + ")";
  };
  if (const auto entry = denied_.find(address); !entry.empty()) {
    return to_string(address) + " is " + by(entry);
  }
  for (const auto& inner : behind_gateway(address)) {
    if (const auto entry = denied_.find(inner); !entry.empty()) {
      return to_string(address) + " leads to " + to_string(inner) + ", which is " + by(entry);
    }
  }
  return {};
}

std::string target_limits::refusal_of(std::string_view host, const ip_address& address) const {
  const auto whose = host.empty() ? std::string{} : std::string{host} + ": ";
  if (auto denied = denial_of(address); !denied.empty()) {
    return whose + denied;
  }
  const bool is_allowed = allowed_.empty() || !allowed_.find(address).empty() ||
                          (!host.empty() && !allowed_.find_name(host).empty());
  return is_allowed ? std::string{} : whose + to_string(address) + " is not in " + keys_.allowed;
}

std::string target_limits::refusal_unresolved(std::string_view host) const {
  if (auto denied = refusal_of_name(host); !denied.empty()) {
    return denied;
  }
  return allowed_.empty() || !allowed_.find_name(host).empty()
             ? std::string{}
             : std::string{host} + " is not in " + keys_.allowed +
                   ", where it must stand by its name: its address is for the proxy to find";
}

target_limits_ptr make_target_limits(const agent_config& config) {
  return std::make_shared<const target_limits>(config.allowed_targets, config.denied_targets,
                                               target_limits::key_names{});
}

target_limits_ptr limits_to(const std::vector<std::string>& hosts, std::string key) {
  return hosts.empty()
             ? nullptr
             : std::make_shared<const target_limits>(hosts, std::vector<std::string>{},
                                                     target_limits::key_names{std::move(key), {}});
}

} // namespace xprober
