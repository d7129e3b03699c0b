#include "xprober/app/table.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace xprober::app {

namespace {

/// Columns that a terminal needs: bytes that do not continue a UTF-8 character.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

} // namespace

void table::print(std::ostream& out) const {
  auto rows = rows_;
  std::vector<bool> right;
  for (auto& name : rows.front()) {
    right.push_back(name.starts_with('>'));
    name.erase(0, right.back() ? 1 : 0);
  }
  std::vector<std::size_t> widths(right.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      const std::string pad(widths[i] - display_width(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (right[i] ? pad + row[i] : row[i] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

std::string ms_text(double ms) { return ms < 0 ? "-" : fmt::format("{:.3f}", ms); }

} // namespace xprober::app
