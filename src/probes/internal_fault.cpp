#include "xprober/probes/internal_fault.hpp"

#include <algorithm>
#include <chrono>

#include <spdlog/fmt/fmt.h>
#include <zlib.h>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::size_t most_digested = 64UL * 1024;
constexpr unsigned logged_in_a_second = 5;

} // namespace

void input_digest::add(std::span<const std::byte> bytes) noexcept {
  const auto some = bytes.first(std::min(bytes.size(), most_digested - bytes_));
  if (some.empty()) {
    return;
  }
  sum_ = static_cast<std::uint32_t>(
      ::crc32_z(sum_, reinterpret_cast<const Bytef*>(some.data()), some.size()));
  bytes_ += some.size();
}

std::string input_digest::text() const { return fmt::format("{:08x}-{}", sum_, bytes_); }

probe_outcome internal_fault(std::string_view what) {
  probe_outcome outcome;
  outcome.error = probe_error::local_internal;
  outcome.detail = "an internal error of the prober ended the probe (" + std::string{what} +
                   "); it says nothing about the target, and is a bug worth reporting";
  outcome.started = wall_clock::now();
  return outcome;
}

void exception_log::note(std::string_view where, std::string_view what, const input_digest& input) {
  ++count_;
  const auto now = monotonic_clock::now();
  if (now - second_ >= std::chrono::seconds{1}) {
    second_ = now;
    logged_ = 0;
  }
  if (logged_++ < logged_in_a_second) {
    log::error(engine_, "an internal error of the prober",
               {{"where", where}, {"error", what}, {"input", input.text()}, {"errors", count_}});
  }
}

} // namespace xprober
