#include "xprober/store/store_texts.hpp"

namespace xprober {

slot store_texts::acquire(std::string_view text) {
  auto number = texts_.find(text);
  if (number == no_slot) {
    number = texts_.insert({std::string{text}, 0});
  }
  ++texts_[number].uses;
  return number;
}

void store_texts::release(slot number) {
  if (--texts_[number].uses == 0) {
    texts_.erase(number);
  }
}

} // namespace xprober
