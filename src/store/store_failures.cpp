#include "xprober/store/store_failures.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober {

std::uint64_t store_failures::traits::hash(const key& k) {
  return combine_hash((std::uint64_t{k.reason} << 32U) | k.phase, std::uint64_t{k.detail});
}

slot store_failures::acquire(const texts& of) {
  const bool fits = bytes_ + of.detail.size() <= most_bytes;
  const std::string_view detail = fits ? of.detail : std::string_view{};
  const key names{texts_.acquire(of.reason), texts_.acquire(of.phase), texts_.acquire(detail)};
  auto number = failures_.find(names);
  if (number == no_slot) {
    number = failures_.insert({names, 0});
    bytes_ += detail.size();
  } else {
    texts_.release(names.reason);
    texts_.release(names.phase);
    texts_.release(names.detail);
  }
  ++failures_[number].uses;
  return number;
}

bool store_failures::release(slot number) {
  auto& failure = failures_[number];
  if (--failure.uses > 0) {
    return false;
  }
  const auto names = failure.names;
  failures_.erase(number);
  bytes_ -= texts_[names.detail].size();
  texts_.release(names.reason);
  texts_.release(names.phase);
  texts_.release(names.detail);
  return true;
}

store_failures::texts store_failures::operator[](slot number) const noexcept {
  const auto& names = failures_[number].names;
  return {texts_[names.reason], texts_[names.phase], texts_[names.detail]};
}

} // namespace xprober
