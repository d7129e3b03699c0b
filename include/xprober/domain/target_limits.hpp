#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/cidr.hpp"

namespace xprober {

struct agent_config;

/// The entries of one list of hosts: addresses, CIDR blocks, words that stand for blocks, and
/// names.
///
/// - `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`; an IPv4-mapped block is the IPv4 block.
/// - unspecified, loopback, link_local, private, broadcast, multicast, metadata: `address_words`.
/// - `host.example` that name alone, `*.example.com` all names below, `.example.com` itself and all
///   below (as Squid's dstdomain). Letters of other scripts are read as in targets (UTS 46). A name
///   without a dot has a final one, as in `localhost.`, so that a misspelt word is no name.
class host_patterns {
public:
  /// Reads the entries. Throws std::invalid_argument with the `problem_of` of the first wrong one.
  explicit host_patterns(const std::vector<std::string>& entries);

  /// What is wrong with an entry and what is allowed; empty where nothing is.
  static std::string problem_of(std::string_view entry);

  /// The entry that holds an address, as it was written; empty: none does. An IPv4-mapped address
  /// is looked for as the IPv4 address.
  std::string_view find(const ip_address& address) const;
  /// The entry that a host's name matches; empty: none does.
  std::string_view find_name(std::string_view host) const;

  bool empty() const noexcept { return entries_.empty(); }

private:
  struct placed_block {
    ip_block what;
    std::size_t entry = 0;
  };
  using names = std::map<std::string, std::size_t, std::less<>>;

  std::string add(std::string_view text);
  void order();

  std::vector<std::string> entries_;
  /// Of IPv4 and of IPv6, in order, and none within another.
  std::array<std::vector<placed_block>, 2> blocks_;
  names exact_;
  names below_; ///< all names below these
};

/// Which hosts a prober may be made to talk to: all that `denied` does not hold and, where
/// `allowed` holds anything, that this one does. What is denied is so whatever is allowed. Pure;
/// never changes, so engines share it.
///
/// Each function gives the sentence for people why a host is refused, as in "10.0.0.1 is denied by
/// denied_targets (private)"; empty where it is not.
class target_limits {
public:
  /// The names of the keys, for the sentences.
  struct key_names {
    std::string allowed = "allowed_targets";
    std::string denied = "denied_targets";
  };

  /// Throws std::invalid_argument that names the key and the entry.
  target_limits(const std::vector<std::string>& allowed, const std::vector<std::string>& denied,
                key_names keys);

  /// Of a name, before it is resolved.
  std::string refusal_of_name(std::string_view host) const;

  /// Of the address that would be talked to; `host` is the name that led to it, empty for a target
  /// that is an address. An address within it that a gateway leads to (NAT64, RFC 6052 and 8215;
  /// 6to4, RFC 3056; IPv4-compatible) must not be denied, either.
  std::string refusal_of(std::string_view host, const ip_address& address) const;

  /// Of a name whose address somebody else finds, as a proxy does.
  std::string refusal_unresolved(std::string_view host) const;

private:
  std::string denial_of(const ip_address& address) const;

  host_patterns allowed_;
  host_patterns denied_;
  key_names keys_;
};

using target_limits_ptr = std::shared_ptr<const target_limits>;

/// Of the whole agent, for what the server's lists name and for `/probe`.
target_limits_ptr make_target_limits(const agent_config& config);

/// Those that allow nothing but `hosts`, the value of the key `key`; null for an empty list.
target_limits_ptr limits_to(const std::vector<std::string>& hosts, std::string key);

/// The words for blocks, for messages: "unspecified, loopback, ...".
std::string address_words();

} // namespace xprober
