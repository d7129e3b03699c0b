#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/icmp/host_address.hpp"

namespace xprober::icmp {

/// A probe while it runs: the index of its slot and the slot's generation.
struct probe_key {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;

  bool operator==(const probe_key&) const = default;
};

/// Sees to it that an address which several targets stand for (two names, two regions) is probed
/// once in a period, and remembers the outcome for the others.
///
/// The target that probes an address is its owner; the others get what the owner measured, if its
/// probe began within the last period, else the one that asks becomes the owner. So ownership
/// passes on when the owner is removed, without anybody being told.
///
/// An address with one target costs an entry of 17 bytes (IPv4) or 33 bytes in a flat table that is
/// between 7/16 and 7/8 full. Only an address that was asked for by a second target gets a record.
class share_table {
public:
  struct decision {
    enum class kind : std::uint8_t {
      probe, ///< begin a probe and report it with `began` and `ended`
      join,  ///< wait for the probe `running`
      copy,  ///< take `outcome`
    };
    kind what = kind::probe;
    probe_key running;
    const probe_outcome* outcome = nullptr; ///< valid until the table changes
    std::uint32_t record = no_record;       ///< of `probe`: what `began` and `ended` are told
  };

  /// Of an address that one target alone stands for: nobody wants to know of its probes.
  static constexpr std::uint32_t no_record = std::numeric_limits<std::uint32_t>::max();

  /// `period` is how long an outcome is good for; 0 switches sharing off.
  explicit share_table(nanoseconds period) : period_(period) {}

  /// What target `who` shall do for `address`.
  decision ask(const host_address& address, target_index who, monotonic_time now);

  /// A probe runs as `probe`. Only what `ask` answered `probe` to may be reported, with the record
  /// that it named: so an address with one target is looked up once for each of its probes.
  void began(std::uint32_t record, probe_key probe, monotonic_time now);

  /// It ended. `outcome` is kept if others may want it; nothing where the record is another
  /// address's by now.
  void ended(std::uint32_t record, probe_key probe, const probe_outcome& outcome);

  /// Addresses in the table.
  std::size_t size() const noexcept { return ip4_.size() + ip6_.size(); }
  /// Addresses with more than one target.
  std::size_t shared() const noexcept { return records_.size() - free_.size(); }

private:
  /// An entry that nobody asked for during so many periods is dropped at the next sweep.
  static constexpr std::uint32_t periods_kept = 4;

  struct entry {
    target_index owner = 0;
    std::uint32_t record = no_record;
    std::uint32_t period = 0; ///< number of the period in which it was last asked for
  };

  /// Of an address with more than one target.
  struct record {
    std::optional<probe_key> running;
    monotonic_time begun = monotonic_time::min(); ///< of the owner's last probe
    std::uint32_t others = 0; ///< number of the period in which another than the owner asked
    std::unique_ptr<probe_outcome> outcome; ///< of the last probe that ended
  };

  struct ip6_hash {
    using is_avalanching = void;
    std::size_t operator()(const std::array<std::uint8_t, 20>& key) const noexcept;
  };

  entry& entry_of(const host_address& address);
  bool knows(const host_address& address) const;
  std::uint32_t take_record();
  void drop_record(entry& e);
  void sweep(std::uint32_t now);
  std::uint32_t period_number(monotonic_time now) const noexcept;

  nanoseconds period_;
  boost::unordered_flat_map<std::uint32_t, entry> ip4_;
  boost::unordered_flat_map<std::array<std::uint8_t, 20>, entry, ip6_hash> ip6_; ///< with its scope
  std::vector<record> records_;
  std::vector<std::uint32_t> free_; ///< of `records_`
  std::size_t sweep_at_ = 1024;
};

} // namespace xprober::icmp
