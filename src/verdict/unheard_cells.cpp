#include "xprober/verdict/unheard_cells.hpp"

namespace xprober {

namespace {

std::uint64_t key_of(std::uint32_t source, std::uint32_t target) noexcept {
  return (std::uint64_t{source} << 32U) | target;
}

} // namespace

void unheard_cells::note(std::uint32_t source, std::uint32_t target, bool was_bad, bool silent) {
  if (silent) {
    if (was_bad && cells_.insert(key_of(source, target)).second) {
      ++by_source_[source];
      ++by_target_[target];
    }
    return;
  }
  if (!cells_.empty() && cells_.erase(key_of(source, target)) > 0) {
    take_one(by_source_, source);
    take_one(by_target_, target);
  }
}

bool unheard_cells::contains(std::uint32_t source, std::uint32_t target) const {
  return cells_.contains(key_of(source, target));
}

std::uint32_t unheard_cells::count(const counts& by, std::uint32_t number) {
  const auto found = by.find(number);
  return found == by.end() ? 0 : found->second;
}

void unheard_cells::take_one(counts& by, std::uint32_t number) {
  if (const auto found = by.find(number); --found->second == 0) {
    by.erase(found);
  }
}

} // namespace xprober
