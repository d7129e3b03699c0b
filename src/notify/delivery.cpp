#include "xprober/notify/delivery.hpp"

#include <algorithm>
#include <utility>

namespace xprober::notify {

namespace {

constexpr std::chrono::milliseconds first_delivery_pause{1000};
constexpr std::chrono::milliseconds longest_delivery_pause{5 * 60 * 1000};

/// RFC 9110, section 15.5.9, and RFC 8470: it was not looked at, and may be sent again.
constexpr unsigned request_timeout = 408;
constexpr unsigned too_early = 425;

delivery_fate fate_of_status(unsigned status) noexcept {
  if (status == request_timeout || status == too_early) {
    return delivery_fate::again;
  }
  switch (net::outcome_of(status)) {
  case net::delivery_outcome::taken: return delivery_fate::told;
  case net::delivery_outcome::refused: return delivery_fate::given_up;
  case net::delivery_outcome::again: break;
  }
  return delivery_fate::again;
}

} // namespace

delivery::delivery(std::uint64_t seed) noexcept
    : pause_(first_delivery_pause, longest_delivery_pause, 2.0, seed) {}

delivery_step delivery::take(const delivery_answer& answer) noexcept {
  delivery_step step;
  step.fate = fate_of_status(answer.status);
  if (step.fate == delivery_fate::again) {
    step.news = !std::exchange(failing_, true);
    step.pause = pause_.next();
    if (answer.retry_after) {
      step.pause = std::max<std::chrono::milliseconds>(step.pause, *answer.retry_after);
    }
    return step;
  }
  const bool failed_before = std::exchange(failing_, false);
  step.news = failed_before || step.fate == delivery_fate::given_up;
  pause_.reset();
  return step;
}

} // namespace xprober::notify
