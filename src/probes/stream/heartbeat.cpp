#include "xprober/probes/stream/heartbeat.hpp"

#include "xprober/base/log.hpp"

namespace xprober::stream {

void heartbeat::begin() {
  if (!watch_.watching()) {
    watch_.begin(monotonic_clock::now());
    wait();
  }
}

void heartbeat::wait() {
  timer_.expires_at(watch_.due());
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || !is_wanted_()) {
      watch_.end();
      return;
    }
    const auto now = monotonic_clock::now();
    if (const auto lost = watch_.beat(now); lost.count() > 0) {
      tell(lost, now);
    }
    wait();
  });
}

void heartbeat::tell(nanoseconds lost, monotonic_time now) {
  constexpr std::chrono::seconds pause{10};
  if (told_ == monotonic_time{} || now - told_ >= pause) {
    told_ = now;
    log::warn(name_, "the engine's thread stood still: results of its probes are left out",
              {{"ms", static_cast<std::uint64_t>(lost / milliseconds{1})}});
  }
}

} // namespace xprober::stream
