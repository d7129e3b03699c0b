#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "xprober/domain/clock.hpp"
#include "xprober/probes/neighbour_table.hpp"

namespace xprober::stream {

/// Tells whether what was sent to an address can have stayed in this machine because the kernel's
/// table of neighbours was full. The kernel says nothing of it to a socket of TCP, and to one of
/// UDP only over IPv6: to both it looks as if nobody answered. Belongs to its engine's thread.
class neighbour_watch {
public:
  struct kernel {
    std::function<std::optional<neighbour_table>(ip_family)> table = read_neighbour_table;
    std::function<neighbour_state(const ip_address&, std::uint32_t)> state = read_neighbour_state;
  };

  neighbour_watch() : neighbour_watch(kernel{}) {}
  explicit neighbour_watch(kernel asked);

  /// To be called about once a second while there are probes: when the kernel refuses entries is
  /// known no better than that.
  void look(monotonic_time now);

  /// Of a wait for an answer that began at `since` and was in vain: why none could come. Empty:
  /// what was sent has left, or was waited for by a neighbour that does not answer.
  std::string kept_back(const boost::asio::ip::address& to, monotonic_time since,
                        monotonic_time now);

private:
  struct family_state {
    std::uint32_t limit = 0;
    std::optional<std::uint64_t> refusals; ///< at the last look
    std::optional<monotonic_time> rose_at; ///< when a look found more
  };

  family_state& look_at(ip_family family, monotonic_time now);

  kernel kernel_;
  std::array<family_state, 2> all_; ///< by ip_family
};

} // namespace xprober::stream
