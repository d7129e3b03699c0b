#include "xprober/verdict/counted_names.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober {

std::optional<std::uint32_t> counted_names::find(std::string_view name) const {
  const auto [first, last] = by_hash_.equal_range(hash_bytes(name));
  for (auto i = first; i != last; ++i) {
    if (all_[i->second].name == name) {
      return i->second;
    }
  }
  return std::nullopt;
}

std::uint32_t counted_names::acquire(std::string_view name) {
  if (const auto known = find(name)) {
    ++all_[*known].uses;
    return *known;
  }
  auto number = bound();
  if (free_.empty()) {
    all_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  all_[number] = {std::string{name}, 1};
  by_hash_.emplace(hash_bytes(name), number);
  return number;
}

bool counted_names::release(std::uint32_t number) {
  auto& one = all_[number];
  if (--one.uses > 0) {
    return false;
  }
  const auto [first, last] = by_hash_.equal_range(hash_bytes(one.name));
  for (auto i = first; i != last; ++i) {
    if (i->second == number) {
      by_hash_.erase(i);
      break;
    }
  }
  one = {};
  free_.push_back(number);
  return true;
}

} // namespace xprober
