#include "xprober/actors/server/target_shelf.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

/// Below, letters of names that are gone are worth no copy of the others.
constexpr std::size_t few_letters = 4096;
constexpr std::uint16_t most_series = std::numeric_limits<std::uint16_t>::max();

std::uint32_t name_hash(std::string_view name) {
  return static_cast<std::uint32_t>(hash_bytes(name));
}

constexpr std::size_t longest_address = 15; // "255.255.255.255"

/// Writes an address as people write it; returns the end of it.
char* write_address(std::uint32_t address, std::array<char, longest_address>& to) {
  char* end = to.data();
  for (int shift = 24; shift >= 0; shift -= 8) {
    end =
        std::to_chars(end, to.data() + to.size(), (address >> static_cast<unsigned>(shift)) & 0xFFU)
            .ptr;
    if (shift > 0) {
      *end++ = '.';
    }
  }
  return end;
}

std::string_view address_text(std::uint32_t address, std::array<char, longest_address>& to) {
  const auto* end = write_address(address, to);
  return {to.data(), static_cast<std::size_t>(end - to.data())};
}

/// The address that is written so; nothing for any other name, nor for another form of one.
std::optional<std::uint32_t> read_address(std::string_view name) {
  if (name.empty() || name.size() > longest_address) {
    return std::nullopt;
  }
  std::uint32_t address = 0;
  const char* at = name.data();
  const char* const end = at + name.size();
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (at == end || *at != '.') {
        return std::nullopt;
      }
      ++at;
    }
    std::uint8_t byte = 0;
    const auto read = std::from_chars(at, end, byte);
    if (read.ec != std::errc{}) {
      return std::nullopt;
    }
    at = read.ptr;
    address = (address << 8U) | byte;
  }
  std::array<char, longest_address> text{};
  return at == end && address_text(address, text) == name ? std::optional{address} : std::nullopt;
}

} // namespace

void target_shelf::set(std::uint32_t number, std::string_view name, facts of) {
  if (number >= entries_.capacity()) {
    entries_.reserve(std::size_t{number} + number / 8 + 1);
  }
  if (number >= entries_.size()) {
    entries_.resize(std::size_t{number} + 1);
  }
  if (contains(number)) {
    index_.erase(number, [this](std::uint32_t n) { return hash_of(n); });
  }
  drop_name(number);
  auto& e = entries_[number];
  e = {0, 0, of.region, of.type, 0};
  if (const auto address = read_address(name)) {
    e.begin = *address;
    e.size = is_address;
  } else {
    put_letters(e, name);
  }
}

void target_shelf::put_letters(entry& e, std::string_view name) {
  name = name.substr(0, is_address - 1);
  const auto size = letters_.size() + name.size();
  if (size > std::numeric_limits<std::uint32_t>::max()) {
    return;
  }
  if (size > letters_.capacity()) {
    letters_.reserve(size + size / 8);
  }
  e.begin = static_cast<std::uint32_t>(letters_.size());
  e.size = static_cast<std::uint16_t>(name.size());
  letters_ += name;
}

void target_shelf::drop_name(std::uint32_t number) {
  auto& e = entries_[number];
  dead_ += e.size == is_address ? 0 : e.size;
  e.begin = 0;
  e.size = 0;
  if (dead_ > few_letters && dead_ * 2 > letters_.size()) {
    compact();
  }
}

void target_shelf::compact() {
  std::string kept;
  kept.reserve(letters_.size() - dead_);
  for (auto& e : entries_) {
    if (e.size != is_address) {
      const auto begin = static_cast<std::uint32_t>(kept.size());
      kept.append(letters_, e.begin, e.size);
      e.begin = begin;
    }
  }
  letters_ = std::move(kept);
  dead_ = 0;
}

void target_shelf::add_series(std::uint32_t number) {
  auto& series = entries_[number].series;
  if (series == 0) {
    index_.insert(number, [this](std::uint32_t n) { return hash_of(n); });
  }
  series = series < most_series ? static_cast<std::uint16_t>(series + 1) : most_series;
}

bool target_shelf::remove_series(std::uint32_t number) {
  auto& series = entries_[number].series;
  if (series == 0 || series == most_series) {
    return false;
  }
  series = static_cast<std::uint16_t>(series - 1);
  if (series > 0) {
    return false;
  }
  index_.erase(number, [this](std::uint32_t n) { return hash_of(n); });
  drop_name(number);
  return true;
}

std::uint32_t target_shelf::hash_of(std::uint32_t number) const {
  const auto& e = entries_[number];
  std::array<char, longest_address> text{};
  return name_hash(e.size == is_address ? address_text(e.begin, text) : letters_of(e));
}

std::string target_shelf::name(std::uint32_t number) const {
  if (number >= entries_.size()) {
    return {};
  }
  const auto& e = entries_[number];
  std::array<char, longest_address> text{};
  return std::string{e.size == is_address ? address_text(e.begin, text) : letters_of(e)};
}

target_shelf::facts target_shelf::of(std::uint32_t number) const noexcept {
  return {entries_[number].region, entries_[number].type};
}

std::vector<std::uint32_t> target_shelf::find(std::string_view wanted) const {
  std::vector<std::uint32_t> found;
  index_.for_each(name_hash(wanted), [&](std::uint32_t number) {
    if (name(number) == wanted) {
      found.push_back(number);
    }
  });
  std::ranges::sort(found);
  return found;
}

} // namespace xprober
