#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/cidr.hpp"
#include "xprober/domain/clock.hpp"

namespace xprober {

/// Whose addresses become targets of the mesh. Every other agent probes a member's address, so
/// nobody may name any address as his own:
///
/// - where `networks` are given, an address has to be in one of them, wherever its agent asks from;
/// - else it has to be that of the connection. One over loopback comes from this machine or through
///   a proxy or tunnel on it, and may name any.
///
/// Those that are retired are no targets, wherever they ask from.
///
/// And only so many agents may come in a minute. Others wait: they ask again every few seconds.
class mesh_gate {
public:
  /// A region and an address as `canonical_host_address` spells it; "*": all of the region.
  using agent_name = std::pair<std::string, std::string>;

  enum class verdict : std::uint8_t { open, other_network, other_peer };

  /// Open for everybody.
  mesh_gate() = default;
  /// `networks`: CIDR blocks and addresses, which were checked (`parse_network`). `retired`: see
  /// `parse_retired`.
  mesh_gate(const std::vector<std::string>& networks, std::uint64_t new_in_a_minute,
            const std::vector<std::string>& retired = {});

  /// Whether the configuration says that an agent is out of service.
  bool is_retired(std::string_view region, std::string_view address) const;

  /// Whether an agent's address, as `canonical_host_address` spells it, may be a target.
  /// `peer`: the address and port of its connection.
  verdict judge(std::string_view address, std::string_view peer) const;

  bool has_networks() const noexcept { return !networks_.empty(); }

  /// Whether a new one may come now; then it counts. `now` never goes back.
  bool admit(monotonic_time now);

private:
  bool is_open_ = true;
  std::vector<ip_block> networks_;
  std::set<agent_name> retired_;
  std::uint64_t in_a_minute_ = 0;
  std::uint64_t room_ = 0; ///< in agents times microseconds of a minute
  monotonic_time at_{};
};

/// Reads "region/address" or "region/*". A region may have slashes itself. On failure `error` says
/// what is wrong.
std::optional<mesh_gate::agent_name> parse_retired(std::string_view text, std::string& error);

/// Reads a CIDR block, or an address as a block of one. On failure `error` says what is wrong.
std::optional<ip_block> parse_network(std::string_view text, std::string& error);

} // namespace xprober
