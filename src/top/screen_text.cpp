#include "xprober/top/screen_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "xprober/base/log_line.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/percent.hpp"

namespace xprober::top {

namespace {

using code_range = std::pair<std::uint32_t, std::uint32_t>;

/// Characters that take two columns: East Asian Width W and F of Unicode 15, blocks as a whole.
constexpr std::array<code_range, 19> wide_ranges{{{0x1100, 0x115F},
                                                  {0x231A, 0x231B},
                                                  {0x23E9, 0x23EC},
                                                  {0x25FD, 0x25FE},
                                                  {0x2614, 0x2615},
                                                  {0x26AA, 0x26AB},
                                                  {0x2705, 0x2705},
                                                  {0x274C, 0x274C},
                                                  {0x2E80, 0x303E},
                                                  {0x3041, 0x33FF},
                                                  {0x3400, 0x4DBF},
                                                  {0x4E00, 0xA4CF},
                                                  {0xA960, 0xA97C},
                                                  {0xAC00, 0xD7A3},
                                                  {0xF900, 0xFAFF},
                                                  {0xFE30, 0xFE6F},
                                                  {0xFF00, 0xFF60},
                                                  {0x1F300, 0x1FAFF},
                                                  {0x20000, 0x3FFFD}}};

/// Characters that take none: marks that combine, joiners, selectors.
constexpr std::array<code_range, 9> narrow_ranges{{{0x0300, 0x036F},
                                                   {0x0483, 0x0489},
                                                   {0x0591, 0x05BD},
                                                   {0x064B, 0x065F},
                                                   {0x200B, 0x200D},
                                                   {0x20D0, 0x20FF},
                                                   {0xFE00, 0xFE0F},
                                                   {0xFE20, 0xFE2F},
                                                   {0xE0100, 0xE01EF}}};

template <std::size_t Size>
bool is_in(const std::array<code_range, Size>& ranges, std::uint32_t code) noexcept {
  return std::ranges::any_of(
      ranges, [code](const code_range& r) { return code >= r.first && code <= r.second; });
}

struct screen_character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

/// The first character of a text that is not empty. A byte that is no UTF-8 counts as one.
screen_character first_of(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  screen_character first{byte(0), std::max<std::size_t>(utf8_character(text), 1)};
  if (first.bytes > 1) {
    first.code &= 0x7FU >> first.bytes;
    for (std::size_t i = 1; i < first.bytes; ++i) {
      first.code = (first.code << 6U) | (byte(i) & 0x3FU);
    }
    first.columns = is_in(narrow_ranges, first.code) ? 0 : is_in(wide_ranges, first.code) ? 2 : 1;
  }
  return first;
}

/// Marks of our own, and what stands for them where there is only ASCII.
constexpr std::array<std::pair<std::uint32_t, char>, 8> own_marks{{{0x2026, '~'},   // …
                                                                   {0x25B8, '+'},   // ▸
                                                                   {0x25BE, '-'},   // ▾
                                                                   {0x2581, '.'},   // ▁
                                                                   {0x2584, '-'},   // ▄
                                                                   {0x2588, '#'},   // █
                                                                   {0x00B7, ' '},   // ·
                                                                   {0x2014, '-'}}}; // —

} // namespace

std::string clean(std::string_view text) {
  std::string out;
  log::append_escaped(out, text);
  return out;
}

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto first = first_of(text);
    columns += first.columns;
    text.remove_prefix(first.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t kept = 0; // bytes that leave a column for the mark
  for (std::size_t at = 0; at < text.size();) {
    const auto first = first_of(text.substr(at));
    used += first.columns;
    if (used > columns) {
      return columns == 0 ? std::string{} : std::string{text.substr(0, kept)} + "…";
    }
    at += first.bytes;
    kept = used < columns ? at : kept;
  }
  return std::string{text};
}

std::string fill(std::string_view text, std::size_t columns) {
  auto out = cut(text, columns);
  out.append(columns - std::min(columns, columns_of(out)), ' ');
  return out;
}

std::string in_ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto first = first_of(text);
    const auto* mark =
        std::ranges::find_if(own_marks, [&](const auto& m) { return m.first == first.code; });
    // As many columns as before, so that what follows stands where it did.
    if (first.bytes == 1 && first.code < 0x80) {
      out += static_cast<char>(first.code);
    } else if (mark != own_marks.end()) {
      out += mark->second;
    } else {
      out.append(first.columns, '?');
    }
    text.remove_prefix(first.bytes);
  }
  return out;
}

void drop_last(std::string& text) {
  std::size_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = first_of(std::string_view{text}.substr(at));
    last = first.columns > 0 ? at : last;
    at += first.bytes;
  }
  text.resize(last);
}

std::string span_text(std::int64_t seconds) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 2 * minute) {
    return std::to_string(seconds) + " s";
  }
  if (seconds < 2 * hour) {
    return std::to_string(seconds / minute) + " min";
  }
  return seconds < 2 * day ? std::to_string(seconds / hour) + " h"
                           : std::to_string(seconds / day) + " d";
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  auto text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text.append(" ").append(number == 1 ? one : many);
}

std::string query_escape(std::string_view text) { return percent_encode(text); }

} // namespace xprober::top
