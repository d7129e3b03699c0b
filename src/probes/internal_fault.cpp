#include "xprober/probes/internal_fault.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::size_t most_digested = 64UL * 1024;
constexpr unsigned logged_in_a_second = 5;
constexpr std::size_t word = sizeof(std::uint64_t);

std::uint64_t mixed(std::uint64_t sum, std::uint64_t with) noexcept {
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15; // its odd bits spread every other one
  sum = (sum ^ with) * golden_ratio;
  return sum ^ sum >> 32;
}

} // namespace

void input_digest::add(std::span<const std::byte> bytes) noexcept {
  const auto* at = bytes.data();
  auto left = std::min(bytes.size(), most_digested - bytes_);
  const auto take_part = [&](std::size_t filled) {
    const auto taken = std::min(left, word - filled);
    for (std::size_t i = 0; i < taken; ++i) {
      rest_ |= std::to_integer<std::uint64_t>(*at++) << 8 * (filled + i);
    }
    left -= taken;
    bytes_ += taken;
    if (filled + taken == word) {
      sum_ = mixed(sum_, std::exchange(rest_, 0));
    }
  };
  if (const auto filled = bytes_ % word; filled > 0 && left > 0) {
    take_part(filled);
  }
  for (; left >= word; left -= word, at += word) {
    std::uint64_t whole = 0;
    std::memcpy(&whole, at, word);
    sum_ = mixed(sum_, whole);
    bytes_ += word;
  }
  if (left > 0) {
    take_part(0);
  }
}

std::string input_digest::text() const {
  return fmt::format("{:08x}-{}", static_cast<std::uint32_t>(mixed(sum_, rest_)), bytes_);
}

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
