#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace xprober::app {

/// Text in columns. The first row is the heading.
class table {
public:
  explicit table(std::vector<std::string> heading);

  /// Cells that the heading does not have are left out, those that are missing are empty.
  void add(const std::vector<std::string>& row);

  /// Each column as wide as its widest cell; columns whose name is in capitals with a leading '>'
  /// are set to the right (the '>' is not printed).
  void print(std::ostream& out) const;

private:
  std::vector<bool> right_; ///< by column
  std::vector<std::size_t> widths_;
  std::string text_;              ///< of all cells, row by row
  std::vector<std::size_t> ends_; ///< of each cell in it
};

/// A number of milliseconds with three digits behind the point; "-" for a negative one.
std::string ms_text(double ms);

} // namespace xprober::app
