#include "xprober/verdict/unheard_cells.hpp"

namespace xprober {

void unheard_cells::note(std::uint32_t source, std::uint32_t target, bool was_bad, bool silent) {
  const bool there = contains(source, target);
  if (silent == there || (silent && !was_bad)) {
    return;
  }
  const auto others = of_target(target) - (there ? 1U : 0U);
  if (silent) {
    if (source >= cells_.size()) {
      cells_.resize(source + std::size_t{1});
    }
    cells_[source].set(target, 0);
    by_target_.set(target, others + 1);
    ++size_;
    return;
  }
  cells_[source].erase(target);
  if (others > 0) {
    by_target_.set(target, others);
  } else {
    by_target_.erase(target);
  }
  --size_;
}

bool unheard_cells::contains(std::uint32_t source, std::uint32_t target) const noexcept {
  return source < cells_.size() && cells_[source].get(target) != no_number;
}

std::uint32_t unheard_cells::of_source(std::uint32_t source) const noexcept {
  return source < cells_.size() ? static_cast<std::uint32_t>(cells_[source].size()) : 0;
}

std::uint32_t unheard_cells::of_target(std::uint32_t target) const noexcept {
  const auto sources = by_target_.get(target);
  return sources == no_number ? 0 : sources;
}

} // namespace xprober
