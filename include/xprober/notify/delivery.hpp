#pragma once

#include <chrono>
#include <cstdint>

#include "xprober/domain/backoff.hpp"
#include "xprober/net/delivery.hpp"

namespace xprober::notify {

using delivery_answer = net::delivery_answer;

enum class delivery_fate : std::uint8_t {
  told,
  again,    ///< it may be taken later
  given_up, ///< it was refused for good
};

/// What to do next.
struct delivery_step {
  delivery_fate fate = delivery_fate::told;
  std::chrono::milliseconds pause{0}; ///< before the next attempt
  bool news = false;                  ///< it is worth a line in the log
};

/// Decides what becomes of what one receiver is told, by its answers. Does no I/O.
///
/// What is taken is told, and what is refused is given up, see net::outcome_of. The rest is told
/// again, for ever, with pauses from one second to five minutes with jitter, or as long as
/// Retry-After says where that is longer. What is worth a line in the log is the first failure, the
/// first success after one, and whatever is given up.
class delivery {
public:
  /// `seed` should differ between receivers and processes: of the jitter.
  explicit delivery(std::uint64_t seed) noexcept;

  delivery_step take(const delivery_answer& answer) noexcept;

private:
  backoff pause_;
  bool failing_ = false;
};

} // namespace xprober::notify
