#include "xprober/actors/server/journal_clocks.hpp"

#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

wall_time journal_clocks::read(monotonic_time now) {
  return read(now, wall_clock::now(), since_boot());
}

wall_time journal_clocks::read(monotonic_time now, wall_time wall, nanoseconds since_boot) {
  const auto time = own_.read(now, wall, since_boot);
  if (std::exchange(steps_, own_.steps()) != own_.steps()) {
    log::warn("journal", "this server's clock was set; agents' clocks are compared anew");
    agents_.begin_again();
  }
  return time;
}

} // namespace xprober
