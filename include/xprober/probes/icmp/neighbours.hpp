#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/neighbour_table.hpp"

namespace xprober::icmp {

/// How many echoes may wait in the kernel for the link-layer addresses of their neighbours. Each
/// can hold an entry of the kernel's table of neighbours for three seconds, and where that is full
/// no new neighbour can be reached: neither by other targets nor by other programs. So an eighth of
/// the table is left alone, and more where the kernel has refused an entry all the same.
///
/// Echoes to targets behind one router share its entry. Where as many wait as the table has room
/// for, the kernel is asked how many entries it has, and more may wait as long as they are few.
class neighbours {
public:
  using reader = std::function<std::optional<neighbour_table>(ip_family)>;

  explicit neighbours(reader read = read_neighbour_table);

  /// What the kernel says of its table is good for so long.
  static constexpr auto table_good_for = milliseconds{20};

  /// How many more may wait now. Of targets that were silent before, a sixteenth of the table less,
  /// so that others do not wait for them.
  std::size_t room(ip_family family, bool silent_before, monotonic_time now);

  /// One more waits.
  void began(ip_family family) noexcept {
    ++of(family).waiting;
    of(family).spare -= of(family).spare != 0 ? 1U : 0U;
  }
  /// One has left, or is waited for no more.
  void ended(ip_family family) noexcept { --of(family).waiting; }
  std::size_t waiting(ip_family family) const noexcept { return of(family).waiting; }

  /// After a send that the kernel refused with ENOBUFS or, over IPv6, with EINVAL: true if the
  /// table was full, else it was something else.
  bool was_full(ip_family family, monotonic_time now);

  /// A probe ended because there was no room for its neighbour.
  void gave_up(ip_family family) noexcept { of(family).short_of_room = true; }

  /// To be called about once a second: looks at the kernel's limits where they matter, allows more
  /// when nothing was refused for a while, and logs when room becomes short or is there again.
  void look(monotonic_time now);

  /// Why there is no room, and what helps.
  std::string shortage(ip_family family) const;

private:
  struct family_state {
    std::uint32_t limit = 1024; ///< the kernel's
    std::size_t allowed = 0;    ///< to wait at a time
    std::size_t waiting = 0;
    std::size_t spare = 0; ///< entries that the table had room for, less those that began since
    monotonic_time looked_at{}; ///< when `spare` was learnt
    std::uint64_t refusals = 0;
    monotonic_time refused_at{};
    bool short_of_room = false; ///< since the last look
    monotonic_time short_at{};  ///< when it was so last; 0: it is not
  };

  family_state& of(ip_family family) noexcept { return all_[static_cast<std::size_t>(family)]; }
  const family_state& of(ip_family family) const noexcept {
    return all_[static_cast<std::size_t>(family)];
  }
  void take(family_state& state, const neighbour_table& table) const noexcept;
  void look_at(ip_family family, monotonic_time now);

  reader read_;
  std::array<family_state, 2> all_; ///< by ip_family
};

} // namespace xprober::icmp
