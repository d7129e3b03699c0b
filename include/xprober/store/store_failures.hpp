#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/store/store_slots.hpp"
#include "xprober/store/store_texts.hpp"

namespace xprober {

/// The last failures of the series of a store, each combination of texts once and counted. Names of
/// reasons and phases are few; sentences may be as many as targets, so their memory is bounded: one
/// that finds no room is left out.
class store_failures {
public:
  /// Bytes of sentences that are held at a time.
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  struct texts {
    std::string_view reason{}; ///< the error's name
    std::string_view phase{};
    std::string_view detail{}; ///< the sentence
  };

  /// The number of a failure, with one more use of it.
  slot acquire(const texts& of);
  /// One more use of one that is there.
  void share(slot number) { ++failures_[number].uses; }
  /// True where this was its last use.
  bool release(slot number);

  texts operator[](slot number) const noexcept;
  std::size_t size() const noexcept { return failures_.size(); }

private:
  struct key {
    slot reason = no_slot;
    slot phase = no_slot;
    slot detail = no_slot;
    bool operator==(const key&) const = default;
  };
  struct counted {
    key names;
    std::uint32_t uses = 0;
  };
  struct traits {
    using key = store_failures::key;
    static const key& key_of(const counted& f) { return f.names; }
    static std::uint64_t hash(const key& k);
  };

  store_texts texts_;
  slot_table<counted, traits> failures_;
  std::size_t bytes_ = 0;
};

} // namespace xprober
