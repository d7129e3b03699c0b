#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/string_hash.hpp"
#include "xprober/store/store_slots.hpp"

namespace xprober {

/// The texts of a store, each once and counted: one that nobody uses any more goes.
class store_texts {
public:
  /// `no_slot` for a text that is not there.
  slot find(std::string_view text) const { return texts_.find(text); }
  /// The number of a text, with one more use of it.
  slot acquire(std::string_view text);
  void release(slot number);

  const std::string& operator[](slot number) const noexcept { return texts_[number].text; }
  std::size_t size() const noexcept { return texts_.size(); }

private:
  struct counted_text {
    std::string text;
    std::uint32_t uses = 0;
  };
  struct traits {
    using key = std::string_view;
    static key key_of(const counted_text& t) { return t.text; }
    static std::uint64_t hash(const key& k) { return hash_bytes(k); }
  };

  slot_table<counted_text, traits> texts_;
};

} // namespace xprober
