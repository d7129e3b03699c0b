#include "xprober/base/log_sink.hpp"

#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "xprober/base/log_line.hpp"

namespace xprober::log {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// How often a writer that waits for its reader looks whether it should give up.
constexpr int poll_ms = 50;

std::int64_t now_ns() noexcept {
  return std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

} // namespace

descriptor_sink::descriptor_sink(int descriptor, std::function<std::size_t()> overruns)
    : descriptor_(descriptor), overruns_(std::move(overruns)), give_up_at_(never) {}

void descriptor_sink::log(const spdlog::details::log_msg& message) {
  report_overruns();
  write_line({message.payload.data(), message.payload.size()});
}

void descriptor_sink::close_within(std::chrono::milliseconds grace) noexcept {
  give_up_at_ = now_ns() + std::chrono::nanoseconds{grace}.count();
}

void descriptor_sink::report_overruns() {
  if (!overruns_) {
    return;
  }
  const auto total = overruns_();
  if (total == reported_overruns_) {
    return;
  }
  write_line(format_line(std::chrono::system_clock::now(), level::warn, "log",
                         "lines were dropped: standard error is not read as fast as it is written",
                         {{"dropped", total - reported_overruns_}, {"dropped_in_all", total}}));
  reported_overruns_ = total;
}

void descriptor_sink::write_line(std::string_view line) {
  while (!line.empty()) {
    if (!wait_until_writable()) {
      return;
    }
    const auto written = ::write(descriptor_, line.data(), line.size());
    if (written >= 0) {
      line.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      // There is nowhere left to complain to.
      return;
    }
  }
}

bool descriptor_sink::wait_until_writable() const {
  pollfd request{descriptor_, POLLOUT, 0};
  while (true) {
    const bool gave_up = now_ns() >= give_up_at_;
    const int ready = ::poll(&request, 1, gave_up ? 0 : poll_ms);
    if (ready > 0) {
      return true;
    }
    if (gave_up || (ready < 0 && errno != EINTR)) {
      return false;
    }
  }
}

} // namespace xprober::log
