#include "xprober/actors/liveness.hpp"

#include <algorithm>
#include <chrono>

#include "xprober/domain/comma_list.hpp"

namespace xprober {

namespace {

/// Who is silent for less is not worth a word.
constexpr std::chrono::seconds noted_silence{1};

/// " for 12 s".
std::string for_seconds(nanoseconds silence) {
  return " for " + std::to_string(std::chrono::floor<std::chrono::seconds>(silence).count()) + " s";
}

} // namespace

std::size_t liveness::add(std::string_view name, nanoseconds patience) {
  part added;
  const auto namesakes = std::ranges::count_if(parts_, [name](const part& other) {
    return other.name == name || other.name.starts_with(std::string{name} + " ");
  });
  added.name =
      namesakes == 0 ? std::string{name} : std::string{name} + " " + std::to_string(namesakes + 1);
  added.patience = patience;
  parts_.push_back(std::move(added));
  return parts_.size() - 1;
}

bool liveness::ask(std::size_t number, monotonic_time now) {
  auto& asked = parts_.at(number);
  if (asked.has_ended || asked.asked) {
    return false;
  }
  asked.asked = now;
  return true;
}

void liveness::answered(std::size_t number) { parts_.at(number).asked.reset(); }

void liveness::ended(std::size_t number) { parts_.at(number).has_ended = true; }

bool liveness::is_waiting() const noexcept {
  return std::ranges::any_of(
      parts_, [](const part& each) { return each.asked.has_value() && !each.has_ended; });
}

health_report liveness::report(monotonic_time now) const {
  std::string ended;
  std::string silent;
  std::string busy;
  for (const auto& each : parts_) {
    if (each.has_ended) {
      append_listed(ended, each.name);
      continue;
    }
    const auto silence = each.asked ? now - *each.asked : nanoseconds{0};
    if (each.asked && silence >= each.patience) {
      append_listed(silent, each.name + for_seconds(silence));
    } else if (silence >= noted_silence) {
      append_listed(busy, each.name + for_seconds(silence));
    }
  }
  health_report out;
  out.healthy = ended.empty() && silent.empty();
  if (!ended.empty()) {
    out.sentence = "these parts have ended: " + ended;
  }
  if (!silent.empty()) {
    out.sentence += (out.sentence.empty() ? "" : "; ") + ("these parts do not answer: " + silent);
  }
  if (out.healthy) {
    out.sentence = busy.empty() ? "healthy" : "healthy; at work: " + busy;
  }
  return out;
}

} // namespace xprober
