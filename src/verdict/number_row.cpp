#include "xprober/verdict/number_row.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

namespace {

constexpr std::size_t first_slots = 8;
/// A list that has room for so many numbers for each that it has is smaller than a table...
constexpr std::size_t list_up_to = 2;
/// ... and one with so many is larger. Between the two it stays what it is.
constexpr std::size_t table_from = 4;
/// With one taken of so many room is given back.
constexpr std::size_t idle_from = 8;

} // namespace

std::size_t number_row::home(std::uint32_t number) const noexcept {
  const auto mixed = number * std::uint32_t{2'654'435'769}; // by the golden ratio
  return static_cast<std::size_t>((std::uint64_t{mixed} * table_.size()) >> 32U);
}

std::size_t number_row::place(std::uint32_t number) const noexcept {
  auto i = home(number);
  while (table_[i].number != no_number && table_[i].number != number) {
    i = next(i);
  }
  return i;
}

std::uint32_t number_row::get(std::uint32_t number) const noexcept {
  if (!table_.empty()) {
    const auto& s = table_[place(number)];
    return s.number == number ? s.value : no_number;
  }
  return number < list_.size() ? list_[number] : no_number;
}

void number_row::make_table(std::size_t slots) {
  table kept;
  kept.reserve(size_);
  for_each([&](std::uint32_t number, std::uint32_t value) { kept.push_back({number, value}); });
  list_ = list();
  table_ = table(); // gone before the new one is there
  table_.resize(slots);
  for (const auto& s : kept) {
    table_[place(s.number)] = s;
  }
}

void number_row::make_list(std::size_t numbers) {
  list made(numbers, no_number);
  for_each([&](std::uint32_t number, std::uint32_t value) { made[number] = value; });
  table_ = table();
  list_ = std::move(made);
}

/// For one that is not in the table yet, by a quarter at a time.
void number_row::make_room(std::uint32_t fresh) {
  if ((size_ + 1) * 5 <= table_.size() * 4) {
    return;
  }
  auto numbers = std::size_t{fresh} + 1;
  for_each([&](std::uint32_t number, std::uint32_t) {
    numbers = std::max(numbers, std::size_t{number} + 1);
  });
  if (size_ >= first_slots && numbers <= list_up_to * size_) {
    make_list(numbers);
  } else {
    make_table(table_.size() + table_.size() / 4 + first_slots);
  }
}

void number_row::set(std::uint32_t number, std::uint32_t value) {
  if (get(number) == no_number) {
    if (list_.empty()) {
      make_room(number);
    } else if (std::size_t{number} + 1 > std::max(table_from * (size_ + 1), list_.size())) {
      make_table((size_ + 1) * 3 / 2 + first_slots);
    }
    ++size_;
  }
  if (!table_.empty()) {
    table_[place(number)] = {number, value};
    return;
  }
  if (number >= list_.capacity()) {
    list_.reserve(std::size_t{number} + number / 8 + 1);
  }
  if (number >= list_.size()) {
    list_.resize(std::size_t{number} + 1, no_number);
  }
  list_[number] = value;
}

/// Those behind a hole move up unless their home lies behind it.
void number_row::close(std::size_t hole) noexcept {
  const auto size = table_.size();
  for (auto i = next(hole); table_[i].number != no_number; i = next(i)) {
    if ((i + size - home(table_[i].number)) % size >= (i + size - hole) % size) {
      table_[hole] = table_[i];
      hole = i;
    }
  }
  table_[hole] = {};
}

void number_row::give_back() {
  if (size_ == 0) {
    table_ = table(); // `{}` would keep their memory
    list_ = list();
  } else if (size_ * idle_from < std::max(table_.size(), list_.size())) {
    make_table(size_ * 3 / 2 + first_slots);
  }
}

bool number_row::erase(std::uint32_t number) {
  if (get(number) == no_number) {
    return false;
  }
  if (!table_.empty()) {
    close(place(number));
  } else {
    list_[number] = no_number;
  }
  --size_;
  give_back();
  return true;
}

} // namespace xprober
