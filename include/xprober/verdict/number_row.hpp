#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/verdict/cell.hpp"

namespace xprober {

/// A value for some of the numbers from 0 on, as of a row of a matrix: a table with 10 to 13 bytes
/// for each while they are few, and a list of 4 bytes for each number up to the highest one where
/// that is less. What they have taken is given back as they go.
///
/// Numbers and values are below `no_number`.
class number_row {
public:
  /// `no_number`: it has none.
  std::uint32_t get(std::uint32_t number) const noexcept;
  /// In the place of what it had.
  void set(std::uint32_t number, std::uint32_t value);
  /// False where it had none.
  bool erase(std::uint32_t number);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Calls `visit(number, value)` for each, in no order.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (list_[i] != no_number) {
        visit(static_cast<std::uint32_t>(i), list_[i]);
      }
    }
    for (const auto& s : table_) {
      if (s.number != no_number) {
        visit(s.number, s.value);
      }
    }
  }

private:
  struct slot {
    std::uint32_t number = no_number;
    std::uint32_t value = 0;
  };

  using table = std::vector<slot>;
  using list = std::vector<std::uint32_t>;

  std::size_t home(std::uint32_t number) const noexcept;
  std::size_t next(std::size_t i) const noexcept { return i + 1 == table_.size() ? 0 : i + 1; }
  /// Where it stands in the table, or would.
  std::size_t place(std::uint32_t number) const noexcept;
  void close(std::size_t hole) noexcept;
  void make_table(std::size_t slots);
  void make_list(std::size_t numbers);
  void make_room(std::uint32_t fresh);
  void give_back();

  // One of both, each empty where it is not used.
  table table_; ///< open, with steps of one; at most four in five are taken
  list list_;
  std::size_t size_ = 0;
};

} // namespace xprober
