#include "xprober/domain/near_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace xprober {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: the one that is filled and the two above it.
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows) {
    row.resize(b.size() + 1);
  }
  for (std::size_t j = 0; j <= b.size(); ++j) {
    rows[1][j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = rows[2];
    const auto& above = rows[1];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({above[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], rows[0][j - 2] + 1);
      }
    }
    std::swap(rows[0], rows[1]);
    std::swap(rows[1], rows[2]);
  }
  return rows[1][b.size()];
}

std::string_view near_name(std::string_view text, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 64; // keeps the table of distances small
  if (text.size() > longest || std::ranges::any_of(known, [&](auto name) {
        return !name.empty() && text.starts_with(name);
      })) {
    return {};
  }
  std::string_view best;
  auto best_distance = std::max<std::size_t>(text.size() / 3, 1) + 1;
  for (const auto name : known) {
    if (const auto distance = edit_distance(text, name.substr(0, longest));
        distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

} // namespace xprober
