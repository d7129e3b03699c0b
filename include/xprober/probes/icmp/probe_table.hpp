#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/probes/icmp/echo_probe.hpp"
#include "xprober/probes/icmp/host_address.hpp"
#include "xprober/probes/icmp/lane.hpp"
#include "xprober/probes/icmp/share_table.hpp"
#include "xprober/probes/probe_engine.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::icmp {

/// Where a probe lives while it runs: tags carry the index of its slot.
struct probe_slot {
  /// `waiting`: for another probe of the same address.
  enum class phase : std::uint8_t { free, resolving, waiting, probing };

  std::uint32_t generation = 0; ///< goes up whenever the slot becomes free
  phase state = phase::free;
  std::uint8_t reply_ttl = 0;
  bool resolve_cached = false;
  probe_way way = probe_way::unknown;
  host_address address;
  echo_probe probe;
  std::shared_ptr<lane> via;
  // What only the beginning and the end of a probe look at.
  probe_completion done;
  target_ref target;
  const void* answer_place = nullptr; ///< see `probe_request`
  monotonic_time begun{};
  monotonic_time handed_at{};    ///< when the kernel got an echo that has not left yet; 0: none
  monotonic_time silent_since{}; ///< when it got the one before, which did not leave; 0: none
  nanoseconds lag{0};
  nanoseconds resolve_lag{0};   ///< what its name waited for its turn
  dns::resolver::ticket lookup; ///< of its name
  wall_time started{};
  std::string trouble; ///< what an ICMP error or a send error said
  std::vector<icmp_error_report> errors;
  std::vector<probe_key> followers;              ///< probes that wait for this one's outcome
  std::uint32_t record = share_table::no_record; ///< of `via->shares`, while it is `probing`

  /// The socket that its answers come to. It has one while it is `probing`.
  endpoint& main() const noexcept { return *via->endpoint_for(address); }
  /// The socket that its next echo leaves by: the same, or an outlet.
  endpoint& out() const noexcept { return main().out(way); }

  bool is_handed() const noexcept { return handed_at != monotonic_time{}; }
};

/// The slots of all probes in flight. A slot that became free is the first to be used again, so the
/// table is as long as the most probes that ever ran at a time.
class probe_table {
public:
  /// A free slot, still `free`; its generation is the new probe's.
  std::uint32_t take();

  /// Makes a slot free for the next probe: everything of the old one goes but the memory of its
  /// echoes. Not to be called for one that is free.
  void release(std::uint32_t index);

  /// The slot of a probe that runs; null if that one has ended.
  probe_slot* find(std::uint32_t index, std::uint32_t generation) noexcept;

  probe_slot& operator[](std::uint32_t index) noexcept { return slots_[index]; }
  const probe_slot& operator[](std::uint32_t index) const noexcept { return slots_[index]; }

  /// How many slots there are, free ones included.
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(slots_.size()); }
  /// How many are taken.
  std::uint32_t taken() const noexcept {
    return static_cast<std::uint32_t>(slots_.size() - free_.size());
  }

private:
  std::vector<probe_slot> slots_;
  std::vector<std::uint32_t> free_;
};

} // namespace xprober::icmp
