#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/domain/number_index.hpp"
#include "xprober/verdict/number_row.hpp"

namespace xprober {

/// What is known of some cells of a matrix, by the numbers of source and target. Cells say the same
/// in an outage: what is equal is kept once, and a cell costs 4 to 13 bytes beside it.
///
/// `T`: has a default, `==`, and `hash_cell(T)`.
template <class T>
class cell_matrix {
public:
  /// Null where nothing is known; valid until something changes.
  const T* find(std::uint32_t source, std::uint32_t target) const noexcept {
    const auto number = number_of(source, target);
    return number == no_number ? nullptr : &values_[number].value;
  }
  bool contains(std::uint32_t source, std::uint32_t target) const noexcept {
    return number_of(source, target) != no_number;
  }
  /// True where it is another one than before.
  bool set(std::uint32_t source, std::uint32_t target, const T& value) {
    const auto before = number_of(source, target);
    if (before != no_number && values_[before].value == value) {
      return false;
    }
    if (source >= rows_.size()) {
      rows_.resize(source + std::size_t{1});
    }
    rows_[source].set(target, acquire(value));
    if (before == no_number) {
      ++size_;
    } else {
      release(before);
    }
    return true;
  }
  /// False where nothing was known.
  bool erase(std::uint32_t source, std::uint32_t target) {
    const auto number = number_of(source, target);
    if (number == no_number) {
      return false;
    }
    rows_[source].erase(target);
    release(number);
    --size_;
    return true;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// How many different ones there are.
  std::size_t distinct() const noexcept { return values_.size() - free_.size(); }

  /// Calls `visit(source, target, number)` for each cell, in the order of their sources; the value
  /// of the number is `value(number)`.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t source = 0; source < rows_.size(); ++source) {
      rows_[source].for_each([&](std::uint32_t target, std::uint32_t number) {
        visit(static_cast<std::uint32_t>(source), target, number);
      });
    }
  }
  const T& value(std::uint32_t number) const noexcept { return values_[number].value; }

private:
  struct counted {
    T value{};
    std::uint32_t uses = 0;
  };

  std::uint32_t number_of(std::uint32_t source, std::uint32_t target) const noexcept {
    return source < rows_.size() ? rows_[source].get(target) : no_number;
  }
  static std::uint32_t hash_of(const T& value) noexcept {
    return static_cast<std::uint32_t>(hash_cell(value));
  }
  auto hashes() const noexcept {
    return [this](std::uint32_t number) { return hash_of(values_[number].value); };
  }

  std::uint32_t acquire(const T& value) {
    auto found = no_number;
    index_.for_each(hash_of(value), [&](std::uint32_t number) {
      found = values_[number].value == value ? number : found;
    });
    if (found != no_number) {
      ++values_[found].uses;
      return found;
    }
    auto number = static_cast<std::uint32_t>(values_.size());
    if (!free_.empty()) {
      number = free_.back();
      free_.pop_back();
    } else if (values_.size() == values_.capacity()) {
      values_.reserve(values_.size() + values_.size() / 8 + 1);
    }
    if (number == values_.size()) {
      values_.emplace_back();
    }
    values_[number] = {value, 1};
    index_.insert(number, hashes());
    return number;
  }
  void release(std::uint32_t number) {
    if (--values_[number].uses > 0) {
      return;
    }
    index_.erase(number, hashes());
    free_.push_back(number);
    if (free_.size() == values_.size()) {
      values_ = std::vector<counted>(); // `{}` would keep their memory
      free_ = std::vector<std::uint32_t>();
      index_ = number_index();
    }
  }

  std::vector<number_row> rows_; ///< by source: the numbers of its cells' values
  std::vector<counted> values_;
  std::vector<std::uint32_t> free_;
  number_index index_; ///< of `values_`
  std::size_t size_ = 0;
};

} // namespace xprober
