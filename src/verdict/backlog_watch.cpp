#include "xprober/verdict/backlog_watch.hpp"

#include <utility>

namespace xprober {

void backlog_watch::note(std::optional<wall_time> reached, wall_time now) {
  if (!reached) {
    known_ = now;
    counted_.reset();
    return;
  }
  const auto before = std::exchange(
      known_, std::clamp(*reached, std::min(std::max(known_, now - longest), now), now));
  const bool begins = !counted_ || now < *counted_; // or the clock was set
  left_ = begins ? wall_clock::duration{grace}
                 : std::min<wall_clock::duration>(left_ - (now - *counted_) + (known_ - before) / 2,
                                                  most_ahead);
  counted_ = now;
}

bool backlog_watch::waits(wall_time now) const noexcept {
  return counted_ && now >= *counted_ && now - *counted_ <= left_;
}

} // namespace xprober
