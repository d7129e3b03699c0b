#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/number_index.hpp"

namespace xprober {

/// Very many targets by their numbers: name, region, type and number of series, 12 bytes each and 5
/// to 7 to find them by name. An IPv4 address is a number in these; the letters of all other names
/// lie in one piece of memory beside them.
class target_shelf {
public:
  struct facts {
    std::uint16_t region = 0; ///< the caller's number
    std::uint16_t type = 0;   ///< likewise
  };

  /// In the place of what the number stood for before, with no series. A name is cut at 65,534
  /// bytes; where 4 GiB of names are there it is empty.
  void set(std::uint32_t number, std::string_view name, facts of);
  void add_series(std::uint32_t number);
  /// With its last series it goes; true then. Its facts can still be read.
  bool remove_series(std::uint32_t number);

  std::string name(std::uint32_t number) const;
  facts of(std::uint32_t number) const noexcept;
  /// Numbers below this may be there.
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }
  bool contains(std::uint32_t number) const noexcept {
    return number < entries_.size() && entries_[number].series > 0;
  }

  /// All with this name that have series.
  std::vector<std::uint32_t> find(std::string_view name) const;

private:
  struct entry {
    std::uint32_t begin = 0; ///< of its letters, or the address itself
    std::uint16_t size = 0;  ///< of its letters; `is_address`: it has none
    std::uint16_t region = 0;
    std::uint16_t type = 0;
    std::uint16_t series = 0; ///< as many as fit, and then for ever
  };
  static_assert(sizeof(entry) == 12);
  static constexpr std::uint16_t is_address = 0xFFFF;

  std::uint32_t hash_of(std::uint32_t number) const;
  std::string_view letters_of(const entry& e) const noexcept {
    return std::string_view{letters_}.substr(e.begin, e.size);
  }
  void put_letters(entry& e, std::string_view name);
  void drop_name(std::uint32_t number);
  void compact();

  std::string letters_;
  std::size_t dead_ = 0; ///< letters of names that are gone
  std::vector<entry> entries_;
  number_index index_; ///< of those that have series
};

} // namespace xprober
