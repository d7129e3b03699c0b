#include "xprober/verdict/backlog_watch.hpp"

namespace xprober {

void backlog_watch::note(std::optional<wall_time> reached, wall_time now) {
  if (!reached) {
    known_ = now;
    began_.reset();
    return;
  }
  known_ = std::clamp(*reached, std::min(std::max(known_, now - longest), now), now);
  if (!began_ || now < *began_) { // the clock was set
    began_ = now;
    from_ = known_;
  }
}

bool backlog_watch::waits(wall_time now) const noexcept {
  return began_ && now >= *began_ && now - *began_ <= grace + (known_ - from_) / 2;
}

} // namespace xprober
