#include "xprober/domain/spelling.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace xprober {

namespace {

constexpr std::size_t longest_word = 64;

} // namespace

std::size_t spelling_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

spelling::spelling(std::string_view word)
    : word_(word.substr(0, longest_word + 1)), too_far_(word.size() / 3 + 2) {}

void spelling::offer(std::string_view known) {
  if (word_.size() > longest_word || known.size() > longest_word) {
    return;
  }
  if (const auto distance = spelling_distance(word_, known); distance < too_far_) {
    too_far_ = distance;
    best_ = known;
  }
}

std::string_view near_name(std::string_view text, std::span<const std::string_view> known) {
  if (text.size() > longest_word || std::ranges::any_of(known, [&](auto name) {
        return !name.empty() && text.starts_with(name);
      })) {
    return {};
  }
  std::string_view best;
  auto best_distance = std::max<std::size_t>(text.size() / 3, 1) + 1;
  for (const auto name : known) {
    if (const auto distance = spelling_distance(text, name.substr(0, longest_word));
        distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

} // namespace xprober
