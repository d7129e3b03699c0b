#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace xprober::app {

/// Text in columns. The first row is the heading.
class table {
public:
  explicit table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// Each column as wide as its widest cell; columns whose name is in capitals with a leading '>'
  /// are set to the right (the '>' is not printed).
  void print(std::ostream& out) const;

private:
  std::vector<std::vector<std::string>> rows_;
};

/// A number of milliseconds with three digits behind the point; "-" for a negative one.
std::string ms_text(double ms);

} // namespace xprober::app
