#include "xprober/base/descriptor_budget.hpp"

#include <algorithm>

namespace xprober {

namespace {

constexpr std::uint64_t for_files = 128;
/// A quarter of what is shared is divided into the parts of which sharers are sure: into so many at
/// least, as engines come one after the other.
constexpr std::uint64_t fewest_parts = 4;
constexpr auto relaxed = std::memory_order_relaxed; // counters, which guard no memory

} // namespace

descriptor_budget& descriptor_budget::of_process() noexcept {
  static descriptor_budget budget;
  return budget;
}

descriptor_budget::reservation::reservation(descriptor_budget& of,
                                            std::uint64_t descriptors) noexcept
    : of_(of), descriptors_(descriptors) {
  of_.kept_.fetch_add(descriptors_, relaxed);
}

descriptor_budget::reservation::~reservation() { of_.kept_.fetch_sub(descriptors_, relaxed); }

descriptor_budget::share::share(descriptor_budget& of) noexcept : of_(of) {
  of_.sharers_.fetch_add(1, relaxed);
  look();
}

descriptor_budget::share::~share() {
  of_.common_.fetch_sub(common_, relaxed);
  of_.sharers_.fetch_sub(1, relaxed);
}

void descriptor_budget::share::look() noexcept {
  const auto limit = of_.limit_();
  const auto left = limit - std::min(for_files, limit / 2);
  const auto shared = left - std::min(of_.kept_.load(relaxed), left - left / 4);
  const auto sharers = of_.sharers_.load(relaxed);
  sure_ = std::max<std::uint64_t>(shared / 4 / std::max(sharers, fewest_parts), 1);
  common_most_ = shared - std::min(shared, sure_ * sharers);
  if (own_ > sure_) { // fewer are sure than before
    of_.common_.fetch_add(own_ - sure_, relaxed);
    common_ += own_ - sure_;
    own_ = sure_;
  }
}

bool descriptor_budget::share::take() noexcept {
  if (own_ < sure_) {
    ++own_;
    return true;
  }
  if (of_.common_.fetch_add(1, relaxed) < common_most_) {
    ++common_;
    return true;
  }
  of_.common_.fetch_sub(1, relaxed);
  return false;
}

void descriptor_budget::share::give_back() noexcept {
  if (common_ > 0) {
    --common_;
    of_.common_.fetch_sub(1, relaxed);
  } else if (own_ > 0) {
    --own_;
  }
}

std::uint64_t descriptor_budget::share::room() const noexcept {
  const auto taken = of_.common_.load(relaxed);
  return (sure_ - std::min(sure_, own_)) + (common_most_ - std::min(common_most_, taken));
}

} // namespace xprober
