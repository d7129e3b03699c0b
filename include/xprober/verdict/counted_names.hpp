#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xprober {

/// Names with dense numbers from 0, each once and counted: with its last use a name goes, and its
/// number can stand for another one.
class counted_names {
public:
  /// The number of a name, with one more use of it.
  std::uint32_t acquire(std::string_view name);
  /// One use less. True: it was the last one.
  bool release(std::uint32_t number);

  std::optional<std::uint32_t> find(std::string_view name) const;
  /// Empty for a number that stands for nothing.
  const std::string& operator[](std::uint32_t number) const noexcept { return all_[number].name; }
  std::size_t size() const noexcept { return by_hash_.size(); }
  /// All numbers are below this.
  std::uint32_t bound() const noexcept { return static_cast<std::uint32_t>(all_.size()); }

private:
  struct counted {
    std::string name{};
    std::uint32_t uses = 0;
  };

  std::vector<counted> all_;
  std::vector<std::uint32_t> free_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

} // namespace xprober
