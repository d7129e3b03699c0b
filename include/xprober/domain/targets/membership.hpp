#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// The usual spelling of an IPv4 or IPv6 address (RFC 5952; an IPv4-mapped address becomes IPv4);
/// nothing for what is not a numeric address, or for one that names no single machine for all
/// agents: unspecified, link-local, multicast, reserved, broadcast. A loopback address is one
/// machine.
std::optional<std::string> canonical_host_address(std::string_view text);

/// Who asks for targets.
struct caller {
  std::string_view peer; ///< its socket address, for people
  /// What is the same in all calls of one process and in none of another: a random text that it
  /// sends along; of those that send none their connection. Empty: it cannot be told.
  std::string_view process;
};

/// One agent that asks for its targets.
struct member {
  agent_identity agent; ///< with its address in the usual spelling
  std::string peer;     ///< its socket address when it last asked, for people
  std::string process;  ///< of `caller`, when it last said one
  wall_time first_seen{};
  wall_time last_seen{};
  monotonic_time renewed{};                  ///< the lease counts from here
  std::optional<std::int64_t> clock_skew_ms; ///< as last told; positive: its clock is ahead
  std::string earlier_process;               ///< the one before `process`; empty: none
  std::string earlier_peer;                  ///< where that one asked from last
  std::optional<monotonic_time> clashed;     ///< when two agents last spoke as this one
};

/// Two agents that say they are the same one.
struct identity_clash {
  agent_identity agent;
  std::string peer;
  std::string other_peer;

  bool operator==(const identity_clash&) const = default;
};

/// The agents that are there: each keeps its place by asking again before its lease is over.
/// Members are known by region and address, so two processes of one machine and region are one
/// member; that there are two shows when they take turns, see `clashes`.
class membership {
public:
  enum class verdict : std::uint8_t {
    joined,          ///< was not a member
    renewed,         ///< was one, and has a new lease
    refused_region,  ///< the region is empty, too long or no clean text
    refused_address, ///< see `canonical_host_address`
    refused_full,    ///< the limit is met: nobody new
  };

  static constexpr std::size_t default_limit = 100'000;

  explicit membership(nanoseconds lease, std::size_t limit = default_limit) noexcept
      : lease_(lease), limit_(limit) {}

  /// An agent asked. `now` never goes back.
  verdict seen(const agent_identity& agent, const caller& who, monotonic_time now, wall_time wall);

  /// What an agent's clock is found to be off by; nothing happens unless it is a member.
  void set_clock_skew(const agent_identity& agent, std::int64_t ms);

  /// Drops members whose lease is over; returns how many.
  std::size_t expire(monotonic_time now);

  /// Counts from each member's last renewal, also for those that are here already.
  void set_lease(nanoseconds lease) noexcept { lease_ = lease; }
  nanoseconds lease() const noexcept { return lease_; }

  std::size_t size() const noexcept { return members_.size(); }

  /// Calls since the start that were refused, for whatever reason.
  std::uint64_t refused() const noexcept { return refused_; }

  /// Members of which there are two: an agent that is started anew is another process, and only of
  /// two does the process that was replaced speak again. For a lease after the last time.
  std::vector<identity_clash> clashes(monotonic_time now) const;

  /// All members, sorted by region, then address.
  std::vector<agent_identity> identities() const;
  std::vector<member> list() const;

private:
  struct key {
    std::string region;
    std::string address;
    auto operator<=>(const key&) const = default;
  };

  std::map<key, member> members_;
  nanoseconds lease_;
  std::size_t limit_;
  std::uint64_t refused_ = 0;
};

/// For log lines: "the region is empty, ...".
std::string_view to_string(membership::verdict verdict) noexcept;

} // namespace xprober
