#include "xprober/app/table.hpp"

#include <algorithm>
#include <string_view>

#include <spdlog/fmt/fmt.h>

namespace xprober::app {

namespace {

/// Columns that a terminal needs: bytes that do not continue a UTF-8 character.
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

} // namespace

table::table(std::vector<std::string> heading) {
  for (auto& name : heading) {
    right_.push_back(name.starts_with('>'));
    name.erase(0, right_.back() ? 1 : 0);
  }
  widths_.resize(heading.size());
  add(heading);
}

void table::add(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (i < row.size()) {
      text_ += row[i];
      widths_[i] = std::max(widths_[i], display_width(row[i]));
    }
    ends_.push_back(text_.size());
  }
}

void table::print(std::ostream& out) const {
  std::string line;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < ends_.size(); ++at) {
    const auto column = at % widths_.size();
    const auto cell = std::string_view{text_}.substr(begin, ends_[at] - begin);
    begin = ends_[at];
    const auto pad = widths_[column] - display_width(cell);
    line.append(column == 0 ? 0 : 2, ' ');
    line.append(right_[column] ? pad : 0, ' ').append(cell).append(right_[column] ? 0 : pad, ' ');
    if (column + 1 == widths_.size()) {
      line.erase(line.find_last_not_of(' ') + 1);
      out << line << '\n';
      line.clear();
    }
  }
}

std::string ms_text(double ms) { return ms < 0 ? "-" : fmt::format("{:.3f}", ms); }

} // namespace xprober::app
